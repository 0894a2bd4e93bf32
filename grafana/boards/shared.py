"""Panels that several boards share, about the cafés chosen there."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models.common import TableCellBackgroundDisplayMode, TableColoredBackgroundCellOptions
from grafana_foundation_sdk.models.dashboard import FieldColorModeId

from grafana.columns import BLUE, COUNT, GREEN, ORANGE, PLAIN, POUNDS, Column, Look, bar, count, money
from grafana.panels import About, figures, over_time, rows
from grafana.queries import first, statement
from grafana.redshift import WarehouseQuery

# A link to the board of the row's café, with the same period. Grafana fills in the id from a column that is not shown.
TO_THE_CAFE = Look(link="/d/cafe-detail?${__url_time_range}&var-cafe=${__data.fields.branch_id:percentencode}")
CAFE_ID = Column("branch_id", "Café's id", hidden=True)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def key_figures() -> stat.Panel:
    """Revenue, orders, average spend and items per order, with their change."""
    return figures(
        About(
            "Key figures",
            "What the chosen cafés sold in the period. The percentage compares it with the same number of days before, "
            "moved back by whole weeks so that Mondays are compared with Mondays. Days without sales yet are left out. "
            "Cafés that opened or closed in between distort the change: for a fair comparison see Like for like.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("key_figures"))],
        [
            money("revenue", "Revenue"),
            count("orders", "Orders"),
            money("average_spend", "Average spend"),
            Column("items_an_order", "Items per order", PLAIN, 2),
        ],
        with_change=True,
    )


def like_for_like() -> stat.Panel:
    """Revenue and orders of the days on which a café also traded a week before."""
    return figures(
        About(
            "Like for like",
            "Revenue and orders of the days on which a café also traded a week before, with the change since then. A "
            "day on which the café was closed, now or a week before, is left out on both sides. So openings, closures "
            "and files that have not arrived do not distort the change.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("like_for_like"))],
        [money("revenue", "Revenue"), count("orders", "Orders")],
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
        [Column("hour", "Hour", width=80), *(count(day.lower(), day, look=shaded) for day in WEEKDAYS)],
        scheme=FieldColorModeId.CONTINUOUS_BLUES,
    )


def payment_mix() -> timeseries.Panel:
    """Revenue by card and in cash."""
    return over_time(
        About(
            "Card and cash",
            "Revenue of each day by card and in cash. The cash total is the amount to bank for the period.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("payment_by_day"), series=True)],
        [
            Column("card", "Card", look=Look(color=BLUE)),
            Column("cash", "Cash to bank", look=Look(color=GREEN)),
        ],
        stacked_bars=True,
        totals=["sum"],
    )


def best_products(limit: int) -> table.Panel:
    """What sells most."""
    return _products(
        About(
            "Best-selling products",
            "The products that sold the most items in the chosen cafés. Sizes and flavours are merged.",
            COUNT,
            0,
        ),
        first("products", "sold desc, product", limit),
        ORANGE,
    )


def worst_products(limit: int) -> table.Panel:
    """What sells least."""
    return _products(
        About(
            "Worst-selling products",
            "The products that sold the fewest items in the chosen cafés, but at least one. Sizes and flavours are "
            "merged. The column Cafés shows in how many of them the product sold.",
            COUNT,
            0,
        ),
        first("products", "sold, product", limit),
        BLUE,
    )


def _products(about: About, sql: str, color: str) -> table.Panel:
    return rows(
        about,
        [WarehouseQuery(sql)],
        [
            Column("product", "Product"),
            count("sold", "Items sold", look=bar(color)),
            money("revenue", "Revenue", 120),
            count("cafes", "Cafés", 80),
        ],
    )
