"""Panels that several boards share, about the cafés chosen there."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models.common import TableCellBackgroundDisplayMode, TableColoredBackgroundCellOptions
from grafana_foundation_sdk.models.dashboard import FieldColorModeId

from grafana.columns import (
    BLUE,
    COUNT,
    GREEN,
    ORANGE,
    PLAIN,
    POUNDS,
    SHARE,
    Column,
    Look,
    bar,
    called,
    count,
    money,
)
from grafana.panels import About, figures, over_time, rows
from grafana.queries import statement
from grafana.redshift import WarehouseQuery

# A link to the board of the row's café, with the same period. Grafana fills in the id from a column that is not shown.
TO_THE_CAFE = Look(link="/d/cafe-detail?${__url_time_range}&var-cafe=${__data.fields.branch_id:percentencode}")
CAFE_ID = Column("branch_id", "Café's id", hidden=True)
CAFE = called("cafe", "Café", TO_THE_CAFE)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def key_figures() -> stat.Panel:
    """Revenue, orders, average spend, items per order and like for like, each with its change and its line."""
    return figures(
        About(
            "Key figures",
            "What the chosen cafés sold in the period. The percentage compares it with the same number of days before, "
            "moved back by whole weeks so that Mondays are compared with Mondays; the line shows the total of as many "
            "days, week by week. Days without sales yet are left out. Cafés that opened or closed in between "
            "distort these changes. The last figure is like for like: the revenue of the days on which a café traded "
            "and also traded a week before, compared with those days a week before.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("key_figures"), series=True)],
        [
            Column("revenue", "Revenue", POUNDS, 0),
            count("orders", "Orders"),
            money("average_spend", "Average spend"),
            Column("items_an_order", "Items per order", PLAIN, 2),
            Column("revenue_alike", "Same cafés, week on week", POUNDS, 0),
        ],
        with_change=True,
    )


def busy_hours() -> table.Panel:
    """Orders by hour and weekday, darker where it is busier."""
    shaded = Look(cell=TableColoredBackgroundCellOptions(mode=TableCellBackgroundDisplayMode.BASIC))
    return rows(
        About(
            "Busiest hours",
            "Average orders in each hour, by the till's clock, on the Mondays, Tuesdays and so on of the period on "
            "which a chosen café sold. Darker cells are busier: staff these hours first.",
            COUNT,
            0,
        ),
        [WarehouseQuery(statement("busy_hours"))],
        [Column("hour", "Hour", width=65), *(count(day.lower(), day[:3], look=shaded) for day in WEEKDAYS)],
        scheme=FieldColorModeId.CONTINUOUS_BLUES,
    )


def payment_mix() -> timeseries.Panel:
    """Revenue by card, in cash and any other way."""
    return over_time(
        About(
            "Ways to pay",
            "Revenue of each day by card, in cash, and any other way, such as vouchers and online orders. The cash "
            "total is the amount to bank for the period.",
            POUNDS,
            0,
        ),
        [WarehouseQuery(statement("payment_by_day"), series=True)],
        [
            Column("card", "Card", look=Look(color=BLUE)),
            Column("cash", "Cash to bank", look=Look(color=GREEN)),
            Column("other", "Other", look=Look(color=ORANGE)),
        ],
        stacked_bars=True,
        totals=["sum"],
    )


def products() -> table.Panel:
    """What sells, the best first."""
    return rows(
        About(
            "Products from best to worst",
            "What the chosen cafés sold in the period, the product with the most items first. Sizes and flavours are "
            "merged. Share is the product's part of all items sold. Revenue is before discounts. Click a column's "
            "title to sort by it.",
            COUNT,
            0,
        ),
        [WarehouseQuery(statement("products"))],
        [
            called("product", "Product"),
            count("sold", "Items sold", 150, bar(ORANGE)),
            Column("share", "Share", SHARE, 1, 75),
            money("revenue", "Revenue", 110),
        ],
    )
