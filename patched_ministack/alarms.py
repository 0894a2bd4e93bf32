"""Evaluate alarms as CloudWatch does.

ministack takes the data of all metrics of the alarm's name together, whatever their dimensions, so that a dead letter
in one queue raises the alarms of all. It looks at one stretch of time that ends now, knows no missing data, and looks
only when somebody puts a metric: an alarm whose metric falls silent stays as it is for ever.
"""

import threading
import time
from itertools import takewhile
from typing import Any

from ministack.services import cloudwatch

from patched_ministack.alarm_rules import AlarmRule

# Data are kept in the order in which they came; a function's last ones may be as late as its time-out.
LATENESS_SECONDS = 120

_evaluating = threading.Lock()


def evaluate_as_cloudwatch() -> None:
    """Put our evaluation in the place of ministack's, which calls it when an alarm or a metric is put."""
    cloudwatch._evaluate_alarm = evaluate


def evaluate_all() -> None:
    """Evaluate every alarm, as CloudWatch does by the clock."""
    for alarm in list(cloudwatch._alarms.values()):
        evaluate(alarm)


def evaluate(alarm: dict[str, Any]) -> None:
    """Bring one alarm to the state that its metric asks for; a change is written down and told to whoever listens."""
    with _evaluating:
        rule = AlarmRule.of(alarm)
        values = values_of(alarm, rule, time.time())
        before, after = alarm["StateValue"], rule.judge(values, alarm["StateValue"])
        if before == after:
            return
        reason = f"Threshold Crossed: {values} {rule.comparison} {rule.threshold:g}, no data is {rule.missing_data}"
        alarm.update(StateValue=after, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
        cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
        cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)
        cloudwatch._evaluate_parent_alarms(alarm)


def values_of(alarm: dict[str, Any], rule: AlarmRule, now: float) -> list[float | None]:
    """Give the alarm's statistic of each judged period, from the metric with exactly its dimensions."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm["Dimensions"]))
    data = cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], dimensions)) or []
    periods = rule.judged_periods(now, data[-1]["Timestamp"] if data else 0.0)
    start = periods.start * rule.period_seconds - LATENESS_SECONDS
    by_period: dict[int, list[dict[str, Any]]] = {period: [] for period in periods}
    for datum in takewhile(lambda datum: datum["Timestamp"] >= start, reversed(data)):
        by_period.get(int(datum["Timestamp"] // rule.period_seconds), []).append(datum)
    statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    return [
        cloudwatch._stat_value(cloudwatch._calc_stats(found), statistic, found) if found else None
        for found in by_period.values()
    ]
