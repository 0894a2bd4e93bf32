"""Products: what sells, in which size and flavour, with what, and for how much."""

from grafana_foundation_sdk.builders import bargauge, table
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.shared import TO_THE_CAFE, best_products, worst_products
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
from grafana.redshift import Ask

PRODUCTS = 12
KIND = (
    Column("product", "Product"),
    Column("size", "Size", width=80, nothing="–"),
    Column("flavour", "Flavour", width=100, nothing="–"),
)


def board() -> Dashboard:
    """Build the board."""
    return lay_out(
        Board(
            uid="products",
            title="Products",
            description="What sells best and worst, in which size and flavour, together with what, and for how much.",
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
            "The product that each chosen café sold most of in a month, and the one that it sold least of; whole "
            "months, also where the period holds only some of their days. Click a café to open it.",
            COUNT,
            0,
        ),
        [Ask(statement("best_of_month"))],
        [
            Column("month", "Month", MONTH, width=100),
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
        [Ask(statement("sizes"))],
        ORANGE,
    )


def _flavours() -> bargauge.Panel:
    return bars(
        About("Flavours", "Items sold by flavour, over all products of the chosen cafés.", COUNT, 0),
        [Ask(statement("flavours"))],
        BLUE,
    )


def _pairs() -> table.Panel:
    return rows(
        About(
            "Bought together",
            "Pairs of products that stood in most orders of the chosen cafés: what to offer with what.",
            COUNT,
            0,
        ),
        [Ask(statement("bought_together"))],
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
            "What is charged in all cafés, whichever are chosen. Usual is the price of most items on the last day on "
            "which it sold; lowest and highest are of the whole period.",
            POUNDS,
            2,
        ),
        [Ask(statement("prices"))],
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
            "From which day on a product became dearer or cheaper in most sales of all cafés, whichever are chosen.",
            POUNDS,
            2,
            nothing="None",
        ),
        [Ask(statement("price_changes"))],
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
            "Where a chosen café charged another price than most sales of that product on that day, the largest "
            "differences first. Red was charged too little, in pounds over all items: a till may have an old price.",
            POUNDS,
            2,
            nothing="None",
        ),
        [Ask(statement("unusual_charges"))],
        [
            Column("day", "Day", DAY, width=130),
            Column("cafe", "Café", look=TO_THE_CAFE),
            *KIND,
            money("usual_price", "Usual", 90),
            money("unit_price", "Charged", 90),
            count("sold", "Items", 80),
            money("difference", "Difference", 110, GAIN_OR_LOSS),
        ],
    )
