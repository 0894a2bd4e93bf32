"""The expected content of the warehouse, computed by hand for a few orders."""

from datetime import datetime

from hypothesis import given

from cafe.generate.dialects import Dialect, Feed, Layout
from cafe.generate.expectation import BranchFile, BranchSales, expect
from cafe.generate.faults import Fault
from cafe.generate.orders import Item, Order
from strategies import dialects, orders

LATTE = Item("Large", "Latte", 245)
TEA = Item("Regular", "Speciality Tea - Green", 130)
NINE = datetime.fromisoformat("2023-05-09 09:00:00")


def sale(*items: Item, branch: str = "Leeds", customer: str = "Ada Tester", at: datetime = NINE) -> Order:
    return Order(branch, at, customer, items, "CASH", "", "")


def test_identical_items_of_a_basket_are_one_row() -> None:
    found = expect([BranchFile((sale(LATTE, TEA, LATTE), sale(TEA)))])

    assert found.branches == {"Leeds": BranchSales(orders=2, item_rows=3, items_sold=4, pence=750)}
    assert found.products == {("Large", "Latte"), ("Regular", "Speciality Tea - Green")}


def test_equal_orders_of_one_file_are_different_orders() -> None:
    found = expect([BranchFile((sale(TEA), sale(TEA, customer="Ben Sample")))])

    assert found.total == BranchSales(orders=2, item_rows=2, items_sold=2, pence=260)


def test_an_order_that_is_in_two_files_counts_once() -> None:
    tea, latte = sale(TEA), sale(LATTE, branch="York")

    found = expect([BranchFile((tea, tea)), BranchFile((tea, latte))])

    assert found.branches == {"Leeds": BranchSales(2, 2, 2, 260), "York": BranchSales(1, 1, 1, 245)}


def test_an_expected_order_has_only_what_its_dialect_prints() -> None:
    with_seconds = sale(TEA, at=NINE.replace(second=7))

    by_feed = [expect([BranchFile((with_seconds,), Dialect(feed=feed, sizeless=True))]) for feed in Feed]

    assert [[order[1].second for order in found.orders] for found in by_feed] == [[7], [0]]
    assert all(found.products == {("", TEA.name)} for found in by_feed)


def test_broken_orders_and_foreign_files_are_left_out() -> None:
    broken = BranchFile((sale(TEA), sale(LATTE)), faults={1: Fault.TOTAL_MISMATCH}.get)
    foreign = BranchFile((sale(LATTE),), Dialect(layout=Layout.FOREIGN))

    found = expect([broken, foreign])

    assert (found.total.orders, found.total.pence, found.rejected) == (1, 130, 1)


@given(orders(), dialects())
def test_loading_a_file_again_changes_nothing(sales: list[Order], dialect: Dialect) -> None:
    file = BranchFile(tuple(sales), dialect)

    assert expect([file, file]) == expect([file])
    assert expect([file]).total.pence == sum(order.pence for order in sales)
    assert expect([file]).total.orders == len(sales)
