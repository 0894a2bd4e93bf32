"""What is returned to SQS, logged and recorded when messages of a delivery fail."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from load.delivery import load_messages
from load.plan import CompleteFile
from load.rules import StagedRowsDiffer
from load.stage import FileOutcome
from load.warehouse import StatementFailed, WarehouseUnavailable
from shared.contracts import Outcome, TransformedPart

GOLDEN = json.loads(Path("tests/contracts/golden/transformed_part.json").read_text(encoding="utf-8"))
SECONDS = 42
RECEIVED = datetime.fromisoformat(GOLDEN["file"]["source"]["last_modified"])
CAFES_KEY = "2021/2/23/2021-02-23-isle-of-wight.csv"
DIFFER = StagedRowsDiffer("orders", 2, 1)


class Context:
    """A function's context that never runs out of time."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


class LoadsAll:
    """A loader that loads every file; ``rows_rejected`` rows of each are refused."""

    def __init__(self, rows_in: int = 200, rows_rejected: int = 0) -> None:
        self.rows_in, self.rows_rejected = rows_in, rows_rejected

    def load_with_retries(
        self, parts: Sequence[TransformedPart], _batch_id: str, _patience_seconds: float
    ) -> list[FileOutcome]:
        loaded = self.rows_in - self.rows_rejected
        return [
            FileOutcome(CompleteFile((part,)), "loaded", self.rows_in, loaded, 0, 0, self.rows_rejected)
            for part in parts
        ]


class OneBadFile:
    """A loader that fails because of one file, or because of the warehouse."""

    def __init__(self, error: Exception, *, ledger_error: Exception | None = None) -> None:
        self.error = error
        self.ledger_error = ledger_error
        self.failed: list[str] = []

    def load_with_retries(
        self, parts: Sequence[TransformedPart], _batch_id: str, _patience_seconds: float
    ) -> list[FileOutcome]:
        if any(part.file.source.file_id == file_id(1) for part in parts):
            raise self.error
        return []

    def record_failed(self, part: TransformedPart, _error: Exception) -> None:
        if self.ledger_error:
            raise self.ledger_error
        self.failed.append(part.file.source.file_id)


@pytest.fixture(autouse=True)
def metrics_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Cafe")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "load")


def file_id(number: int) -> str:
    return f"{number:032d}"


def record(number: int, **file: Any) -> dict[str, Any]:
    source = GOLDEN["file"]["source"] | {"file_id": file_id(number), "key": f"2026/11/20/{number}.csv"}
    body = GOLDEN | {"file": GOLDEN["file"] | {"source": source} | file}
    return message(number, json.dumps(body))


def message(number: int, body: str, sent_at: datetime = RECEIVED, receives: int = 1) -> dict[str, Any]:
    attributes = {"SentTimestamp": str(int(sent_at.timestamp() * 1000)), "ApproximateReceiveCount": str(receives)}
    return {"messageId": str(number), "body": body, "attributes": attributes}


def measured(loader: Any, *records: dict[str, Any]) -> dict[str, list[float]]:
    """Deliver records SECONDS after S3 received their files; return the metrics."""
    context: Any = Context()
    metrics = Metrics(namespace="Cafe", service="load")
    logger = Logger(service="load-measured", stream=StringIO())
    load_messages(list(records), context, loader, logger, metrics, lambda: RECEIVED + timedelta(seconds=SECONDS))
    published: Any = metrics.serialize_metric_set()
    metrics.clear_metrics()
    return {name: published[name] for name in ("RejectedPercent", "SecondsToLoad", "SecondsWaited")}


def answer(loader: Any, *records: dict[str, Any], log: StringIO | None = None) -> list[str]:
    context: Any = Context()
    metrics = Metrics(namespace="Cafe", service="load")
    logger = Logger(service=f"load-{id(log)}", stream=log or StringIO())
    returned = load_messages(list(records), context, loader, logger, metrics)
    metrics.clear_metrics()
    return [failure["itemIdentifier"] for failure in returned["batchItemFailures"]]


