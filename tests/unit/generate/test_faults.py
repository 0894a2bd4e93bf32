"""Broken rows: each differs from the good row in its fault only, and is never a good row."""

from datetime import datetime

import pytest

from cafe.generate.dialects import Dialect, Feed, Layout
from cafe.generate.faults import HANDWRITTEN_FAULTS, Fault, broken_row, every_nth
from cafe.generate.orders import Item, Order
from cafe.generate.rendering import render
from cafe.generate.rows import row

LATTES = (Item("Regular", "Latte", 215), Item("Large", "Latte", 245))
ORDER = Order(
    "Leeds", datetime.fromisoformat("2021-08-25 09:08:07"), "Ada Tester", LATTES, "CARD", "4111111111111111", "visa16"
)
GOOD_B = '25/08/2021 09:08,Leeds,Ada Tester,"Regular Latte - 2.15, Large Latte - 2.45",4.6,CARD,4111111111111111\n'
GOOD_A = (
    '2021-08-25 09:08:07,Leeds,Ada Tester,"Regular,Latte,2.15,Large,Latte,2.45",CARD,4.60,"visa16,4111111111111111"\n'
)


@pytest.mark.parametrize(
    ("fault", "good", "broken"),
    [
        pytest.param(
            Fault.ITEMS_NOT_SEPARATED,
            '"Regular Latte - 2.15, Large Latte - 2.45"',
            "Regular Latte - 2.15 Large Latte - 2.45",
            id="items not separated",
        ),
        pytest.param(Fault.ITEM_WITHOUT_PRICE, "Large Latte - 2.45", "Large Latte", id="item without price"),
        pytest.param(Fault.TOTAL_MISMATCH, ",4.6,", ",5.6,", id="total mismatch"),
        pytest.param(Fault.NEGATIVE_TOTAL, ",4.6,", ",-5.6,", id="negative total"),
        pytest.param(Fault.BAD_DATE, "25/08/2021 09:08", "31/02/2021 09:00", id="bad date"),
        pytest.param(Fault.MONTH_FIRST_DATE, "25/08/2021", "08/25/2021", id="month first"),
        pytest.param(Fault.UNKNOWN_PAYMENT, "CARD", "CHEQUE", id="unknown payment"),
        pytest.param(Fault.MISSING_CELL, ",4.6,", ",", id="missing cell"),
        pytest.param(Fault.UNQUOTED_BASKET, '"', "", id="unquoted basket"),
        pytest.param(Fault.UNQUOTED_CUSTOMER, "Ada Tester", "Tester, Ada", id="unquoted customer"),
    ],
)
def test_a_fault_breaks_one_thing_of_feed_b(fault: Fault, good: str, broken: str) -> None:
    assert good in row(ORDER, Dialect())

    assert broken_row(ORDER, fault, Dialect()) == GOOD_B.replace(good, broken)


@pytest.mark.parametrize(
    ("fault", "good", "broken"),
    [
        pytest.param(Fault.ITEMS_NOT_SEPARATED, "2.15,Large", "2.15 Large", id="items not separated"),
        pytest.param(Fault.ITEM_WITHOUT_PRICE, ",2.45", "", id="item without price"),
        pytest.param(Fault.TOTAL_MISMATCH, ",4.60,", ",5.60,", id="total mismatch"),
        pytest.param(Fault.NEGATIVE_TOTAL, ",4.60,", ",-5.60,", id="negative total"),
        pytest.param(Fault.BAD_DATE, "2021-08-25 09:08:07", "2021-02-31 09:00:48", id="bad date"),
        pytest.param(Fault.UNKNOWN_PAYMENT, "CARD", "CHEQUE", id="unknown payment"),
        pytest.param(Fault.MISSING_CELL, ",4.60,", ",", id="missing cell"),
        pytest.param(
            Fault.UNQUOTED_BASKET,
            '"Regular,Latte,2.15,Large,Latte,2.45"',
            "Regular,Latte,2.15,Large,Latte,2.45",
            id="unquoted basket",
        ),
        pytest.param(Fault.UNQUOTED_CUSTOMER, "Ada Tester", "Tester, Ada", id="unquoted customer"),
    ],
)
def test_a_fault_breaks_one_thing_of_feed_a(fault: Fault, good: str, broken: str) -> None:
    dialect = Dialect(feed=Feed.A)
    assert row(ORDER, dialect) == GOOD_A

    assert broken_row(ORDER, fault, dialect) == GOOD_A.replace(good, broken)


def test_a_single_item_is_doubled_if_the_fault_needs_two() -> None:
    single = ORDER._replace(items=LATTES[:1])

    broken = broken_row(single, Fault.ITEMS_NOT_SEPARATED, Dialect())

    assert "Regular Latte - 2.15 Regular Latte - 2.15,4.3," in broken


def test_a_negative_total_of_a_free_order_is_not_negative_zero() -> None:
    free = ORDER._replace(items=(Item("", "Babyccino", 0),))

    assert ",-1.00," in broken_row(free, Fault.NEGATIVE_TOTAL, Dialect(feed=Feed.A))


@pytest.mark.parametrize("fault", Fault)
def test_a_padded_row_can_be_broken_too(fault: Fault) -> None:
    padded = Dialect(padded=True)

    assert broken_row(ORDER, fault, padded) != row(ORDER, padded)


@pytest.mark.parametrize(
    ("order", "fault", "dialect"),
    [
        pytest.param(
            ORDER._replace(ordered_at=datetime.fromisoformat("2021-08-12 09:08:07")),
            Fault.MONTH_FIRST_DATE,
            Dialect(),
            id="month first, up to the twelfth",
        ),
        pytest.param(ORDER, Fault.MONTH_FIRST_DATE, Dialect(feed=Feed.A), id="month first, feed a"),
        pytest.param(ORDER, Fault.BAD_DATE, Dialect(layout=Layout.EXPLODED), id="exploded"),
    ],
)
def test_a_fault_that_could_give_a_good_row_is_refused(order: Order, fault: Fault, dialect: Dialect) -> None:
    with pytest.raises(ValueError, match="only"):
        broken_row(order, fault, dialect)


def test_a_plan_breaks_every_nth_order_with_each_fault_in_turn() -> None:
    plan = every_nth(2, HANDWRITTEN_FAULTS)

    assert [plan(position) for position in range(8)] == [
        None,
        Fault.ITEMS_NOT_SEPARATED,
        None,
        Fault.ITEM_WITHOUT_PRICE,
        None,
        Fault.TOTAL_MISMATCH,
        None,
        Fault.ITEMS_NOT_SEPARATED,
    ]


def test_only_the_orders_in_the_plan_are_broken() -> None:
    content = b"".join(render([ORDER] * 3, Dialect(), {1: Fault.TOTAL_MISMATCH}.get)).decode()

    assert content == GOOD_B + GOOD_B.replace(",4.6,", ",5.6,") + GOOD_B
