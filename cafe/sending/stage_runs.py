"""Run single stages on this machine, as processes or in containers, apart from the queues of the stack.

A stage sends its messages to a queue that is made for this one run. They can be shown and passed to the next stage,
and the deployed functions neither lose a message nor receive one twice.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cafe.deployed.environment import STAGES, Environment
from cafe.deployed.functions import deployed_function, deployed_functions
from cafe.deployed.queues import MESSAGES_A_CALL, queue_arn
from cafe.errors import CafeError
from cafe.local import containers, emulator, runtime
from cafe.local.containers import Containers
from cafe.local.keys import RootKeys
from cafe.local.layout import checkout
from cafe.local.state import running_stack
from cafe.local.workspaces import not_up
from cafe.sending.events import arrival_event, sqs_event
from cafe.sending.uploads import plan_drop, upload_file

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

type OnRun = Callable[["StageRun"], None]


class StageFailed(CafeError):
    """A stage that has to run before the requested one failed."""

    def __init__(self, stage: str) -> None:
        super().__init__(f"{stage} failed.", "Its log is above.")


class OnlyLocal(CafeError):
    """Single stages run on the local stack only."""

    def __init__(self, environment: str) -> None:
        super().__init__(
            f"Single stages cannot run in {environment}.",
            "Leave out --env to run them here; on AWS, `sam remote invoke` calls the deployed function.",
        )


@dataclass(frozen=True, slots=True)
class StageRun:
    """One run of a stage: its answer, the messages that it sent to the next stage, its log as text."""

    stage: str
    answer: Any
    failed: bool
    messages: tuple[str, ...]
    log: str

    @property
    def is_good(self) -> bool:
        """Whether it processed every message."""
        return not self.failed and not (isinstance(self.answer, dict) and self.answer.get("batchItemFailures"))


def drop_event(environment: Environment, file: Path) -> dict[str, Any]:
    """Drop one file, and build the event that calls extract for it. Raises CafeError unless it is a file."""
    if not file.is_file():
        raise CafeError(
            f"{file} is not a file.", "Name a branch file. To write some, type: cafe generate --samples night"
        )
    [upload] = plan_drop([file]).uploads
    stored = upload_file(environment.client("s3"), environment.fact("drop/bucket/name"), upload)
    return arrival_event(stored, queue_arn=queue_arn(environment, "extract/queue"), region=environment.region)


def event_for(
    environment: Environment, stage: str, file: Path, *, on_run: OnRun, in_containers: Containers | None = None
) -> dict[str, Any]:
    """Build the event that calls a stage for a branch file: drop the file, and run the stages before, one by one.

    ``on_run`` is called after each run. Raises StageFailed if one of them fails.
    """
    event = drop_event(environment, file)
    before = STAGES[: STAGES.index(stage)]
    for earlier, follower in zip(before, STAGES[1:], strict=False):
        run = run_stage(environment, earlier, event, in_containers)
        on_run(run)
        if not run.is_good:
            raise StageFailed(earlier)
        event = sqs_event(
            run.messages,
            queue_arn=queue_arn(environment, f"{follower}/queue"),
            region=environment.region,
            moment=datetime.now(UTC),
        )
    return event


def run_stage(
    environment: Environment, stage: str, event: Mapping[str, Any], in_containers: Containers | None = None
) -> StageRun:
    """Run a stage on an event, with the variables of the deployed function and the emulator's root credentials."""
    if environment.endpoint_url is None or environment.local_warehouse is None:
        raise OnlyLocal(environment.name)
    with _queue_of_its_own(environment) as queue_url:
        if in_containers is not None:
            invocation = containers.invoke(in_containers, stage, event, {"NEXT_QUEUE_URL": queue_url})
        else:
            variables = {
                **emulator.client_environment(environment.endpoint_url, _root_keys(environment)),
                "SSL_CERT_FILE": str(environment.local_warehouse.ca_file),
                **deployed_function(environment, stage).variables,
                "NEXT_QUEUE_URL": queue_url,
            }
            invocation = runtime.invoke(stage, event, variables)
        messages = tuple(_drain(environment.client("sqs"), queue_url))
    return StageRun(stage, invocation.answer, invocation.failed, messages, invocation.log)


def _root_keys(environment: Environment) -> RootKeys:
    """Give the keys that the environment itself uses."""
    credentials: Any = environment.session.get_credentials()
    return RootKeys(credentials.access_key, credentials.secret_key)


def prepare_containers(environment: Environment) -> Containers:
    """Make the local stack ready for `sam local`. Raises NoEngine if there is no container engine."""
    if not environment.is_local:
        raise OnlyLocal(environment.name)
    layout = checkout()
    stack = running_stack(layout)
    if stack is None:
        raise not_up(layout)
    return containers.prepare(layout, stack, deployed_functions(environment))


@contextmanager
def _queue_of_its_own(environment: Environment) -> Iterator[str]:
    sqs = environment.client("sqs")
    queue_url: str = sqs.create_queue(QueueName=f"cafe-invoke-{uuid.uuid4().hex}")["QueueUrl"]
    try:
        yield queue_url
    finally:
        sqs.delete_queue(QueueUrl=queue_url)


def _drain(sqs: "SQSClient", queue_url: str) -> Iterator[str]:
    """Receive all messages. They are not deleted: they stay hidden until the queue itself is deleted."""
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=MESSAGES_A_CALL).get("Messages"):
        for message in messages:
            yield message["Body"]


def read_event(text: str) -> dict[str, Any]:
    """Read an event from JSON. Raises CafeError if it is not a JSON object."""
    try:
        event = json.loads(text)
    except ValueError as error:
        raise CafeError(f"The event is not JSON: {error}.", "`cafe event FILE` prints one.") from error
    if not isinstance(event, dict):
        raise CafeError("The event is not a JSON object.", "`cafe event FILE` prints one.")
    return event
