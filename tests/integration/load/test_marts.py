"""Every mart has the figures that were computed by hand, for branch files that went through the real stages."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cafe.warehouse.sql import statement as tour
from integration.load.conftest import Loader
from load.statements import mart_names
from unit.docs.pages import blocks, page

# Leeds sells on two Fridays, York on one. The price of a Large Latte rises.
SALES = """\
13/11/2026 10:00,Leeds,Ada Tester,Large Latte - 2.35,2.35,CASH,
20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,
20/11/2026 09:30,Leeds,Ben Sample,"Large Latte - 2.45, Large Latte - 2.45, Regular Mocha - 3.00",7.90,CASH,
20/11/2026 11:00,York,Cy Example,Large Mocha - 2.70,2.70,CASH,
20/11/2026 14:00,Leeds,Cy Example,Regular Latte - 2.15,2.15,CASH,
"""
# The till's local time, without a zone.
FIRST_FRIDAY, FRIDAY, MONDAY, NOVEMBER = (datetime(2026, 11, day) for day in (13, 20, 16, 1))  # noqa: DTZ001
D = Decimal
PRICES = ("2.66", "2.66", "2.68")
# What each mart shows of SALES. None: it depends on today or on the ledger, and has its own test.
EXPECTED: dict[str, tuple[str, list[tuple[Any, ...]]] | None] = {
    "cafe_day_sales": (
        "cafe, day, weekday, orders, revenue, average_spend, first_sale_at, last_sale_at",
        [
            ("Leeds", FIRST_FRIDAY, 5, 1, D("2.35"), D("2.35"), *[FIRST_FRIDAY.replace(hour=10)] * 2),
            ("Leeds", FRIDAY, 5, 3, D("12.50"), D("4.17"), FRIDAY.replace(hour=9), FRIDAY.replace(hour=14)),
            ("York", FRIDAY, 5, 1, D("2.70"), D("2.70"), *[FRIDAY.replace(hour=11)] * 2),
        ],
    ),
    "cafe_hour_sales": (
        "cafe, day, hour, weekday, orders, revenue",
        [
            ("Leeds", FIRST_FRIDAY, 10, 5, 1, D("2.35")),
            ("Leeds", FRIDAY, 9, 5, 2, D("10.35")),
            ("Leeds", FRIDAY, 14, 5, 1, D("2.15")),
            ("York", FRIDAY, 11, 5, 1, D("2.70")),
        ],
    ),
    "payment_mix": (
        "cafe, day, payment, orders, revenue",
        [
            ("Leeds", FIRST_FRIDAY, "CASH", 1, D("2.35")),
            ("Leeds", FRIDAY, "CASH", 3, D("12.50")),
            ("York", FRIDAY, "CASH", 1, D("2.70")),
        ],
    ),
    "product_day_sales": (
        "cafe, day, product, size, flavour, sold, revenue",
        [
            ("Leeds", FIRST_FRIDAY, "Latte", "Large", "", 1, D("2.35")),
            ("Leeds", FRIDAY, "Latte", "Large", "", 3, D("7.35")),
            ("Leeds", FRIDAY, "Latte", "Regular", "", 1, D("2.15")),
            ("Leeds", FRIDAY, "Mocha", "Regular", "", 1, D("3.00")),
            ("York", FRIDAY, "Mocha", "Large", "", 1, D("2.70")),
        ],
    ),
    "product_ranks": (
        "cafe, month, product, place, sold, revenue",
        [
            ("Leeds", NOVEMBER, "Latte", 1, 5, D("11.85")),
            ("Leeds", NOVEMBER, "Mocha", 2, 1, D("3.00")),
            ("York", NOVEMBER, "Mocha", 1, 1, D("2.70")),
        ],
    ),
    "basket_sizes": (
        "cafe, day, items, orders",
        [("Leeds", FIRST_FRIDAY, 1, 1), ("Leeds", FRIDAY, 1, 2), ("Leeds", FRIDAY, 3, 1), ("York", FRIDAY, 1, 1)],
    ),
    "like_for_like_days": (
        "cafe, day, orders, orders_before, revenue, revenue_before",
        [("Leeds", FRIDAY, 3, 1, D("12.50"), D("2.35"))],
    ),
    "like_for_like_weeks": (
        "cafe, week, orders, orders_before, revenue, revenue_before",
        [("Leeds", MONDAY, 3, 1, D("12.50"), D("2.35"))],
    ),
    "bought_together": (
        "cafe, day, other_day, product, other_product, orders",
        [("Leeds", FRIDAY, FRIDAY, "Latte", "Mocha", 1)],
    ),
    "product_prices": (
        "day, product, size, flavour, unit_price, usual_price, sold",
        [
            (FIRST_FRIDAY, "Latte", "Large", "", D("2.35"), D("2.35"), 1),
            (FRIDAY, "Latte", "Large", "", D("2.45"), D("2.45"), 3),
            (FRIDAY, "Latte", "Regular", "", D("2.15"), D("2.15"), 1),
            (FRIDAY, "Mocha", "Large", "", D("2.70"), D("2.70"), 1),
            (FRIDAY, "Mocha", "Regular", "", D("3.00"), D("3.00"), 1),
        ],
    ),
    "price_changes": (
        "day, product, size, flavour, price_before, price, difference",
        [(FRIDAY, "Latte", "Large", "", D("2.35"), D("2.45"), D("0.10"))],
    ),
    "best_and_worst_cafes": None,
    "unusual_charges": None,
    "cafe_freshness": None,
    "expected_cafe_days": None,
    "missing_cafe_days": None,
    "unusual_cafe_days": None,
    "disagreeing_files": None,
    "nights": None,
    "files": None,
    "reject_summary": None,
}


@pytest.fixture
def sold(loader: Loader) -> Loader:
    loader.load(loader.stage(SALES.encode()))
    return loader


def test_every_mart_has_a_test_here() -> None:
    assert sorted(EXPECTED) == sorted(mart_names())


@pytest.mark.parametrize("mart", [mart for mart, figures in EXPECTED.items() if figures])
def test_a_mart_shows_what_was_computed_by_hand(sold: Loader, mart: str) -> None:
    figures = EXPECTED[mart]
    assert figures
    columns, rows = figures

    assert sold.rows(f"select {columns} from mart.{mart} order by 1, 2, 3, 4") == rows  # noqa: S608


def test_each_way_to_pay_is_counted_separately(loader: Loader) -> None:
    card = "20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CARD,5555555555554444\n"
    cash = "20/11/2026 09:01,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
    voucher = "20/11/2026 09:02,Leeds,Ada Tester,Large Latte - 2.45,2.45,Gift voucher,\n"
    loader.load(loader.stage((card + cash + cash + voucher).encode()))

    assert loader.rows("select payment, orders, revenue from mart.payment_mix order by 1") == [
        ("CARD", 1, D("2.45")),
        ("CASH", 2, D("4.90")),
        ("OTHER", 1, D("2.45")),
    ]
    assert loader.rows("select revenue, cash_revenue from mart.cafe_day_sales") == [(D("9.80"), D("4.90"))]


def test_a_cafes_charge_is_compared_with_the_price_of_most_items_in_all_cafes(loader: Loader) -> None:
    """York charges 2.60 where 2.45 is usual: two of five items, and all of York's."""
    sales = """\
20/11/2026 09:00,Leeds,Ada Tester,"Large Latte - 2.45, Large Latte - 2.45",4.90,CASH,
20/11/2026 09:01,Bristol,Ben Sample,Large Latte - 2.45,2.45,CASH,
20/11/2026 09:02,York,Cy Example,"Large Latte - 2.60, Large Latte - 2.60",5.20,CASH,
"""
    loader.load(loader.stage(sales.encode()))

    columns = "cafe, day, product, size, flavour, unit_price, usual_price, sold, difference"
    for where in ("", " where cafe = 'York' and day >= '2026-11-20'"):
        assert loader.rows(f"select {columns} from mart.unusual_charges{where}") == [  # noqa: S608
            ("York", FRIDAY, "Latte", "Large", "", D("2.60"), D("2.45"), 2, D("0.30"))
        ]
    assert loader.rows("select unit_price, usual_price, sold from mart.product_prices order by 1") == [
        (D("2.45"), D("2.45"), 3),
        (D("2.60"), D("2.45"), 2),
    ]


