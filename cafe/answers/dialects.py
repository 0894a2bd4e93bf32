"""The dialects of the product, and a document that is not in it yet: whether it may join them. Pure; opens no file."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cafe.answers.drafting.draft import toml_list
from cafe.answers.trial import Trial, try_file
from cafe.errors import CafeError
from extract.dialects.catalogue import AmbiguousDialects, Catalogue
from extract.dialects.document import BY_CELLS, Document, Example, InvalidDocument, read_document

WHAT_IS_ALLOWED = "docs/dialects.md says what a document may hold; `cafe dialect show NAME` shows one."


class DocumentError(CafeError):
    """A document that the product would not take."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A dialect in a list. ``recognised_by`` is "cells" or "header", and ``shown_by`` are these cells or words."""

    name: str
    recognised_by: str
    shown_by: tuple[str, ...]
    summary: str


def listed(document: Document) -> Listed:
    """Describe a dialect for a list."""
    by_header = tuple(column.names[0] for column in document.columns if column.names)
    return Listed(
        document.name, document.by, document.shown_by if document.by == BY_CELLS else by_header, document.summary
    )


def document_named(catalogue: Catalogue, name: str) -> Document:
    """Return the document of a dialect. Raises CafeError."""
    wanted = name.strip().casefold().removesuffix(".toml")
    for document in catalogue.documents:
        if document.name == wanted:
            return document
    names = ", ".join(document.name for document in catalogue.documents)
    raise CafeError(f"There is no dialect {name!r}.", f"The dialects are: {names}.")


def read_new(text: str, source: str) -> Document:
    """Read the text of a document. Raises DocumentError with the file, the line and what is allowed."""
    try:
        return read_document(text, source)
    except InvalidDocument as error:
        raise DocumentError(f"{error}.", WHAT_IS_ALLOWED) from error


def added_to(catalogue: Catalogue, document: Document) -> Catalogue:
    """Add a document to others, in the place of the one that it is a new version of.

    Raises DocumentError if another document has its name, or if one of both could read a row of the other's example.
    """
    others = [one for one in catalogue.documents if (one.name, one.source) != (document.name, document.source)]
    joined = Catalogue((*others, document))
    try:
        joined.check()
    except AmbiguousDialects as error:
        raise DocumentError(
            f"Both {error.one} and {error.other} read a row of an example, so nobody could say which one a file is in",
            f'Change what shows {document.name}: by = "header", or more cells.',
            output=error.row,
        ) from error
    except InvalidDocument as error:
        raise DocumentError(f"{error}.", "Give it another name.") from error
    return joined


@dataclass(frozen=True, slots=True)
class ExampleFault:
    """An example that is read in another way than it states. ``read`` is what it would have to state, in TOML."""

    problem: str
    read: str = ""


def example_fault(document: Document, catalogue: Catalogue) -> ExampleFault | None:
    """Say which example of a document is read in another way than it states; None if none is."""
    for number, example in enumerate(document.examples, start=1):
        trial = _tried(example, catalogue)
        if trial.reason:
            return ExampleFault(f"example {number} would be rejected as a whole: {trial.reason}")
        rows = tuple(row.as_stated for row in trial.canonical_rows)
        rejects = tuple(f"{one.line_number} {one.rule}" for one in trial.refusals if one.stage == "extract")
        if (rows, rejects) != (example.rows, example.rejects):
            what = "rows" if rows != example.rows else "rejects"
            return ExampleFault(
                f"example {number} states other {what} than are read from its text",
                f"{toml_list('rows', rows)}\n{toml_list('rejects', rejects)}",
            )
        if document.name not in trial.dialect.split("+"):
            return ExampleFault(f"example {number} is read as {trial.dialect}")
    return None


def _tried(example: Example, catalogue: Catalogue) -> Trial:
    def chunks() -> Generator[bytes]:
        yield example.text.encode()

    key = example.key or "head-office/2021/8/25/example.csv"
    return try_file(key, len(example.text.encode()), chunks, _day_after(example), catalogue, with_rows=True)


def _day_after(example: Example) -> datetime:
    """Return when the example's file may have been sent: a till's own rows must not be old."""
    days = [date.fromisoformat(row.split("\t")[1][:10]) for row in example.rows]
    return datetime.combine(max(days, default=date(2026, 1, 1)) + timedelta(days=1), time(), UTC)
