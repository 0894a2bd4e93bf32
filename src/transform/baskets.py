"""Canonical baskets into items and money; pure."""

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


def parse_item(item: str) -> tuple[Product, int]:
    """Read one canonical item, ``Large Latte - 2.45``: the product, and the price of one in pence."""
    label, _, price = item.rpartition(" - ")
    sized_name, _, flavour = label.partition(" - ")
    size, _, rest = sized_name.partition(" ")
    name, size = (rest, size) if size in SIZES and rest else (sized_name, "")
    return Product(name, size, flavour), int(price.replace(".", ""))


def pounds(pence: int) -> str:
    """Write pence as pounds with two decimals, as canonical rows and the warehouse do."""
    return f"{pence // 100}.{pence % 100:02d}"