def test_freshness_is_the_time_since_the_last_sale(sold: Loader) -> None:
    rows = sold.rows("select cafe, last_sale_at, hours_since_last_sale from mart.cafe_freshness order by 1")

    assert [row[:2] for row in rows] == [("Leeds", FRIDAY.replace(hour=14)), ("York", FRIDAY.replace(hour=11))]
    assert rows[1][2] - rows[0][2] == 3


def sell(loader: Loader, cafe: int, orders_by_days_ago: dict[int, int], name: str = "") -> None:
    """Write orders of £1 directly into the warehouse: for each number of days ago, how many."""
    loader.session.execute("insert into core.branches values (%s, %s)", (cafe, name or f"Café {cafe}"))
    for days, orders in orders_by_days_ago.items():
        for number in range(orders):
            loader.session.execute(
                "insert into core.orders values (%s, %s, %s, 'CASH', 1.00)",
                (f"{cafe:04d}{days:08d}{number:020d}", cafe, days_ago(loader, days) + timedelta(hours=9)),
            )
    loader.session.commit()


def days_ago(loader: Loader, days: int) -> datetime:
    today: datetime = loader.rows("select date_trunc('day', getdate())")[0][0]
    return today - timedelta(days=days)


def test_only_a_cafes_own_history_makes_it_missing(loader: Loader) -> None:
    """A café that sold on three of the four same weekdays is expected. One that sold on two, or a new one, is not."""
    sell(loader, 1, {8: 2, 15: 2, 22: 3})
    sell(loader, 2, {8: 2, 15: 2})
    sell(loader, 3, {8: 1, 15: 1, 22: 1, 1: 1})

    assert loader.rows("select cafe, day, usual_orders from mart.missing_cafe_days") == [
        ("Café 1", days_ago(loader, 1), D("2.33"))
    ]


