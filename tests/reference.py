"""What orders become, from a file of the plainest form that can state them."""

from collections.abc import Sequence

from cafe.generate.dialects import Dialect
from cafe.generate.documents import write_as
from cafe.generate.orders import Order
from cafe.generate.rendering import render
from extract.dialects.catalogue import Catalogue
from extract.dialects.document import read_document
from fakes import tables_of

# Feed B with a header and a discount.
_DISCOUNTED = read_document(
    'name = "plain"\nsummary = "Feed B with discounts."\n[recognise]\nby = "header"\n'
    + "".join(
        f'[[columns]]\nis = "{kind}"\nnames = ["{kind}"]\n'
        for kind in ("time", "branch", "basket", "total", "payment", "discount")
    )
    + '[[examples]]\ntext = "none"\n',
    "plain.toml",
)


def tables_of_orders(orders: Sequence[Order], key: str) -> dict[str, set[str]]:
    """Return the lines of each table, as `tables_of` does. Feed B is the form, unless an order has a discount.

    Each till writes a file of its own, whose name says the till.
    """
    tables: dict[str, set[str]] = {}
    for till in {order.till for order in orders} or {""}:
        tills_key = key.replace(".csv", f"_till-{till}.csv") if till else key
        for table, lines in _tables_of_till([order for order in orders if order.till == till], tills_key).items():
            tables.setdefault(table, set()).update(lines)
    return tables


def _tables_of_till(orders: Sequence[Order], key: str) -> dict[str, set[str]]:
    if any(order.discount for order in orders):
        return tables_of(write_as(orders, _DISCOUNTED), key, Catalogue((_DISCOUNTED,)))
    return tables_of(b"".join(render(orders, Dialect())), key)
