"""The batch loop: one bad message affects no other, and no message is started that may not finish."""

import json
from collections.abc import Callable
from io import StringIO
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from shared.batch import process_messages
from shared.errors import TerminalError
from shared.observability import stage_metrics

services = count()


def event_of(*bodies: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "1"}
    return {
        "Records": [
            {"messageId": f"m{place}", "body": body, "attributes": attributes, "eventSource": "aws:sqs"}
            for place, body in enumerate(bodies)
        ]
    }


@pytest.fixture
def context() -> Any:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: 1000)


@pytest.fixture(autouse=True)
def powertools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "extract")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Cafe")


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def run(handle: Callable[[str], None], *bodies: str, context: Any, log: StringIO | None = None) -> dict[str, Any]:
    # Powertools keeps one handler for each service. A unique name gives each test its own stream.
    logger = Logger(service=f"extract-{next(services)}", stream=log or StringIO())
    return process_messages(event_of(*bodies), context, handle, logger, stage_metrics())


def test_F31_one_bad_message_of_ten_fails_alone(context: Any) -> None:
    def handle(body: str) -> None:
        if body == "bad":
            raise TerminalError("a bad message")

    answer = run(handle, *["good"] * 6, "bad", *["good"] * 3, context=context)

    assert failed(answer) == ["m6"]


def test_F32_a_batch_whose_every_message_fails_returns_them_and_raises_nothing(context: Any) -> None:
    def handle(body: str) -> None:
        raise ValueError(body)

    assert failed(run(handle, "a", "b", context=context)) == ["m0", "m1"]


def test_no_message_is_started_with_less_than_half_of_the_time_left() -> None:
    remaining = iter([1000, 1000, 501, 499, 10])
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: next(remaining))
    started: list[str] = []

    answer = run(started.append, "a", "b", "c", "d", context=context)

    assert started == ["a", "b"]
    assert failed(answer) == ["m2", "m3"]


def test_F62_the_message_of_another_librarys_error_never_reaches_the_log(context: Any) -> None:
    log = StringIO()

    def handle(_: str) -> None:
        raise ValueError("could not convert string to float: 'Zaphod Planted'")

    run(handle, "row", context=context, log=log)

    line = json.loads(log.getvalue())
    assert "Planted" not in json.dumps(line)
    assert (line["error"], line["message_id"]) == ("ValueError", "m0")
    assert "test_batch" in line["raised_at"]


def test_a_failure_names_its_file_and_the_next_message_starts_without_it(context: Any) -> None:
    log = StringIO()
    logger = Logger(service=f"extract-{next(services)}", stream=log)

    def handle(body: str) -> None:
        if body == "known":
            logger.append_keys(file_id="f" * 32, key="leeds.csv")
        raise TerminalError("no")

    process_messages(event_of("known", "unknown"), context, handle, logger, stage_metrics())

    known, unknown = map(json.loads, log.getvalue().splitlines())
    assert (known["file_id"], known["key"]) == ("f" * 32, "leeds.csv")
    assert "file_id" not in unknown


def test_the_message_of_the_pipelines_own_error_is_logged(context: Any) -> None:
    log = StringIO()

    def handle(_: str) -> None:
        raise TerminalError("part 3 is missing. Drop the file again.")

    run(handle, "row", context=context, log=log)

    assert json.loads(log.getvalue())["problem"] == "part 3 is missing. Drop the file again."
