"""A stack as it is at one moment, with a rich sample of everything, and a screen to run commands on."""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import time_machine
from moto.moto_api._internal import mock_random
from rich.console import Console
from rich.progress import Progress
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from typer.main import get_command

from cafe.cli import app
from cafe.deployed.environment import Environment
from cafe.sending.erasure import Erasure
from extract.register import REGISTER_KEY, Cafe, Register
from shared.contracts import file_id_of
from unit.cli.builders import (
    DROP_BUCKET,
    REGION,
    STAGES,
    STAGING_BUCKET,
    FakeWarehouse,
    answer,
    cafe_day_row,
    check_run_row,
    ledger_row,
    reject_row,
)
from unit.clock import NOW

TERMINAL_WIDTHS = (80, 120)
LEEDS = "head-office/2026/11/26/leeds_26-11-2026_21-00-00.csv"
LONG = "head-office/2026/11/26/newcastle_upon_tyne_26-11-2026_20-00-00.csv"
HELD = "2026/11/26/isle_of_wight_26-11-2026_21-00-00.csv"
REJECTED = "head-office/2026/11/26/epsom_26-11-2026_21-00-00.csv"
COLUMNS_SEEN = "columns seen: Customer Name, Drink, Qty, Price; expected: time, branch, customer, items, total, payment"
CONTROL_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

type Show = Callable[..., str]


class ScreenFile(SingleFileSnapshotExtension):
    """One text file for each screen, with the screen as people see it, beside the tests."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def screen_file(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The file that holds a screen."""
    return snapshot.use_extension(ScreenFile)


class Stream(io.StringIO):
    """Standard output or error: a terminal or a pipe."""

    encoding = "utf-8"

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._is_terminal


@contextmanager
def nothing_moves(*_arguments: Any, **_options: Any) -> Iterator[Any]:
    """Take the place of a spinner."""
    yield SimpleNamespace(update=lambda _text: None)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Show:
    """Run a command on a terminal of a width or, without one, into pipes. Returns what it writes, and its exit code."""
    monkeypatch.setattr(Console, "status", nothing_moves)
    for module in ("cafe.terminal.presentation", "cafe.commands.generate"):
        monkeypatch.setattr(
            f"{module}.Progress", lambda *columns, **options: Progress(*columns, **options | {"disable": True})
        )
    monkeypatch.setattr("cafe.sending.uploads.CONCURRENT_UPLOADS", 1)
    for name in ("CAFE_ENV", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("LINES", "40")
    monkeypatch.setenv("PAGER", "cat")
    # Paths are relative, so that they are as long everywhere.
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, columns: int | None, stdin: str = "") -> str:
        output, errors = (Stream(is_terminal=columns is not None) for _ in range(2))
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(stdin))
            patch.setattr("sys.stdout", output)
            # Every step takes no time.
            patch.setattr("time.monotonic", lambda: 0.0)
            # On a terminal both are one screen.
            patch.setattr("sys.stderr", output if columns else errors)
            if columns:
                patch.setenv("COLUMNS", str(columns))
            with pytest.raises(SystemExit) as ended:
                get_command(app).main(list(arguments), prog_name="cafe")
        text = output.getvalue()
        if columns:
            text = "\n".join(line.rstrip() for line in CONTROL_CODES.sub("", text).split("\n"))
            # The live screen is as high as the terminal.
            text = re.sub(r"\n{3,}", "\n\n", text)
        else:
            assert " \n" not in text, "a line in a pipe ends in a blank"
            text += f"--- standard error\n{errors.getvalue()}" if errors.getvalue() else ""
        return f"{text}--- exit code {ended.value.code}\n"

    return run


class AnsweringLoad:
    """The Lambda service, with load's answer to every request."""

    def invoke(self, **_named: Any) -> dict[str, Any]:
        found = {
            "faults": {"claims_hold": 0, "orders_unique": 2, "rows_conserved": 0},
            "samples": {"orders_unique": [{"order_id": f"{number}" * 32, "copies": "2"} for number in (1, 2)]},
            "isolation": "Snapshot Isolation",
            "retracted": [{"file_id": "1" * 32, "orders": 1, "pence": 1235}],
            "renamed": 1,
            "text": "Thursday 26 November: 17 of 18 cafés are in.\n\nTakings: £32,143.75, 4.2 % more than usual.\n",
            "approved": [
                {"file_id": "2" * 32, "key": HELD, "outcome": "loaded", "rows_loaded": 5, "rows_removed": 185}
            ],
        }
        return {"Payload": io.BytesIO(json.dumps(found).encode())}


