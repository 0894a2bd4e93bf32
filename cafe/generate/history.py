"""Invent what cafés sold: days of orders with the shape of real ones, settled by a seed alone.

Every branch-day has a random generator of its own, seeded with its name, so that days do not depend on each other and
the same seed gives the same orders on any machine. Only `random` and the four operations are used: a logarithm may
differ in its last bit from one machine to the next.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, islice

from cafe.generate.cafes import Cafe, board, cafes_of
from cafe.generate.dialects import Feed
from cafe.generate.orders import Item, Order
from cafe.generate.people import CUSTOMERS, feed_a_card, feed_b_card

# Dates before this are refused by the pipeline, and no till is older.
FIRST_DAY = date(2000, 1, 1)
# A fixed day, not today: the same command writes the same bytes tomorrow.
LAST_DAY = date(2026, 11, 20)

_BASKET_SIZES = (1, 2, 3, 4, 5, 6)
_BASKET_SIZE_WEIGHTS = (28, 58, 79, 90, 96, 100)  # cumulated, in percent
_CARD_SHARE = {Feed.A: 0.485, Feed.B: 0.7}
# How many orders come in an hour compared to others: coffee at ten, lunch from one to three, a quiet evening.
_HOUR_WEIGHTS = {8: 7, 9: 9, 10: 14, 11: 10, 12: 11, 13: 16, 14: 16, 15: 10, 16: 8} | dict.fromkeys(range(17, 24), 5)
_SHARED_MINUTES = 0.0105  # of a day's orders; each shares its minute with one other, so about 2 % of orders do
_SAME_AGAIN = 0.03  # of the larger baskets end as they began; with chance, 23 % of all then repeat an item


@dataclass(frozen=True, slots=True)
class BranchDay:
    """One café's day: how many orders to invent for it."""

    cafe: Cafe
    day: date
    orders: int
    feed: Feed
    seed: int

    @property
    def opens_at(self) -> datetime:
        """Return the time of day that feed B puts into the file's name."""
        return datetime.combine(self.day, time(self.cafe.opens))


