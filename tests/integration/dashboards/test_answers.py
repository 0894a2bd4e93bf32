"""Run every query of every board on a warehouse that the pipeline has filled, and check types, order and figures.

The expected figures are calculated from `fixtures.trading`. A café-day is £12.15 in four orders with six items; in the
last ten days it is £12.45. York has one more order of £2.70. The exceptions are planted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from cafe.dashboards.boards import Board, Format, Panel, WarehouseTarget, read_boards
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.answers import answer, choices
from cafe.dashboards.preview.frames import FieldType, Frame
from cafe.dashboards.variables import Choice
from fixtures.trading import CAFES, CHEAP_TEA, DAYS, DEARER, DISAGREEING, MISSING, SHORT, Trading, taken_pence
from grafana.layout import ALL_CAFES
from grafana.queries import statement
from transform.ids import branch_id

BOARDS = {board.uid: board for board in read_boards()}
PANELS = [
    pytest.param(board, panel, id=f"{board.uid}: {panel.title}")
    for board in BOARDS.values()
    for panel in board.panels
    if any(isinstance(target, WarehouseTarget) for target in panel.targets)
]
TABLES = [parameters for parameters in PANELS if parameters.values[1].type == "table"]  # type: ignore[union-attr]
CUT_OFF = 1e-4  # a quotient has four decimals


def ids_of(cafes: Sequence[str]) -> list[str]:
    """What a board's variable holds: the ids, or that of All."""
    return [ALL_CAFES] if cafes == CAFES else [str(branch_id(cafe)) for cafe in cafes]


@dataclass(frozen=True, slots=True)
class Asker:
    """Runs the query of a board's panel."""

    trading: Trading

    def __call__(self, board: Board, title: str, cafes: Sequence[str] = CAFES, now: datetime | None = None) -> Frame:
        panel = board.panel(title)
        (target,) = panel.targets
        assert isinstance(target, WarehouseTarget)
        period = Period.before(now or self.trading.now, board.start)
        return answer(target, self.trading.warehouse, period, {"cafe": ids_of(cafes)})


# Runs the query of a panel by its title, by default for all cafés on the morning after the last day.
type Ask = Callable[..., Frame]


@pytest.fixture
def ask(trading: Trading) -> Asker:
    return Asker(trading)


@pytest.fixture
def overview(ask: Asker) -> Ask:
    return partial(ask, BOARDS["cafe-overview"])


@pytest.fixture
def detail(ask: Asker) -> Ask:
    return partial(ask, BOARDS["cafe-detail"])


@pytest.fixture
def products(ask: Asker) -> Ask:
    return partial(ask, BOARDS["products"])


@pytest.fixture
def pipeline(ask: Asker) -> Ask:
    return partial(ask, BOARDS["pipeline"])


def table(frame: Frame, *names: str) -> list[tuple[Any, ...]]:
    """The rows of a frame, with these columns only."""
    return list(zip(*(frame.field(name).values for name in names), strict=True))


def numbers(frame: Frame, name: str) -> list[float]:
    """The numbers of a column."""
    return [value for value in frame.field(name).values if isinstance(value, int | float)]


def one_row(frame: Frame) -> dict[str, Any]:
    assert frame.rows == 1
    return {field.name: field.values[0] for field in frame.fields}


# --- all panels


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_has_data_and_a_time_series_has_a_time(board: Board, panel: Panel, ask: Asker) -> None:
    cafes = ["Leeds"] if board.uid == "cafe-detail" else CAFES

    frame = ask(board, panel.title, cafes)

    assert frame.rows > 0
    (target,) = panel.targets
    assert isinstance(target, WarehouseTarget)
    if target.format is Format.TIME_SERIES:
        time, *others = frame.fields
        moments = [moment for moment in time.values if isinstance(moment, datetime)]
        assert (time.name, time.type) == ("time", FieldType.TIME)
        assert list(time.values) == sorted(moments)
        assert {field.type for field in others} == {FieldType.NUMBER}
    else:
        assert panel.type in ("stat", "table", "bargauge")


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_the_units_of_a_panel_fit_the_types_of_its_columns(board: Board, panel: Panel, ask: Asker) -> None:
    cafes = ["Leeds"] if board.uid == "cafe-detail" else CAFES
    types = {field.name: field.type for field in ask(board, panel.title, cafes).fields}

    units = units_by_column(panel)

    if panel.type == "bargauge":
        assert sorted(types.values()) == [FieldType.NUMBER, FieldType.STRING]
    elif panel.title != "Revenue by day and café":  # its series are named after their label
        assert set(units) == set(types) - {"time"}
    for name, unit in units.items():
        # A column without a unit is text, or has the unit of the panel.
        expected = {FieldType.TIME} if unit.startswith("time:") else {FieldType.NUMBER}
        assert types[name] in (expected if unit else {FieldType.STRING, FieldType.NUMBER})


