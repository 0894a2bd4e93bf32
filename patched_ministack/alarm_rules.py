"""Decide the state of an alarm from its metric's values, as CloudWatch does. Pure; does not use ministack."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class AlarmRule:
    """When an alarm goes off: how many of the last periods must breach, and how a period without data counts.

    `missing_data` is CloudWatch's TreatMissingData: breaching, notBreaching, ignore or missing.
    """

    period_seconds: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    threshold: float
    missing_data: str

    @classmethod
    def of(cls, alarm: dict[str, Any]) -> Self:
        """Read the rule from the description of an alarm."""
        periods = int(alarm["EvaluationPeriods"])
        return cls(
            period_seconds=int(alarm["Period"]),
            evaluation_periods=periods,
            datapoints_to_alarm=int(alarm.get("DatapointsToAlarm") or periods),
            comparison=alarm["ComparisonOperator"],
            threshold=float(alarm["Threshold"]),
            missing_data=alarm["TreatMissingData"],
        )

    def judged_periods(self, now: float, newest: float) -> range:
        """Give the numbers of the periods to judge: the last complete ones, and the current one once it has data.

        Periods start at whole multiples of their length, as in CloudWatch. `newest` is the time of the newest value.
        """
        current = int(now // self.period_seconds)
        end = current + 1 if newest >= current * self.period_seconds else current
        return range(end - self.evaluation_periods, end)

    def judge(self, values: Sequence[float | None], state: str) -> str:
        """Give the alarm's next state from one value for each judged period, None where there is no data."""
        present = [value for value in values if value is not None]
        breaching = sum(COMPARISONS[self.comparison](value, self.threshold) for value in present)
        if self.missing_data == "breaching":
            breaching += len(values) - len(present)
        if breaching >= self.datapoints_to_alarm:
            return ALARM
        if not present and self.missing_data == "ignore":
            return state
        if not present and self.missing_data == "missing":
            return INSUFFICIENT_DATA
        return OK
