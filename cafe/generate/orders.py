"""What a till knows of a sale, before any dialect prints it. Knows no files and no dialects."""

from datetime import datetime
from typing import NamedTuple


# Named tuples rather than frozen dataclasses: five million are built and hashed a run, and a tuple does both in C.
class Item(NamedTuple):
    """One thing sold; `size` is "" where the till prints none, `name` includes the flavour: "Frappes - Coffee"."""

    size: str
    name: str
    pence: int


class Order(NamedTuple):
    """One sale; `ordered_at` is the till's local time, `card_number` and `card_type` are "" for cash."""

    branch: str
    ordered_at: datetime
    customer: str
    items: tuple[Item, ...]
    payment: str
    card_number: str
    card_type: str

    @property
    def pence(self) -> int:
        """Add up the items: what the till prints as the total."""
        return sum(item.pence for item in self.items)
