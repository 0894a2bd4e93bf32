"""The cafés' products and prices (docs/branch-files.md), for invented files only."""

from cafe.generate.dialects import Feed
from cafe.generate.orders import Item

# Name: pence for regular and large. "Hot Chocolate" and "Hot chocolate" are two products.
_REGULAR_AND_LARGE = {
    "Latte": (215, 245),
    "Flavoured latte - Vanilla": (255, 285),
    "Flavoured latte - Caramel": (255, 285),
    "Flavoured latte - Hazelnut": (255, 285),
    "Cappuccino": (215, 245),
    "Americano": (195, 225),
    "Flat white": (215, 245),
    "Cortado": (205, 235),
    "Mocha": (230, 270),
    "Espresso": (150, 180),
    "Filter coffee": (150, 180),
    "Chai latte": (230, 260),
    "Hot chocolate": (220, 290),
    "Flavoured hot chocolate - Caramel": (260, 290),
    "Flavoured hot chocolate - Hazelnut": (260, 290),
    "Flavoured hot chocolate - Vanilla": (260, 290),
    "Luxury hot chocolate": (240, 270),
    "Red Label tea": (120, 180),
    "Iced latte": (235, 285),
    "Flavoured iced latte - Vanilla": (275, 325),
    "Flavoured iced latte - Caramel": (275, 325),
    "Flavoured iced latte - Hazelnut": (275, 325),
    "Iced americano": (215, 250),
    "Frappes - Coffee": (275, 325),
    "Frappes - Strawberries & Cream": (275, 325),
    "Smoothies - Carrot Kick": (200, 250),
    "Smoothies - Berry Beautiful": (200, 250),
    "Smoothies - Glowing Greens": (200, 250),
    "Hot Chocolate": (140, 170),
    "Glass of milk": (70, 110),
    "Speciality Tea - Camomile": (130, 160),
    "Speciality Tea - Darjeeling": (130, 160),
    "Speciality Tea - Earl Grey": (130, 160),
    "Speciality Tea - English breakfast": (130, 160),
    "Speciality Tea - Fruit": (130, 160),
    "Speciality Tea - Green": (130, 160),
    "Speciality Tea - Peppermint": (130, 160),
}

# Feed A's till prints no size for these, and takes the regular price.
_ONE_SIZE_ON_FEED_A = (
    *("Cortado", "Flat white", "Mocha", "Iced ", "Flavoured iced ", "Frappes", "Smoothies"),
    *("Hot Chocolate", "Glass of milk", "Red Label tea", "Speciality Tea"),
)
_ONLY_ON_FEED_A = (
    Item("Regular", "Flavoured latte - Gingerbread", 255),
    Item("Large", "Flavoured latte - Gingerbread", 285),
    Item("", "Frappes - Chocolate Cookie", 275),
    Item("", "Babyccino", 0),
)


def _on_feed_a(name: str, regular: int, large: int) -> tuple[Item, ...]:
    if name.startswith(_ONE_SIZE_ON_FEED_A):
        return (Item("", name, regular),)
    return _on_feed_b(name, regular, large)


def _on_feed_b(name: str, regular: int, large: int) -> tuple[Item, ...]:
    return Item("Regular", name, regular), Item("Large", name, large)


PRODUCT_NAMES = tuple(_REGULAR_AND_LARGE)
MENUS = {
    Feed.A: (
        *(item for name, prices in _REGULAR_AND_LARGE.items() for item in _on_feed_a(name, *prices)),
        *_ONLY_ON_FEED_A,
    ),
    Feed.B: tuple(item for name, prices in _REGULAR_AND_LARGE.items() for item in _on_feed_b(name, *prices)),
}
