"""What is answered to SQS, told and recorded when messages of a delivery fail."""

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from load.delivery import answer_delivery
from load.rules import StagedRowsDiffer
from load.stage import EndedFile
from load.warehouse import StatementFailed, WarehouseUnavailable
from shared.contracts import TransformedPart

GOLDEN = json.loads(Path("tests/contracts/golden/transformed_part.json").read_text(encoding="utf-8"))
DIFFER = StagedRowsDiffer("orders", 2, 1)


class Context:
    """A function's context that never runs out of time."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


class OneFileSpoils:
    """A loader to which one file is at fault, or the warehouse."""

    def __init__(self, error: Exception, *, ledger_error: Exception | None = None) -> None:
        self.error = error
        self.ledger_error = ledger_error
        self.failed: list[str] = []

    def load(self, parts: Sequence[TransformedPart], _batch_id: str, _patience_seconds: float) -> list[EndedFile]:
        if any(part.file.source.file_id == file_id(1) for part in parts):
            raise self.error
        return []

    def record_failed(self, part: TransformedPart, _error: Exception) -> None:
        if self.ledger_error:
            raise self.ledger_error
        self.failed.append(part.file.source.file_id)


def file_id(number: int) -> str:
    return f"{number:032d}"


def record(number: int) -> dict[str, Any]:
    source = GOLDEN["file"]["source"] | {"file_id": file_id(number)}
    body = GOLDEN | {"file": GOLDEN["file"] | {"source": source}}
    return {"messageId": str(number), "body": json.dumps(body)}


def answer(loader: Any, *records: dict[str, Any], log: StringIO | None = None) -> list[str]:
    context: Any = Context()
    metrics = Metrics(namespace="Cafe", service="load")
    logger = Logger(service=f"load-{id(log)}", stream=log or StringIO())
    told = answer_delivery(list(records), context, loader, logger, metrics)
    metrics.clear_metrics()
    return [failure["itemIdentifier"] for failure in told["batchItemFailures"]]


@pytest.mark.parametrize("error", [DIFFER, StatementFailed("22P02", "bad value")], ids=["rows differ", "refused copy"])
def test_F31_a_file_at_fault_fails_alone_and_is_recorded_as_failed(error: Exception) -> None:
    loader = OneFileSpoils(error)

    assert answer(loader, *map(record, range(4))) == ["1"]
    assert loader.failed == [file_id(1)]


@pytest.mark.parametrize(
    "error",
    [WarehouseUnavailable("connecting", "refused"), StatementFailed("57014", "timeout"),
     StatementFailed("42703", "no such column"), StatementFailed("25006", "read-only transaction")],
    ids=["away", "timeout", "schema", "read-only"],
)  # fmt: skip
@pytest.mark.parametrize("files", [1, 2])
def test_F55_no_file_is_recorded_as_failed_for_what_the_warehouse_is_to_blame_for(error: Exception, files: int) -> None:
    loader = OneFileSpoils(error)

    assert answer(loader, *map(record, range(1, 1 + files))) == [str(number) for number in range(1, 1 + files)]
    assert loader.failed == []


def test_F36_a_failure_that_cannot_be_recorded_is_told_and_its_message_comes_again() -> None:
    log = StringIO()
    loader = OneFileSpoils(DIFFER, ledger_error=WarehouseUnavailable("connecting", "refused"))

    assert answer(loader, record(1), log=log) == ["1"]
    assert "file.failure_not_recorded" in log.getvalue()


def test_a_message_that_cannot_be_read_names_no_file_to_record() -> None:
    loader = OneFileSpoils(DIFFER)

    assert answer(loader, {"messageId": "0", "body": "not JSON"}, record(2)) == ["0"]
    assert loader.failed == []
