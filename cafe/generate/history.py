"""Invent cafés' orders with the shape of real ones, decided by a seed only.

Each branch-day has its own random generator, seeded with its name. So days do not depend on each other, and the same
seed gives the same orders on any machine. The code uses `random` and basic arithmetic only, because the last bit of a
logarithm may differ between machines.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, islice

from cafe.counting import counted
from cafe.generate.cafes import Cafe, board, cafes_of
from cafe.generate.dialects import Feed
from cafe.generate.orders import Item, Order
from cafe.generate.people import CUSTOMERS, feed_a_card, feed_b_card

# The pipeline rejects earlier dates.
FIRST_DAY = date(2000, 1, 1)
# For tests and benches, which need the same bytes on any day. `cafe generate` ends with `yesterday`.
LAST_DAY = date(2026, 11, 20)

_BASKET_SIZES = (1, 2, 3, 4, 5, 6)
_BASKET_SIZE_WEIGHTS = (28, 58, 79, 90, 96, 100)  # cumulative, in percent
_CARD_SHARE = {Feed.A: 0.485, Feed.B: 0.7}
# Relative number of orders by hour: busy at ten and from one to three, quiet in the evening.
_HOUR_WEIGHTS = {8: 7, 9: 9, 10: 14, 11: 10, 12: 11, 13: 16, 14: 16, 15: 10, 16: 8} | dict.fromkeys(range(17, 24), 5)
_SHARED_MINUTES = (
    0.0105  # of a day's orders; each shares its minute with another one, so this makes about 2 % of all orders
)
_SAME_AGAIN = (
    0.03  # of the larger baskets repeat their first item; with other repeats by chance, this makes 23 % of all baskets
)


@dataclass(frozen=True, slots=True)
class BranchDay:
    """One day of one café, and how many orders to invent for it."""

    cafe: Cafe
    day: date
    orders: int
    feed: Feed
    seed: int

    @property
    def opens_at(self) -> datetime:
        """Return the opening time, which feed B puts into the file's name."""
        return datetime.combine(self.day, time(self.cafe.opens))


def yesterday(now: datetime) -> date:
    """Return the last day of which every sale may be in: the day before the moment's own day in UTC.

    The warehouse counts days in UTC too. So files up to this day are neither late nor from the future, at any hour and
    in any time zone.
    """
    return now.astimezone(UTC).date() - timedelta(days=1)


def plan(
    *, feed: Feed, seed: int, branches: int, days: int | None = None, orders: int | None = None, until: date = LAST_DAY
) -> tuple[BranchDay, ...]:
    """Plan branch-days, day by day, up to `until`.

    With `orders`, plan exactly that many: evenly over `days` if it is given, and otherwise over as many days as the
    cafés need to sell them. Without `orders`, each café sells its usual number for `days` days, or for one. Raises
    ValueError if the first day would be before FIRST_DAY.
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
            f"{counted(day_numbers[-1] + 1, 'day')} back from {until} would begin before {FIRST_DAY}, "
            "the first accepted date: take fewer rows or more branches, or say how many days"
        )
    return tuple(
        BranchDay(cafes[index % branches], date.fromordinal(first + day_numbers[index]), count, feed, seed)
        for index, count in enumerate(counts)
        if count > 0
    )


def orders_of(branch_days: Iterable[BranchDay]) -> Iterator[Order]:
    """Invent the orders of all branch-days, one after another. Each branch-day is sorted by time."""
    for branch_day in branch_days:
        yield from branch_day_orders(branch_day)


def branch_day_orders(branch_day: BranchDay) -> list[Order]:
    """Invent the orders of one café's day, sorted by time."""
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
    """Fill a basket for each order. Popular items are frequent, and some baskets repeat an item."""
    items, weights = _popularity(branch_day.cafe, branch_day.feed)
    sizes = rng.choices(_BASKET_SIZES, cum_weights=_BASKET_SIZE_WEIGHTS, k=branch_day.orders)
    taken = iter(rng.choices(items, cum_weights=weights, k=sum(sizes)))
    for size in sizes:
        basket = tuple(islice(taken, size))
        yield basket if size == 1 or rng.random() >= _SAME_AGAIN else (*basket[:-1], basket[0])


@lru_cache(maxsize=1_000)
def _popularity(cafe: Cafe, feed: Feed) -> tuple[tuple[Item, ...], tuple[int, ...]]:
    """Return the café's items, most popular first, and their cumulative weights."""
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
    """Return the sorted minutes of the orders. None repeats unless there are more orders than minutes."""
    minutes: list[int] = []
    for hour, count in _orders_by_hour(branch_day.cafe.opens, branch_day.cafe.closes, branch_day.orders):
        full, rest = divmod(count, 60)
        minutes += [hour * 60 + minute for minute in (*range(60),) * full]
        minutes += [hour * 60 + minute for minute in rng.sample(range(60), rest)]
    minutes.sort()
    return minutes


@lru_cache(maxsize=1_000)
def _orders_by_hour(opens: int, closes: int, orders: int) -> tuple[tuple[int, int], ...]:
    """Divide a day's orders among its hours. No minute gets a second order while another minute is free."""
    counts = dict.fromkeys(range(opens, closes), 0)
    to_place, room = orders, 0
    while to_place:
        if all(count >= room for count in counts.values()):
            room += 60
        open_hours = [hour for hour, count in counts.items() if count < room]
        weight = sum(_HOUR_WEIGHTS[hour] for hour in open_hours)
        batch = to_place
        for hour in sorted(open_hours, key=lambda hour: -_HOUR_WEIGHTS[hour]):
            # At least one, so that rounding down never leaves orders without an hour.
            share = min(max(1, batch * _HOUR_WEIGHTS[hour] // weight), room - counts[hour], to_place)
            counts[hour] += share
            to_place -= share
    return tuple(counts.items())


def _cut(counts: list[int], total: int) -> list[int]:
    """Keep the first counts up to a total, and cut the one that would exceed it."""
    before = accumulate(counts, initial=0)
    return [max(0, min(count, total - sold)) for count, sold in zip(counts, before, strict=False)]


def _spread(total: int, parts: int) -> list[int]:
    """Split a total evenly: parts differ by at most one."""
    each, extra = divmod(total, parts)
    return [each + (part < extra) for part in range(parts)]
