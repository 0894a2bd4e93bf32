"""Macros expand as in grafana-redshift-datasource 2.5.0."""

from datetime import UTC, datetime

import pytest

from cafe.dashboards import BoardError
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.macros import MACROS, MacroError, Subject, expand

PERIOD = Period(datetime(2026, 10, 26, 9, 30, 0, 999_000, UTC), datetime(2026, 11, 25, 9, 30, tzinfo=UTC))
FROM, TO = "2026-10-26T09:30:00Z", "2026-11-25T09:30:00Z"


@pytest.mark.parametrize(
    ("sql", "expanded"),
    [
        ("$__timeFilter(day)", f"day BETWEEN '{FROM}' AND '{TO}'"),
        ("$__timeFilter( sales.day )", f"sales.day BETWEEN '{FROM}' AND '{TO}'"),
        ("$__timeFilter(date_trunc('day', at))", f"date_trunc('day', at) BETWEEN '{FROM}' AND '{TO}'"),
        ("$__timeFrom()", f"'{FROM}'"),
        ("$__timeFrom", f"'{FROM}'"),
        ("$__timeTo()", f"'{TO}'"),
        ("$__timeEpoch(at)", 'extract(epoch from at) as "time"'),
        ("$__timeGroup(at, '1h')", 'floor(extract(epoch from at)/3600)*3600 AS "time"'),
        ("$__timeGroup(at,1d)", 'floor(extract(epoch from at)/86400)*86400 AS "time"'),
        ("$__unixEpochFilter(at)", "at >= 1793007000 AND at <= 1795599000"),
        ("$__unixEpochGroup(at, '5m')", 'floor(at/300)*300 AS "time"'),
        ("$__schema.$__table.$__column", "mart.files.key"),
        ("a $__timeTo() b $__timeTo() c", f"a '{TO}' b '{TO}' c"),
        ("select 1 where ($__timeFrom() < $__timeTo())", f"select 1 where ('{FROM}' < '{TO}')"),
    ],
)
def test_a_macro_expands_as_in_the_plugin(sql: str, expanded: str) -> None:
    assert expand(sql, PERIOD, Subject("mart", "files", "key")) == expanded


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("$__timeFilter", "takes 1 arguments, not 0"),
        ("$__timeFilter(a, b)", "takes 1 arguments, not 2"),
        ("$__timeGroup(a)", "takes 2 arguments, not 1"),
        ("$__timeFilter(date_trunc('day', a)", "never closed"),
        ("$__timefilter(a)", r"no macro \$__timefilter"),
        ("$__interval", r"no macro \$__interval"),
    ],
)
def test_an_unknown_macro_and_wrong_arguments_are_refused(sql: str, complaint: str) -> None:
    with pytest.raises(MacroError, match=complaint):
        expand(sql, PERIOD)


def test_a_group_without_a_fixed_length_is_refused() -> None:
    with pytest.raises(BoardError, match="not an interval"):
        expand("$__timeGroup(at, '1M')", PERIOD)


def test_every_macro_of_the_plugin_is_known() -> None:
    assert set(MACROS) == {
        "timeEpoch",
        "timeFilter",
        "timeFrom",
        "timeTo",
        "timeGroup",
        "schema",
        "table",
        "column",
        "unixEpochFilter",
        "unixEpochGroup",
    }


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("now-30d", "now", (datetime(2026, 10, 26, 9, tzinfo=UTC), datetime(2026, 11, 25, 9, tzinfo=UTC))),
        ("now-24h", "now-1m", (datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 25, 8, 59, tzinfo=UTC))),
    ],
)
def test_a_boards_range_is_relative_to_now(start: str, end: str, expected: tuple[datetime, datetime]) -> None:
    period = Period.before(datetime(2026, 11, 25, 9, tzinfo=UTC), start, end)

    assert (period.start, period.end) == expected


def test_a_range_that_no_board_uses_is_refused() -> None:
    with pytest.raises(BoardError, match="not a time"):
        Period.before(datetime(2026, 11, 25, tzinfo=UTC), "now/d")
