"""Alarms of the template fire and end, each from a real cause: no test here publishes a metric or sets a state.

Each trouble says how the test causes it on the local stack, and what else can cause it on AWS.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cafe.deployed.environment import STAGES
from cafe.local.layout import Layout, checkout
from e2e.alarms import MINUTES_TO_JUDGE, AlarmWatch
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, deployed, wait_until
from ordeal.workers import workers_of
from patched_ministack.schedules import SCHEDULED_TIME
from template.saved_queries import SavedQuery, saved_queries
from template.stack import Stack, read_source

pytestmark = pytest.mark.e2e

BUSY_SECONDS = 6
# What a function that runs again needs to end and to be counted, on most machines.
SOON_SECONDS = 5
# Waits and executions that last this long are only those that a test lets last for a minute: no machine is so busy.
LONG_SECONDS = 50
PARAMETERS = {
    "VisibilityTimeoutSeconds": str(LONG_SECONDS),
    "LoadVisibilityTimeoutSeconds": str(LONG_SECONDS),
    "MaxReceiveCount": "2",
    "LoadMaxReceiveCount": "2",
    "OldestMessageWarningSeconds": str(LONG_SECONDS),
    "OldestMessageCriticalSeconds": str(LONG_SECONDS + 5),
    "OverduePeriodSeconds": "60",
    "DurationWarningMilliseconds": str(LONG_SECONDS * 1000),
    "LoadDurationWarningMilliseconds": str(LONG_SECONDS * 1000),
    # In a minute, at a base capacity of eight.
    "WarehouseSecondsADay": str(8 * BUSY_SECONDS),
    "WarehouseSecondsPeriod": "60",
}
QUEUES = ("arrivals", "extracted", "transformed")
TEMPLATE = Stack(read_source())
# Keeps the warehouse busy: it counts ten million rows, without a table.
HEAVY_QUERY = f"""
    with digits as ({" union all ".join(f"select {digit} as digit" for digit in range(10))})
    select count(*) as rows
    from {" cross join ".join(f"digits as digits_{place}" for place in range(7))}
"""  # noqa: S608
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong, is repaired when its context ends, and must raise these alarms."""

    happens: Callable[[Pipeline], AbstractContextManager[None]]
    alarms: tuple[str, ...]


@contextmanager
def a_cafe_is_missing_and_sales_are_old(pipeline: Pipeline) -> Iterator[None]:
    """A café sold on this weekday for a month, until a week ago, and sends nothing for yesterday.

    Both alarms fire at the next check: a café is missing, and all sales are old. On AWS: the same.
    """
    month = [sale(days_ago, "Missing") for days_ago in (29, 22, 15, 8)]
    pipeline.drop({"alarms/history.csv": b"".join(month)})
    check(pipeline)
    yield
    pipeline.drop({"alarms/late.csv": sale(1, "Missing")})


@contextmanager
def somebody_changes_the_warehouse(pipeline: Pipeline) -> Iterator[None]:
    """Somebody makes recent orders a penny dearer. The alarm fires at the next check. On AWS: the same."""
    change_recent_orders(pipeline, "total_amount + 0.01")
    check(pipeline)
    yield
    change_recent_orders(pipeline, "total_amount - 0.01")


