"""Evaluate alarms as CloudWatch does.

ministack ignores the dimensions of a metric, so a dead letter in one queue raises the alarms of every queue. It judges
one stretch of time that ends now, and does not handle missing data. It evaluates an alarm only when a value arrives:
an alarm whose metric stops keeps its state for ever.
"""

import threading
import time
from itertools import takewhile
from typing import Any

from patched_ministack import seams
from patched_ministack.alarm_rules import AlarmRule

# Values are kept in order of arrival. Those of a function may arrive as late as the function's timeout.
LATENESS_SECONDS = 120

_evaluating = threading.Lock()


def evaluate_as_cloudwatch() -> None:
    """Replace ministack's evaluation, which runs whenever an alarm or a metric value is put."""
    seams.EVALUATE_ALARM.replace(evaluate)


def evaluate_all() -> None:
    """Evaluate every alarm, as CloudWatch does at regular times."""
    for alarm in list(seams.ALARMS.value.values()):
        evaluate(alarm)


def evaluate_those_of(metrics: set[tuple[str, str]]) -> None:
    """Evaluate the alarms of metrics, given by namespace and name, whose values have just arrived.

    Later values may begin another period before the regular evaluation comes, and it would never see these.
    """
    for alarm in list(seams.ALARMS.value.values()):
        if (alarm["Namespace"], alarm["MetricName"]) in metrics:
            evaluate(alarm)


def evaluate(alarm: dict[str, Any]) -> None:
    """Set one alarm to the state that its metric calls for; record a change, and run the alarm's actions."""
    with _evaluating:
        rule = AlarmRule.of(alarm)
        values = values_of(alarm, rule, time.time())
        before, after = alarm["StateValue"], rule.judge(values, alarm["StateValue"])
        if before == after:
            return
        reason = f"Threshold Crossed: {values} {rule.comparison} {rule.threshold:g}, no data is {rule.missing_data}"
        alarm.update(StateValue=after, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
        seams.RECORD_HISTORY(alarm["AlarmName"], before, after, reason)
        seams.DISPATCH_ALARM_ACTIONS(alarm, before, after, reason)
        seams.EVALUATE_PARENT_ALARMS(alarm)


def values_of(alarm: dict[str, Any], rule: AlarmRule, now: float) -> list[float | None]:
    """Give the alarm's statistic for each judged period, from the metric with exactly the alarm's dimensions."""
    dimensions = seams.DIMENSIONS_KEY(seams.DIMENSIONS_FROM_LIST(alarm["Dimensions"]))
    data = seams.METRICS.value.get((alarm["Namespace"], alarm["MetricName"], dimensions)) or []
    periods = rule.judged_periods(now, data[-1]["Timestamp"] if data else 0.0)
    start = periods.start * rule.period_seconds - LATENESS_SECONDS
    by_period: dict[int, list[dict[str, Any]]] = {period: [] for period in periods}
    for datum in takewhile(lambda datum: datum["Timestamp"] >= start, reversed(data)):
        by_period.get(int(datum["Timestamp"] // rule.period_seconds), []).append(datum)
    statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    return [
        seams.STATISTIC_VALUE(seams.STATISTICS(found), statistic, found) if found else None
        for found in by_period.values()
    ]
