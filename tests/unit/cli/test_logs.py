"""`cafe logs`: one file followed through all three functions."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cafe.commands.logs import parse_since
from cafe.deployed.logs import LogLine, read_line, unseen
from unit.cli.builders import REGION, STAGES
from unit.cli.conftest import Run
from unit.clock import NOW

FILE_ID = "5d41402abc4b2a76b9719d911017c592"
KEY = "2021/2/23/chesterfield.csv"

type Write = Callable[..., None]


def structured(message: str, **fields: Any) -> str:
    return json.dumps({"level": "INFO", "location": "handler:1", "message": message, "service": "x", **fields})


@pytest.fixture
def write(deployed: dict[str, Any]) -> Write:
    """Write a line, some seconds old, to a stage's log group."""
    logs = boto3.client("logs", REGION)
    for stage in STAGES:
        logs.create_log_group(logGroupName=deployed[f"{stage}/logs/group"])
        logs.create_log_stream(logGroupName=deployed[f"{stage}/logs/group"], logStreamName="one")

    def put(stage: str, text: str, *, seconds_ago: int = 0) -> None:
        moment = int((NOW - timedelta(seconds=seconds_ago)).timestamp() * 1000)
        logs.put_log_events(
            logGroupName=deployed[f"{stage}/logs/group"],
            logStreamName="one",
            logEvents=[{"timestamp": moment, "message": text}],
        )

    return put


def messages(stdout: str) -> list[tuple[str, str]]:
    lines = [json.loads(line)["data"] for line in stdout.splitlines()]
    return [(line["stage"], line["message"]) for line in lines]


def test_lines_of_all_stages_are_merged_by_time(write: Write, run: Run) -> None:
    write("load", structured("file.loaded"), seconds_ago=1)
    write("extract", structured("file.extracted"), seconds_ago=3)
    write("transform", structured("part.transformed"), seconds_ago=2)

    result = run("logs", "--env", "dev", "--json")

    assert messages(result.stdout) == [
        ("extract", "file.extracted"),
        ("transform", "part.transformed"),
        ("load", "file.loaded"),
    ]


@pytest.mark.parametrize("file", [FILE_ID, KEY, "chesterfield.csv"], ids=["id", "key", "end of a key"])
def test_a_file_is_followed_by_its_id_or_its_key(write: Write, run: Run, file: str) -> None:
    write("extract", structured("file.extracted", file_id=FILE_ID, key=KEY), seconds_ago=2)
    write("load", structured("file.loaded", file_id=FILE_ID, key=KEY), seconds_ago=1)
    write("load", structured("file.loaded", file_id="0" * 32, key="2021/2/23/leeds.csv"))

    result = run("logs", file, "--env", "dev", "--json")

    assert messages(result.stdout) == [("extract", "file.extracted"), ("load", "file.loaded")]


def test_one_stage_can_be_shown_alone(write: Write, run: Run) -> None:
    write("extract", structured("file.extracted"))
    write("load", structured("file.loaded"))

    result = run("logs", "--stage", "load", "--env", "dev", "--json")

    assert messages(result.stdout) == [("load", "file.loaded")]


def test_lines_from_before_the_span_are_left_out(write: Write, run: Run) -> None:
    write("load", structured("old"), seconds_ago=7200)
    write("load", structured("new"), seconds_ago=60)

    result = run("logs", "--since", "1h", "--env", "dev", "--json")

    assert messages(result.stdout) == [("load", "new")]


def test_a_line_is_shown_with_its_own_fields_only(write: Write, run: Run) -> None:
    write("load", structured("file.loaded", key=KEY, rows=3))

    shown = run("logs", "--env", "dev").stdout

    assert f"load      INFO    file.loaded key={KEY} rows=3" in shown
    assert "location" not in shown


@pytest.mark.usefixtures("write")
def test_without_lines_it_says_so(run: Run) -> None:
    result = run("logs", "--env", "dev")

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "Nothing was logged" in result.stderr


def event(text: str) -> dict[str, Any]:
    return {"timestamp": 1614110400123, "message": text}


@pytest.mark.parametrize(
    "text",
    [
        "START RequestId: 1 Version: $LATEST",
        "END RequestId: 1",
        "REPORT RequestId: 1",
        '{"_aws": {}, "Rows": 3}',
        '{"time": "2026-11-25T03:00:00Z", "type": "platform.start", "record": {"requestId": "1"}}',
        '{"time": "2026-11-25T03:00:00Z", "type": "platform.report", "record": {"status": "success", "metrics": {}}}',
    ],
    ids=["start", "end", "report", "metrics", "start in JSON", "report in JSON"],
)
def test_lambdas_own_lines_are_left_out(text: str) -> None:
    assert read_line(event(text), "load") is None


@pytest.mark.parametrize(
    "text",
    ["Task timed out after 60.05 seconds", "[ERROR] Runtime.ImportModuleError: no module", "[1, 2]"],
)
def test_a_line_of_the_runtime_is_shown_unchanged(text: str) -> None:
    line = read_line(event(text + "\n"), "load")

    assert line == LogLine(datetime(2021, 2, 23, 20, 0, 0, 123_000, tzinfo=UTC), "load", "", text, {}, text)


def test_lambdas_line_about_a_timeout_is_shown() -> None:
    text = json.dumps({"type": "platform.report", "record": {"status": "timeout", "errorType": "Sandbox.Timedout"}})

    line = read_line(event(text), "load")

    assert line is not None
    assert (line.level, line.message) == ("ERROR", "platform.report")
    assert line.fields == {"status": "timeout", "error": "Sandbox.Timedout"}


def test_a_followed_line_is_shown_once() -> None:
    line = LogLine(NOW, "load", "INFO", "file.loaded", {}, "text")
    seen: set[tuple[datetime, str, str]] = set()

    assert unseen([line], seen) == [line]
    assert unseen([line], seen) == []


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("1h", 3600), ("2d", 172_800)], ids=["s", "m", "h", "d"]
)
def test_spans_have_a_unit(text: str, seconds: int) -> None:
    assert parse_since(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1", "yesterday", "-1h", "1.5h"])
def test_text_that_is_not_a_span_is_an_error(run: Run, text: str) -> None:
    result = run("logs", "--since", text, "--env", "dev")

    assert result.exit_code == 2
    assert "90s, 15m, 1h" in result.stderr
