"""Dates and times as COPY reads them, by TIMEFORMAT and DATEFORMAT. Pure.

"auto" takes the ISO 8601 forms, with `-`, `/` or nothing between the parts of a date; the rest of Redshift's list of
guesses is refused here, which is stricter than Redshift and never laxer.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from local_redshift.errors import not_in_endpoint
from local_redshift.load_errors import FieldError, LoadErrorCode

TimeReader = Callable[[str, str], str]

DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d{1,6}))?"
ZONE = r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?"
AUTO_DATE = r"(?P<year>\d{4})(?P<mark>[-/]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
AUTO_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,6}))?)?"

# Redshift's datetime format strings, longest first; case does not matter.
FORMAT_PARTS = (
    ("HH24", r"(?P<hour>\d\d)"),
    ("HH12", r"(?P<hour>\d\d)"),
    ("YYYY", r"(?P<year>\d{4})"),
    ("HH", r"(?P<hour>\d\d)"),
    ("MI", r"(?P<minute>\d\d)"),
    ("MM", r"(?P<month>\d\d)"),
    ("DD", r"(?P<day>\d\d)"),
    ("SS", r"(?P<second>\d\d)(?:\.(?P<fraction>\d{1,6}))?"),
    ("AM", r"(?P<half>[AaPp][Mm])"),
    ("PM", r"(?P<half>[AaPp][Mm])"),
    ("OF", r"(?P<zone>[+-]\d\d(?::?\d\d)?)"),
)
EPOCH = re.compile(r"\d{1,17}(?:\.\d{1,6})?")
EPOCH_DIVISORS = {"epochsecs": 1, "epochmillisecs": 1000}


def date_reader(date_format: str) -> TimeReader:
    """Build the function (column, text) → date in ISO form; the format is Redshift's, "auto", or "" for its default."""
    pattern = _pattern(date_format, default=DATE, auto=AUTO_DATE)
    problem = f"Invalid date format [{date_format or 'YYYY-MM-DD'}]"

    def read(column: str, text: str) -> str:
        match = pattern.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            return date(*(int(match[part]) for part in ("year", "month", "day"))).isoformat()
        except ValueError:
            raise FieldError(LoadErrorCode.DATE, column, problem) from None

    return read


def time_reader(time_format: str, *, zoned: bool) -> TimeReader:
    """Build the function (column, text) → timestamp in ISO form, with its offset if the column keeps a time zone."""
    if time_format.lower() in EPOCH_DIVISORS:
        return _epoch_reader(EPOCH_DIVISORS[time_format.lower()], zoned=zoned)
    pattern = _pattern(
        time_format,
        default=f"{DATE} {CLOCK}{ZONE if zoned else ''}",
        auto=f"{AUTO_DATE}(?:[ T]{AUTO_CLOCK}{ZONE if zoned else 'Z?'})?",
    )
    problem = f"Invalid timestamp format or value [{time_format or 'YYYY-MM-DD HH24:MI:SS'}]"

    def read(column: str, text: str) -> str:
        match = pattern.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            return _moment(match.groupdict(), zoned=zoned)
        except ValueError:
            raise FieldError(LoadErrorCode.TIMESTAMP, column, problem) from None

    return read


def _pattern(given: str, *, default: str, auto: str) -> re.Pattern[str]:
    if not given:
        return re.compile(default, re.ASCII)
    return re.compile(auto if given.lower() == "auto" else _translate(given), re.ASCII)


def _translate(given: str) -> str:
    pattern, rest = "", given
    used: set[str] = set()
    while rest:
        for name, part in FORMAT_PARTS:
            if rest.upper().startswith(name):
                group = part[part.index("<") + 1 : part.index(">")]
                if group in used:
                    raise not_in_endpoint(f"a COPY format that names the {group} twice")
                used.add(group)
                pattern, rest = pattern + part, rest[len(name) :]
                break
        else:
            if rest[0].isalnum() and rest[0] != "T":
                raise not_in_endpoint(f"the COPY format '{given}'")
            pattern, rest = pattern + re.escape(rest[0]), rest[1:]
    if not {"year", "month", "day"} <= used:
        raise not_in_endpoint(f"the COPY format '{given}'")
    return pattern


def _moment(parts: dict[str, str | None], *, zoned: bool) -> str:
    def number(name: str) -> int:
        return int(parts.get(name) or 0)

    hour = number("hour")
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half.upper() == "PM" else 0)
    microsecond = int((parts.get("fraction") or "0").ljust(6, "0"))
    moment = datetime(  # noqa: DTZ001 - the offset, if any, is appended as it was written
        number("year"), number("month"), number("day"), hour, number("minute"), number("second"), microsecond
    )
    zone = parts.get("zone") or ""
    return moment.isoformat(sep=" ") + (zone.replace("Z", "+00") if zoned else "")


def _epoch_reader(divisor: int, *, zoned: bool) -> TimeReader:
    def read(column: str, text: str) -> str:
        try:
            if not EPOCH.fullmatch(text):
                raise ValueError
            whole, _, fraction = text.partition(".")
            microseconds = int(whole) * 1_000_000 // divisor + int(fraction.ljust(6, "0") or 0) // divisor
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
        except (ValueError, OverflowError):
            raise FieldError(LoadErrorCode.TIMESTAMP, column, "Invalid timestamp format or value [epoch]") from None
        return moment.replace(tzinfo=None).isoformat(sep=" ") + ("+00" if zoned else "")

    return read
