"""The chain's cafés: opening hours, orders a day and products. Invented cafés follow the 19 known ones."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

from cafe.generate.dialects import Feed
from cafe.generate.menu import MENUS, PRODUCT_NAMES
from cafe.generate.orders import Item


@dataclass(frozen=True, slots=True)
class Cafe:
    """One café. `opens` and `closes` are hours; `products` is the number of names on its board (0: the whole menu)."""

    name: str
    orders_a_day: int
    opens: int = 9
    closes: int = 17
    products: int = 6


ISLE_OF_WIGHT = Cafe("Isle of Wight", 540, closes=18, products=0)
KNOWN_CAFES = (
    Cafe("London Brixton", 531, opens=8, closes=21),
    Cafe("Bradford", 411, opens=8, closes=21, products=7),
    Cafe("Bristol", 399, opens=8, closes=21, products=2),
    Cafe("Newcastle upon Tyne", 386, opens=8, closes=21, products=8),
    Cafe("Leeds", 382, products=5),
    Cafe("Edinburgh", 321, products=10),
    Cafe("London Camden", 320),
    Cafe("Nottingham", 305, products=7),
    Cafe("Southend-on-Sea", 305, products=5),
    Cafe("Brighton", 292, products=4),
    Cafe("Chesterfield", 268, products=5),
    Cafe("Longridge", 263, products=9),
    Cafe("Uppingham", 259, products=10),
    Cafe("Birmingham", 254, products=8),
    Cafe("Sheffield", 253, products=2),
    Cafe("London Soho", 232, products=3),
    Cafe("Leicester", 225),
    Cafe("London Piccadilly", 185, products=4),
)
_MORE_TOWNS = (
    *("York", "Bath", "Durham", "Derby", "Hull", "Norwich", "Exeter", "Truro", "Wigan", "Ely"),
    *("Stoke-on-Trent", "Stratford-upon-Avon", "Ashby & Blackfordby", "King's Lynn", "Hay-on-Wye"),
)
# Two products whose names differ in one capital letter. Every café with a large board sells both.
_DIFFERENT_CASE = ("Hot Chocolate", "Hot chocolate")
_LARGE_BOARD = 7


def cafes_of(feed: Feed, number: int) -> tuple[Cafe, ...]:
    """Return that many cafés of a feed: first the known ones, then one in each smaller town, then second ones there."""
    known = (ISLE_OF_WIGHT, *KNOWN_CAFES) if feed is Feed.A else (*KNOWN_CAFES, ISLE_OF_WIGHT)
    return (*known, *islice(_further_cafes(), max(0, number - len(known))))[:number]


def _further_cafes() -> Iterator[Cafe]:
    for turn in count(1):
        for index, town in enumerate(_MORE_TOWNS):
            yield Cafe(town if turn == 1 else f"{town} {turn}", 180 + 17 * index, products=2 + index % 9)


def board(cafe: Cafe, feed: Feed) -> tuple[Item, ...]:
    """Return the café's products, most popular first. They are the same on every day and for every seed."""
    rng = random.Random(f"the board of {cafe.name}")
    names = PRODUCT_NAMES if cafe.products == 0 else _choice(cafe.products, rng)
    sold = [item for item in MENUS[feed] if cafe.products == 0 or item.name in names]
    rng.shuffle(sold)
    return tuple(sold)


def _choice(products: int, rng: random.Random) -> tuple[str, ...]:
    """Pick names for a board, at most two of a kind, so that no café sells only teas."""
    names = rng.sample(PRODUCT_NAMES, len(PRODUCT_NAMES))
    if products >= _LARGE_BOARD:
        names = [*_DIFFERENT_CASE, *names]
    kinds: Counter[str] = Counter()
    chosen: dict[str, None] = {}
    for name in names:
        kind = name.partition(" - ")[0]
        if kinds[kind] < 2 and len(chosen) < products and name not in chosen:
            chosen[name] = None
            kinds[kind] += 1
    return tuple(chosen)
