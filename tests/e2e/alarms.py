"""The alarms of a deployed stack as a test sees them: their states, their history, and what is told on the topic."""

import json
from dataclasses import dataclass
from typing import Any, Self

from e2e.pipeline import Pipeline


@dataclass(frozen=True)
class AlarmWatch:
    """Somebody who listens to the alarm topic, through a queue of their own."""

    pipeline: Pipeline
    queue_url: str

    @classmethod
    def subscribe(cls, pipeline: Pipeline) -> Self:
        """Begin to listen."""
        sqs, sns = pipeline.client("sqs"), pipeline.client("sns")
        url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        admit = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Version": "2012-10-17", "Statement": [{**admit, "Resource": arn}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        topic = pipeline.physical_id("AlarmTopic")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        return cls(pipeline, url)

    def names(self) -> list[str]:
        """Give the names of all alarms of the stack."""
        return [str(alarm["AlarmName"]) for alarm in self._described()]

    def ringing(self) -> set[str]:
        """Give the alarms that are in ALARM now."""
        return {str(alarm["AlarmName"]) for alarm in self._described() if alarm["StateValue"] == "ALARM"}

    def fired(self, names: list[str]) -> list[str]:
        """Give those of some alarms that have been in ALARM at any time."""
        return [name for name in names if "ALARM" in self.states(name)]

    def states(self, name: str) -> list[str]:
        """Give the states that an alarm went through since it was made, as its history tells."""
        history = self.pipeline.client("cloudwatch").describe_alarm_history(
            AlarmName=name, HistoryItemType="StateUpdate", MaxRecords=100
        )["AlarmHistoryItems"]
        changes = sorted(history, key=lambda item: item["Timestamp"])
        return [json.loads(item["HistoryData"])["newState"]["stateValue"] for item in changes]

    def notifications(self) -> list[dict[str, Any]]:
        """Take everything that was told on the topic until now, oldest first."""
        sqs, told = self.pipeline.client("sqs"), list[dict[str, Any]]()
        while batch := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                told.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return told

    def _described(self) -> list[dict[str, Any]]:
        prefix = f"cafe-{self.pipeline.stack.environment}-"
        alarms = self.pipeline.client("cloudwatch").describe_alarms(AlarmNamePrefix=prefix, MaxRecords=100)
        return list(alarms["MetricAlarms"])