def plan(
    *, feed: Feed, seed: int, branches: int, days: int | None = None, orders: int | None = None, until: date = LAST_DAY
) -> tuple[BranchDay, ...]:
    """Plan branch-days, one day after another, the last one being `until`.

    With `orders`, exactly that many in all: spread evenly over `days` if given, or else over as many days as the cafés
    need to sell them, the last one cut short. Without, each café sells what it usually does, on one day or `days`.
    Raises ValueError if there is no such history.
    """
    cafes = cafes_of(feed, branches)
    counts = [cafe.orders_a_day for cafe in cafes]
    if orders is None:
        counts *= days or 1
    elif days is None:
        counts = _cut(counts * -(-orders // sum(counts)), orders)
    else:
        counts = _spread(orders, days * branches)
    day_numbers = [index // branches for index in range(len(counts))]
    first = until.toordinal() - max(day_numbers, default=0)
    if first < FIRST_DAY.toordinal():
        raise ValueError(
            f"{day_numbers[-1] + 1:,} days back from {until} would begin before {FIRST_DAY}, where history begins: "
            "take fewer rows or more branches, or say how many days"
        )
    return tuple(
        BranchDay(cafes[index % branches], date.fromordinal(first + day_numbers[index]), count, feed, seed)
        for index, count in enumerate(counts)
        if count > 0
    )


def orders_of(branch_days: Iterable[BranchDay]) -> Iterator[Order]:
    """Invent the orders of branch-days, in their order; each branch-day's are sorted by time."""
    for branch_day in branch_days:
        yield from branch_day_orders(branch_day)


def branch_day_orders(branch_day: BranchDay) -> list[Order]:
    """Invent one café's day, sorted by time."""
    feed, branch, count = branch_day.feed, branch_day.cafe.name, branch_day.orders
    rng = random.Random(f"{branch_day.seed}/{feed}/{branch_day.day}/{branch}")
    card = feed_a_card if feed is Feed.A else feed_b_card
    card_share = _CARD_SHARE[feed]
    times = _feed_a_times(branch_day, rng) if feed is Feed.A else _feed_b_times(branch_day, rng)
    customers = rng.choices(CUSTOMERS, k=count)
    orders = []
    for ordered_at, customer, items in zip(times, customers, _baskets(branch_day, rng), strict=True):
        if rng.random() < card_share:
            kind, number = card(rng)
            orders.append(Order(branch, ordered_at, customer, items, "CARD", number, kind))
        else:
            orders.append(Order(branch, ordered_at, customer, items, "CASH", "", ""))
    return orders


def _baskets(branch_day: BranchDay, rng: random.Random) -> Iterator[tuple[Item, ...]]:
    """Fill a basket for each order: popular items often, and some people take the same again."""
    items, weights = _popularity(branch_day.cafe, branch_day.feed)
    sizes = rng.choices(_BASKET_SIZES, cum_weights=_BASKET_SIZE_WEIGHTS, k=branch_day.orders)
    taken = iter(rng.choices(items, cum_weights=weights, k=sum(sizes)))
    for size in sizes:
        basket = tuple(islice(taken, size))
        yield basket if size == 1 or rng.random() >= _SAME_AGAIN else (*basket[:-1], basket[0])


@lru_cache(maxsize=1_000)
def _popularity(cafe: Cafe, feed: Feed) -> tuple[tuple[Item, ...], tuple[int, ...]]:
    """Return what the café sells and how likely each item is, as cumulated weights: the first sells most."""
    items = board(cafe, feed)
    return items, tuple(accumulate(1_000 // (rank + 10) for rank in range(len(items))))


def _feed_b_times(branch_day: BranchDay, rng: random.Random) -> list[datetime]:
    """Return sorted times in whole minutes; about 2 % of the orders share a minute, as in real files."""
    minutes = _minutes(branch_day, rng)
    if len(minutes) > 1:
        for place in rng.choices(range(1, len(minutes)), k=round(len(minutes) * _SHARED_MINUTES)):
            minutes[place] = minutes[place - 1]
    clock = _minutes_of_the_day(branch_day.day)
    return [clock[minute] for minute in minutes]


def _feed_a_times(branch_day: BranchDay, rng: random.Random) -> list[datetime]:
    """Return sorted times with seconds: one order a minute, unless there are more orders than minutes."""
    clock = _minutes_of_the_day(branch_day.day)
    return sorted(clock[minute].replace(second=rng.randrange(60)) for minute in _minutes(branch_day, rng))


@lru_cache(maxsize=2)
def _minutes_of_the_day(day: date) -> tuple[datetime, ...]:
    midnight = datetime.combine(day, time())
    return tuple(midnight + timedelta(minutes=minute) for minute in range(24 * 60))


def _minutes(branch_day: BranchDay, rng: random.Random) -> list[int]:
    """Return the minute of the day of each order, sorted; none twice unless there are more orders than minutes."""
    minutes: list[int] = []
    for hour, count in _orders_by_hour(branch_day.cafe.opens, branch_day.cafe.closes, branch_day.orders):
        full, rest = divmod(count, 60)
        minutes += [hour * 60 + minute for minute in (*range(60),) * full]
        minutes += [hour * 60 + minute for minute in rng.sample(range(60), rest)]
    minutes.sort()
    return minutes


@lru_cache(maxsize=1_000)
def _orders_by_hour(opens: int, closes: int, orders: int) -> tuple[tuple[int, int], ...]:
    """Share a day's orders among its hours; an hour takes no second order a minute while another has a minute free."""
    counts = dict.fromkeys(range(opens, closes), 0)
    to_place, room = orders, 0
    while to_place:
        if all(count >= room for count in counts.values()):
            room += 60
        open_hours = [hour for hour, count in counts.items() if count < room]
        weight = sum(_HOUR_WEIGHTS[hour] for hour in open_hours)
        batch = to_place
        for hour in sorted(open_hours, key=lambda hour: -_HOUR_WEIGHTS[hour]):
            # At least one: so that rounding down never leaves a few orders without an hour.
            share = min(max(1, batch * _HOUR_WEIGHTS[hour] // weight), room - counts[hour], to_place)
            counts[hour] += share
            to_place -= share
    return tuple(counts.items())


def _cut(counts: list[int], total: int) -> list[int]:
    """Keep the first counts up to a total; the one that would pass it is cut."""
    before = accumulate(counts, initial=0)
    return [max(0, min(count, total - sold)) for count, sold in zip(counts, before, strict=False)]


def _spread(total: int, parts: int) -> list[int]:
    """Split a total evenly: no part differs from another by more than one."""
    each, extra = divmod(total, parts)
    return [each + (part < extra) for part in range(parts)]
