"""The batch loop: one bad message affects no other, and no message is started that may not finish."""

import json
from collections.abc import Callable
from io import StringIO
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from shared.aws_errors import ServiceUnavailable
from shared.batch import process_messages
from shared.errors import TerminalError
from shared.observability import stage_metrics
from shared.outbox import SqsOutbox

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


class FakeOutbox(SqsOutbox):
    """An outbox that keeps what it is given, and whose queue may refuse. A message is one letter."""

    def __init__(self, *, refuses: str = "", most: int = 10) -> None:
        self.gathered: list[str] = []
        self.sent: list[list[str]] = []
        self._refuses = refuses
        self._most = most

    def add(self, body: str) -> None:
        self.gathered.append(body)

    @property
    def is_full(self) -> bool:
        return len(self.gathered) >= self._most

    def hand_on(self) -> None:
        bodies, self.gathered = self.gathered, []
        if self._refuses in bodies:
            raise ServiceUnavailable("sending to the next queue", "Throttled")
        if bodies:
            self.sent.append(bodies)


def of_body(handle: Callable[[str], None]) -> Callable[[dict[str, Any]], None]:
    """Handle a record by what is in its body."""
    return lambda record: handle(record["body"])


def run(handle: Callable[[str], None], *bodies: str, context: Any, log: StringIO | None = None) -> dict[str, Any]:
    # Powertools keeps one handler for each service. A unique name gives each test its own stream.
    logger = Logger(service=f"extract-{next(services)}", stream=log or StringIO())
    return process_messages(event_of(*bodies), context, of_body(handle), FakeOutbox(), logger, stage_metrics())


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

    process_messages(event_of("known", "unknown"), context, of_body(handle), FakeOutbox(), logger, stage_metrics())

    known, unknown = map(json.loads, log.getvalue().splitlines())
    assert (known["file_id"], known["key"]) == ("f" * 32, "leeds.csv")
    assert "file_id" not in unknown


def test_the_message_of_the_pipelines_own_error_is_logged(context: Any) -> None:
    log = StringIO()

    def handle(_: str) -> None:
        raise TerminalError("part 3 is missing. Drop the file again.")

    run(handle, "row", context=context, log=log)

    assert json.loads(log.getvalue())["problem"] == "part 3 is missing. Drop the file again."


def hand_on(bodies: str, outbox: FakeOutbox, context: Any, risky: str = "") -> list[str]:
    """Handle messages of one letter each; return which failed."""
    logger = Logger(service=f"extract-{next(services)}", stream=StringIO())

    def handle(body: str) -> None:
        if body == "!":
            raise TerminalError("a bad message")
        outbox.add(body)

    answer = process_messages(
        event_of(*bodies),
        context,
        of_body(handle),
        outbox,
        logger,
        stage_metrics(),
        is_risky=lambda r: r["body"] in risky,
    )
    return failed(answer)


def test_what_several_messages_leave_is_sent_at_once(context: Any) -> None:
    outbox = FakeOutbox(most=3)

    assert hand_on("abcd!e", outbox, context) == ["m4"]

    assert outbox.sent == [["a", "b", "c"], ["d", "e"]]


def test_what_is_done_is_handed_on_before_a_message_that_may_take_the_function_down(context: Any) -> None:
    outbox = FakeOutbox()

    hand_on("abcde", outbox, context, risky="cd")

    assert outbox.sent == [["a", "b"], ["c"], ["d", "e"]]


def test_F42_messages_whose_results_could_not_be_handed_on_have_failed_and_no_others(context: Any) -> None:
    outbox = FakeOutbox(refuses="c", most=2)

    assert hand_on("abc!de", outbox, context) == ["m3", "m2", "m4"]

    assert outbox.sent == [["a", "b"], ["e"]]


def test_a_message_that_could_not_be_handed_on_names_its_file(context: Any) -> None:
    log, outbox = StringIO(), FakeOutbox(refuses="a")
    logger = Logger(service=f"extract-{next(services)}", stream=log)

    def handle(body: str) -> None:
        logger.append_keys(file_id=body * 32, key=f"{body}.csv")
        outbox.add(body)

    process_messages(event_of("a", "b"), context, of_body(handle), outbox, logger, stage_metrics())

    assert [(line["file_id"][0], line["key"]) for line in map(json.loads, log.getvalue().splitlines())] == [
        ("a", "a.csv"),
        ("b", "b.csv"),
    ]


def test_a_message_that_was_delivered_before_is_risky(context: Any) -> None:
    outbox, logger = FakeOutbox(), Logger(service=f"extract-{next(services)}", stream=StringIO())
    event = event_of("a", "b", "c")
    event["Records"][1]["attributes"] = {"ApproximateReceiveCount": "2"}

    process_messages(event, context, of_body(outbox.add), outbox, logger, stage_metrics())

    assert outbox.sent == [["a"], ["b", "c"]]
