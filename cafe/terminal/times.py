"""Read spans and moments as people type them."""

import re
from datetime import UTC, datetime, timedelta

from cafe.errors import Misused

SPAN = re.compile(r"(?P<count>\d+)(?P<unit>[smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_span(text: str) -> timedelta | None:
    """Read a span such as 90s, 15m, 1h or 2d; None if the text is not one."""
    match = SPAN.fullmatch(text)
    return timedelta(**{UNITS[match["unit"]]: int(match["count"])}) if match else None


def parse_moment(text: str, now: datetime) -> datetime:
    """Read a moment: an age such as 15m, or an ISO 8601 date or time, in UTC unless it has a zone.

    Raises CafeError.
    """
    if (age := parse_span(text)) is not None:
        return now - age
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Misused(
            f"{text!r} is not a time.", "Write an age such as 15m, 2h or 3d, or a time such as 2026-11-20T22:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
