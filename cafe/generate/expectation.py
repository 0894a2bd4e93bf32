"""What the warehouse must hold once files of known orders are loaded: a straight line from orders to sums.

Independent of the stages on purpose: it parses nothing and knows no ids, so that a test that compares the warehouse
with it cannot share a mistake with the code under test.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cafe.generate.dialects import Dialect, Layout, as_printed
from cafe.generate.faults import FaultPlan
from cafe.generate.orders import Item, Order

# An order as the warehouse knows it: no customer, no card. Equal ones within one file are different orders.
type OrderFacts = tuple[str, datetime, tuple[Item, ...], str]

_GENUINE = Dialect()


@dataclass(frozen=True, slots=True)
class BranchFile:
    """A file to be loaded: the orders it was printed from, and how; `faults` as it was given to the renderer."""

    orders: tuple[Order, ...]
    dialect: Dialect = _GENUINE
    faults: FaultPlan | None = None


@dataclass(frozen=True, slots=True)
class BranchSales:
    """One branch's sums: orders, rows of items (one for each different item of a basket), items sold, pence."""

    orders: int = 0
    item_rows: int = 0
    items_sold: int = 0
    pence: int = 0


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the warehouse must hold: every order with how often it was placed, sums by branch, and the products."""

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
    """Work out what remains of files once all are loaded.

    An order that two files state counts once; one that a file states twice counts twice, since two customers may buy
    the same in the same minute. `rejected` counts broken orders file by file; a foreign file is refused whole and
    counts nothing.
    """
    placed: Counter[OrderFacts] = Counter()
    rejected = 0
    for file in files:
        if file.dialect.layout is Layout.FOREIGN:
            continue
        stated = Counter(_facts(as_printed(order, file.dialect)) for order in _good(file))
        rejected += len(file.orders) - stated.total()
        placed |= stated  # the greater count of each, not their sum
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
