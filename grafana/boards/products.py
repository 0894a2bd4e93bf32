"""Products: what sells, in which size and flavour, with what, and for how much."""

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.shared import CAFE, CAFE_ID, products
from grafana.columns import (
    BLUE,
    COUNT,
    DAY,
    MONTH,
    ORANGE,
    POUNDS,
    Column,
    bar,
    called,
    count,
    difference,
    money,
)
from grafana.layout import Board, Section, cafe_variable, lay_out
from grafana.panels import About, rows
from grafana.queries import statement
from grafana.redshift import WarehouseQuery

KIND = (
    called("product", "Product"),
    Column("size", "Size", width=80, empty_text="–"),
    Column("flavour", "Flavour", width=140, empty_text="–"),
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
                Section("Best and worst", [(21, [(products(), 10), (_ranks(), 14)])]),
                Section("How they are taken", [(11, [(_sizes_and_flavours(), 12), (_pairs(), 12)])]),
                Section("Prices", [(12, [(_prices(), 24)]), (6, [(_changes(), 24)]), (6, [(_charges(), 24)])]),
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
            CAFE_ID,
            CAFE,
            Column("month", "Month", MONTH, width=80),
            called("best_product", "Best-selling"),
            count("best_sold", "Most", 70),
            called("worst_product", "Worst-selling"),
            count("worst_sold", "Fewest", 75),
        ],
    )


def _sizes_and_flavours() -> table.Panel:
    return rows(
        About(
            "Sizes and flavours",
            "Items sold by flavour and size, over all products of the chosen cafés. The first line has all flavours.",
            COUNT,
            0,
            empty_text="–",
        ),
        [WarehouseQuery(statement("sizes_and_flavours"))],
        [
            Column("flavour", "Flavour", least_width=140),
            count("sold", "Items sold", 150, bar(BLUE)),
            count("large", "Large", 75),
            count("regular", "Regular", 80),
            count("one_size", "One size", 85),
        ],
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
            called("product", "Product"),
            called("other_product", "Together with"),
            count("orders", "Orders", 150, bar(ORANGE)),
        ],
    )


def _prices() -> table.Panel:
    return rows(
        About(
            "Price list",
            "What all cafés charge, whichever are chosen. Usual is the price of most items on the last day on which "
            "the product sold. Lowest and highest are those of the whole period. Prices are before discounts.",
            POUNDS,
            2,
        ),
        [WarehouseQuery(statement("prices"))],
        [
            *KIND,
            money("usual_price", "Usual", 85),
            money("lowest_price", "Lowest", 85),
            money("highest_price", "Highest", 85),
            count("sold", "Items sold", 100),
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
            Column("day", "From", DAY, width=140),
            *KIND,
            money("price_before", "Before", 90),
            money("price", "Now", 90),
            difference("difference", "Change", 90),
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
            Column("day", "Day", DAY, width=140),
            CAFE_ID,
            CAFE,
            *KIND,
            money("usual_price", "Usual", 90),
            money("unit_price", "Charged", 90),
            count("sold", "Items", 80),
            difference("difference", "Difference", 110),
        ],
    )