def units_by_column(panel: Panel) -> dict[str, str]:
    """The units of the columns that have a title."""
    overrides = panel.json["fieldConfig"].get("overrides", ())
    properties = {
        override["matcher"]["options"]: {each["id"]: each["value"] for each in override["properties"]}
        for override in overrides
        if override["matcher"]["id"] == "byName"
    }
    assert all(each["displayName"] for each in properties.values())
    return {name: each.get("unit", "") for name, each in properties.items()}


@pytest.mark.parametrize(("board", "panel"), TABLES)
def test_no_column_of_one_cafe_is_always_one(board: Board, panel: Panel, ask: Asker) -> None:
    """Such a column says nothing: in how many of the chosen cafés a product sold, if one café is chosen."""
    frame = ask(board, panel.title, ["Leeds"])

    assert [field.name for field in frame.fields if frame.rows > 1 and set(field.values) == {1}] == []


def test_the_choices_of_cafes_are_all_that_ever_sold(trading: Trading) -> None:
    assert choices(statement("all_cafes"), trading.warehouse, Period.before(trading.now, "now-24h"), {}) == [
        Choice(str(branch_id(cafe)), cafe) for cafe in CAFES
    ]


# --- overview: 29 days up to yesterday, compared with 29 days five weeks earlier at the old price


FIGURES = ("revenue", "orders", "average_spend", "items_an_order")


def test_key_figures_end_with_the_period_and_begin_with_the_same_weekdays_before(
    overview: Ask, trading: Trading
) -> None:
    frame = overview("Key figures")

    # 4 cafés with 4 orders and 6 items; York has one more of each. Later, Ely's day and three of Bath's orders are
    # missing, and Leeds has one order more.
    before_orders, orders = 29 * 17, 29 * 17 - 4 - 3 + 1
    before_items, items = 29 * 25, 29 * 25 - 6 - 5 + 1
    revenue = 10 * 4 * 12.45 + 19 * 4 * 12.15 + 29 * 2.70 - 12.45 - 9.85 - 0.40 + 2.30
    assert revenue == pytest.approx(1479.30)
    before = (1487.70, before_orders, 1487.70 / before_orders, before_items / before_orders)
    now = (revenue, orders, revenue / orders, items / orders)
    assert frame.field("time").values == tuple(trading.day(ago) for ago in (36, 29, 22, 15, 8, 1))
    assert table(frame, *FIGURES)[-1] == pytest.approx(now, abs=CUT_OFF)
    # Each total is that of 29 days: here those that end a week ago.
    week_ago = sum(taken_pence(cafe, ago) for cafe in CAFES for ago in range(8, 37)) / 100
    assert numbers(frame, "revenue")[-2] == pytest.approx(week_ago)
    assert changes_of(frame, *FIGURES) == pytest.approx(
        [round(figure / earlier - 1, 3) for figure, earlier in zip(now, before, strict=True)]
    )


def changes_of(frame: Frame, *names: str) -> list[float]:
    """The changes from the first number to the last, as Grafana's stat panel shows them."""
    return [figures[-1] / figures[0] - 1 for figures in (numbers(frame, name) for name in names)]


