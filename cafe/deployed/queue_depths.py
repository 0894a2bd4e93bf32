"""How deep the queues are, how many messages were given up, and since when: SQS's counts, CloudWatch's ages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cafe.deployed.environment import STAGES, Environment

WAITING = "ApproximateNumberOfMessages"
IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"
DELAYED = "ApproximateNumberOfMessagesDelayed"
# SQS tells CloudWatch once a minute, and some minutes late.
AGES_LOOK_BACK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages wait for a stage, are being worked on, are held back, or were given up.

    ``oldest_seconds`` is how long the oldest has waited, ``given_up_seconds`` how long ago the oldest dead letter was
    given up; None when CloudWatch does not know.
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
        """Messages that will still be worked on."""
        return self.waiting + self.in_flight + self.delayed


def queue_depths(environment: Environment) -> tuple[QueueDepth, ...]:
    """Count the messages of every stage, without their ages."""
    return tuple(_depth(environment, stage) for stage in STAGES)


def with_ages(environment: Environment, queues: Iterable[QueueDepth], now: datetime) -> tuple[QueueDepth, ...]:
    """Add to each queue how old its oldest message and its oldest dead letter are, in one call; none if all are empty.

    On AWS the age of a dead letter counts from when it became one.
    """
    queues = tuple(queues)
    asked = {f"{queue.stage}/queue": queue.backlog for queue in queues}
    asked |= {f"{queue.stage}/deadletters": queue.dead_letters for queue in queues}
    ages = _ages(environment, [name for name, count in asked.items() if count], now)
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


def queue_name(environment: Environment, queue: str) -> str:
    """Give the name of ``load/queue``, ``load/deadletters`` and so on: the end of its address."""
    return environment.fact(f"{queue}/url").rsplit("/", 1)[-1]


def _depth(environment: Environment, stage: str) -> QueueDepth:
    queue = _counts(environment, f"{stage}/queue/url")
    dead = _counts(environment, f"{stage}/deadletters/url")
    return QueueDepth(
        stage,
        waiting=queue[WAITING],
        in_flight=queue[IN_FLIGHT],
        delayed=queue[DELAYED],
        # One that somebody looks at is hidden for a while, and a dead letter all the same.
        dead_letters=dead[WAITING] + dead[IN_FLIGHT],
    )


def _counts(environment: Environment, fact: str) -> dict[str, int]:
    names = [WAITING, IN_FLIGHT, DELAYED]
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


def _age_query(place: int, name: str) -> dict[str, Any]:
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
