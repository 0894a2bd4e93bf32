"""Invented orders: the requested number, shaped like real sales, and decided by the seed only."""

import os
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from cafe.generate.cafes import ISLE_OF_WIGHT, KNOWN_CAFES, Cafe, board, cafes_of
from cafe.generate.dialects import Feed
from cafe.generate.history import BranchDay, branch_day_orders, orders_of, plan
from cafe.generate.menu import MENUS
from cafe.generate.orders import Order


def a_month(feed: Feed = Feed.B, branches: int = 18, days: int = 10) -> list[Order]:
    return list(orders_of(plan(feed=feed, seed=7, branches=branches, days=days)))


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        pytest.param({"branches": 2}, [531, 411], id="nothing said: one usual day"),
        pytest.param({"branches": 1, "days": 3}, [531, 531, 531], id="days"),
        pytest.param({"branches": 2, "orders": 1_000}, [531, 411, 58], id="rows: as many days as they need"),
        pytest.param({"branches": 2, "orders": 942}, [531, 411], id="rows: just one day"),
        pytest.param({"branches": 2, "orders": 5}, [5], id="rows: fewer than one café sells"),
        pytest.param({"branches": 2, "orders": 10, "days": 2}, [3, 3, 2, 2], id="rows and days: spread evenly"),
        pytest.param({"branches": 2, "orders": 1, "days": 2}, [1], id="rows and days: no empty days"),
    ],
)
def test_a_plan_has_the_requested_number_of_orders(asked: dict[str, int], counts: list[int]) -> None:
    branch_days = plan(feed=Feed.B, seed=1, **asked)  # type: ignore[arg-type]

    assert [branch_day.orders for branch_day in branch_days] == counts
    assert [len(branch_day_orders(branch_day)) for branch_day in branch_days] == counts


def test_a_plan_ends_on_its_last_day_and_goes_café_by_café_within_a_day() -> None:
    branch_days = plan(feed=Feed.B, seed=1, branches=2, days=2, until=date(2024, 3, 1))

    assert [(branch_day.day.isoformat(), branch_day.cafe.name) for branch_day in branch_days] == [
        ("2024-02-29", "London Brixton"),
        ("2024-02-29", "Bradford"),
        ("2024-03-01", "London Brixton"),
        ("2024-03-01", "Bradford"),
    ]


def test_a_plan_that_begins_before_the_first_day_is_refused() -> None:
    with pytest.raises(ValueError, match=r"would begin before 2000-01-01.*more branches"):
        plan(feed=Feed.B, seed=1, branches=1, orders=6_000_000)


def test_the_same_seed_invents_the_same_orders_with_any_hash_seed() -> None:
    script = (
        "import hashlib; from cafe.generate.history import *; from cafe.generate.rendering import *\n"
        "days = plan(feed=Feed.B, seed=3, branches=3)\n"
        "print(hashlib.sha256(b''.join(render(orders_of(days), Dialect(shuffled=True)))).hexdigest())"
    )

    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }

    assert len(digests) == 1


def test_another_seed_day_or_café_gives_other_orders() -> None:
    cafe = KNOWN_CAFES[4]
    usual = BranchDay(cafe, date(2024, 5, 1), 50, Feed.B, 1)
    others = [
        BranchDay(cafe, date(2024, 5, 1), 50, Feed.B, 2),
        BranchDay(cafe, date(2024, 5, 2), 50, Feed.B, 1),
        BranchDay(KNOWN_CAFES[5], date(2024, 5, 1), 50, Feed.B, 1),
    ]

    baskets = [[order.items for order in branch_day_orders(branch_day)] for branch_day in (usual, *others)]

    assert all(baskets.count(basket) == 1 for basket in baskets)


def test_a_day_does_not_depend_on_the_days_around_it() -> None:
    *_, last = plan(feed=Feed.B, seed=1, branches=1, days=3)
    (alone,) = plan(feed=Feed.B, seed=1, branches=1)

    assert branch_day_orders(last) == branch_day_orders(alone)


