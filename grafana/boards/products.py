"""Products: what sells, in which size and flavour, with what, and for how much."""

from grafana_foundation_sdk.builders import bargauge, table
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.shared import CAFE_ID, TO_THE_CAFE, best_products, worst_products
from grafana.columns import (
    BLUE,
    COUNT,
    DAY,
    GAIN_OR_LOSS,
    MONTH,
    ORANGE,
    POUNDS,
    Column,
    bar,
    count,
    money,
)
from grafana.layout import Board, Section, cafe_variable, lay_out
from grafana.panels import About, bars, rows
from grafana.queries import statement
from grafana.redshift import WarehouseQuery

PRODUCTS = 12
KIND = (
    Column("product", "Product"),
    Column("size", "Size", width=80, empty_text="–"),
    Column("flavour", "Flavour", width=100, empty_text="–"),
)


def board() -> Dashboard:
    """Build the board."""
    return lay_out(
        Board(
            uid="products",
            title="Products",
            description="What sells best and worst, in which sizes and flavours, what is bought together, and prices.",
            since="now-30d",
            variables=[cafe_variable(several=True)],
            sections=[
                Section("Best and worst", [(14, [(best_products(PRODUCTS), 12), (worst_products(PRODUCTS), 12)])]),
                Section("In each café", [(11, [(_ranks(), 24)])]),
                Section("How they are taken", [(9, [(_sizes(), 6), (_flavours(), 8), (_pairs(), 10)])]),
                Section("Prices", [(12, [(_prices(), 13), (_changes(), 11)]), (9, [(_charges(), 24)])]),
            ],
        )
    )


def _ranks() -> table.Panel:
    return rows(
        About(
            "Best and worst in each café",
            "The product that each chosen café sold most of in a month, and the one that it sold least of. Months are "
            "always whole, even if the period covers only some of their days. Click a café to open it.",
            COUNT,
            0,
        ),
        [WarehouseQuery(statement("best_of_month"))],
        [
            Column("month", "Month", MONTH, width=100),
            CAFE_ID,
            Column("cafe", "Café", look=TO_THE_CAFE),
            Column("best_product", "Best-selling"),
            count("best_sold", "Most items", 160, bar(ORANGE)),
            Column("worst_product", "Worst-selling"),
            count("worst_sold", "Fewest items", 110),
        ],
    )


def _sizes() -> bargauge.Panel:
    return bars(
        About("Sizes", "Items sold by size, over all products of the chosen cafés.", COUNT, 0),
        [WarehouseQuery(statement("sizes"))],
        ORANGE,
    )


def _flavours() -> bargauge.Panel:
    return bars(
        About("Flavours", "Items sold by flavour, over all products of the chosen cafés.", COUNT, 0),
        [WarehouseQuery(statement("flavours"))],
        BLUE,
    )


def _pairs() -> table.Panel:
    return rows(
        About(
            "Bought together",
            "Pairs of products that were most often in the same order. Use them to decide what to offer together.",
            COUNT,
            0,
        ),
        [WarehouseQuery(statement("bought_together"))],
        [
            Column("product", "Product"),
            Column("other_product", "Together with"),
            count("orders", "Orders", 150, bar(ORANGE)),
        ],
    )


def _prices() -> table.Panel:
    return rows(
        About(
            "Price list",
            "What all cafés charge, whichever are chosen. Usual is the price of most items on the last day on which "
            "the product sold. Lowest and highest are those of the whole period.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("prices"))],
        [
            *KIND,
            money("usual_price", "Usual", 85),
            money("lowest_price", "Lowest", 85),
            money("highest_price", "Highest", 85),
            count("sold", "Items sold", 95),
        ],
    )


def _changes() -> table.Panel:
    return rows(
        About(
            "Price changes",
            "The days on which the usual price of a product rose or fell. All cafés count, whichever are chosen.",
            POUNDS,
            2,
            empty_text="None",
        ),
        [WarehouseQuery(statement("price_changes"))],
        [
            Column("day", "From", DAY, width=125),
            *KIND,
            money("price_before", "Before", 70),
            money("price", "Now", 70),
            money("difference", "Change", 70),
        ],
    )


def _charges() -> table.Panel:
    return rows(
        About(
            "Charges that are not the usual price",
            "Where a chosen café charged a price that differs from most sales of that product on that day, the largest "
            "difference first. Difference is the total over all items; red means that too little was charged. The till "
            "may have an old price.",
            POUNDS,
            2,
            empty_text="None",
        ),
        [WarehouseQuery(statement("unusual_charges"))],
        [
            Column("day", "Day", DAY, width=130),
            CAFE_ID,
            Column("cafe", "Café", look=TO_THE_CAFE),
            *KIND,
            money("usual_price", "Usual", 90),
            money("unit_price", "Charged", 90),
            count("sold", "Items", 80),
            money("difference", "Difference", 110, GAIN_OR_LOSS),
        ],
    )
