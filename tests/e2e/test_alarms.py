"""Every alarm of the template fires and ends, each from what it is there for: nobody puts a metric or sets a state."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cafe.deployed.environment import STAGES
from cafe.local.layout import Layout, checkout
from e2e.alarms import AlarmWatch
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, deployed, wait_until
from ordeal.workers import workers_of
from template.saved_queries import SavedQuery, saved_queries
from template.stack import Stack, read_source

pytestmark = pytest.mark.e2e

# Long enough that a busy machine is not taken for trouble.
FROZEN_SECONDS = 8
BUSY_SECONDS = 10
# How long it may take until the emulator knows what was computed.
WAREHOUSE_LOOK_SECONDS = 5
PARAMETERS = {
    "VisibilityTimeoutSeconds": "10",
    "MaxReceiveCount": "2",
    "OldestMessageWarningSeconds": "10",
    "OldestMessageCriticalSeconds": "13",
    "OverduePeriodSeconds": "60",
    "DurationWarningMilliseconds": str(FROZEN_SECONDS * 1000 - 500),
    # In a minute, at a base capacity of four.
    "WarehouseSecondsADay": str(4 * (BUSY_SECONDS - 2)),
    "WarehouseSecondsPeriod": "60",
}
QUEUES = ("arrivals", "extracted", "transformed")
TIMEOUT_SECONDS = 240.0
TEMPLATE = Stack(read_source())
# A warehouse at work: ten million rows counted, without a table.
HEAVY_QUERY = f"""
    with digits as ({" union all ".join(f"select {digit} as digit" for digit in range(10))})
    select count(*) as rows
    from {" cross join ".join(f"digits as digits_{place}" for place in range(7))}
"""  # noqa: S608
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong and is mended when its context ends, and the alarms that it is to raise."""

    happens: Callable[[Pipeline], AbstractContextManager[None]]
    alarms: tuple[str, ...]


@contextmanager
def a_cafe_is_missing_and_sales_are_old(pipeline: Pipeline) -> Iterator[None]:
    """A café sold on this weekday for a month, until a week ago, and sends nothing for yesterday."""
    month = [sale(days_ago, "Missing") for days_ago in (29, 22, 15, 8)]
    pipeline.drop({"alarms/history.csv": b"".join(month)})
    check(pipeline)
    yield
    pipeline.drop({"alarms/late.csv": sale(1, "Missing")})


@contextmanager
def a_hand_is_in_the_warehouse(pipeline: Pipeline) -> Iterator[None]:
    """Somebody makes recent orders a penny dearer, and the next check finds it."""
    change_recent_orders(pipeline, "total_amount + 0.01")
    check(pipeline)
    yield
    change_recent_orders(pipeline, "total_amount - 0.01")


