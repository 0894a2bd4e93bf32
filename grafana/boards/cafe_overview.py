"""Café overview: how the chain is doing, at a glance."""

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.shared import CAFE, CAFE_ID, busy_hours, key_figures, payment_mix, products
from grafana.columns import COUNT, GREY, MOMENT, ORANGE, POUNDS, Column, Look, bar, change, count, money, wrapped
from grafana.layout import Board, Section, cafe_variable, lay_out
from grafana.panels import About, over_time, rows
from grafana.queries import statement
from grafana.redshift import WarehouseQuery


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
                Section("At a glance", [(6, [(_newest_day(), 6), (key_figures(), 18)])]),
                Section("Day by day", [(10, [(_revenue(), 16), (payment_mix(), 8)])]),
                Section("Cafés and products", [(21, [(_cafes(), 12), (products(), 12)])]),
                Section("Hours", [(15, [(busy_hours(), 24)])]),
            ],
        )
    )


def _newest_day() -> table.Panel:
    return rows(
        About(
            "The newest day in words",
            "The café that did best on the newest day of the period, and the one that did worst, of all cafés, "
            "whichever are chosen. Each is compared with its usual revenue: the mean of the same weekday in the four "
            "weeks before. A café that sold on fewer than three of these days is not compared. Days of the last "
            "60 only.",
            COUNT,
            0,
            empty_text="No café has sold in this period.",
        ),
        [WarehouseQuery(statement("best_and_worst"))],
        [Column("sentence", "In words", look=wrapped())],
        with_titles=False,
    )


def _revenue() -> timeseries.Panel:
    panel = over_time(
        About(
            "Revenue by day and café",
            "Revenue of each day in pounds: the five chosen cafés that sold most in the period, and all others "
            "together. If a colour is missing, the café did not sell or its file has not arrived: the board Pipeline "
            "shows which.",
            POUNDS,
            0,
        ),
        [WarehouseQuery(statement("revenue_by_day"), series=True)],
        stacked_bars=True,
        name="${__field.labels.cafe}",
        totals=["sum"],
        many=True,
    )
    return panel.override_by_regexp("/^The other \\d+ cafés$/", Column("", "", look=Look(color=GREY)).properties())


def _cafes() -> table.Panel:
    return rows(
        About(
            "Cafés from best to worst",
            "The chosen cafés, the one with the most revenue first. Week on week is the change in revenue against the "
            "same weekdays a week before. It counts only days on which the café traded both times, and is empty if "
            "there are none. Last sale shows how fresh the café's data is. Click a café to open it, or a column's "
            "title to sort by it.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("cafes"))],
        [
            CAFE_ID,
            CAFE,
            money("revenue", "Revenue", 175, bar(ORANGE)),
            change("change", "Week on week", 115),
            count("orders", "Orders", 80),
            Column("last_sale_at", "Last sale", MOMENT, width=150),
        ],
    )
