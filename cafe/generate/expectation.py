"""Compute what the warehouse must hold after files of known orders are loaded.

This module does not use the stages: it parses nothing and knows no ids. So it cannot share a mistake with the code
under test.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cafe.generate.dialects import Dialect, Layout, as_printed
from cafe.generate.faults import FaultPlan
from cafe.generate.orders import Item, Order

# An order as the warehouse stores it, without customer and card. Equal ones in one file are different orders.
type OrderFacts = tuple[str, datetime, tuple[Item, ...], str]

_GENUINE = Dialect()


@dataclass(frozen=True, slots=True)
class BranchFile:
    """A file to be loaded: the orders in it, its dialect, and the faults that the renderer puts into it."""

    orders: tuple[Order, ...]
    dialect: Dialect = _GENUINE
    faults: FaultPlan | None = None


@dataclass(frozen=True, slots=True)
class BranchSales:
    """One branch's sums: orders, rows of items (one per different item of a basket), items sold, pence."""

    orders: int = 0
    item_rows: int = 0
    items_sold: int = 0
    pence: int = 0


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the warehouse must hold: each order with its number of occurrences, sums by branch, and products."""

    orders: Counter[OrderFacts]
    branches: dict[str, BranchSales]
    products: frozenset[tuple[str, str]]
    rejected: int

    @property
    def total(self) -> BranchSales:
        """Add up all branches."""
        sales = self.branches.values()
        return BranchSales(
            orders=sum(branch.orders for branch in sales),
            item_rows=sum(branch.item_rows for branch in sales),
            items_sold=sum(branch.items_sold for branch in sales),
            pence=sum(branch.pence for branch in sales),
        )


def expect(files: Iterable[BranchFile]) -> Expectation:
    """Compute what the warehouse holds after all files are loaded.

    An order that is in two files counts once. An order that is twice in one file counts twice, because two customers
    may buy the same in the same minute. `rejected` counts the broken orders of all files; a file in the foreign layout
    is rejected as a whole and counts nothing.
    """
    placed: Counter[OrderFacts] = Counter()
    rejected = 0
    for file in files:
        if file.dialect.layout is Layout.FOREIGN:
            continue
        in_file = Counter(_facts(as_printed(order, file.dialect)) for order in _good(file))
        rejected += len(file.orders) - in_file.total()
        placed |= in_file  # the greater of both counts, not their sum
    branches: dict[str, BranchSales] = {}
    for (branch, _, items, _), times in placed.items():
        sales = branches.get(branch, BranchSales())
        branches[branch] = BranchSales(
            orders=sales.orders + times,
            item_rows=sales.item_rows + times * len(set(items)),
            items_sold=sales.items_sold + times * len(items),
            pence=sales.pence + times * sum(item.pence for item in items),
        )
    products = frozenset((item.size, item.name) for _, _, items, _ in placed for item in items)
    return Expectation(placed, branches, products, rejected)


def _good(file: BranchFile) -> Iterable[Order]:
    if file.faults is None:
        return file.orders
    return (order for position, order in enumerate(file.orders) if file.faults(position) is None)


def _facts(order: Order) -> OrderFacts:
    return order.branch, order.ordered_at, order.items, order.payment
