"""Café detail: everything about one café."""

from grafana_foundation_sdk.builders import bargauge, table, timeseries
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.shared import busy_hours, key_figures, products
from grafana.columns import (
    COUNT,
    DAY,
    GREY,
    NOTABLE_TEXT,
    ORANGE,
    POUNDS,
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
                Section("${cafe:text} at a glance", [(6, [(key_figures(), 24)])]),
                Section("Day by day", [(9, [(_week_before(), 13), (_weeks(), 11)]), (12, [(_days(), 24)])]),
                Section(
                    "Hours, baskets and products",
                    [(11, [(busy_hours(), 24)]), (11, [(products(), 14), (_baskets(), 10)])],
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
            0,
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
            Column("week", "Week from", DAY, width=140),
            money("revenue", "Revenue", least_width=95),
            money("revenue_before", "Week before"),
            change("change", "Change", 80),
            count("orders", "Orders", 75),
            count("orders_before", "Before", 75),
        ],
    )


def _days() -> table.Panel:
    return rows(
        About(
            "Days",
            "What the café sold on each day, the cash to bank, and the times of the first and last sale by the till's "
            "clock. A first sale much later than usual, or a last sale much earlier, may mean a late opening or an "
            "incomplete file. Missing: the café should have reported and has not, judged by its four weeks before. "
            "Unusual: less than half or more than twice the usual orders of that weekday, so the file may be "
            "incomplete, or sent twice. Remarks go at most 60 days back.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("day_by_day"))],
        [
            Column("day", "Day", DAY, width=140),
            money("revenue", "Revenue", 120),
            count("orders", "Orders", 100),
            money("average_spend", "Average spend", 135),
            money("cash_to_bank", "Cash to bank", 130),
            Column("first_sale_at", "First sale", TIME_OF_DAY, width=110),
            Column("last_sale_at", "Last sale", TIME_OF_DAY, width=110),
            Column("remark", "Looks wrong", look=NOTABLE_TEXT, least_width=230, empty_text=" "),
        ],
    )


def _baskets() -> bargauge.Panel:
    return bars(
        About("Basket sizes", "How many orders had one item, how many had two, and so on.", COUNT, 0),
        [WarehouseQuery(statement("basket_sizes"))],
        ORANGE,
    )
