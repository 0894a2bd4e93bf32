"""A time without an offset stays as the till printed it: no stage converts it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fakes import extract_bytes

LONDON = ZoneInfo("Europe/London")


def changes_of_the_clock(year: int) -> list[datetime]:
    """Return times before, during and after each clock change, including skipped and repeated ones."""
    moments = []
    for day in (date(year, 1, 1) + timedelta(days=number) for number in range(365)):
        before, after = (datetime.combine(day, datetime.min.time(), LONDON) + timedelta(days=n) for n in (0, 1))
        if before.utcoffset() != after.utcoffset():
            moments += [datetime.combine(day, datetime.min.time()) + timedelta(minutes=30 * half) for half in range(6)]
    return moments


@pytest.mark.parametrize("year", range(2020, 2027))
def test_F21_no_time_is_changed_when_the_clocks_change(year: int) -> None:
    moments = changes_of_the_clock(year)
    rows = "".join(f"{moment:%d/%m/%Y %H:%M},Leeds,Ada Tester,Cake - 1.00,1,CASH,\n" for moment in moments)

    _, canonical = extract_bytes(rows.encode())

    assert len(moments) == 12
    assert [line.split("\t")[2] for line in canonical.splitlines()] == [f"{m:%Y-%m-%d %H:%M:%S}" for m in moments]