def test_the_changes_of_the_key_figures_are_tenths_of_a_percent(trading: Trading) -> None:
    (target,) = BOARDS["cafe-overview"].panel("Key figures").targets
    assert isinstance(target, WarehouseTarget)
    for days in (7, 30, 90):
        frame = answer(target, trading.warehouse, Period.before(trading.now, f"now-{days}d"), {"cafe": [ALL_CAFES]})

        for change in changes_of(frame, *FIGURES, "revenue_alike"):
            # Grafana prints three significant digits, so 0.123 is 12.3 % and 0.0012 would be 0.12 %.
            assert change == pytest.approx(round(change, 3), abs=1e-9)


def test_key_figures_are_of_the_chosen_cafes_only(overview: Ask) -> None:
    *_, now = table(overview("Key figures", ["York"]), "revenue", "orders")

    assert now == pytest.approx((433.25, 145))


def test_without_anything_before_the_key_figures_have_no_change(ask: Ask, trading: Trading) -> None:
    frame = ask(BOARDS["cafe-overview"], "Key figures", now=trading.day(DAYS - 10))

    assert frame.rows == 1
    assert changes_of(frame, *FIGURES) == [0, 0, 0, 0]


def test_like_for_like_leaves_out_cafes_that_did_not_trade_on_both_days(overview: Ask, trading: Trading) -> None:
    frame = overview("Key figures")

    # Ely's missing day is left out on both sides. So is the day a week after it, which has not come yet.
    ahead = [(cafe, ago) for cafe in CAFES for ago in range(1, 30) if taken_pence(cafe, ago)]
    now = sum(taken_pence(*each) for each in ahead) / 100
    before = sum(taken_pence(cafe, ago + 7) for cafe, ago in ahead) / 100
    assert numbers(frame, "revenue_alike")[-1] == pytest.approx(now)
    assert changes_of(frame, "revenue_alike") == pytest.approx([round(now / before - 1, 3)])
    sums = "sum(days.revenue), sum(days.revenue_before) from mart.like_for_like_days as days"
    first = f"{trading.day(29):%Y-%m-%d}"
    ((mart_now, mart_before),) = trading.warehouse.query(f"select {sums} where days.day >= '{first}'").rows
    assert (float(str(mart_now)), float(str(mart_before))) == pytest.approx((now, before))


def test_the_newest_day_is_put_into_words(overview: Ask, trading: Trading) -> None:
    """Yesterday, each café sold at the new price, and Bath, Ely and Leeds sold alike."""
    usual = {cafe: sum(taken_pence(cafe, 1 + week * 7) for week in range(1, 5)) / 4 for cafe in CAFES}
    changes = {cafe: taken_pence(cafe, 1) / usual[cafe] - 1 for cafe in CAFES}
    best, worst = max(CAFES, key=lambda cafe: changes[cafe]), min(CAFES, key=lambda cafe: changes[cafe])
    day = trading.day(1)

    row = one_row(overview("The newest day in words"))

    assert row["sentence"] == (
        f"{day:%A} {day.day} {day:%B}: {best} did best, with £12.45, {100 * changes[best]:.1f}% above its usual "
        f"{day:%A}. "
        f"{worst} did worst, with £{taken_pence(worst, 1) / 100:.2f}, {100 * changes[worst]:.1f}% above."
    )


def test_revenue_by_day_is_a_series_for_each_cafe(overview: Ask, trading: Trading) -> None:
    time, *series = overview("Revenue by day and café").fields

    assert time.values == tuple(trading.day(ago) for ago in range(29, 0, -1))
    assert [field.labels for field in series] == [{"cafe": cafe} for cafe in CAFES]
    assert series[3].values == tuple(taken_pence("York", ago) / 100 for ago in range(29, 0, -1))
    assert series[1].values[-2:] == (None, 12.45)


def test_cash_to_bank_adds_up(overview: Ask) -> None:
    frame = overview("Ways to pay")

    # Each café-day has £7.15 in cash, 15 pence more at the new price; York has £2.70 more. Bath's short day has none.
    cash = 29 * (4 * 7.15 + 2.70) + 10 * 4 * 0.15 - 7.30 - 7.30 - 0.40
    assert sum(numbers(frame, "cash")) == pytest.approx(cash)
    assert sum(numbers(frame, "other")) == pytest.approx(2.30)
    assert sum(numbers(frame, "card")) == pytest.approx(1479.30 - 2.30 - cash)


