"""Canonical baskets into items and money; pure."""

from collections import Counter
from dataclasses import dataclass

# What the tills print before a product's name. Any other first word is part of the name.
SIZES = ("Regular", "Large")


@dataclass(frozen=True, slots=True)
class Product:
    """What a café sells. Names keep their case: "Hot Chocolate" and "Hot chocolate" are two products.

    ``size`` is "" when the till printed none. ``flavour`` is what follows the first " - " of a name: a flavour
    ("Flavoured latte - Vanilla") or a variety ("Speciality Tea - Camomile"); "" if nothing does.
    """

    name: str
    size: str
    flavour: str


@dataclass(frozen=True, slots=True)
class Item:
    """One row of an order: identical items of a basket are one item with a quantity. ``unit_pence`` is one's price."""

    product: Product
    unit_pence: int
    quantity: int


def parse_basket(basket: str) -> list[Item]:
    """Split a canonical basket, ``Large Latte - 2.45, Mocha - 2.30``, into items in the order they were rung up."""
    return [_item(text, quantity) for text, quantity in Counter(basket.split(", ")).items()]


def basket_pence(items: list[Item]) -> int:
    """Add up what a basket costs, in pence."""
    return sum(item.unit_pence * item.quantity for item in items)


def pounds(pence: int) -> str:
    """Write pence as pounds with two decimals, as canonical rows and the warehouse do."""
    return f"{pence // 100}.{pence % 100:02d}"


def _item(text: str, quantity: int) -> Item:
    label, _, price = text.rpartition(" - ")
    sized_name, _, flavour = label.partition(" - ")
    size, _, rest = sized_name.partition(" ")
    name, size = (rest, size) if size in SIZES and rest else (sized_name, "")
    return Item(Product(name, size, flavour), int(price.replace(".", "")), quantity)
