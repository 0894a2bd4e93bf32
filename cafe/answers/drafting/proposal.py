"""Propose the document of a dialect for the lines of a foreign file, and check the draft as the product does."""

from collections.abc import Sequence
from dataclasses import dataclass

from cafe.answers.dialects import DocumentError, added_to, example_fault
from cafe.answers.drafting.columns import guess_of
from cafe.answers.drafting.draft import SOURCE, draft_of
from cafe.answers.drafting.guess import Guess
from cafe.answers.drafting.made_up import Example, example_of
from cafe.answers.drafting.sample import sample_of
from extract.dialects.catalogue import Catalogue
from extract.dialects.document import DROPPED, read_document

# Enough to see a day after the twelfth in most months.
LINES_LOOKED_AT = 20_000
# Columns whose cells may show a dialect, those that are least like another one's first.
TELLING = ("time", "date", "payment", "basket", "total", "price", "amount", "quantity")


@dataclass(frozen=True, slots=True)
class GuessedColumn:
    """What a column is guessed to be. ``heading`` is "" without a header, and ``reason`` holds nothing of a cell."""

    number: int
    heading: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft. ``is_valid`` says that the product would take it as it is, and reads its made-up example."""

    text: str
    columns: tuple[GuessedColumn, ...]
    questions: tuple[str, ...]
    is_valid: bool


def propose(lines: Sequence[str], catalogue: Catalogue) -> Proposal | None:
    """Draft a document for a file by its first lines; None if they are no table of at least three columns."""
    sample = sample_of(lines[:LINES_LOOKED_AT])
    if sample is None or not sample.rows:
        return None
    guess = guess_of(sample)
    example = _example_or_none(guess)
    columns = tuple(
        GuessedColumn(facts.place + 1, facts.heading, guess.kinds[facts.place], guess.reasons[facts.place])
        for facts in sample.columns
    )
    fault, text = "", ""
    for shown_by in _ways_to_recognise(guess):
        text = draft_of(guess, example, shown_by, guess.questions)
        fault = fault_of(text, catalogue)
        if not fault:
            return Proposal(text, columns, tuple(guess.questions), is_valid=True)
    questions = (*guess.questions, f"the draft is not valid yet: {fault}.")
    return Proposal(draft_of(guess, example, shown_by, questions), columns, questions, is_valid=False)


def fault_of(text: str, catalogue: Catalogue) -> str:
    """Return why the product would not take a document; "" if it would."""
    try:
        document = read_document(text, SOURCE)
        fault = example_fault(document, added_to(catalogue, document))
        return fault.problem if fault else ""
    except DocumentError as error:
        return error.message
    except ValueError as error:
        # Without the line, which moves when the fault is written above it.
        return str(getattr(error, "problem", error))


def _example_or_none(guess: Guess) -> Example:
    """Make up an example, or one that says nothing if the guess has no time."""
    if not (guess.column("time") or guess.column("date")):
        return Example("no example", "", ())
    return example_of(guess)


def _ways_to_recognise(guess: Guess) -> list[tuple[str, ...]]:
    """List what may show the dialect: the header, if its names differ, else more and more cells."""
    if guess.sample.has_names:
        return [()]
    telling = tuple(kind for kind in TELLING if guess.column(kind) and kind not in DROPPED)
    return [telling[:count] for count in range(min(2, len(telling)), len(telling) + 1)] or [("time",)]
