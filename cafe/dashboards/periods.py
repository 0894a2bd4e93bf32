"""The period that a board shows, read from Grafana's notation such as now-30d."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cafe.dashboards import BoardError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
RELATIVE = re.compile(r"now(?:-(\d+)([smhdw]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """Two moments with a time zone. Both belong to the period."""

    start: datetime
    end: datetime

    @classmethod
    def before(cls, now: datetime, start: str, end: str = "now") -> Self:
        """Read a board's range, such as now-30d to now, relative to ``now``."""
        return cls(_moment(start, now), _moment(end, now))


def _moment(text: str, now: datetime) -> datetime:
    match = RELATIVE.fullmatch(text)
    if match is None:
        raise BoardError(f"{text!r} is not a time that the boards use.", "Write now, or now-30d.")
    amount, unit = match.groups()
    return now - timedelta(**{UNITS[unit]: int(amount)}) if amount else now
