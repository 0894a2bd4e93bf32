"""Where the columns of a document are in a row, and how its bytes become text. Pure; reads no cells of a sale."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from extract.dialects.document import DROPPED, NEVER, WINDOWS, Document, column_name
from extract.lines import UNREADABLE


class Layout(NamedTuple):
    """A document whose columns are at known places. ``least`` is the number of cells that a row needs.

    The places of a document that is recognised by cells are always the same; a header says them for the others.
    """

    document: Document
    kinds: tuple[str, ...]
    least: int

    @classmethod
    def by_cells(cls, document: Document) -> Self:
        """Take the places from the order of the document's columns."""
        kinds = tuple(column.kind for column in document.columns)
        lacking = [column.lacks == NEVER for column in document.columns]
        return cls(document, kinds, len(kinds) - lacking[::-1].index(True))

    @classmethod
    def by_header(cls, document: Document, cells: Sequence[str]) -> Self | None:
        """Take the places from a header; None if it is not the header of this document."""
        names = [column_name(decoded(document, cell)) for cell in cells]
        while names and not names[-1]:
            names.pop()
        columns = {name: column for column in document.columns for name in column.names}
        found = [columns.get(name) for name in names]
        wanted = [column for column in document.columns if column.lacks == NEVER]
        kept = [column for column in found if column and column.kind not in DROPPED]
        is_whole = all(column in found for column in wanted) and len(set(map(id, kept))) == len(kept)
        if not is_whole or (None in found and not document.others_are_ignored):
            return None
        return cls(document, tuple(column.kind if column else "ignored" for column in found), len(names))

    def place(self, kind: str) -> int:
        """Return the place of the column of this kind. Raises ValueError if there is none."""
        return self.kinds.index(kind)


def decoded(document: Document, text: str) -> str:
    """Read the bytes of a text that are not UTF-8, if the document has another encoding."""
    return windows_text(text) if document.encoding == WINDOWS else text


def windows_text(text: str) -> str:
    """Read a text that holds bytes that are not UTF-8 as Windows-1252."""
    if not UNREADABLE.search(text):
        return text
    return text.encode("utf-8", "surrogateescape").decode("cp1252", "surrogateescape")