def test_today_is_due_once_half_of_those_expected_have_reported(loader: Loader) -> None:
    usual = {7: 2, 14: 2, 21: 2}
    for cafe in (1, 2, 3):
        sell(loader, cafe, usual)
    columns = "cafe, day from mart.missing_cafe_days order by 1"

    sell_today(loader, 1)
    early = loader.rows(f"select {columns}")
    sell_today(loader, 2)
    late = loader.rows(f"select {columns}")

    assert early == []
    assert late == [("Café 3", days_ago(loader, 0))]


def sell_today(loader: Loader, cafe: int) -> None:
    loader.session.execute(
        "insert into core.orders values (%s, %s, %s, 'CASH', 1.00)",
        (f"{cafe:04d}{0:028d}", cafe, days_ago(loader, 0) + timedelta(hours=9)),
    )
    loader.session.commit()


def test_a_night_shows_which_cafes_were_expected_and_what_came(loader: Loader) -> None:
    """Two cafés are expected yesterday, and one reported. Of the four files of that night, one each was loaded, empty,
    rejected and failed."""
    usual = {8: 2, 15: 2, 22: 2}
    sell(loader, 1, usual | {1: 2})
    sell(loader, 2, usual)
    yesterday = days_ago(loader, 1)
    for number, outcome in enumerate(("loaded", "empty", "rejected", "failed")):
        loader.load(loader.stage(SALES.encode(), key=f"{outcome}.csv"))
        received = yesterday + timedelta(hours=20 + 2 * number)
        loader.session.execute(
            "update ops.files set outcome = %s, last_modified = %s, recorded_at = %s where source_key = %s",
            (outcome, received, received + timedelta(minutes=1), f"{outcome}.csv"),
        )
        loader.session.commit()

    columns = (
        "cafes_expected, cafes_reported, files_arrived, files_loaded, files_empty, files_rejected, files_failed, "
        "rows_in, rows_rejected, last_recorded_at"
    )
    nights = loader.rows(f"select {columns} from mart.nights where night = '{yesterday:%Y-%m-%d}'")  # noqa: S608

    assert nights == [(2, 1, 4, 1, 1, 1, 1, 20, 0, yesterday + timedelta(hours=26, minutes=1))]


def test_a_day_of_less_than_half_or_more_than_twice_the_usual_is_shown(loader: Loader) -> None:
    usual = {8: 4, 15: 4, 22: 4, 29: 4}
    sell(loader, 1, usual | {1: 1})
    sell(loader, 2, usual | {1: 2})
    sell(loader, 3, usual | {1: 8})
    sell(loader, 4, usual | {1: 9})

    assert loader.rows("select cafe, day, orders, usual_orders from mart.unusual_cafe_days order by 1") == [
        ("Café 1", days_ago(loader, 1), 1, D("4.00")),
        ("Café 4", days_ago(loader, 1), 9, D("4.00")),
    ]
    assert len(loader.rows("select cafe from mart.expected_cafe_days where orders > 0 and day >= '2000-01-01'")) >= 4


def test_the_best_and_the_worst_cafe_of_a_day_are_named(loader: Loader) -> None:
    """Café 1 has 6 orders where 4 are usual, Café 2 has 3, Café 3 has 4. An order is £1."""
    usual = {8: 4, 15: 4, 22: 4, 29: 4}
    for cafe, orders in ((1, 6), (2, 3), (3, 4)):
        sell(loader, cafe, usual | {1: orders})

    columns = "cafes, cafes_compared, revenue, best_cafe, best_change, worst_cafe, worst_change"
    assert newest_row(loader, columns) == (3, 3, D("13.00"), "Café 1", 0.5, "Café 2", -0.25)
    assert sentence(loader) == (
        f"{spelled_date(loader)}: Café 1 did best, with £6.00, 50.0% above its usual {weekday(loader)}. "
        "Café 2 did worst, with £3.00, 25.0% below."
    )


