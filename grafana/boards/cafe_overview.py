"""Café overview: how the chain is doing, at a glance."""

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.shared import (
    CAFE_ID,
    TO_THE_CAFE,
    best_products,
    busy_hours,
    key_figures,
    like_for_like,
    payment_mix,
    worst_products,
)
from grafana.columns import BLUE, MOMENT, ORANGE, POUNDS, Column, bar, change, count, money
from grafana.layout import Board, Section, cafe_variable, lay_out
from grafana.panels import About, over_time, rows
from grafana.queries import first, statement
from grafana.redshift import WarehouseQuery

CAFES, PRODUCTS = 10, 8


def board() -> Dashboard:
    """Build the board."""
    return lay_out(
        Board(
            uid="cafe-overview",
            title="Café overview",
            description="How the cafés are doing: revenue, orders, best and worst. Times are those of the tills.",
            since="now-30d",
            variables=[cafe_variable(several=True)],
            sections=[
                Section("At a glance", [(5, [(key_figures(), 16), (like_for_like(), 8)])]),
                Section("Day by day", [(10, [(_revenue(), 16), (payment_mix(), 8)])]),
                Section(
                    "Cafés",
                    [
                        (
                            12,
                            [
                                (_cafes("Best cafés", "most", "revenue desc", ORANGE), 12),
                                (_cafes("Worst cafés", "least", "revenue", BLUE), 12),
                            ],
                        )
                    ],
                ),
                Section(
                    "Products and hours",
                    [(10, [(best_products(PRODUCTS), 12), (worst_products(PRODUCTS), 12)]), (15, [(busy_hours(), 24)])],
                ),
            ],
        )
    )


def _revenue() -> timeseries.Panel:
    return over_time(
        About(
            "Revenue by day and café",
            "Revenue of each day in pounds, with a colour for each café. If a colour is missing, the café did not sell "
            "or its file has not arrived: the board Pipeline shows which.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("revenue_by_day"), series=True)],
        stacked_bars=True,
        name="${__field.labels.cafe}",
        totals=["sum"],
        many=True,
    )


def _cafes(title: str, which: str, order: str, color: str) -> table.Panel:
    return rows(
        About(
            title,
            f"The {CAFES} chosen cafés with the {which} revenue in the period. Like for like is the change in revenue "
            "against the same weekdays a week before. It counts only days on which the café traded both times, and is "
            "empty if there are none. Last sale shows how fresh the café's data is. Click a café to open it.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(first("cafes", f"{order}, cafe", CAFES))],
        [
            CAFE_ID,
            Column("cafe", "Café", look=TO_THE_CAFE),
            money("revenue", "Revenue", 190, bar(color)),
            change("change", "Like for like", 105),
            count("orders", "Orders", 75),
            Column("last_sale_at", "Last sale", MOMENT, width=140),
        ],
    )
