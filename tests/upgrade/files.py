"""The branch files that wait in the queues of the previous release, and what this release must make of them. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from e2e.branch_files import FIRST_HOUR, PENCE_AN_ORDER, small_file

# A café, when the order was placed, and its total in pounds.
type Order = tuple[str, str, Decimal]


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file of a café. The previous release has loaded ``earlier``, an older version of it, if there is one.

    ``outcome`` is its ledger entry as (outcome, rows loaded, rows rejected). ``minutes`` are those of the day at which
    the café's orders were placed that must be in the warehouse: at once, and once held files are approved.
    """

    cafe: str
    day: date
    body: bytes
    outcome: tuple[str, int, int]
    minutes: range
    earlier: bytes = b""
    minutes_if_approved: range = range(0)

    @property
    def key(self) -> str:
        """The key under which the café's own till puts the file."""
        name = f"{self.cafe.lower().replace(' ', '-')}_{self.day:%d-%m-%Y}_21-00-00.csv"
        return f"{self.day.year}/{self.day.month}/{self.day.day}/{name}"

    @property
    def is_held(self) -> bool:
        return self.outcome[0] == "held"

    def orders(self, *, are_approved: bool = False) -> Counter[Order]:
        """Count the orders that the warehouse must have of the café."""
        opening = datetime.combine(self.day, time(FIRST_HOUR))
        minutes = self.minutes_if_approved if are_approved and self.is_held else self.minutes
        return Counter(
            (self.cafe, str(opening + timedelta(minutes=minute)), Decimal(PENCE_AN_ORDER).scaleb(-2))
            for minute in minutes
        )


def files_before(stage: str, day: date) -> list[WaitingFile]:
    """Write a file of each kind for the queue before a stage. Each has a café of its own.

    Of two corrections, one removes most orders, so a person must approve it.
    """

    place = f"Before {stage}"

    def body(cafe: str, orders: int, first: int = 0) -> bytes:
        return small_file(cafe, orders, first, day).body

    def waiting(cafe: str, content: bytes, outcome: tuple[str, int, int], minutes: range) -> WaitingFile:
        return WaitingFile(cafe, day, content, outcome, minutes)

    one, two, partly_bad, no_sales, corrected, cut = (
        f"{place} {kind}" for kind in ("one", "two", "bad row", "no sales", "corrected", "cut")
    )
    first_row, *rows = body(partly_bad, 4).splitlines(keepends=True)
    with_a_bad_row = b"".join((first_row.replace(b"CARD", b"CHEQUE"), *rows))
    correction = waiting(corrected, body(corrected, 9, first=2), ("loaded", 1, 0), range(2, 11))
    removes_much = waiting(cut, body(cut, 5, first=28), ("held", 0, 0), range(30))
    return [
        waiting(one, body(one, 3), ("loaded", 3, 0), range(3)),
        waiting(two, body(two, 3), ("loaded", 3, 0), range(3)),
        waiting(partly_bad, with_a_bad_row, ("loaded", 3, 1), range(1, 4)),
        waiting(no_sales, b"Minutes of the staff meeting\n", ("rejected", 0, 0), range(0)),
        replace(correction, earlier=body(corrected, 10)),
        replace(removes_much, earlier=body(cut, 30), minutes_if_approved=range(28, 33)),
    ]


def orders_of(files: Iterable[WaitingFile], *, are_approved: bool = False) -> Counter[Order]:
    """Count the orders that the warehouse must have of these files."""
    return sum((file.orders(are_approved=are_approved) for file in files), Counter[Order]())
