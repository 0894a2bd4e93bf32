"""Small branch files for the end-to-end tests. Each test has its own branches, so that tests do not share orders."""

from dataclasses import dataclass
from datetime import date, timedelta

PENCE_AN_ORDER = 490
LARGE_FILE_DAYS = 14
LARGE_FILE_ORDERS = 700
FIRST_HOUR = 9
# A café itself may only send sales of the last weeks; head office may send these.
LONG_AGO = date(2021, 8, 25)


@dataclass(frozen=True, slots=True)
class SmallFile:
    """A file of feed B, and the sales that it must add up to."""

    body: bytes
    orders: int

    @property
    def pence(self) -> int:
        """The sum of the orders' totals."""
        return self.orders * PENCE_AN_ORDER


def small_file(branch: str, orders: int = 3, first: int = 0, day: date = LONG_AGO) -> SmallFile:
    """Print ``orders`` orders of a branch, a minute apart, beginning at minute ``first`` of its day."""
    minutes = (divmod(minute, 60) for minute in range(first, first + orders))
    lines = (
        f"{day:%d/%m/%Y} {FIRST_HOUR + hour:02d}:{minute:02d},{branch},Ada Tester,"
        '"Large Latte - 2.45, Large Flat white - 2.45",4.9,CARD,5494000000000016\n'
        for hour, minute in minutes
    )
    return SmallFile("".join(lines).encode(), orders)


def large_file(branch: str) -> SmallFile:
    """Print a file whose rows neither of the messages can carry: they are objects in the staging bucket."""
    days = [small_file(branch, LARGE_FILE_ORDERS, day=LONG_AGO + timedelta(days)) for days in range(LARGE_FILE_DAYS)]
    return SmallFile(b"".join(day.body for day in days), LARGE_FILE_DAYS * LARGE_FILE_ORDERS)
