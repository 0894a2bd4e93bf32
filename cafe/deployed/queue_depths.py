"""How many messages wait in each queue and dead-letter queue (from SQS), and for how long (from CloudWatch)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cafe.deployed.environment import STAGES, Environment
from cafe.deployed.queues import queue_name

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef
    from mypy_boto3_sqs.literals import QueueAttributeNameType

WAITING: Final = "ApproximateNumberOfMessages"
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"
DELAYED: Final = "ApproximateNumberOfMessagesDelayed"
# SQS publishes to CloudWatch once a minute, and some minutes late.
AGES_LOOK_BACK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages of a stage are waiting, in flight, delayed, or dead letters.

    ``oldest_seconds`` is the age of the oldest message, ``given_up_seconds`` that of the oldest dead letter, counted
    from when it became one; None if CloudWatch has no value.
    """

    stage: str
    waiting: int
    in_flight: int
    delayed: int
    dead_letters: int
    oldest_seconds: int | None = None
    given_up_seconds: int | None = None

    @property
    def backlog(self) -> int:
        """Messages that the stage will still process."""
        return self.waiting + self.in_flight + self.delayed


def queue_depths(environment: Environment) -> tuple[QueueDepth, ...]:
    """Count the messages of every stage, without their ages."""
    return tuple(_depth(environment, stage) for stage in STAGES)


def with_ages(environment: Environment, queues: Iterable[QueueDepth], now: datetime) -> tuple[QueueDepth, ...]:
    """Add the ages of each queue's oldest message and oldest dead letter, with one call, or none if all are empty."""
    queues = tuple(queues)
    counts = {f"{queue.stage}/queue": queue.backlog for queue in queues}
    counts |= {f"{queue.stage}/deadletters": queue.dead_letters for queue in queues}
    ages = _ages(environment, [name for name, count in counts.items() if count], now)
    return tuple(
        QueueDepth(
            queue.stage,
            queue.waiting,
            queue.in_flight,
            queue.delayed,
            queue.dead_letters,
            ages.get(f"{queue.stage}/queue"),
            ages.get(f"{queue.stage}/deadletters"),
        )
        for queue in queues
    )


def _depth(environment: Environment, stage: str) -> QueueDepth:
    queue = _counts(environment, f"{stage}/queue/url")
    dead = _counts(environment, f"{stage}/deadletters/url")
    return QueueDepth(
        stage,
        waiting=queue[WAITING],
        in_flight=queue[IN_FLIGHT],
        delayed=queue[DELAYED],
        # A dead letter that somebody is reading is hidden for a while, and still counts.
        dead_letters=dead[WAITING] + dead[IN_FLIGHT],
    )


def _counts(environment: Environment, fact: str) -> dict[str, int]:
    names: list[QueueAttributeNameType] = [WAITING, IN_FLIGHT, DELAYED]
    answer = environment.client("sqs").get_queue_attributes(QueueUrl=environment.fact(fact), AttributeNames=names)
    return {name: int(answer["Attributes"][name]) for name in names}


def _ages(environment: Environment, queues: list[str], now: datetime) -> Mapping[str, int]:
    if not queues:
        return {}
    answer = environment.client("cloudwatch").get_metric_data(
        MetricDataQueries=[_age_query(place, queue_name(environment, queue)) for place, queue in enumerate(queues)],
        StartTime=now - AGES_LOOK_BACK,
        EndTime=now,
        ScanBy="TimestampDescending",
    )
    values = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
    return {queue: round(values[f"q{place}"][0]) for place, queue in enumerate(queues) if values.get(f"q{place}")}


def _age_query(place: int, name: str) -> "MetricDataQueryTypeDef":
    return {
        "Id": f"q{place}",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": name}],
            },
            "Period": 60,
            "Stat": "Maximum",
        },
    }