def test_cafes_are_in_the_order_of_their_revenue(overview: Ask) -> None:
    cafes = table(overview("Cafés from best to worst"), "cafe", "revenue", "orders")

    assert cafes == [("York", 433.25, 145), ("Leeds", 357.65, 117), ("Bath", 345.50, 113), ("Ely", 342.90, 112)]


def test_a_cafes_change_is_against_the_same_weekdays_a_week_before(overview: Ask, trading: Trading) -> None:
    frame = overview("Cafés from best to worst", ["York"])

    row = one_row(frame)
    now, before = (sum(taken_pence("York", ago + shift) for ago in range(1, 30)) for shift in (0, 7))
    assert row["change"] == pytest.approx(now / before - 1, abs=CUT_OFF)
    assert row["last_sale_at"] == trading.day(1) + timedelta(hours=16, minutes=30)


def test_the_change_of_each_cafe_equals_its_key_figure(overview: Ask) -> None:
    for cafe in CAFES:
        (change,) = changes_of(overview("Key figures", [cafe]), "revenue_alike")

        assert one_row(overview("Cafés from best to worst", [cafe]))["change"] == pytest.approx(change, abs=0.0006)


def test_products_are_in_the_order_of_the_items_sold(overview: Ask) -> None:
    latte, tea, mocha, flavoured = 2 * 116 - 3, 2 * 116 - 4, 116 - 2 + 1 + 29, 116 - 2
    at_the_new_price = 2 * 40 - 3
    assert table(overview("Products from best to worst"), "product", "sold", "share", "revenue") == [
        ("Latte", latte, latte / 715, pytest.approx(latte * 2.45 + at_the_new_price * 0.15)),
        ("Red Label tea", tea, tea / 715, pytest.approx(tea * 1.20 - 0.40)),
        ("Mocha", mocha, mocha / 715, pytest.approx(115 * 2.30 + 29 * 2.70)),
        ("Flavoured latte", flavoured, flavoured / 715, pytest.approx(flavoured * 2.55)),
    ]


def test_busy_hours_are_means_over_the_days_of_each_weekday(overview: Ask, trading: Trading) -> None:
    rows = {
        row[0]: row[1:]
        for row in table(overview("Busiest hours"), *[field.name for field in overview("Busiest hours").fields])
    }

    # Yesterday's weekday was normal: two orders of four cafés at nine. On the weekday before, Ely was missing once.
    yesterday, day_before, disagreeing = (trading.day(ago).weekday() for ago in (1, MISSING, DISAGREEING))
    assert [rows[hour][yesterday] for hour in ("09:00", "11:00", "13:00", "16:00")] == [8, 1, 4, 4]
    assert [rows[hour][day_before] for hour in ("09:00", "11:00", "13:00", "16:00")] == [7.5, 1, 3.75, 3.75]
    assert rows["15:00"][disagreeing] == 0.25
    assert rows["15:00"][yesterday] is None


# --- one café


def test_a_cafes_days_have_first_and_last_sale_and_the_cash_to_bank(detail: Ask, trading: Trading) -> None:
    rows = table(
        detail("Days", ["Leeds"]),
        "day",
        "revenue",
        "orders",
        "average_spend",
        "cash_to_bank",
        "first_sale_at",
        "last_sale_at",
    )

    day = trading.day(1)
    first, last = day + timedelta(hours=9, minutes=5), day + timedelta(hours=16, minutes=30)
    assert len(rows) == 29
    assert rows[0] == (day, 12.45, 4, 3.11, 7.30, first, last)
    # The voucher of £2.30 is not to bank.
    assert rows[DISAGREEING - 1][1:5] == (14.75, 5, 2.95, 7.30)


def test_a_day_without_cash_has_none_to_bank(detail: Ask, trading: Trading) -> None:
    rows = dict(table(detail("Days", ["Bath"]), "day", "cash_to_bank"))

    assert rows[trading.day(SHORT)] == 0


