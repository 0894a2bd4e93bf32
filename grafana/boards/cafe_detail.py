"""Café detail: everything about one café."""

from grafana_foundation_sdk.builders import bargauge, table, timeseries
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.shared import best_products, busy_hours, key_figures
from grafana.columns import (
    COUNT,
    DAY,
    GREY,
    ORANGE,
    POUNDS,
    SHARE,
    TIME_OF_DAY,
    Column,
    Look,
    change,
    count,
    money,
)
from grafana.layout import Board, Section, cafe_variable, lay_out
from grafana.panels import About, bars, over_time, rows
from grafana.queries import statement
from grafana.redshift import WarehouseQuery

# More than any café sells.
ALL_PRODUCTS = 100


def board() -> Dashboard:
    """Build the board."""
    return lay_out(
        Board(
            uid="cafe-detail",
            title="Café detail",
            description="One café: its figures, days, hours and products, and the days that look wrong.",
            since="now-30d",
            variables=[cafe_variable(several=False)],
            sections=[
                Section("${cafe:text} at a glance", [(5, [(key_figures(), 24)])]),
                Section("Day by day", [(9, [(_week_before(), 14), (_weeks(), 10)]), (12, [(_days(), 24)])]),
                Section("Hours and baskets", [(12, [(busy_hours(), 16), (_baskets(), 8)])]),
                Section(
                    "Products, and days that look wrong",
                    [(12, [(best_products(ALL_PRODUCTS), 12), (_unusual(), 7), (_missing(), 5)])],
                ),
            ],
        )
    )


def _week_before() -> timeseries.Panel:
    return over_time(
        About(
            "Revenue against a week before",
            "Revenue of each day, and of the same weekday a week before. Where the second line has a gap, the café did "
            "not trade a week before.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("week_before"), series=True)],
        [
            Column("revenue", "Revenue", look=Look(color=ORANGE)),
            Column("revenue_before", "A week before", look=Look(color=GREY)),
        ],
    )


def _weeks() -> table.Panel:
    return rows(
        About(
            "Like for like, week by week",
            "Each week, Monday to Sunday, against the week before. A week is shown only if the café traded on the same "
            "number of days in both, so an unfinished week does not appear.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("like_for_like_weeks"))],
        [
            Column("week", "Week from", DAY, width=125),
            money("revenue", "Revenue"),
            money("revenue_before", "Week before"),
            change("change", "Change", 90),
            count("orders", "Orders", 80),
            count("orders_before", "Before", 80),
        ],
    )


def _days() -> table.Panel:
    return rows(
        About(
            "Days",
            "What the café sold on each day, the cash to bank, and the times of the first and last sale by the till's "
            "clock. A first sale much later than usual, or a last sale much earlier, may mean a late opening or an "
            "incomplete file.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("day_by_day"))],
        [
            Column("day", "Day", DAY),
            money("revenue", "Revenue"),
            count("orders", "Orders"),
            money("average_spend", "Average spend"),
            money("cash_to_bank", "Cash to bank"),
            Column("first_sale_at", "First sale", TIME_OF_DAY),
            Column("last_sale_at", "Last sale", TIME_OF_DAY),
        ],
    )


def _baskets() -> bargauge.Panel:
    return bars(
        About("Basket sizes", "How many orders had one item, how many had two, and so on.", COUNT, 0),
        [WarehouseQuery(statement("basket_sizes"))],
        ORANGE,
    )


def _unusual() -> table.Panel:
    return rows(
        About(
            "Unusual days",
            "Days with less than half or more than twice the orders that the café usually has on that weekday. The "
            "file may be incomplete, or sent twice. Days of the period, at most 60 days back.",
            COUNT,
            0,
            empty_text="None",
        ),
        [WarehouseQuery(statement("unusual_days"))],
        [
            Column("day", "Day", DAY, width=130),
            count("orders", "Orders"),
            count("usual_orders", "Usually"),
            Column("share", "Of usual", SHARE, 0),
        ],
    )


def _missing() -> table.Panel:
    return rows(
        About(
            "Missing days",
            "Days for which this café should have reported and has not, judged by its four weeks before. Empty is "
            "good. Days of the period, at most 60 days back.",
            COUNT,
            0,
            empty_text="None",
        ),
        [WarehouseQuery(statement("missing_days"))],
        [
            Column("day", "Day", DAY, width=130),
            count("usual_orders", "Usual orders"),
        ],
    )
