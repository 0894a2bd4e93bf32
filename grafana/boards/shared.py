"""Panels that stand on more than one board, about the cafés that are chosen there."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models.common import TableCellBackgroundDisplayMode, TableColoredBackgroundCellOptions
from grafana_foundation_sdk.models.dashboard import FieldColorModeId

from grafana.columns import BLUE, COUNT, GREEN, ORANGE, PLAIN, POUNDS, Column, Look, bar, count, money
from grafana.panels import About, figures, over_time, rows
from grafana.queries import first, statement
from grafana.redshift import Ask

# The café's own board, with the same period. Grafana fills in the row's café and the address's escapes.
TO_THE_CAFE = Look(link="/d/cafe-detail?${__url_time_range}&var-cafe=${__value.text:percentencode}")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def key_figures() -> stat.Panel:
    """What was sold, and how that compares."""
    return figures(
        About(
            "Key figures",
            "What the chosen cafés sold in the period. The percentage compares with the same number of days before, "
            "moved back by whole weeks so that Mondays meet Mondays, and without the days that have no sales yet. "
            "Cafés that opened or closed in between count as they traded: for a fair comparison see Like for like.",
            POUNDS,
            2,
        ),
        [Ask(statement("key_figures"))],
        [
            money("revenue", "Revenue"),
            count("orders", "Orders"),
            money("average_spend", "Average spend"),
            Column("items_an_order", "Items per order", PLAIN, 2),
        ],
        with_change=True,
    )


def like_for_like() -> stat.Panel:
    """The fair comparison."""
    return figures(
        About(
            "Like for like",
            "Revenue and orders of those café-days of the period on which the café also traded a week before, and "
            "the change against then. A café that was closed on either day counts on neither side, so openings, "
            "closures and files that have not arrived do not distort it.",
            POUNDS,
            2,
        ),
        [Ask(statement("like_for_like"))],
        [money("revenue", "Revenue"), count("orders", "Orders")],
        with_change=True,
    )


def busy_hours() -> table.Panel:
    """Hours by weekdays, the busier the darker."""
    shaded = Look(cell=TableColoredBackgroundCellOptions(mode=TableCellBackgroundDisplayMode.BASIC))
    return rows(
        About(
            "Busiest hours",
            "Orders in each hour of the till's clock, as a mean over the Mondays, Tuesdays and so on of the period "
            "on which a chosen café sold. The darker, the busier: staff these hours first.",
            COUNT,
            0,
        ),
        [Ask(statement("busy_hours"))],
        [Column("hour", "Hour", width=80), *(count(day.lower(), day, look=shaded) for day in WEEKDAYS)],
        scheme=FieldColorModeId.CONTINUOUS_BLUES,
    )


def payment_mix() -> timeseries.Panel:
    """Card and cash."""
    return over_time(
        About(
            "Card and cash",
            "Revenue by how customers paid, by day. The total of cash is what there is to bank for the period.",
            POUNDS,
            2,
        ),
        [Ask(statement("payment_by_day"), series=True)],
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
            "The products of which the chosen cafés sold most items in the period. Sizes and flavours are merged.",
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
            "The products of which the chosen cafés sold fewest items in the period, of those that they sold at all. "
            "Sizes and flavours are merged; Cafés says how many of them sell it.",
            COUNT,
            0,
        ),
        first("products", "sold, product", limit),
        BLUE,
    )


def _products(about: About, sql: str, color: str) -> table.Panel:
    return rows(
        about,
        [Ask(sql)],
        [
            Column("product", "Product"),
            count("sold", "Items sold", look=bar(color)),
            money("revenue", "Revenue", 120),
            count("cafes", "Cafés", 80),
        ],
    )