def test_each_day_has_the_revenue_of_the_same_weekday_a_week_before(detail: Ask) -> None:
    rows = table(detail("Revenue against a week before", ["Ely"]), "revenue", "revenue_before")

    days = [ago for ago in range(29, 0, -1) if ago != MISSING]
    assert rows == [(taken_pence("Ely", ago) / 100, taken_pence("Ely", ago + 7) / 100) for ago in days]


def test_each_week_is_compared_with_the_week_before(detail: Ask, trading: Trading) -> None:
    rows = table(
        detail("Like for like, week by week", ["Leeds"]), "week", "revenue", "revenue_before", "change", "orders"
    )

    assert len(rows) in (3, 4)
    for week, revenue, before, change, orders in rows:
        ago = (trading.day(0) - week).days
        expected, expected_before = (
            sum(taken_pence("Leeds", each) for each in range(last, last - 7, -1)) / 100 for last in (ago, ago + 7)
        )
        assert week.weekday() == 0
        assert (revenue, before) == (pytest.approx(expected), pytest.approx(expected_before))
        assert change == pytest.approx(expected / expected_before - 1, abs=CUT_OFF)
        assert orders == 28 + (ago - 7 < DISAGREEING <= ago)


def test_baskets_are_counted_by_size(detail: Ask) -> None:
    assert table(detail("Basket sizes", ["Leeds"]), "basket", "orders") == [("1 item", 2 * 29 + 1), ("2 items", 2 * 29)]


def test_a_day_far_from_the_usual_and_a_missing_day_have_a_remark(detail: Ask, trading: Trading) -> None:
    remarks = {
        cafe: {day: remark for day, remark in table(detail("Days", [cafe]), "day", "remark") if remark}
        for cafe in CAFES
    }

    assert remarks == {
        "Bath": {trading.day(SHORT): "Unusual: usually 4 orders"},
        "Ely": {trading.day(MISSING): "Missing: usually 4 orders"},
        "Leeds": {},
        "York": {},
    }


def test_a_missing_day_has_no_figures(detail: Ask, trading: Trading) -> None:
    rows = {row[0]: row[1:] for row in table(detail("Days", ["Ely"]), "day", "revenue", "orders", "cash_to_bank")}

    assert len(rows) == 29
    assert rows[trading.day(MISSING)] == (None, None, None)


# --- products


def test_each_month_has_its_best_and_worst_product_of_each_cafe(products: Ask, trading: Trading) -> None:
    rows = table(
        products("Best and worst in each café", ["York"]), "month", "cafe", "worst_product", "worst_sold", "best_sold"
    )

    for month, cafe, worst, worst_sold, best_sold in rows:
        days = [ago for ago in range(1, DAYS + 1) if trading.day(ago).replace(day=1) == month]
        assert (cafe, worst, worst_sold, best_sold) == ("York", "Flavoured latte", len(days), 2 * len(days))
    assert len(rows) in (1, 2)


def test_items_are_counted_by_size_and_by_flavour(products: Ask) -> None:
    assert table(products("Sizes and flavours"), "flavour", "sold", "large", "regular", "one_size") == [
        ("All", 715, 229 + 29, 228 + 115 + 114, None),
        ("No flavour", 715 - 114, 229 + 29, 228 + 115, None),
        ("Vanilla", 114, None, 114, None),
    ]


def test_what_is_bought_together_is_counted_by_orders(products: Ask) -> None:
    assert table(products("Bought together"), "product", "other_product", "orders") == [("Latte", "Mocha", 116 - 2)]


def test_prices_are_the_usual_price_of_the_last_day_and_the_range_of_the_period(products: Ask) -> None:
    rows = table(products("Price list"), "product", "size", "usual_price", "lowest_price", "highest_price", "sold")

    assert ("Latte", "Large", 2.60, 2.45, 2.60, 229) in rows
    assert ("Red Label tea", "Regular", 1.20, 1.00, 1.20, 228) in rows


def test_a_dearer_product_is_a_change_of_price_on_its_first_day(products: Ask, trading: Trading) -> None:
    assert one_row(products("Price changes")) == {
        "day": trading.day(DEARER),
        "product": "Latte",
        "size": "Large",
        "flavour": "",
        "price_before": 2.45,
        "price": 2.60,
        "difference": "£0.15",
    }