@pytest.mark.parametrize("error", [DIFFER, StatementFailed("22P02", "bad value")], ids=["rows differ", "refused copy"])
def test_F31_a_file_at_fault_fails_alone_and_is_recorded_as_failed(error: Exception) -> None:
    loader = OneBadFile(error)

    assert answer(loader, *map(record, range(4))) == ["1"]
    assert loader.failed == [file_id(1)]


@pytest.mark.parametrize(
    "error",
    [WarehouseUnavailable("connecting", "refused"), StatementFailed("57014", "timeout"),
     StatementFailed("42703", "no such column"), StatementFailed("25006", "read-only transaction"),
     StatementFailed("XX000", "Assert"), StatementFailed("0A000", "not supported")],
    ids=["away", "timeout", "schema", "read-only", "no plan", "not supported"],
)  # fmt: skip
@pytest.mark.parametrize("files", [1, 2])
def test_F55_no_file_is_recorded_as_failed_for_a_fault_of_the_warehouse(error: Exception, files: int) -> None:
    loader = OneBadFile(error)

    assert answer(loader, *map(record, range(1, 1 + files))) == [str(number) for number in range(1, 1 + files)]
    assert loader.failed == []


def test_F36_a_failure_that_cannot_be_recorded_is_logged_and_its_message_comes_again() -> None:
    log = StringIO()
    loader = OneBadFile(DIFFER, ledger_error=WarehouseUnavailable("connecting", "refused"))

    assert answer(loader, record(1), log=log) == ["1"]
    assert "file.failure_not_recorded" in log.getvalue()


def test_a_message_that_cannot_be_read_names_no_file_to_record() -> None:
    loader = OneBadFile(DIFFER)

    assert answer(loader, message(0, "not JSON"), record(2)) == ["0"]
    assert loader.failed == []


def received(number: int, receives: int) -> dict[str, Any]:
    return message(number, record(number)["body"], receives=receives)


def test_a_file_that_keeps_failing_does_not_reach_the_warehouse_at_each_delivery() -> None:
    reached = [receives for receives in range(1, 13) if answer_reaches_warehouse(received(1, receives))]

    assert reached == [1, 2, 3, 4, 6, 8, 10, 12]


def answer_reaches_warehouse(delivered: dict[str, Any]) -> bool:
    """Deliver a file that is at fault; it stays in the queue. Return whether the warehouse was asked to load it."""
    loader = OneBadFile(DIFFER)
    assert answer(loader, delivered) == ["1"]
    return loader.failed == [file_id(1)]


def test_a_message_that_is_not_due_stays_in_the_queue_and_delays_no_other() -> None:
    log = StringIO()
    loader = OneBadFile(DIFFER)

    assert answer(loader, received(1, 5), record(2), record(3), log=log) == ["1"]
    assert loader.failed == []
    assert "messages.not_due" in log.getvalue()
    assert "message.failed" not in log.getvalue()


def test_a_delivery_without_a_message_that_is_due_still_reports_how_long_it_waited() -> None:
    context: Any = Context()
    metrics = Metrics(namespace="Cafe", service="load")
    logger = Logger(service="load-waits", stream=StringIO())

    loader: Any = OneBadFile(DIFFER)
    load_messages([received(1, 5)], context, loader, logger, metrics, lambda: RECEIVED + timedelta(hours=2))
    published: Any = metrics.serialize_metric_set()
    metrics.clear_metrics()

    assert published["SecondsWaited"] == [7200]
    assert published["TerminalFailures"] == [0]


def test_each_file_reports_the_time_since_s3_received_it() -> None:
    assert measured(LoadsAll(), record(0), record(1))["SecondsToLoad"] == [SECONDS, SECONDS]