def test_days_on_which_a_cafe_was_closed_do_not_count_as_its_usual_revenue(loader: Loader) -> None:
    """Café 1 was closed on one of the four days before, Café 2 on two: it is not compared."""
    sell(loader, 1, {8: 4, 15: 4, 29: 4, 1: 4})
    sell(loader, 2, {8: 1, 15: 1, 1: 9})

    assert newest_row(loader, "cafes, cafes_compared, best_change") == (2, 1, 0)
    assert sentence(loader) == (
        f"{spelled_date(loader)}: Café 1 sold for £4.00, as much as its usual {weekday(loader)}."
    )


def test_cafes_that_are_all_new_are_not_compared(loader: Loader) -> None:
    sell(loader, 1, {1: 2})

    assert sentence(loader) == (
        f"{spelled_date(loader)}: 1 café sold for £2.00. No café has sold on three of the four {weekday(loader)}s "
        "before, so none can be compared."
    )


def test_nothing_is_said_of_a_day_without_sales(loader: Loader) -> None:
    assert loader.rows("select sentence from mart.best_and_worst_cafes") == []
    sell(loader, 1, {2: 2})

    days = loader.rows("select day from mart.best_and_worst_cafes")

    assert days == [(days_ago(loader, 2),)]


@pytest.mark.parametrize("name", ["A\\", "'; drop table x; --", "<b>Bath</b>", "${cafe} %s $__timeFilter(x)", "||"])
def test_a_hostile_name_stays_a_name(loader: Loader, name: str) -> None:
    sell(loader, 1, {8: 4, 15: 4, 22: 4, 1: 8}, name)
    sell(loader, 2, {8: 4, 15: 4, 22: 4, 1: 2})

    assert newest_row(loader, "best_cafe") == (name,)
    assert f": {name} did best, with £8.00, 100.0% above" in sentence(loader)


def newest_row(loader: Loader, columns: str) -> tuple[Any, ...]:
    (row,) = loader.rows(f"select {columns} from mart.best_and_worst_cafes order by day desc limit 1")  # noqa: S608
    return tuple(row)


def sentence(loader: Loader) -> str:
    return str(newest_row(loader, "sentence")[0])


def weekday(loader: Loader) -> str:
    return f"{days_ago(loader, 1):%A}"


def spelled_date(loader: Loader) -> str:
    return f"{weekday(loader)} {days_ago(loader, 1).day} {days_ago(loader, 1):%B}"


def test_a_day_on_which_two_live_files_disagree_is_listed_with_both(sold: Loader) -> None:
    sold.load(sold.stage("".join(SALES.splitlines(keepends=True)[2:]).encode(), key="again.csv"))

    assert sorted(sold.rows("select cafe, day, key < other_key or key > other_key from mart.disagreeing_files")) == [
        ("Leeds", FRIDAY, True)
    ]


def test_files_and_their_rejects_are_in_the_ledgers_marts(loader: Loader) -> None:
    loader.load(loader.stage(SALES.replace("7.90", "7.91").encode(), key="wrong.csv"))

    (file,) = loader.rows("select key, outcome, is_live, rows_in, rows_loaded, rows_rejected from mart.files")
    assert (file[0], *file[2:]) == ("wrong.csv", True, 5, 4, 1)
    assert loader.rows("select key, stage, rejects, first_line from mart.reject_summary") == [
        ("wrong.csv", "transform", 1, 3)
    ]


def test_the_query_on_the_docs_page_runs(sold: Loader) -> None:
    (query,) = blocks(page("marts"), "sql")

    (leeds, york) = sorted(sold.rows(query.strip().removesuffix(";")))
    assert (leeds[0], york) == ("Leeds", ("York", 1))
    assert leeds[1] * 4 == 6


def test_the_demo_rounds_an_average_to_the_penny(loader: Loader) -> None:
    """AVG of DECIMAL(10, 2) has two decimals on Redshift, and the rest is cut: 8.00 / 3 would be 2.66."""
    bodies = [f"20/11/2026 09:0{place},Leeds,Ada,Latte - {price},{price},CASH,\n" for place, price in enumerate(PRICES)]
    loader.load(loader.stage("".join(bodies).encode()))

    assert [row[3] for row in loader.rows(tour("tour/best_cafes"))] == [D("2.67")]
    assert [row[0] for row in loader.rows(tour("tour/spend_and_hour"))] == [D("2.67")]