def test_a_cheap_tea_is_an_unusual_charge(products: Ask, trading: Trading) -> None:
    row = one_row(products("Charges that are not the usual price"))

    assert (row["day"], row["cafe"], row["product"]) == (trading.day(CHEAP_TEA), "York", "Red Label tea")
    assert (row["usual_price"], row["unit_price"], row["sold"], row["difference"]) == (1.20, 1.00, 2, "-£0.40")


# --- pipeline


def test_tonight_counts_cafes_and_files(pipeline: Ask, trading: Trading) -> None:
    row = one_row(pipeline("Files tonight", now=trading.day(0) + timedelta(hours=9)))

    assert row == {
        "cafes_expected": 4,
        "cafes_reported": 4,
        "files_arrived": 6,
        "files_loaded": 4,
        "files_empty": 0,
        "files_rejected": 1,
        "files_failed": 1,
        "rows_rejected": 2,
    }


def test_tonight_changes_at_noon(pipeline: Ask, trading: Trading) -> None:
    row = one_row(pipeline("Files tonight", now=trading.day(0) + timedelta(hours=12, minutes=1)))

    assert (row["cafes_expected"], row["cafes_reported"], row["files_arrived"]) == (4, 0, 0)


def test_the_nights_count_cafes_and_files(pipeline: Ask, trading: Trading) -> None:
    rows = table(
        pipeline("The last fourteen nights", now=trading.day(0) + timedelta(hours=9)),
        "night",
        "cafes_reported",
        "files_arrived",
    )

    assert rows[:4] == [(trading.day(1), 4, 6), (trading.day(2), 3, 3), (trading.day(3), 4, 4), (trading.day(4), 4, 5)]
    assert len(rows) == 14


def test_missing_and_unusual_cafe_days_are_listed(pipeline: Ask, trading: Trading) -> None:
    missing = one_row(pipeline("Missing cafés"))
    unusual = one_row(pipeline("Unusual café-days"))

    assert (missing["day"], missing["cafe"], missing["usual_orders"]) == (trading.day(MISSING), "Ely", 4)
    assert (unusual["day"], unusual["cafe"], unusual["share"]) == (trading.day(SHORT), "Bath", 0.25)


def test_freshness_is_the_age_of_the_newest_sale(pipeline: Ask, trading: Trading) -> None:
    rows = table(pipeline("Freshness"), "cafe", "last_sale_at", "hours_since_last_sale")

    newest = trading.day(1) + timedelta(hours=16, minutes=30)
    assert [row[:2] for row in rows] == [(cafe, newest) for cafe in CAFES]
    assert rows[0][2] == pytest.approx((trading.now - newest).total_seconds() / 3600, abs=1.1)


def test_files_that_are_not_in_the_warehouse_have_a_reason(pipeline: Ask) -> None:
    rows = table(pipeline("Files that failed or were refused"), "outcome", "reason", "detail")

    assert [row[:2] for row in rows] == [("failed", "unloadable"), ("rejected", "unknown_dialect")]
    assert rows[0][2] == "planted by a test"


def test_refused_rows_are_counted_by_rule(pipeline: Ask) -> None:
    assert table(pipeline("Rows refused, by rule"), "rule", "rejects") == [("bad_timestamp", 1), ("total_mismatch", 1)]


def test_two_files_of_one_cafe_day_disagree(pipeline: Ask, trading: Trading) -> None:
    row = one_row(pipeline("Café-days that disagree"))

    assert (row["day"], row["cafe"]) == (trading.day(DISAGREEING), "Leeds")
    assert {row["key"].rpartition("/")[2], row["other_key"].rpartition("/")[2]} == {"leeds.csv", "leeds-corrected.csv"}


def test_the_slowest_file_took_from_its_arrival_until_now(pipeline: Ask, trading: Trading) -> None:
    frame = pipeline("From arrival to warehouse")

    written = trading.day(DAYS) + timedelta(hours=20)
    # The warehouse was filled within minutes.
    assert max(numbers(frame, "slowest")) == pytest.approx((trading.now - written).total_seconds() / 60, abs=5)
