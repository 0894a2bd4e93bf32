"""The alarms of a deployed stack as a test sees them: their states, their history, and what the topic publishes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from e2e.pipeline import Pipeline, wait_until

# After these minutes every alarm has judged new data. The host's judges the two last whole minutes.
MINUTES_TO_JUDGE = 3


@dataclass(frozen=True)
class AlarmWatch:
    """A subscriber to the alarm topic, with a queue of its own.

    ``known`` counts the state changes of each alarm from before it subscribed.
    """

    pipeline: Pipeline
    queue_url: str
    known: dict[str, int] = field(default_factory=dict)

    @classmethod
    def subscribe(cls, pipeline: Pipeline) -> Self:
        """Subscribe once no alarm is raised any more: where missing data is bad, an alarm starts raised."""
        watch = cls(pipeline, pipeline.subscribe("AlarmTopic", "on-call", RawMessageDelivery="true"))
        pipeline.let_minutes_pass(MINUTES_TO_JUDGE)
        assert watch.raised() == set(), "raised after the deployment"
        watch.notifications()
        watch.known.update({alarm: len(watch.states(alarm)) for alarm in watch.alarms()})
        return watch

    @property
    def prefix(self) -> str:
        """The prefix of all alarm names of the stack. In this class, names have no prefix."""
        return f"cafe-{self.pipeline.stack.environment}-"

    def alarms(self) -> list[str]:
        """List all alarms of the stack."""
        return [str(alarm["AlarmName"]).removeprefix(self.prefix) for alarm in self._all()]

    def raised(self) -> set[str]:
        """Return the alarms that are in ALARM now."""
        return {str(alarm["AlarmName"]) for alarm in self._all() if alarm["StateValue"] == "ALARM"}

    def states(self, alarm: str) -> list[str]:
        """Return the states that an alarm has gone through since we subscribed, from its history."""
        history = self.pipeline.client("cloudwatch").describe_alarm_history(
            AlarmName=f"{self.prefix}{alarm}",
            HistoryItemType="StateUpdate",
            MaxRecords=100,
            ScanBy="TimestampAscending",
        )["AlarmHistoryItems"]
        states = [json.loads(item["HistoryData"])["newState"]["stateValue"] for item in history]
        return states[self.known.get(alarm, 0) :]

    def expect_silence(self, alarms: Sequence[str]) -> None:
        """Assert that none of these alarms has fired yet."""
        assert self._fired(alarms) == set(), "fired from another cause"

    def expect(self, alarms: Sequence[str]) -> None:
        """Wait until all of these alarms have fired."""
        try:
            wait_until(lambda: self._fired(alarms) == set(alarms), "")
        except AssertionError:
            raise AssertionError(f"of {alarms} did not fire: {set(alarms) - self._fired(alarms)}") from None

    def _fired(self, alarms: Sequence[str]) -> set[str]:
        return {alarm for alarm in alarms if "ALARM" in self.states(alarm)}

    def notifications(self) -> list[dict[str, Any]]:
        """Take everything that the topic has published until now, oldest first."""
        sqs, published = self.pipeline.client("sqs"), list[dict[str, Any]]()
        while batch := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                published.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return published

    def _all(self) -> list[dict[str, Any]]:
        alarms = self.pipeline.client("cloudwatch").describe_alarms(AlarmNamePrefix=self.prefix, MaxRecords=100)
        return list(alarms["MetricAlarms"])
