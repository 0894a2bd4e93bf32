"""Orders and items, before a dialect prints them. Knows no files and no dialects."""

from datetime import datetime
from typing import NamedTuple


# Named tuples, not frozen dataclasses: a run builds and hashes five million, and a tuple does both in C.
class Item(NamedTuple):
    """One item sold. `size` is "" if the till prints none; `name` includes the flavour: "Frappes - Coffee"."""

    size: str
    name: str
    pence: int


class Order(NamedTuple):
    """One sale. `ordered_at` is the till's local time; `card_number` and `card_type` are "" for cash.

    `discount` is in pence, and at most as much as the items. `till` is "" if nothing names it.
    """

    branch: str
    ordered_at: datetime
    customer: str
    items: tuple[Item, ...]
    payment: str
    card_number: str
    card_type: str
    discount: int = 0
    till: str = ""

    @property
    def pence(self) -> int:
        """Return the sum of the items less the discount, which the till prints as the total."""
        return sum(item.pence for item in self.items) - self.discount
