"""Tiny branch files, each written from a word, whose right result is known without parsing.

A letter is a line, but the order with a discount is one below a header of its own.

Example: ``abb?`` is a file with three orders, two of them equal, and a line with an impossible date.
"""

from dataclasses import dataclass

PERSON, CARD = "Ada Tester", "4111111111111111"
_BASKETS = {
    "a": ("Large Latte - 2.45", 245),
    "b": ("Large Mocha - 2.70", 270),
    "c": ("Regular Latte - 2.15, Large Latte - 2.45", 460),
    "d": ("Speciality Tea - Earl Grey - 1.30", 130),
    "e": ("Large Hot Chocolate - 1.70, Large Hot Chocolate - 1.70", 340),
    "f": ("Large Hot chocolate - 2.90", 290),
    "g": ("Croissant - 1.85, Large Latte - 2.45, Croissant - 1.85", 615),
    "h": ("Babyccino - 0.00", 0),
    "i": ("Large Flat White - 2.90", 245),
}
DISCOUNTED = "i"
ORDERS = "".join(_BASKETS)
IMPOSSIBLE_DATE, WRONG_TOTAL, HEADER, BLANK, NO_TEXT = "?%#_~"


# As Square exports it: what was taken off is in a column.
_DISCOUNTED_ORDER = (
    "Date,Time,Item,Qty,Gross Sales,Discounts,Transaction ID,Location,Customer Name\n"
    f"2026-11-20,09:08,Large Flat White,1,2.90,-0.45,t1,York,{PERSON}\n"
)


def _order_line(letter: str, *, day: int = 20, pence_off: int = 0) -> str:
    basket, pence = _BASKETS[letter]
    branch = "Leeds" if letter < "e" else "York"
    total = f"{(pence + pence_off) // 100}.{(pence + pence_off) % 100:02d}"
    payment, card = ("CARD", CARD) if letter in "bf" else ("CASH", "")
    clock = f"09:0{ORDERS.index(letter)}"
    return f'{day}/11/2026 {clock},{branch},{PERSON},"{basket}",{total},{payment},{card}\n'


_LINES = {letter: _order_line(letter) for letter in ORDERS} | {
    IMPOSSIBLE_DATE: _order_line("a", day=31),
    WRONG_TOTAL: _order_line("d", pence_off=1),
    HEADER: "Date,Location,Customer Name,Items,Total,Payment Method,Card Number\n",
    BLANK: "\n",
    DISCOUNTED: _DISCOUNTED_ORDER,
}


def body_of(word: str) -> bytes:
    """Write the branch file of a word."""
    if word == NO_TEXT:
        return b"\xff\xfe\x00 this is no text\n"
    return "".join(_LINES[letter] for letter in word).encode()


@dataclass(frozen=True, slots=True)
class Facts:
    """The expected result of a file, computed from its word alone. ``outcome`` is the one in the ledger."""

    outcome: str
    lines: int
    rows: int
    accepted: int
    pence: int

    @property
    def rejected(self) -> int:
        """The number of rejected rows."""
        return self.rows - self.accepted

    @property
    def states_orders(self) -> bool:
        """Whether the file may replace an older version."""
        return self.accepted > 0


def facts_of(word: str, key: str) -> Facts:
    """Compute the expected result of a file."""
    if word == NO_TEXT or not key.endswith(".csv"):
        return Facts("rejected", 0, 0, 0, 0)
    orders = [letter for letter in word if letter in _BASKETS]
    rows = len(orders) + word.count(IMPOSSIBLE_DATE) + word.count(WRONG_TOTAL)
    pence = sum(_BASKETS[letter][1] for letter in orders)
    outcome = "loaded" if orders else "rejected" if rows else "empty"
    return Facts(outcome, len(word) + word.count(DISCOUNTED), rows, len(orders), pence)
