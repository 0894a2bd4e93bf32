"""Canonical baskets, ``Large Latte - 2.45, Mocha - 2.30``: how extract writes them and transform reads them. Pure."""

import re

# Each item ends with its price. A comma before that is a part of its name: Ham, cheese & leek toastie - 4.50
_ITEM = re.compile(r"(.+? - [0-9]+\.[0-9]{2})(?:, |$)")


def items_of(basket: str) -> list[str]:
    """Split a canonical basket into its items. Raises ValueError for any other text."""
    items: list[str] = _ITEM.findall(basket)
    if ", ".join(items) != basket:
        raise ValueError("no canonical basket")
    return items