@pytest.fixture
def sample(deployed: dict[str, Any], warehouse: FakeWarehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stack in the evening: files that are loaded, rejected and held, an alarm, a dead letter, a missing café."""
    mock_random.seed(1)
    with time_machine.travel(NOW, tick=False):
        _fill(deployed, warehouse)
        client = Environment.client
        monkeypatch.setattr(
            Environment, "client", lambda self, name: AnsweringLoad() if name == "lambda" else client(self, name)
        )
        monkeypatch.setattr("cafe.cli.version", lambda _package: "1.0.0")
        yield


def _fill(deployed: dict[str, Any], warehouse: FakeWarehouse) -> None:
    s3, logs, sqs = boto3.client("s3", REGION), boto3.client("logs", REGION), boto3.client("sqs", REGION)
    versions = {
        key: s3.put_object(Bucket=DROP_BUCKET, Key=key, Body=key.encode())["VersionId"]
        for key in (LEEDS, LONG, HELD, REJECTED)
    }
    ids = {key: file_id_of(DROP_BUCKET, key, version) for key, version in versions.items()}
    for stage in STAGES:
        group = deployed[f"{stage}/logs/group"]
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="one")
    _log(
        logs,
        deployed,
        "extract",
        "file.extracted",
        ids[LEEDS],
        LEEDS,
        rows=386,
        rejects=1,
        dialect="feed-b",
        parts=1,
        duration_ms=204,
    )
    _log(logs, deployed, "extract", "rows.rejected", ids[LEEDS], LEEDS, rejects=1, rule="bad_total")
    _log(
        logs,
        deployed,
        "transform",
        "part.transformed",
        ids[LEEDS],
        LEEDS,
        part=1,
        parts=1,
        orders=385,
        items=812,
        rejects=0,
        pence=200475,
        duration_ms=61,
    )
    _log(
        logs,
        deployed,
        "load",
        "file.completed",
        ids[LEEDS],
        LEEDS,
        outcome="loaded",
        rows_in=386,
        rows_loaded=385,
        rows_rejected=1,
        duration_ms=72,
    )
    _log(logs, deployed, "load", "message.failed", ids[LONG], LONG, "ERROR", error="WarehouseBusy")
    body = json.dumps({"Records": [{"s3": {"object": {"key": LONG}}}]})
    sqs.send_message(QueueUrl=deployed["load/deadletters/url"], MessageBody=body)
    sqs.send_message(QueueUrl=deployed["transform/queue/url"], MessageBody="x")
    register = Register(
        tuple(
            Cafe(key=key, name=name, written_as=name, since="2026-11-24")
            for name, key in (("Isle of Wight", "isle_of_wight"), ("Newcastle upon Tyne", "newcastle_upon_tyne"))
        )
    )
    s3.put_object(Bucket=STAGING_BUCKET, Key=REGISTER_KEY, Body=register.text().encode())
    erased = Erasure(
        "2026-11-25T09:00:00Z",
        "arn:aws:sts::123456789012:assumed-role/head-office/ada",
        f"--file {LONG}",
        ({"key": LONG},),
        True,
    )
    s3.put_object(Bucket=STAGING_BUCKET, Key="erased/1.json", Body=json.dumps(asdict(erased)))
    boto3.client("cloudwatch", REGION).put_metric_alarm(
        AlarmName="cafe-dev-dead-letters", AlarmDescription="Runbook: docs/operations.md#dead-letters",
        MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1, Statistic="Sum",
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )  # fmt: skip
    boto3.client("cloudwatch", REGION).set_alarm_state(
        AlarmName="cafe-dev-dead-letters", StateValue="ALARM", StateReason="test"
    )
    at = {"last_modified": NOW.replace(tzinfo=None), "recorded_at": NOW.replace(tzinfo=None)}
    rows = {
        LEEDS: {"rows_in": 386, "rows_loaded": 385, "rows_rejected": 1, "amount_loaded": Decimal("2004.75")},
        REJECTED: {
            "outcome": "rejected",
            "reason": "unknown_dialect",
            "detail": COLUMNS_SEEN,
            "rows_in": 0,
            "rows_loaded": 0,
        },
        HELD: {
            "outcome": "held",
            "reason": "removes_much",
            "detail": "would remove 185 of 200 orders",
            "rows_loaded": 0,
            "rows_in": 20,
        },
    }
    ledger = {
        key: ledger_row(source_key=key, version_id=versions[key], file_id=ids[key], **fields | at)
        for key, fields in rows.items()
    }
    warehouse.answers |= {
        "recent_files": answer(*ledger.values()),
        "held_files": answer(ledger[HELD]),
        "ledger_of_file": answer(ledger[LEEDS]),
        "rejects": answer(
            reject_row(source_key=LEEDS, file_id=ids[LEEDS], line_number=1234, detail="item 2"),
            reject_row(source_key=LEEDS, file_id=ids[LEEDS], line_number=7, rule="items_not_separated"),
            reject_row(
                source_key=REJECTED,
                file_id=ids[REJECTED],
                line_number=None,
                stage="file",
                rule="unknown_dialect",
                detail=COLUMNS_SEEN,
            ),
        ),
        "retractable_files": answer({"file_id": ids[LEEDS], "is_held": False, "orders": 1, "amount": Decimal("12.35")}),
        "last_check_run": answer(check_run_row() | {"checked_at": NOW.replace(tzinfo=None) - timedelta(minutes=4)}),
        "cafes_and_nights": answer(cafe_day_row("Isle of Wight"), cafe_day_row("Leeds", orders=385)),
    }


def _log(
    logs: Any,
    deployed: dict[str, Any],
    stage: str,
    message: str,
    file_id: str,
    key: str,
    level: str = "INFO",
    **fields: Any,
) -> None:
    event = {"level": level, "message": message, "file_id": file_id, "key": key, **fields}
    logs.put_log_events(
        logGroupName=deployed[f"{stage}/logs/group"], logStreamName="one",
        logEvents=[{"timestamp": int(NOW.timestamp() * 1000), "message": json.dumps(event)}],
    )  # fmt: skip


@pytest.fixture
def show_everywhere(show: Show) -> Show:
    """Run a command on each width of a terminal and into a pipe, and put all that is written into one text."""

    def run(*arguments: str, stdin: str = "", before: Callable[[], None] = lambda: None) -> str:
        parts = []
        for columns in (*TERMINAL_WIDTHS, None):
            before()
            heading = f"terminal of {columns} columns" if columns else "pipe"
            parts.append(f"=== {heading}: cafe {' '.join(arguments)}\n{show(*arguments, columns=columns, stdin=stdin)}")
        return "\n".join(parts)

    return run