def test_a_delivery_reports_how_long_its_oldest_message_waited() -> None:
    a_minute_before = record(1) | {"attributes": message(1, "", RECEIVED - timedelta(minutes=1))["attributes"]}

    assert measured(LoadsAll(), record(0), a_minute_before)["SecondsWaited"] == [SECONDS + 60]


@pytest.mark.parametrize(
    ("rows_in", "rows_rejected", "percent"),
    [(200, 0, 0), (200, 11, 5.5), (200, 200, 100), (3, 3, 3), (0, 0, 0)],
    ids=["none", "some", "all", "all of a small file, as if it had a hundred", "an empty file"],
)
def test_a_file_reports_the_share_of_its_rows_that_were_refused(
    rows_in: int, rows_rejected: int, percent: float
) -> None:
    assert measured(LoadsAll(rows_in, rows_rejected), record(0))["RejectedPercent"] == [percent]


def test_a_file_that_is_refused_whole_reports_a_hundred_percent() -> None:
    refused = record(0, outcome=str(Outcome.REJECTED), reason="unknown_dialect")

    assert measured(LoadsAll(0, 0), refused)["RejectedPercent"] == [100]


class LoadsVersions(OneBadFile):
    """A loader that records which files each transaction has."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error or DIFFER)
        self.transactions: list[list[str]] = []
        self.fails = error is not None

    def load_with_retries(
        self, parts: Sequence[TransformedPart], _batch_id: str, _patience_seconds: float
    ) -> list[FileOutcome]:
        self.transactions.append([part.file.source.file_id for part in parts])
        if self.fails:
            raise self.error
        return []


def version(number: int) -> dict[str, Any]:
    source = GOLDEN["file"]["source"] | {
        "file_id": file_id(number),
        "version_order": f"2026-11-20T20:0{number}:00Z 0000",
    }
    return message(number, json.dumps(GOLDEN | {"file": GOLDEN["file"] | {"source": source}}))


def test_versions_of_one_document_are_loaded_one_after_the_other() -> None:
    loader = LoadsVersions()

    assert answer(loader, version(3), version(1), version(2)) == []
    assert loader.transactions == [[file_id(1)], [file_id(2)], [file_id(3)]]


def test_the_later_versions_wait_in_the_queue_when_the_warehouse_fails() -> None:
    loader = LoadsVersions(WarehouseUnavailable("connecting", "refused"))

    assert answer(loader, version(3), version(1), version(2)) == ["1", "2", "3"]
    assert loader.transactions == [[file_id(1)]]


def test_a_files_changes_are_metrics_of_its_sender(capsys: pytest.CaptureFixture[str]) -> None:
    measured(LoadsAll(200, 0), record(0, source=GOLDEN["file"]["source"] | {"key": CAFES_KEY}))

    (line,) = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    assert (written["Sender"], written["OrdersAdded"], written["OrdersRemoved"]) == ("isle of wight", [200.0], [0.0])
    assert written["key"] == CAFES_KEY
    assert written["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Sender", "service"]]


def test_a_held_file_is_counted_and_logged_with_its_reason() -> None:
    log = StringIO()

    class Holds(LoadsAll):
        def load_with_retries(self, parts: Sequence[TransformedPart], *_: object) -> list[FileOutcome]:
            held = ("removes_much", "would remove 200 of 200 orders")
            return [FileOutcome(CompleteFile((part,)), "held", 1, 0, 0, 0, 0, *held) for part in parts]

    metrics = Metrics(namespace="Cafe", service="load")
    context: Any = Context()
    loader: Any = Holds()
    load_messages([record(0)], context, loader, Logger(service="load-held", stream=log), metrics)
    published: Any = metrics.serialize_metric_set()
    metrics.clear_metrics()

    assert published["FilesHeld"] == [1.0]
    completed = json.loads(log.getvalue().splitlines()[-1])
    assert (completed["outcome"], completed["reason"], completed["detail"]) == (
        "held",
        "removes_much",
        "would remove 200 of 200 orders",
    )