@pytest.mark.parametrize("feed", Feed)
def test_a_day_is_sorted_and_within_opening_hours(feed: Feed) -> None:
    for branch_day in plan(feed=feed, seed=1, branches=19):
        times = [order.ordered_at for order in branch_day_orders(branch_day)]

        assert times == sorted(times)
        assert {time.date() for time in times} == {branch_day.day}
        assert branch_day.cafe.opens <= times[0].hour
        assert times[-1].hour < branch_day.cafe.closes


def test_feed_b_has_whole_minutes_and_two_percent_of_orders_share_one() -> None:
    orders = a_month()

    minutes = Counter((order.branch, order.ordered_at) for order in orders)
    shared = sum(count for count in minutes.values() if count > 1) / len(orders)
    assert all(order.ordered_at.second == 0 for order in orders)
    assert 0.015 < shared < 0.027


def test_feed_a_has_seconds_and_one_order_a_minute() -> None:
    orders = a_month(Feed.A, branches=1, days=1)

    assert {order.branch for order in orders} == {ISLE_OF_WIGHT.name}
    assert len({order.ordered_at.replace(second=0) for order in orders}) == len(orders) == 540
    assert any(order.ordered_at.second for order in orders)


def test_more_orders_than_minutes_still_fit_into_the_day() -> None:
    tiny = Cafe("Tiny", 10, opens=9, closes=10)

    orders = branch_day_orders(BranchDay(tiny, date(2024, 5, 1), 1_000, Feed.B, 1))

    assert len(orders) == 1_000
    assert {order.ordered_at.hour for order in orders} == {9}
    assert all(before.ordered_at <= after.ordered_at for before, after in pairwise(orders))


def test_the_busy_hours_are_ten_and_one_to_three() -> None:
    hours = Counter(order.ordered_at.hour for order in a_month())

    assert {hour for hour, _ in hours.most_common(3)} == {10, 13, 14}


def test_baskets_repeat_as_they_do_in_real_files() -> None:
    orders = a_month(days=20)

    repeating = sum(len(set(order.items)) < len(order.items) for order in orders) / len(orders)
    known_texts = 1 - len({order.items for order in orders}) / len(orders)
    assert 0.20 < repeating < 0.26
    assert 0.60 < known_texts < 0.80
    assert {len(order.items) for order in orders} == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(("feed", "share"), [pytest.param(Feed.A, 0.485, id="a"), pytest.param(Feed.B, 0.70, id="b")])
def test_the_share_of_card_payments_is_as_in_real_files(feed: Feed, share: float) -> None:
    orders = a_month(feed, branches=5)

    paid_by_card = sum(order.payment == "CARD" for order in orders) / len(orders)
    assert abs(paid_by_card - share) < 0.02
    assert all(bool(order.card_number) == (order.payment == "CARD") for order in orders)


def test_cafés_sell_their_own_part_of_the_menu_in_both_sizes() -> None:
    boards = [board(cafe, Feed.B) for cafe in KNOWN_CAFES]

    assert len(set(boards)) == len(boards)
    for cafe, items in zip(KNOWN_CAFES, boards, strict=True):
        assert Counter(item.name for item in items) == dict.fromkeys({item.name for item in items}, 2)
        assert len(items) == 2 * cafe.products


def test_feed_a_prints_no_size_for_products_of_one_size() -> None:
    menu = MENUS[Feed.A]

    assert len(menu) == len({(item.size, item.name) for item in menu}) == 55
    assert {item.size for item in menu} == {"", "Regular", "Large"}
    assert any(item.name == "Babyccino" and item.pence == 0 for item in menu)


@pytest.mark.parametrize("feed", Feed)
def test_two_hot_chocolates_are_on_sale_and_differ_in_price(feed: Feed) -> None:
    sold = {(item.name, item.pence) for order in a_month(feed, days=3) for item in order.items}

    assert {("Hot Chocolate", 140), ("Hot chocolate", 290)} <= sold


def test_any_number_of_cafés_has_different_names() -> None:
    names = [cafe.name for cafe in cafes_of(Feed.B, 500)]

    assert len(set(names)) == 500
    assert names[:18] == [cafe.name for cafe in KNOWN_CAFES]