@contextmanager
def a_file_is_mostly_wrong(pipeline: Pipeline) -> Iterator[None]:
    """A quarter of one file's times cannot be read, and another file is no branch file. On AWS: the same."""
    good = small_file("Rejects", orders=150).body
    partly_wrong = good + good.replace(b"25/08/2021", b"yesterday")[: len(good) // 3]
    pipeline.drop({"alarms/rejects.csv": partly_wrong, "alarms/minutes.csv": b"Minutes of the staff meeting\n"})
    yield


@contextmanager
def the_warehouse_works_hard(pipeline: Pipeline) -> Iterator[None]:
    """Somebody's queries compute more in one minute than a minute may.

    The emulator reports the time for which the local Redshift was busy, times the base capacity. AWS also scales up,
    and bills at least a minute each time the warehouse wakes.
    """
    alarm = pipeline.physical_id("WarehouseSecondsAlarm")

    def is_too_much() -> bool:
        assert pipeline.rows(HEAVY_QUERY) == [{"rows": 10**7}]
        return are_raised(pipeline, [alarm])

    wait_until(is_too_much, "the alarm of the warehouse")
    yield


@contextmanager
def a_correction_is_held(pipeline: Pipeline) -> Iterator[None]:
    """A file is sent again without most of its orders, and held until somebody takes it out. On AWS: the same."""
    key = "alarms/corrected.csv"
    pipeline.drop({key: small_file("Corrected", orders=20).body})
    version = pipeline.put(key, small_file("Corrected").body)
    assert [outcome.outcome for outcome in pipeline.versions_of([version]).values()] == ["held"]
    yield
    answer = invoke(pipeline, "load", {"retract": {"key": version.key}})
    assert "FunctionError" not in answer


@contextmanager
def functions_raise(pipeline: Pipeline) -> Iterator[None]:
    """Each function is invoked with an event that it cannot handle, and raises.

    A timeout raises the alarm too. On AWS only: a function that runs out of memory is stopped.
    """
    for stage in STAGES:
        answer = invoke(pipeline, stage, {})
        assert answer["FunctionError"] == "Unhandled"
    yield


@contextmanager
def functions_are_throttled(pipeline: Pipeline) -> Iterator[None]:
    """Somebody reserves a concurrency of 0 for each function, and it is invoked.

    On AWS only: the account's limit of concurrent executions.
    """
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
    """The processes of each function are frozen at work, for a minute and longer.

    On AWS only: slow starts of a function, in load's case inside the VPC.
    """
    slow = [pipeline.physical_id(f"{stage.capitalize()}SlowAlarm") for stage in STAGES]

    def are_slow() -> bool:
        workers = list(workers_of(pipeline.stack.endpoint_url))
        assert {worker.stage for worker in workers} == set(STAGES)
        for worker in workers:
            worker.freeze()
        for stage in STAGES:
            invoke(pipeline, stage, {"Records": []}, InvocationType="Event")
        # An execution begins some time after the call. If one began after the minutes, all are invoked again.
        pipeline.let_minutes_pass(2)
        for worker in workers:
            worker.thaw()
        with suppress(AssertionError):
            wait_until(lambda: are_raised(pipeline, slow), "", SOON_SECONDS)
        return are_raised(pipeline, slow)

    wait_until(are_slow, "the alarms of slow functions")
    yield


@contextmanager
def messages_wait(pipeline: Pipeline) -> Iterator[None]:
    """Somebody turns off the event sources for a while, so that a file waits before each stage.

    Load publishes the wait of any message that it receives. On AWS also: an outage, for example of the warehouse.
    """
    with ExitStack() as paused:
        for stage in reversed(STAGES):
            paused.enter_context(pipeline.paused(stage))
            pipeline.put(f"alarms/waits-before-{stage}.csv", small_file(f"Waits {stage}").body)
            pipeline.wait_for_messages(stage, 1)
        pipeline.let_minutes_pass(1)
    yield


@contextmanager
def host_is_stopped(pipeline: Pipeline) -> Iterator[None]:
    """Somebody stops Grafana's host.

    On AWS only: the status checks of the machine and of its network.
    """
    ec2, instance = pipeline.client("ec2"), pipeline.fact("dashboards/host/instance")
    ec2.stop_instances(InstanceIds=[instance])
    pipeline.let_minutes_pass(MINUTES_TO_JUDGE)
    yield
    ec2.start_instances(InstanceIds=[instance])


@contextmanager
def messages_cannot_be_read(pipeline: Pipeline) -> Iterator[None]:
    """Each queue gets a message that no stage can read. It becomes a dead letter, until somebody takes it out.

    Each function counts its own terminal failures, as on AWS. On AWS also: after an outage of more than a day, messages
    that could be read become dead letters.
    """
    for stage in STAGES:
        pipeline.send(stage, "this is not JSON")

    def are_dead() -> bool:
        pipeline.let_minutes_pass(1)
        return all(pipeline.messages(f"{stage}/deadletters") for stage in STAGES)

    wait_until(are_dead, "a dead letter of each stage")
    yield
    for stage in STAGES:
        assert pipeline.take_dead_letters(stage) == ["this is not JSON"]


# In this order. The warehouse has done nothing before the first one.
TROUBLES = [
    Trouble(the_warehouse_works_hard, ("warehouse-seconds",)),
    Trouble(host_is_stopped, ("grafana-host",)),
    Trouble(a_cafe_is_missing_and_sales_are_old, ("missing-cafe", "stale-sales")),
    Trouble(somebody_changes_the_warehouse, ("conservation",)),
    Trouble(a_file_is_mostly_wrong, ("reject",)),
    Trouble(a_correction_is_held, ("held-files",)),
    Trouble(functions_raise, tuple(f"{stage}-error" for stage in STAGES)),
    Trouble(functions_are_throttled, tuple(f"{stage}-throttle" for stage in STAGES)),
    Trouble(functions_are_slow, tuple(f"{stage}-slow" for stage in STAGES)),
    Trouble(messages_wait, ("load-overdue", *(f"{queue}-{age}" for queue in QUEUES for age in ("late", "stuck")))),
    Trouble(
        messages_cannot_be_read,
        (*(f"{stage}-failure" for stage in STAGES), *(f"{queue}-dead-letter" for queue in QUEUES)),
    ),
]
# These fire when hours pass, or when a schedule is due. integration/local/test_schedules.py raises them.
SCHEDULE_ALARMS = (
    *(f"{schedule}-schedule-{kind}" for schedule in ("check", "snapshot") for kind in ("failure", "silence")),
    "schedule-dead-letter",
)
ALL_ALARMS = sorted(
    alarm.properties["AlarmName"]["Fn::Sub"].removeprefix("cafe-${Environment}-")
    for alarm in TEMPLATE.of_type("AWS::CloudWatch::Alarm")
)
ALARMS = [alarm for alarm in ALL_ALARMS if alarm not in SCHEDULE_ALARMS]


@dataclass(frozen=True)
class Night:
    """What was seen in a night in which everything went wrong once and was repaired: alarms, and log lines.

    ``problems`` says of each alarm whose trouble did not go as planned what happened instead.
    """

    problems: dict[str, str]
    states: dict[str, list[str]]
    notifications: list[dict[str, Any]]
    lines: list[dict[str, Any]]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Cause every trouble, wait until its own alarms have fired, repair all, and wait until all alarms have ended.

    What goes wrong in a trouble is a failure of the tests of its own alarms only.
    """
    problems: dict[str, str] = {}
    layout = Layout(checkout().root, tmp_path_factory.mktemp("alarms"))
    with deployed(layout, PARAMETERS, waits_let_minutes_pass=False) as pipeline:
        watch = AlarmWatch.subscribe(pipeline)
        watch.expect_silence(ALARMS)
        with ExitStack() as repairs:
            for trouble in TROUBLES:
                repairs.callback(happening(trouble, pipeline, watch, problems))
        with suppress(AssertionError):  # an alarm that is still raised fails its own tests
            wait_until(lambda: has_ended(pipeline, watch), "the end of every alarm")
        yield Night(
            problems=problems,
            states={alarm: watch.states(alarm) for alarm in watch.alarms()},
            notifications=watch.notifications(),
            lines=[json.loads(line) for stage in STAGES for line in pipeline.log_lines(stage) if line.startswith("{")],
        )


def happening(trouble: Trouble, pipeline: Pipeline, watch: AlarmWatch, problems: dict[str, str]) -> Callable[[], None]:
    """Cause a trouble, wait for its alarms, and return what repairs it. Note what goes wrong for each of its alarms."""
    repair = ExitStack()

    @contextmanager
    def noted() -> Iterator[None]:
        try:
            yield
        except (AssertionError, ClientError) as problem:
            problems.update(dict.fromkeys(trouble.alarms, f"{trouble.happens.__name__}: {problem}"))

    def close() -> None:
        with noted():
            repair.close()

    with noted():
        watch.expect_silence(trouble.alarms)
        repair.enter_context(trouble.happens(pipeline))
        watch.expect(trouble.alarms)
    return close


def test_every_alarm_of_the_template_has_a_trouble_that_raises_it() -> None:
    raised = [alarm for trouble in TROUBLES for alarm in trouble.alarms]

    assert sorted([*SCHEDULE_ALARMS, *raised]) == ALL_ALARMS


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_fires_from_its_trouble_and_ends_when_that_is_repaired(night: Night, alarm: str) -> None:
    changes = night.states[alarm]

    assert night.problems.get(alarm) is None
    assert "ALARM" in changes
    assert "OK" in changes[changes.index("ALARM") :]
    assert changes[-1] == "OK"


@pytest.mark.parametrize("alarm", ALARMS)
def test_firing_and_ending_are_published_on_the_topic_with_the_runbook(night: Night, alarm: str) -> None:
    published = [message for message in night.notifications if message["AlarmName"].endswith(f"-{alarm}")]

    assert night.problems.get(alarm) is None
    states = [message["NewStateValue"] for message in published]
    assert "OK" in states[states.index("ALARM") :]
    assert all(
        re.search(r"Runbook: docs/operations\.md#[a-z-]+$", message["AlarmDescription"]) for message in published
    )


@pytest.mark.parametrize("query", saved_queries(TEMPLATE), ids=lambda query: query.name)
def test_a_saved_query_reads_fields_that_are_logged(night: Night, query: SavedQuery) -> None:
    logged = {field for line in night.lines for field in line}

    assert {field for field in query.fields if not field.startswith("@")} <= logged


def are_raised(pipeline: Pipeline, alarms: list[str]) -> bool:
    """Return whether all of these alarms are raised."""
    found = pipeline.client("cloudwatch").describe_alarms(AlarmNames=alarms)["MetricAlarms"]
    return [alarm["StateValue"] for alarm in found] == ["ALARM"] * len(alarms)


def has_ended(pipeline: Pipeline, watch: AlarmWatch) -> bool:
    """Return whether no alarm is raised. While one is, have the warehouse checked again, as the schedule would."""
    raised = watch.raised()
    if raised:
        pipeline.let_minutes_pass(1)
        check(pipeline)
    return not raised


def sale(days_ago: int, branch: str) -> bytes:
    """Print a branch file of one day, with sales in the afternoon."""
    day = (TODAY - timedelta(days=days_ago)).strftime("%d/%m/%Y").encode()
    return small_file(branch, first=8 * 60).body.replace(b"25/08/2021", day)


def change_recent_orders(pipeline: Pipeline, amount: str) -> None:
    """Write into the warehouse without load."""
    pipeline.warehouse.query(f"update core.orders set total_amount = {amount} where ordered_at > '2022-01-01'")  # noqa: S608


def check(pipeline: Pipeline) -> None:
    """Invoke load with the schedule's own input, as the schedule does."""
    name, group = pipeline.physical_id("WarehouseCheckSchedule"), pipeline.physical_id("CheckScheduleGroup")
    target = pipeline.client("scheduler").get_schedule(Name=name, GroupName=group)["Target"]
    event = target["Input"].replace(SCHEDULED_TIME, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    answer = pipeline.client("lambda").invoke(FunctionName=target["Arn"], Payload=event)
    assert "FunctionError" not in answer


def invoke(pipeline: Pipeline, stage: str, event: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Invoke a stage's function directly."""
    name = pipeline.fact(f"{stage}/function/name")
    answer: dict[str, Any] = pipeline.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **options)
    return answer
