"""Small branch files for the end-to-end tests. Each test has its own branches, so that tests do not share orders."""

from dataclasses import dataclass

PENCE_AN_ORDER = 490


@dataclass(frozen=True, slots=True)
class SmallFile:
    """A file of feed B, and the sales that it must add up to."""

    body: bytes
    orders: int

    @property
    def pence(self) -> int:
        """The sum of the orders' totals."""
        return self.orders * PENCE_AN_ORDER


def small_file(branch: str, orders: int = 3, first: int = 0) -> SmallFile:
    """Print ``orders`` orders of a branch, a minute apart, beginning at minute ``first`` of its day."""
    minutes = (divmod(minute, 60) for minute in range(first, first + orders))
    lines = (
        f'25/08/2021 {9 + hour:02d}:{minute:02d},{branch},Ada Tester,"Large Latte - 2.45, Large Flat white - 2.45",'
        "4.9,CARD,5494000000000016\n"
        for hour, minute in minutes
    )
    return SmallFile("".join(lines).encode(), orders)
