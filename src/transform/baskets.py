"""Parse canonical items into products and prices. Pure."""

from typing import NamedTuple

from shared.amounts import pence_of

# The tills print these before a product's name. Any other first word is part of the name.
SIZES = ("Regular", "Large")


class Unpriced(ValueError):
    """A text is no canonical item."""


class Product(NamedTuple):
    """A product in one size and flavour. Names keep their case: "Hot Chocolate" and "Hot chocolate" are two products.

    ``size`` is "" if the till printed none. ``flavour`` is the text after the first " - " of a name, or "": a flavour
    ("Flavoured latte - Vanilla") or a variety ("Speciality Tea - Camomile").
    """

    name: str
    size: str
    flavour: str


def parse_item(item: str) -> tuple[Product, int]:
    """Read one canonical item, ``Large Latte - 2.45``; return the product and its unit price in pence.

    Raises Unpriced for a text without a price, such as the beginning of an item whose name has a comma.
    """
    label, separator, price = item.rpartition(" - ")
    if not separator or price[-3:-2] != ".":
        raise Unpriced
    sized_name, _, flavour = label.partition(" - ")
    size, _, rest = sized_name.partition(" ")
    name, size = (rest, size) if size in SIZES and rest else (sized_name, "")
    return Product(name, size, flavour), pence_of(price)
