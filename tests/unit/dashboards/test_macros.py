"""Macros expand as in grafana-redshift-datasource 2.5.0."""

from datetime import UTC, datetime

import pytest

from cafe.dashboards import BoardError
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.macros import MacroError, expand

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
        ("a $__timeTo() b $__timeTo() c", f"a '{TO}' b '{TO}' c"),
        ("select 1 where ($__timeFrom() < $__timeTo())", f"select 1 where ('{FROM}' < '{TO}')"),
    ],
)
def test_a_macro_expands_as_in_the_plugin(sql: str, expanded: str) -> None:
    assert expand(sql, PERIOD) == expanded


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("$__timeFilter", "takes 1 argument, not 0"),
        ("$__timeFilter(a, b)", "takes 1 argument, not 2"),
        ("$__timeFilter(date_trunc('day', a)", "never closed"),
        ("$__timefilter(a)", r"no macro \$__timefilter"),
        ("$__interval", r"no macro \$__interval"),
        ("$__timeGroup(at, '1h')", r"no macro \$__timeGroup"),
    ],
)
def test_an_unknown_macro_and_wrong_arguments_are_refused(sql: str, complaint: str) -> None:
    with pytest.raises(MacroError, match=complaint):
        expand(sql, PERIOD)


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
