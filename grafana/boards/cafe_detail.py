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
from grafana.redshift import Ask

# More than any café has on its board.
ALL_PRODUCTS = 100


def board() -> Dashboard:
    """Build the board."""
    return lay_out(
        Board(
            uid="cafe-detail",
            title="Café detail",
            description="One café: its figures, its days and hours, its products, and the days that look wrong.",
            since="now-30d",
            variables=[cafe_variable(several=False)],
            sections=[
                Section("$cafe at a glance", [(5, [(key_figures(), 24)])]),
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
            "Revenue of each day, and beside it that of the same weekday a week before. Where the second line has a "
            "gap, the café did not trade on that day.",
            POUNDS,
            2,
        ),
        [Ask(statement("week_before"), series=True)],
        [
            Column("revenue", "Revenue", look=Look(color=ORANGE)),
            Column("revenue_before", "A week before", look=Look(color=GREY)),
        ],
    )


def _weeks() -> table.Panel:
    return rows(
        About(
            "Like for like, week by week",
            "Each week from Monday to Sunday against the week before it. Only weeks in which the café traded in "
            "both, on as many days: an unfinished week is not shown.",
            POUNDS,
            2,
        ),
        [Ask(statement("like_for_like_weeks"))],
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
            "What the café sold on each day, the cash to bank for it, and when by the till's clock it sold first and "
            "last. A first sale much later than usual, or a last one much earlier, may be a late opening or a file "
            "cut short.",
            POUNDS,
            2,
        ),
        [Ask(statement("day_by_day"))],
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
        About("Basket sizes", "How many orders of the period had one item, how many two, and so on.", COUNT, 0),
        [Ask(statement("basket_sizes"))],
        ORANGE,
    )


def _unusual() -> table.Panel:
    return rows(
        About(
            "Unusual days",
            "Days of the period, within the last 60, with less than half or more than twice the orders that the café "
            "usually has on that weekday. A file may be short, or sent twice.",
            COUNT,
            0,
            nothing="None",
        ),
        [Ask(statement("unusual_days"))],
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
            "Days of the period, within the last 60, of which this café should have reported and has not, by its own "
            "four weeks before. Empty is good.",
            COUNT,
            0,
            nothing="None",
        ),
        [Ask(statement("missing_days"))],
        [
            Column("day", "Day", DAY, width=130),
            count("usual_orders", "Usual orders"),
        ],
    )
