"""Extract and transform turn the same orders into the same rows, in any dialect."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from cafe.generate.dialects import NAMED_DIALECTS, Dialect, Ending, Feed, Layout, as_printed
from cafe.generate.orders import Item, Order
from cafe.generate.rendering import render
from fakes import extract_bytes, rejects_of, tables_of

PLAIN = Dialect()
ONE_LATTE = Order(
    "Leeds", datetime.fromisoformat("2026-11-20 09:00"), "Ada Tester", (Item("Large", "Latte", 245),), "CASH", "", ""
)


def named_dialects() -> Iterator[tuple[str, Dialect]]:
    """Yield every named dialect that loads, on each feed that has it."""
    for name, named in NAMED_DIALECTS.items():
        for feed in Feed if named.dialect.layout is not Layout.FOREIGN else ():
            with suppress(ValueError):
                yield f"{name}, feed {feed}", named.on_feed(feed)


def printed(orders: list[Order], dialect: Dialect, seed: int = 1) -> bytes:
    return b"".join(render(orders, dialect, seed=seed))


@pytest.mark.parametrize("dialect", [pytest.param(dialect, id=name) for name, dialect in named_dialects()])
@settings(max_examples=settings().max_examples // 5)
@given(strategies.orders())
def test_every_named_dialect_by_itself_gives_the_same_rows_as_the_plain_feed(
    dialect: Dialect, orders: list[Order]
) -> None:
    assert_same_rows(orders, dialect)


@given(strategies.orders(), strategies.dialects())
def test_any_dialect_gives_the_same_rows_as_the_plain_feed(orders: list[Order], dialect: Dialect) -> None:
    assert_same_rows(orders, dialect)


def assert_same_rows(orders: list[Order], dialect: Dialect) -> None:
    """Print orders in a dialect and plainly, and compare what they load."""
    plainly = [as_printed(order, dialect) for order in orders]
    plain = Dialect(feed=Feed.A) if dialect.feed is Feed.A else PLAIN

    tables = tables_of(printed(orders, dialect), "leeds" + dialect.suffix)

    assert tables == tables_of(printed(plainly, plain))


@given(strategies.orders())
def test_feed_a_and_feed_b_give_the_same_rows(orders: list[Order]) -> None:
    assert tables_of(printed(orders, Dialect(feed=Feed.A))) == tables_of(printed(orders, PLAIN))


@given(strategies.orders(), strategies.dialects())
def test_no_order_item_or_penny_is_lost(orders: list[Order], dialect: Dialect) -> None:
    tables = tables_of(printed(orders, dialect), "leeds" + dialect.suffix)

    pounds = [line.rsplit(",", 1)[1] for line in tables["orders"]]
    pence = sum(int(amount.replace(".", "")) for amount in pounds)
    quantity = sum(int(line.rsplit(",", 1)[1]) for line in tables["order_items"])
    assert len(tables["orders"]) == len(orders)
    assert pence == sum(order.pence for order in orders)
    assert quantity == sum(len(order.items) for order in orders)


@given(strategies.orders(min_size=1), strategies.dialects())
def test_the_reader_accounts_for_every_line_counted_in_the_bytes(orders: list[Order], dialect: Dialect) -> None:
    extracted, _ = extract_bytes(printed(orders, dialect), "leeds" + dialect.suffix)

    lines = extracted.file.lines
    assert lines.total == lines.orders + lines.continuations + lines.headers + lines.blanks + lines.rejected
    assert extracted.file.rows == lines.orders == len(orders)


@given(strategies.orders(max_size=40), st.integers(1, 200), strategies.dialects())
def test_the_result_does_not_depend_on_how_the_bytes_are_cut(
    orders: list[Order], chunk_bytes: int, dialect: Dialect
) -> None:
    body, key = printed(orders, dialect), "leeds" + dialect.suffix

    assert extract_bytes(body, key, chunk_bytes) == extract_bytes(body, key)


@given(strategies.orders(min_size=2, max_size=40), st.integers(0, 1000))
def test_a_shuffled_file_gives_the_ids_that_the_sorted_one_gives(orders: list[Order], seed: int) -> None:
    shuffled = printed(orders, replace(PLAIN, shuffled=True), seed)

    assert tables_of(shuffled) == tables_of(printed(orders, PLAIN))


def test_two_equal_orders_of_one_minute_are_two_orders() -> None:
    twice = printed([ONE_LATTE, ONE_LATTE._replace(customer="Ben Sample")], PLAIN)

    assert len(tables_of(twice)["orders"]) == 2


def test_equal_orders_in_both_feeds_are_numbered_as_equal_rows() -> None:
    mixed = printed([ONE_LATTE], Dialect(feed=Feed.A)) + printed([ONE_LATTE], PLAIN)

    _, rows = extract_bytes(mixed)

    numbers = Counter(row.rsplit("\t", 1)[1] for row in rows.splitlines())
    assert numbers == {"1": 1, "2": 1}


@given(strategies.orders(min_size=1), st.sampled_from(Ending))
def test_no_customer_and_no_card_leaves_extract(orders: list[Order], ending: Ending) -> None:
    orders = [order._replace(customer=f"Zaphod Planted{n}") for n, order in enumerate(orders)]
    body = printed(orders, Dialect(ending=ending))

    _, rows = extract_bytes(body)

    assert "Planted" not in rows
    assert not any(order.card_number in rows for order in orders if order.card_number)
    assert rejects_of(body) == []
