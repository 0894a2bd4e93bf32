"""`cafe watch`: each change is shown once, when it happens, to people and to scripts."""

import json
from collections import deque
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from cafe.answers.watch import Change, Watch, sparkline
from cafe.commands.watch import screen
from cafe.deployed.environment import open_environment
from cafe.warehouse.port import WarehouseError
from cafe.warehouse.sql import statement
from unit.cli.builders import FILE_ID, REGION, STAGES, FakeWarehouse, answer, cafe_day_row
from unit.cli.conftest import Run
from unit.clock import NOW

KEY = "2026/11/24/leeds.csv"


@pytest.fixture(autouse=True)
def log_groups(deployed: dict[str, Any]) -> None:
    """Empty log groups."""
    logs = boto3.client("logs", REGION)
    for stage in STAGES:
        logs.create_log_group(logGroupName=deployed[f"{stage}/logs/group"])
        logs.create_log_stream(logGroupName=deployed[f"{stage}/logs/group"], logStreamName="one")


@pytest.fixture
def watch(warehouse: FakeWarehouse) -> Watch:
    """A watch before its first look, which queries the warehouse every five minutes."""
    del warehouse
    return Watch(open_environment("dev"), timedelta(minutes=5), NOW)


def log(stage: str, message: str, level: str = "INFO", **fields: Any) -> None:
    boto3.client("logs", REGION).put_log_events(
        logGroupName=f"/cafe/dev/{stage}",
        logStreamName="one",
        logEvents=[
            {
                "timestamp": int(NOW.timestamp() * 1000),
                "message": json.dumps({"level": level, "message": message, **fields}),
            }
        ],
    )


def completed(outcome: str = "loaded", **fields: Any) -> None:
    defaults: dict[str, Any] = {"key": KEY, "file_id": FILE_ID, "rows_in": 3, "rows_loaded": 2, "rows_rejected": 1}
    log("load", "file.completed", outcome=outcome, **(defaults | fields))


def send(queue_url: str) -> None:
    boto3.client("sqs", REGION).send_message(QueueUrl=queue_url, MessageBody="x")


def of_kind(changes: list[Change], kind: str) -> list[tuple[str, str]]:
    return [(change.about, change.words) for change in changes if change.kind == kind]


def drawn(watch: Watch, problem: str = "") -> str:
    console = Console(width=100, height=24, record=True, file=StringIO())
    console.print(screen(watch, console, problem))
    return console.export_text()


def test_a_completed_file_is_one_change(watch: Watch) -> None:
    completed()

    assert of_kind(watch.look(NOW), "file") == [(KEY, "loaded: 2 of 3 rows new, 1 rejected")]
    assert of_kind(watch.look(NOW), "file") == []


def test_the_change_of_a_rejected_file_has_its_reason(watch: Watch) -> None:
    completed("rejected", reason="not_utf8")

    assert of_kind(watch.look(NOW), "file") == [(KEY, "rejected: not_utf8")]


def test_a_failure_names_the_file_even_if_its_line_has_only_an_id(watch: Watch) -> None:
    log("extract", "file.extracted", key=KEY, file_id=FILE_ID)
    log("load", "message.failed", "ERROR", file_ids=[FILE_ID], error="Throttled")

    assert of_kind(watch.look(NOW), "failure") == [(KEY, "load message.failed: Throttled")]


def test_a_queue_that_changes_is_a_change(watch: Watch, deployed: Any) -> None:
    assert len(of_kind(watch.look(NOW), "queue")) == len(STAGES), "at first all"
    send(deployed["load/queue/url"])

    assert of_kind(watch.look(NOW), "queue") == [("load", "1 waiting, 0 in work, 0 dead letters")]
    assert of_kind(watch.look(NOW), "queue") == []


def test_a_held_file_says_why_and_its_approval_is_a_change_too(watch: Watch) -> None:
    completed("held", reason="removes_much", rows_loaded=0)
    log("load", "file.approved", key=KEY, file_id=FILE_ID, outcome="loaded", rows_loaded=5, rows_removed=28)

    changes = of_kind(watch.look(NOW), "file")

    assert sorted(changes) == [(KEY, "held: removes_much"), (KEY, "loaded: approved, 5 new, 28 removed")]
    assert watch.tally == {"held": 1, "loaded": 1}


def test_a_correction_says_how_many_orders_it_removed(watch: Watch) -> None:
    completed("loaded", rows_in=4, rows_loaded=1, rows_removed=2, rows_rejected=0)

    assert of_kind(watch.look(NOW), "file") == [(KEY, "loaded: 1 of 4 rows new, 2 removed")]


def test_an_alarm_is_a_change_when_raised_and_when_over(watch: Watch) -> None:
    cloudwatch = boto3.client("cloudwatch", REGION)
    watch.look(NOW)
    cloudwatch.put_metric_alarm(
        AlarmName="cafe-dev-reject",
        AlarmDescription="Rows. First run `cafe rejects --env dev`. Runbook: docs/operations.md#rejected-rows",
        Namespace="Cafe/dev",
        MetricName="RejectedPercent",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="cafe-dev-reject", StateValue="ALARM", StateReason="test")

    assert of_kind(watch.look(NOW), "alarm") == [("reject", "raised: cafe rejects --env dev")]
    assert of_kind(watch.look(NOW), "alarm") == []

    cloudwatch.set_alarm_state(AlarmName="cafe-dev-reject", StateValue="OK", StateReason="test")
    assert of_kind(watch.look(NOW), "alarm") == [("reject", "is over")]


