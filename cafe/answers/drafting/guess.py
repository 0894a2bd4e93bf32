"""What is guessed of a file: its columns, how it spells things, and the questions that it leaves open."""

from dataclasses import dataclass, field

from cafe.answers.drafting.sample import Facts, Sample
from cafe.answers.drafting.spelling import Look
from extract.dialects.document import (
    COLUMN,
    DAY_FIRST,
    ITEMS,
    STATED,
    UTF_8,
)


@dataclass
class Guess:
    """What is guessed of a file. ``kinds`` and ``reasons`` are by the place of a column."""

    sample: Sample
    kinds: dict[int, str] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)
    encoding: str = UTF_8
    decimal: str = "."
    thousands: str = ""
    currency: str = "£"
    blanks: tuple[str, ...] = ()
    day_order: str = DAY_FIRST
    order_reason: str = ""
    has_month_words: bool = False
    has_short_years: bool = False
    clock: str = ""
    grammar: str = ITEMS
    group: str = ""
    group_reason: str = ""
    branch_from: str = COLUMN
    total_from: str = STATED
    total_reason: str = ""
    payment_from: str = COLUMN
    payment_is: str = ""
    payment_words: tuple[str, ...] = ()
    has_unknown_payments: bool = False

    def column(self, kind: str) -> Facts | None:
        """Return the column of a kind."""
        return next((self.sample.columns[place] for place, one in self.kinds.items() if one == kind), None)

    def put(self, facts: Facts, kind: str, reason: str) -> None:
        """Say what a column is, and why."""
        self.kinds[facts.place], self.reasons[facts.place] = kind, reason

    def free(self, *looks: Look) -> list[Facts]:
        """List the columns that are nothing yet, of some looks or of any."""
        return [
            facts
            for facts in self.sample.columns
            if facts.place not in self.kinds and (not looks or facts.look in looks)
        ]

    def keys_by_time(self) -> list[tuple[str, ...]]:
        """Return time and branch of each row, as they are written."""
        columns = [self.column(kind) for kind in ("time", "date", "clock", "branch")]
        return list(zip(*(facts.values for facts in columns if facts), strict=True))
