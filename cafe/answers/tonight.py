"""Which cafés are expected tonight, which have reported, and which are missing, from the marts alone.

A night lasts from noon to noon in UTC. Its name is the day on which it begins: the day whose sales arrive in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from cafe.warehouse.port import Warehouse
from cafe.warehouse.sql import statement

# The alarm about missing cafés looks back as far.
MISSED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CafeDay:
    """A day on which a café is expected, by its own history.

    ``usually_in`` is the time of day, in UTC, at which its file arrives on average; None if it was not queried or is
    not known.
    """

    cafe: str
    day: date
    usual_orders: int
    is_in: bool
    is_due: bool
    last_sale_at: datetime
    usually_in: str | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row that has a day."""
        return cls(
            cafe=row["cafe"],
            day=row["day"].date(),
            usual_orders=round(row["usual_orders"]),
            is_in=row["orders"] > 0,
            is_due=bool(row["is_due"]),
            last_sale_at=row["last_sale_at"],
        )

    @property
    def is_missing(self) -> bool:
        """Whether it is late. A café that is not due yet is not missing."""
        return self.is_due and not self.is_in


@dataclass(frozen=True, slots=True)
class Tonight:
    """Tonight, by the marts. ``missing`` looks back as far as the alarm; ``newest_sale_at`` is a till's local time."""

    night: date
    expected: int
    reported: int
    missing: tuple[CafeDay, ...]
    newest_sale_at: datetime | None

    @property
    def awaited(self) -> int:
        """How many cafés have not reported and are not due yet."""
        return self.expected - self.reported - sum(cafe.day == self.night for cafe in self.missing)


def night_of(moment: datetime) -> date:
    """Return the night that a moment in UTC belongs to."""
    return (moment - timedelta(hours=12)).date()


def query_tonight(warehouse: Warehouse, now: datetime) -> Tonight:
    """Query the marts: one statement, and another if a café is missing. Raises MissingRelation without marts."""
    since = (now - MISSED_WITHIN).date()
    rows = warehouse.query(statement("cafes_and_nights"), {"since": f"{since}"}).as_dicts()
    tonight = tonight_of(rows, now)
    if not tonight.missing:
        return tonight
    earliest = min(cafe.day for cafe in tonight.missing)
    usual = warehouse.query(statement("usual_arrivals"), {"day": f"{earliest}"}).as_dicts()
    return with_usual_times(tonight, usual)


def tonight_of(rows: Iterable[Mapping[str, Any]], now: datetime) -> Tonight:
    """Count the rows of ``cafes_and_nights``."""
    rows = list(rows)
    night = night_of(now)
    days = [CafeDay.from_row(row) for row in rows if row["day"] is not None]
    expected = [cafe for cafe in days if cafe.day == night]
    missing = sorted((cafe for cafe in days if cafe.is_missing), key=lambda cafe: (-cafe.day.toordinal(), cafe.cafe))
    return Tonight(
        night,
        expected=len(expected),
        reported=sum(cafe.is_in for cafe in expected),
        missing=tuple(missing),
        newest_sale_at=max((row["last_sale_at"] for row in rows), default=None),
    )


def with_usual_times(tonight: Tonight, rows: Iterable[Mapping[str, Any]]) -> Tonight:
    """Add to the missing cafés when their files usually arrive, from the rows of ``usual_arrivals``."""
    minutes = {row["cafe"]: row["minutes"] for row in rows}
    missing = (
        replace(cafe, usually_in=_time_of_day(minutes[cafe.cafe])) if cafe.cafe in minutes else cafe
        for cafe in tonight.missing
    )
    return replace(tonight, missing=tuple(missing))


def _time_of_day(minutes: int) -> str:
    days, rest = divmod(minutes, 24 * 60)
    return f"{rest // 60:02d}:{rest % 60:02d}" + (" the next day" if days else "")
