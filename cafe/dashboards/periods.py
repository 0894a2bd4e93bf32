"""The period that a board shows: from and to, as Grafana writes them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cafe.dashboards import BoardError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
RELATIVE = re.compile(r"now(?:-(\d+)([smhdw]))?")
INTERVAL = re.compile(r"(\d+)([smhdw])")


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment to another, both of them included, both with a time zone."""

    start: datetime
    end: datetime

    @classmethod
    def before(cls, now: datetime, start: str, end: str = "now") -> Self:
        """Read a board's range, such as now-30d to now."""
        return cls(_moment(start, now), _moment(end, now))


def seconds_of(interval: str) -> int:
    """Give the seconds of an interval such as 1h. Months and years, which have no fixed length, are not read."""
    match = INTERVAL.fullmatch(interval)
    if match is None:
        raise BoardError(f"{interval!r} is no interval.", "Write a number and s, m, h, d or w.")
    return int(_span(*match.groups()).total_seconds())


def _moment(text: str, now: datetime) -> datetime:
    match = RELATIVE.fullmatch(text)
    if match is None:
        raise BoardError(f"{text!r} is no time that our boards use.", "Write now, or now-30d.")
    amount, unit = match.groups()
    return now - _span(amount, unit) if amount else now


def _span(amount: str, unit: str) -> timedelta:
    return timedelta(**{UNITS[unit]: int(amount)})