@contextmanager
def a_file_is_mostly_wrong(pipeline: Pipeline) -> Iterator[None]:
    """A quarter of one file's times are no times, and another is no branch file at all."""
    good = small_file("Rejects", orders=150).body
    partly_wrong = good + good.replace(b"25/08/2021", b"yesterday")[: len(good) // 3]
    pipeline.drop({"alarms/rejects.csv": partly_wrong, "alarms/minutes.csv": b"Minutes of the staff meeting\n"})
    yield


@contextmanager
def the_warehouse_works_hard(pipeline: Pipeline) -> Iterator[None]:
    """Somebody asks for more than a minute's share of computing, all of it in one minute."""
    seconds_left = 60 - time.time() % 60
    if seconds_left < BUSY_SECONDS + WAREHOUSE_LOOK_SECONDS + 1:
        time.sleep(seconds_left)
    deadline = time.monotonic() + BUSY_SECONDS
    while time.monotonic() < deadline:
        assert pipeline.rows(HEAVY_QUERY) == [{"rows": 10**7}]
    yield


@contextmanager
def functions_raise(pipeline: Pipeline) -> Iterator[None]:
    """Each function is invoked with what it cannot understand."""
    for stage in STAGES:
        answer = invoke(pipeline, stage, {})
        assert answer["FunctionError"] == "Unhandled"
    yield


@contextmanager
def functions_are_throttled(pipeline: Pipeline) -> Iterator[None]:
    """Somebody reserves no execution at all for each function, and it is invoked."""
    aws_lambda = pipeline.client("lambda")
    for stage in STAGES:
        name = pipeline.fact(f"{stage}/function/name")
        aws_lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        with pytest.raises(ClientError, match="TooManyRequests"):
            invoke(pipeline, stage, {"Records": []})
        aws_lambda.delete_function_concurrency(FunctionName=name)
    yield


@contextmanager
def functions_are_slow(pipeline: Pipeline) -> Iterator[None]:
    """The system stops each function's processes at work, for a while."""
    workers = list(workers_of(pipeline.stack.endpoint_url))
    assert {worker.stage for worker in workers} == set(STAGES)
    for worker in workers:
        worker.freeze()
    for stage in STAGES:
        invoke(pipeline, stage, {"Records": []}, InvocationType="Event")
    time.sleep(FROZEN_SECONDS)
    for worker in workers:
        worker.thaw()
    yield


@contextmanager
def messages_wait(pipeline: Pipeline) -> Iterator[None]:
    """Somebody switches off, for a while, what takes messages out of the queues; files stop before each stage."""
    with ExitStack() as paused:
        for stage in reversed(STAGES):
            paused.enter_context(pipeline.paused(stage))
            pipeline.put(f"alarms/waits-before-{stage}.csv", small_file(f"Waits {stage}").body)
            pipeline.wait_for_messages(stage, 1)
        time.sleep(float(PARAMETERS["OldestMessageCriticalSeconds"]) + 2)
    yield


@contextmanager
def host_is_stopped(pipeline: Pipeline) -> Iterator[None]:
    """Somebody stops Grafana's host. It takes two minutes to be missed, so everything else happens meanwhile."""
    ec2, instance = pipeline.client("ec2"), pipeline.fact("dashboards/host/instance")
    ec2.stop_instances(InstanceIds=[instance])
    yield
    ec2.start_instances(InstanceIds=[instance])


@contextmanager
def messages_cannot_be_read(pipeline: Pipeline) -> Iterator[None]:
    """Something that no stage can read gets into each queue, and ends as a dead letter until somebody takes it out."""
    for stage in STAGES:
        pipeline.send(stage, "this is not JSON")
    yield
    for stage in STAGES:
        assert pipeline.take_dead_letters(stage) == ["this is not JSON"]


TROUBLES = [
    Trouble(a_cafe_is_missing_and_sales_are_old, ("missing-cafe", "stale-sales")),
    Trouble(a_hand_is_in_the_warehouse, ("conservation",)),
    Trouble(a_file_is_mostly_wrong, ("reject",)),
    Trouble(functions_raise, tuple(f"{stage}-error" for stage in STAGES)),
    Trouble(functions_are_throttled, tuple(f"{stage}-throttle" for stage in STAGES)),
    Trouble(functions_are_slow, tuple(f"{stage}-slow" for stage in STAGES)),
    Trouble(messages_wait, ("load-overdue", *(f"{queue}-{age}" for queue in QUEUES for age in ("late", "stuck")))),
    Trouble(
        messages_cannot_be_read,
        (*(f"{stage}-failure" for stage in STAGES), *(f"{queue}-dead-letter" for queue in QUEUES)),
    ),
    Trouble(the_warehouse_works_hard, ("warehouse-seconds",)),
]
HOST_ALARMS = ("grafana-host",)
ALARMS = sorted(
    alarm.properties["AlarmName"]["Fn::Sub"].removeprefix("cafe-${Environment}-")
    for alarm in TEMPLATE.of_type("AWS::CloudWatch::Alarm")
)


@dataclass(frozen=True)
class Night:
    """What was seen of a night in which everything went wrong once and was mended: by alarm, and the log's lines."""

    states: dict[str, list[str]]
    notifications: list[dict[str, Any]]
    lines: list[dict[str, Any]]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Let every trouble happen, wait until its own alarms have fired, mend all, and wait until all have ended."""
    with deployed(Layout(checkout().root, tmp_path_factory.mktemp("alarms")), PARAMETERS) as pipeline:
        watch = AlarmWatch.subscribe(pipeline)
        watch.expect_silence(ALARMS)
        with host_is_stopped(pipeline), ExitStack() as troubles:
            for trouble in TROUBLES:
                watch.expect_silence(trouble.alarms)
                troubles.enter_context(trouble.happens(pipeline))
                watch.expect(trouble.alarms)
            troubles.close()
            watch.expect(HOST_ALARMS)
        wait_until(lambda: has_ended(pipeline, watch), "the end of every alarm", TIMEOUT_SECONDS)
        yield Night(
            states={alarm: watch.states(alarm) for alarm in watch.alarms()},
            notifications=watch.notifications(),
            lines=[json.loads(line) for stage in STAGES for line in pipeline.log_lines(stage) if line.startswith("{")],
        )


def test_every_alarm_of_the_template_has_a_trouble_that_raises_it() -> None:
    assert sorted([*HOST_ALARMS, *(alarm for trouble in TROUBLES for alarm in trouble.alarms)]) == ALARMS


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_fires_from_its_trouble_and_ends_when_that_is_mended(night: Night, alarm: str) -> None:
    changes = night.states[alarm]

    assert "ALARM" in changes
    assert "OK" in changes[changes.index("ALARM") :]
    assert changes[-1] == "OK"


@pytest.mark.parametrize("alarm", ALARMS)
def test_both_are_told_on_the_topic_with_the_way_to_the_runbook(night: Night, alarm: str) -> None:
    told = [message for message in night.notifications if message["AlarmName"].endswith(f"-{alarm}")]

    states = [message["NewStateValue"] for message in told]
    assert "OK" in states[states.index("ALARM") :]
    assert all(re.search(r"Runbook: docs/operations\.md#[a-z-]+$", message["AlarmDescription"]) for message in told)


@pytest.mark.parametrize("query", saved_queries(TEMPLATE), ids=lambda query: query.name)
def test_a_saved_search_reads_fields_that_stand_in_the_lines(night: Night, query: SavedQuery) -> None:
    logged = {field for line in night.lines for field in line}

    assert {field for field in query.fields if not field.startswith("@")} <= logged


def has_ended(pipeline: Pipeline, watch: AlarmWatch) -> bool:
    """Tell whether no alarm rings; while some do, have the warehouse checked again, as the schedule would."""
    ringing = watch.ringing()
    if ringing:
        check(pipeline)
        time.sleep(5)
    return not ringing


def sale(days_ago: int, branch: str) -> bytes:
    """Print sales of one day, in the afternoon."""
    day = (TODAY - timedelta(days=days_ago)).strftime("%d/%m/%Y").encode()
    return small_file(branch, first=8 * 60).body.replace(b"25/08/2021", day)


def change_recent_orders(pipeline: Pipeline, amount: str) -> None:
    """Write into the warehouse past load."""
    pipeline.warehouse.query(f"update core.orders set total_amount = {amount} where ordered_at > '2022-01-01'")  # noqa: S608


def check(pipeline: Pipeline) -> None:
    """Do what the schedule does: invoke load with the schedule's own input."""
    name = pipeline.physical_id("WarehouseCheckSchedule")
    target = pipeline.client("scheduler").get_schedule(Name=name)["Target"]
    answer = pipeline.client("lambda").invoke(FunctionName=target["Arn"], Payload=target["Input"])
    assert "FunctionError" not in answer


def invoke(pipeline: Pipeline, stage: str, event: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Invoke a stage's function by hand."""
    name = pipeline.fact(f"{stage}/function/name")
    answer: dict[str, Any] = pipeline.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **options)
    return answer