def test_a_cafe_that_reports_is_a_change(watch: Watch, warehouse: FakeWarehouse) -> None:
    warehouse.answers["cafes_and_nights"] = [
        answer(cafe_day_row("Leeds", orders=1), cafe_day_row("York", is_due=False)),
        answer(cafe_day_row("Leeds", orders=1), cafe_day_row("York", orders=1)),
    ]

    first = of_kind(watch.look(NOW), "tonight")
    second = of_kind(watch.look(NOW + timedelta(minutes=6)), "tonight")

    assert [text for _, text in first + second] == ["1 of 2 cafés in, 1 not due yet", "2 of 2 cafés in"]


def test_the_warehouse_is_queried_no_more_often_than_allowed(watch: Watch, warehouse: FakeWarehouse) -> None:
    for minutes in range(11):
        watch.look(NOW + timedelta(minutes=minutes))

    looks = [sql for sql, _ in warehouse.asked if sql == statement("cafes_and_nights")]
    assert len(looks) == 3


def test_on_aws_the_warehouse_is_queried_only_on_request(warehouse: FakeWarehouse, run: Run) -> None:
    run("watch", "--once", "--env", "dev")
    assert warehouse.asked == []

    run("watch", "--once", "--warehouse-every", "300", "--env", "dev")
    assert statement("cafes_and_nights") in [sql for sql, _ in warehouse.asked]


def test_a_warehouse_that_does_not_answer_does_not_stop_the_watch(watch: Watch, warehouse: FakeWarehouse) -> None:
    warehouse.answers["cafes_and_nights"] = WarehouseError("no route to host")
    completed()

    assert of_kind(watch.look(NOW), "file") != []
    assert "not known: no route to host" in drawn(watch)


# --- the two forms of output


@pytest.mark.usefixtures("warehouse")
def test_each_change_is_a_line_in_a_pipe(run: Run) -> None:
    completed()

    result = run("watch", "--once", "--env", "dev")

    assert result.exit_code == 0
    assert f"file     {KEY}: loaded: 2 of 3 rows new, 1 rejected" in result.stdout
    assert len(result.stdout.splitlines()) == 2 + len(STAGES)
    assert "verdict  dev: Nothing wrong is known" in result.stdout


@pytest.mark.usefixtures("warehouse")
def test_json_is_one_object_per_line(run: Run) -> None:
    completed()

    lines = [json.loads(line)["data"] for line in run("watch", "--once", "--json", "--env", "dev").stdout.splitlines()]

    (file,) = [line for line in lines if line["kind"] == "file"]
    assert file.keys() == {"time", "kind", "about", "words", "facts"}
    assert file["facts"]["rows_loaded"] == 2
    assert {line["kind"] for line in lines} == {"file", "queue", "verdict"}


@pytest.mark.usefixtures("warehouse")
def test_it_stops_when_its_time_is_over(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = iter([0.0, 1.0, 11.0, 21.0])
    monkeypatch.setattr("cafe.commands.watch.time.monotonic", lambda: next(clock))
    monkeypatch.setattr("cafe.commands.watch.time.sleep", slept.append)

    assert run("watch", "--seconds", "20", "--env", "dev").exit_code == 0
    assert slept == [10.0, 9.0]


@pytest.mark.usefixtures("warehouse")
def test_errors_of_aws_after_the_first_look_are_shown_and_retried(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def look(_watch: Watch, _moment: datetime) -> list[Change]:
        looks.append(1)
        if len(looks) == 2:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slow down"}}, "FilterLogEvents")
        return []

    clock = iter([0.0, 1.0, 2.0, 30.0])
    monkeypatch.setattr(Watch, "look", look)
    monkeypatch.setattr("cafe.commands.watch.time.monotonic", lambda: next(clock))
    monkeypatch.setattr("cafe.commands.watch.time.sleep", lambda _seconds: None)

    result = run("watch", "--seconds", "20", "--env", "dev")

    assert (result.exit_code, len(looks)) == (0, 3)
    assert "slow down" in result.stderr


@pytest.mark.usefixtures("warehouse")
def test_an_interrupted_watch_writes_no_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cafe.commands.watch.time.sleep", interrupt)

    assert run("watch", "--env", "dev").exit_code == 130


def test_the_screen_always_fits_the_terminal(watch: Watch, deployed: Any) -> None:
    for number in range(40):
        completed(file_id=f"{number:032}")
        log("load", "message.failed", "ERROR", message_id=f"{number}", error="A long story " * 20)
    send(deployed["load/deadletters/url"])
    watch.look(NOW)

    lines = drawn(watch).splitlines()

    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    assert any("40 files completed (40 loaded)" in line for line in lines)
    assert any("40 failures" in line for line in lines)


def test_the_screen_leaves_out_head_offices_prefix(watch: Watch) -> None:
    completed(key=f"head-office/{KEY}")

    watch.look(NOW)

    assert KEY in drawn(watch)
    assert "head-office" not in drawn(watch)


@pytest.mark.parametrize(
    ("counts", "bars"),
    [([], ""), ([0, 0], "▁▁"), ([0, 1, 7], "▁▂█"), ([100, 1], "█▂")],
    ids=["nothing yet", "empty", "from one to seven", "a single message shows"],
)
def test_a_sparkline_shows_even_a_single_message(counts: list[int], bars: str) -> None:
    assert sparkline(deque(counts)) == bars
