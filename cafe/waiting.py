"""Pauses for waiting: short ones at first, then longer ones, and a steady rate."""

import time
from collections.abc import Callable, Iterable, Iterator


def growing_pauses(first_seconds: float, longest_seconds: float, growth: float = 1.5) -> Iterator[float]:
    """Yield pauses for ever, each ``growth`` times the one before, up to the longest."""
    pause = first_seconds
    while True:
        yield pause
        pause = min(pause * growth, longest_seconds)


def paced[T](
    items: Iterable[T],
    per_second: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[T]:
    """Yield items at most ``per_second``. Lost time is not made up for."""
    due = clock()
    for item in items:
        if (wait := due - clock()) > 0:
            sleep(wait)
        due = max(due, clock()) + 1 / per_second
        yield item
