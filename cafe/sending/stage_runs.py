"""Run single stages on this machine, each under Lambda's own runtime client, apart from the queues of the stack.

What a stage sends goes to a queue made for this one run, so that its messages can be shown, and handed to the next
stage, without any being taken from the deployed functions or sent to them a second time.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cafe.deployed.environment import STAGES, Environment
from cafe.errors import CafeError
from cafe.local import emulator, runtime
from cafe.sending.events import arrival_event, sqs_event
from cafe.sending.uploads import plan_drop, upload

MESSAGES_A_CALL = 10

type OnRun = Callable[["StageRun"], None]


class StageFailed(CafeError):
    """A stage that had to run before the one asked for did not do its work."""

    def __init__(self, stage: str) -> None:
        super().__init__(f"{stage} did not do its work.", "Its log is above.")


class OnlyLocal(CafeError):
    """Stages are run one by one on the local stack alone."""

    def __init__(self, environment: str) -> None:
        super().__init__(
            f"Stages are not run one by one in {environment}.",
            "Leave out --env to run them here; on AWS, `sam remote invoke` calls the deployed function.",
        )


@dataclass(frozen=True, slots=True)
class StageRun:
    """One stage's run: its answer, the messages that it sent to the next, its log as text."""

    stage: str
    answer: Any
    failed: bool
    messages: tuple[str, ...]
    log: str

    @property
    def is_good(self) -> bool:
        """Whether every message it was given is done."""
        return not self.failed and not (isinstance(self.answer, dict) and self.answer.get("batchItemFailures"))


def drop_event(environment: Environment, file: Path) -> dict[str, Any]:
    """Drop a file, and build the event that calls extract for it. Raises CafeError unless it is one file."""
    if not file.is_file():
        raise CafeError(f"{file} is no file.")
    [arrival] = plan_drop([file]).arrivals
    dropped = upload(environment.client("s3"), environment.fact("drop/bucket/name"), arrival)
    return arrival_event(
        dropped, queue=_queue_name(environment, "extract"), region=environment.region, moment=datetime.now(UTC)
    )


def event_for(environment: Environment, stage: str, file: Path, *, on_run: OnRun) -> dict[str, Any]:
    """Build the event that calls a stage for a branch file: drop it, and run the stages before, each by itself.

    ``on_run`` is told of each run. Raises StageFailed when one of them did not do its work.
    """
    event = drop_event(environment, file)
    before = STAGES[: STAGES.index(stage)]
    for earlier, follower in zip(before, STAGES[1:], strict=False):
        run = run_stage(environment, earlier, event)
        on_run(run)
        if not run.is_good:
            raise StageFailed(earlier)
        event = sqs_event(
            run.messages,
            queue=_queue_name(environment, follower),
            region=environment.region,
            moment=datetime.now(UTC),
        )
    return event


def run_stage(environment: Environment, stage: str, event: Mapping[str, Any]) -> StageRun:
    """Run a stage on an event, with the variables of the deployed function and the emulator's root credentials."""
    if environment.endpoint_url is None or environment.local_warehouse is None:
        raise OnlyLocal(environment.name)
    configuration = environment.client("lambda").get_function_configuration(
        FunctionName=environment.fact(f"{stage}/function/name")
    )
    with _queue_of_its_own(environment) as queue_url:
        variables = {
            **emulator.client_environment(environment.endpoint_url),
            "SSL_CERT_FILE": str(environment.local_warehouse.ca_file),
            **configuration["Environment"]["Variables"],
            "NEXT_QUEUE_URL": queue_url,
        }
        invocation = runtime.invoke(stage, event, variables)
        messages = tuple(_drain(environment.client("sqs"), queue_url))
    return StageRun(stage, invocation.answer, invocation.failed, messages, invocation.log)


@contextmanager
def _queue_of_its_own(environment: Environment) -> Iterator[str]:
    sqs = environment.client("sqs")
    queue_url: str = sqs.create_queue(QueueName=f"cafe-invoke-{uuid.uuid4().hex}")["QueueUrl"]
    try:
        yield queue_url
    finally:
        sqs.delete_queue(QueueUrl=queue_url)


def _drain(sqs: Any, queue_url: str) -> Iterator[str]:
    """Take all messages; taken ones stay hidden, and the queue goes away with them."""
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=MESSAGES_A_CALL).get("Messages"):
        for message in messages:
            yield message["Body"]


def _queue_name(environment: Environment, stage: str) -> str:
    return environment.fact(f"{stage}/queue/url").rsplit("/", 1)[-1]


def read_event(text: str) -> dict[str, Any]:
    """Read an event that was kept as JSON. Raises CafeError when it is none."""
    try:
        event = json.loads(text)
    except ValueError as error:
        raise CafeError(f"The event is not JSON: {error}.", "`cafe event FILE` prints one.") from error
    if not isinstance(event, dict):
        raise CafeError("The event is no JSON object.", "`cafe event FILE` prints one.")
    return event
