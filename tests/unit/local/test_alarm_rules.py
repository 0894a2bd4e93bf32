"""An alarm's state follows from its periods, and from how it treats those without data."""

import pytest

from patched_ministack.alarm_rules import ALARM, INSUFFICIENT_DATA, OK, AlarmRule

NOW = 600.0


def rule(
    *, periods: int = 1, datapoints: int | None = None, missing: str = "notBreaching", seconds: int = 60
) -> AlarmRule:
    return AlarmRule.of(
        {
            "Period": seconds,
            "EvaluationPeriods": periods,
            **({"DatapointsToAlarm": datapoints} if datapoints else {}),
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 1,
            "TreatMissingData": missing,
        }
    )


@pytest.mark.parametrize(
    ("values", "state"),
    [([0.0], OK), ([0.99], OK), ([1.0], ALARM), ([7.0], ALARM)],
    ids=["none", "just below", "at the threshold", "above"],
)
def test_a_period_breaches_from_the_threshold_on(values: list[float], state: str) -> None:
    assert rule().judge(values, OK) == state


@pytest.mark.parametrize(
    ("comparison", "state"),
    [("GreaterThanThreshold", OK), ("LessThanOrEqualToThreshold", ALARM), ("LessThanThreshold", OK)],
)
def test_the_comparison_decides_whether_the_threshold_itself_breaches(comparison: str, state: str) -> None:
    alarm = {
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": comparison,
        "Threshold": 1,
        "TreatMissingData": "missing",
    }

    assert AlarmRule.of(alarm).judge([1.0], OK) == state


@pytest.mark.parametrize("before", [OK, ALARM, INSUFFICIENT_DATA])
@pytest.mark.parametrize(
    ("missing", "after"),
    [("notBreaching", OK), ("breaching", ALARM), ("missing", INSUFFICIENT_DATA), ("ignore", None)],
)
def test_missing_data_count_as_the_alarm_states(missing: str, after: str | None, before: str) -> None:
    assert rule(missing=missing).judge([None], before) == (after or before)


@pytest.mark.parametrize("missing", ["notBreaching", "missing", "ignore"])
def test_any_data_outweigh_missing_data(missing: str) -> None:
    assert rule(periods=2, missing=missing).judge([1.0, None], ALARM) == OK
    assert rule(periods=2, datapoints=1, missing=missing).judge([None, 1.0], OK) == ALARM


def test_all_periods_must_breach_unless_the_alarm_asks_for_fewer() -> None:
    assert rule(periods=3).judge([1.0, 0.0, 1.0], OK) == OK
    assert rule(periods=3, datapoints=2).judge([1.0, 0.0, 1.0], OK) == ALARM
    assert rule(periods=2, missing="breaching").judge([None, None], OK) == ALARM
    assert rule(periods=2, missing="breaching").judge([None, 0.0], ALARM) == OK


def test_the_current_period_is_judged_as_soon_as_it_has_data() -> None:
    assert rule(periods=2).judged_periods(NOW + 5, newest=NOW + 1) == range(9, 11)
    assert rule(periods=2).judged_periods(NOW + 5, newest=NOW - 1) == range(8, 10)


def test_periods_start_at_whole_multiples_of_their_length() -> None:
    day = 24 * 60 * 60

    assert rule(seconds=day).judged_periods(2.5 * day, newest=2.1 * day) == range(2, 3)
