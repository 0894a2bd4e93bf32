"""All dialects that come with the product, read and checked once, while the function starts."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from extract.cells import CellReaders
from extract.dialects.compiled import RowReader, readers_of
from extract.dialects.document import BY_CELLS, DELIMITERS, Document, InvalidDocument, column_name, read_document
from extract.dialects.layout import Layout
from extract.lines import UNREADABLE

SUFFIX = ".toml"
FOLDER = Path(__file__).parent


class AmbiguousDialects(ValueError):
    """Two documents that could both read one row. ``row`` is of an example, so it holds nothing of a real person."""

    def __init__(self, one: str, other: str, row: str) -> None:
        super().__init__(f"both {one} and {other} read this row: {row}")
        self.one, self.other, self.row = one, other, row


class Catalogue:
    """The documents that a file may be in."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self.documents = documents

    @cached_property
    def delimiters(self) -> tuple[str, ...]:
        """Return the separators that any document has, the comma first."""
        used = {document.delimiter for document in self.documents}
        return tuple(delimiter for delimiter in DELIMITERS if delimiter in used)

    @cached_property
    def _layouts(self) -> dict[str, tuple[Layout, ...]]:
        return {
            delimiter: tuple(
                Layout.by_cells(document)
                for document in self.documents
                if document.delimiter == delimiter and document.by == BY_CELLS
            )
            for delimiter in self.delimiters
        }

    @cached_property
    def _header_words(self) -> frozenset[str]:
        return frozenset(name for document in self.documents for column in document.columns for name in column.names)

    def layouts(self, delimiter: str) -> tuple[Layout, ...]:
        """Return the layouts of the dialects that cells show."""
        return self._layouts.get(delimiter, ())

    def may_be_header(self, cells: Sequence[str]) -> bool:
        """Return whether the first named cell of a row is a header word of any document."""
        first = next((cell for cell in cells if cell.strip()), "")
        # One that is not UTF-8 may be a word of a document in another encoding.
        return column_name(first) in self._header_words or bool(UNREADABLE.search(first))

    def opened_by(self, cells: Sequence[str], delimiter: str) -> Layout | None:
        """Return the layout that a header opens; None if it is the header of no document."""
        if not self.may_be_header(cells):
            return None
        for document in self.documents:
            if document.delimiter == delimiter and document.by != BY_CELLS:
                layout = Layout.by_header(document, cells)
                if layout:
                    return layout
        return None

    def check(self) -> None:
        """Raise AmbiguousDialects or InvalidDocument if two documents share a name, a header or a row of an example."""
        for number, document in enumerate(self.documents):
            for other in self.documents[:number]:
                if document.name == other.name:
                    raise InvalidDocument(document.source, 1, "name", f"{other.source} has the name {other.name} too")
        for document in self.documents:
            self._check_examples(document)

    def _check_examples(self, document: Document) -> None:
        """Raise AmbiguousDialects if another document reads a row of this one's examples, or opens at its header."""
        cells_of_file = CellReaders(date.max)
        others = [other for other in self.documents if other is not document and other.delimiter == document.delimiter]
        by_cells = [RowReader(layout, cells_of_file) for layout in self.layouts(document.delimiter)]
        tables: list[RowReader] = []
        for cells in rows_of_examples(document):
            opened = [Layout.by_header(other, cells) for other in others if other.by != BY_CELLS]
            tables = [RowReader(layout, cells_of_file) for layout in opened if layout] or tables
            readers = [reader for reader, _ in readers_of(by_cells, cells)]
            if any(opened):
                # Rows of another form may be under this header: those show which document they are in.
                readers = tables if document.by != BY_CELLS else []
            else:
                readers += [table for table in tables if (fitted := table.fitted(cells)) and table.is_shown_by(fitted)]
            for reader in readers:
                if reader.document is not document:
                    raise AmbiguousDialects(document.name, reader.name, document.delimiter.join(cells))


def rows_of_examples(document: Document) -> Iterator[list[str]]:
    """Yield the cells of each line of a document's examples."""
    for example in document.examples:
        yield from csv.reader(example.text.splitlines(), delimiter=document.delimiter, skipinitialspace=True)


def catalogue_of(documents: Iterable[Document]) -> Catalogue:
    """Make a catalogue of documents, in the order in which their dialects are tried."""
    return Catalogue(tuple(documents))


def text_of(source: str) -> str:
    """Return the text of a document beside this module; ``source`` is its file's name."""
    return (FOLDER / source).read_text(encoding="utf-8")


@cache
def shipped() -> Catalogue:
    """Read the documents beside this module, once for all files. Raises InvalidDocument."""
    names = sorted(path.name for path in FOLDER.glob(f"*{SUFFIX}"))
    return catalogue_of(read_document(text_of(name), name) for name in names)
