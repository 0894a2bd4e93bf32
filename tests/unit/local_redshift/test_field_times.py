"""Dates and times by TIMEFORMAT and DATEFORMAT."""

import pytest

from local_redshift.errors import RedshiftError
from local_redshift.field_times import date_reader, time_reader
from local_redshift.load_errors import FieldError


@pytest.mark.parametrize(
    ("date_format", "text", "expected"),
    [
        ("", "2026-01-02", "2026-01-02"),
        ("auto", "2026-01-02", "2026-01-02"),
        ("auto", "2026/01/02", "2026-01-02"),
        ("auto", "20260102", "2026-01-02"),
        ("DD/MM/YYYY", "02/01/2026", "2026-01-02"),
        ("yyyymmdd", "20260102", "2026-01-02"),
    ],
)
def test_a_date_is_read_by_its_format(date_format: str, text: str, expected: str) -> None:
    assert date_reader(date_format)("d", text) == expected


@pytest.mark.parametrize(
    ("time_format", "text", "expected"),
    [
        ("", "2026-01-02 03:04:05", "2026-01-02 03:04:05"),
        ("", "2026-01-02 03:04:05.25", "2026-01-02 03:04:05.250000"),
        ("YYYY-MM-DD HH:MI:SS", "2026-01-02 23:04:05", "2026-01-02 23:04:05"),
        ("YYYY-MM-DDTHH24:MI:SS", "2026-01-02T03:04:05", "2026-01-02 03:04:05"),
        ("DD.MM.YYYY HH12:MI AM", "02.01.2026 12:30 am", "2026-01-02 00:30:00"),
        ("DD.MM.YYYY HH12:MI PM", "02.01.2026 01:30 PM", "2026-01-02 13:30:00"),
        ("auto", "2026-01-02", "2026-01-02 00:00:00"),
        ("auto", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05"),
        ("auto", "20260102 03:04", "2026-01-02 03:04:00"),
        ("epochsecs", "86400", "1970-01-02 00:00:00"),
        ("epochsecs", "0.5", "1970-01-01 00:00:00.500000"),
        ("epochmillisecs", "86400500", "1970-01-02 00:00:00.500000"),
    ],
)
def test_a_timestamp_is_read_by_its_format(time_format: str, text: str, expected: str) -> None:
    assert time_reader(time_format, zoned=False)("t", text) == expected


@pytest.mark.parametrize(
    ("time_format", "text", "expected"),
    [
        ("", "2026-01-02 03:04:05+01", "2026-01-02 03:04:05+01"),
        ("auto", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05+00"),
        ("YYYY-MM-DD HH:MI:SSOF", "2026-01-02 03:04:05-05:30", "2026-01-02 03:04:05-05:30"),
        ("epochsecs", "86400", "1970-01-02 00:00:00+00"),
    ],
)
def test_a_timestamp_with_a_zone_keeps_its_offset(time_format: str, text: str, expected: str) -> None:
    assert time_reader(time_format, zoned=True)("t", text) == expected


@pytest.mark.parametrize(
    ("time_format", "text"),
    [
        ("", "2026-01-02"),
        ("", "2026-01-02T03:04:05"),
        ("", "2026-01-02 03:04:05+01"),
        ("", "2026-02-30 03:04:05"),
        ("", "2026-01-02 24:00:00"),
        ("", "\u0662026-01-02 03:04:05"),
        ("auto", "2026-01/02"),
        ("auto", "tomorrow"),
        ("DD.MM.YYYY HH12:MI AM", "02.01.2026 13:30 am"),
        ("DD.MM.YYYY HH12:MI AM", "02.01.2026 00:30 am"),
        ("epochsecs", "-1"),
        ("epochsecs", "99999999999999999"),
    ],
)
def test_a_text_that_is_no_time_is_an_error(time_format: str, text: str) -> None:
    with pytest.raises(FieldError, match="Invalid timestamp"):
        time_reader(time_format, zoned=False)("t", text)


@pytest.mark.parametrize("unknown", ["MONTH DD", "YYYY-MM", "DD-MON-YYYY", "YYYY-MM-DD-DD", "YY-MM-DD"])
def test_a_format_that_is_not_understood_is_refused(unknown: str) -> None:
    with pytest.raises(RedshiftError, match="not implemented"):
        date_reader(unknown)
