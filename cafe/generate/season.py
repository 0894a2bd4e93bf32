"""Some months of sales of the whole chain, with realistic events, for the preview of the dashboards.

The same day gives the same files on any machine. Older sales are one file per café and week; the last nights are one
file each.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from cafe.drop_keys import drop_key
from cafe.generate.cafes import ISLE_OF_WIGHT, KNOWN_CAFES, Cafe, board
from cafe.generate.dialects import NAMED_DIALECTS, Dialect, Feed
from cafe.generate.expectation import BranchFile
from cafe.generate.faults import Fault, FaultPlan, every_nth
from cafe.generate.filenames import Renaming, file_name
from cafe.generate.history import BranchDay, branch_day_orders
from cafe.generate.orders import Item, Order

SEED = 7
DAYS = 90
# Each café sells a third of its usual orders. The dashboards look the same, and loading takes a third of the time.
SHARE = 3
NIGHTS = 10

# Percent of a usual day, from Monday: busier towards the end of the week.
_WEEKDAYS = (86, 92, 97, 104, 116, 128, 77)
# The random difference of a café's day from that, in percent.
_VARIATION = 9

# Price rises in all cafés: pence, and how many days ago.
_RISES: Mapping[str, tuple[int, int]] = {"Flat white": (20, 45), "Chai latte": (15, 24), "Latte": (10, 12)}
# A wrong price for a café's most popular product: the café, days ago, and pence too much (negative: too little).
_WRONG_CHARGES: Mapping[tuple[str, int], int] = {("Birmingham", 2): 60, ("Edinburgh", 4): -100, ("Bradford", 9): 45}
# Unusual days: the café, days ago, and percent of a usual day. For example a power cut or a street party.
_UNUSUAL: Mapping[tuple[str, int], int] = {("Bristol", 4): 18, ("Brighton", 6): 290, ("Birmingham", 19): 22}
# Files that did not arrive: the café, days ago.
_MISSING = {("Sheffield", 1), ("Newcastle upon Tyne", 1), ("Birmingham", 8)}
# Files with broken rows: the café, days ago, every n-th row, and the faults.
_BROKEN: Mapping[tuple[str, int], tuple[int, tuple[Fault, ...]]] = {
    ("Nottingham", 1): (6, (Fault.ITEM_WITHOUT_PRICE, Fault.TOTAL_MISMATCH, Fault.BAD_DATE, Fault.UNKNOWN_PAYMENT)),
    ("London Soho", 1): (19, (Fault.TOTAL_MISMATCH,)),
    ("Longridge", 2): (14, (Fault.ITEMS_NOT_SEPARATED, Fault.MISSING_CELL)),
    ("Nottingham", 5): (21, (Fault.NEGATIVE_TOTAL, Fault.ITEM_WITHOUT_PRICE)),
}
# A file that was sent again under another name, with one order missing.
_SENT_AGAIN = ("London Camden", 3)
# A café that the chain took over. The export of its old system is not a branch file.
_NEWCOMER = Cafe("Epsom", 40, products=5)
_OF_FEED_A = Dialect(feed=Feed.A)
_GENUINE = Dialect()
_CAFES = (ISLE_OF_WIGHT, *KNOWN_CAFES)


@dataclass(frozen=True, slots=True)
class _Night:
    """A café's day and how many days ago it is; yesterday is 1."""

    branch_day: BranchDay
    days_ago: int

    @property
    def name(self) -> str:
        return self.branch_day.cafe.name

    @property
    def week(self) -> tuple[int, int]:
        """What shares a file: the calendar week, or the day itself for the last nights."""
        if self.days_ago <= NIGHTS:
            return 0, self.days_ago
        return self.branch_day.day.isocalendar()[:2]


def season(last_day: date, *, days: int = DAYS, share: int = SHARE) -> Iterator[tuple[str, BranchFile]]:
    """Yield key and content of each file of `days` days; `share` divides the numbers of orders."""
    for cafe in _CAFES:
        dialect = _OF_FEED_A if cafe is ISLE_OF_WIGHT else _GENUINE
        nights = [
            night for night in _nights(cafe, last_day, days, share) if (night.name, night.days_ago) not in _MISSING
        ]
        for _, together in groupby(nights, key=lambda night: night.week):
            part = list(together)
            orders = tuple(order for night in part for order in _orders(night))
            yield _key(part[-1], dialect), BranchFile(orders, dialect, _faults(part[-1]))
            if (cafe.name, part[-1].days_ago) == _SENT_AGAIN:
                yield _key(part[-1], dialect, Renaming.COPY), BranchFile(orders[:-1], dialect)
    foreign = NAMED_DIALECTS["foreign"].dialect
    newcomer = _Night(BranchDay(_NEWCOMER, last_day, _NEWCOMER.orders_a_day // share, Feed.B, SEED), 1)
    yield _key(newcomer, foreign), BranchFile(tuple(_orders(newcomer)), foreign)


def _nights(cafe: Cafe, last_day: date, days: int, share: int) -> Iterator[_Night]:
    feed = Feed.A if cafe is ISLE_OF_WIGHT else Feed.B
    for days_ago in range(days, 0, -1):
        day = last_day - timedelta(days=days_ago - 1)
        variation = random.Random(f"{SEED}/{cafe.name}/{day}").randint(100 - _VARIATION, 100 + _VARIATION)
        percent = _UNUSUAL.get((cafe.name, days_ago), _WEEKDAYS[day.weekday()])
        orders = cafe.orders_a_day * percent * variation // (10_000 * share)
        yield _Night(BranchDay(cafe, day, orders, feed, SEED), days_ago)


def _orders(night: _Night) -> Iterator[Order]:
    for order in branch_day_orders(night.branch_day):
        yield order._replace(items=tuple(_charged(item, night) for item in order.items))


def _charged(item: Item, night: _Night) -> Item:
    """Return the item with the price of that day and till."""
    more, since = _RISES.get(item.name, (0, 0))
    pence = item.pence + (more if night.days_ago <= since else 0)
    if item == board(night.branch_day.cafe, night.branch_day.feed)[0]:
        pence += _WRONG_CHARGES.get((night.name, night.days_ago), 0)
    return item._replace(pence=pence)


def _faults(night: _Night) -> FaultPlan | None:
    broken = _BROKEN.get((night.name, night.days_ago))
    return every_nth(*broken) if broken and night.days_ago <= NIGHTS else None


def _key(night: _Night, dialect: Dialect, renaming: Renaming = Renaming.NONE) -> str:
    return drop_key(Path(file_name(night.branch_day, dialect, renaming)))
