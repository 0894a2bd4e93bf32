"""Decide the state of an alarm from what its metric said, as CloudWatch does; pure, and nothing of ministack's."""

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
    """What an alarm asks of its metric: how many of the last periods must breach, and what a period without data says.

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
        """Read the rule out of a description of an alarm."""
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
        """Number the periods to judge: the last that have ended, and the one that goes on as soon as it has data.

        Periods begin on whole multiples of their length, as CloudWatch's do. `newest` is the time of the last datum.
        """
        going_on = int(now // self.period_seconds)
        end = going_on + 1 if newest >= going_on * self.period_seconds else going_on
        return range(end - self.evaluation_periods, end)

    def judge(self, values: Sequence[float | None], state: str) -> str:
        """Give the alarm's next state from a value for each judged period, None where there was no data."""
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
