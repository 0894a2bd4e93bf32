"""The processes of the functions, as Lambda runs them: the real handlers, on simulated clients of the services."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import replace
from dataclasses import dataclass
from functools import cache, partial
from types import CodeType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3

import extract.stage
import load.connection
import load.credentials
import load.delivery
import load.holding
import load.loader
import load.stage
import shared.aws_clients
import shared.contracts
import shared.observability
from shared.contracts import ExtractedPart, Outcome, decode_extracted_part
from simulation.clock import Clock, Stopped
from simulation.queues import SqsClient
from simulation.schedule import (
    CRASH_AFTER,
    CRASH_BEFORE,
    ERROR_AFTER,
    ERROR_BEFORE,
    FREEZE,
    REFUSE,
    STALL,
    UNKNOWN,
    Incident,
)
from simulation.storage import STAGING, S3Client

if TYPE_CHECKING:
    from simulation.world import World

# As in the template.
TIMEOUT_SECONDS = {"extract": 120, "transform": 120, "load": 300}
ROWS_PER_PART = 3
# Files have a handful of orders.
FEWEST_REMOVED = 2
MOST_REMOVED_PERCENT = 33
COPY_ROLE = "arn:aws:iam::123456789012:role/copy"
_ENVIRONMENT = {
    "STAGING_BUCKET": STAGING,
    "OLDEST_SALE_DAYS": "60",
    "WAREHOUSE_HOST": "warehouse",
    "WAREHOUSE_PORT": "5439",
    "WAREHOUSE_DATABASE": "cafe",
    "WAREHOUSE_SECRET_ARN": "secret",
    "COPY_ROLE_ARN": COPY_ROLE,
    "MOST_REMOVED_PERCENT": str(MOST_REMOVED_PERCENT),
    "ENVIRONMENT": "local",
    "MORNING_TOPIC_ARN": "",
}
_NEXT_QUEUE = {"extract": "extracted", "transform": "transformed", "load": ""}


def _not_started(event: dict[str, Any], context: "_Context") -> dict[str, Any]:
    raise AssertionError((event, context))


class Process:
    """One execution environment of a function: it stays warm from batch to batch until an incident kills it."""

    def __init__(self, world: "World", stage: str, number: int) -> None:
        self.world = world
        self.stage = stage
        self.name = f"{stage}-{number}"
        self.is_busy = False
        self._is_dead = True
        self._limit = 0.0
        self._handler: Callable[[dict[str, Any], _Context], dict[str, Any]] = _not_started
        self._invocations = 0

    # --- Lambda

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Call the handler, in a new process if the last one died. Raises Stopped if this one dies."""
        self._invocations += 1
        self.world.clock.running.owner = self
        self._limit = self.world.clock.now + TIMEOUT_SECONDS[self.stage]
        if self._is_dead:
            self._is_dead = False
            self._start()
        return self._handler(event, _Context(self, f"{self.name}-{self._invocations}"))

    def die(self, keeps_session_seconds: float = 0) -> Stopped:
        """Kill the process now: nothing that it does later has an effect. Returns the error to raise."""
        self._is_dead = True
        self.world.warehouse.lose_client(self, keeps_session_seconds)
        return Stopped()

    @property
    def remaining_seconds(self) -> float:
        """The seconds until the function times out."""
        return self._limit - self.world.clock.now

    def monotonic(self) -> float:
        """Read the process's clock, which may be wrong."""
        return self.world.clock.now + self.world.skew[self.stage]

    def fraction(self) -> float:
        """Draw a random number from 0 to 1."""
        return self.world.random.random()

    def pause(self, seconds: float) -> None:
        """Sleep, at most until the function times out."""
        self.ensure_alive()
        self.world.clock.sleep(min(seconds, max(self.remaining_seconds, 0)))
        self.ensure_alive()

    def ensure_alive(self) -> None:
        """Raise Stopped if the process is dead, or if its time is up."""
        if self._is_dead:
            raise Stopped
        if self.remaining_seconds <= 0:
            raise self.die()

    # --- a call of a service, and its incidents

    def call[T](
        self,
        service: str,
        effect: Callable[[], T],
        broken: Callable[[], Exception],
        refused: Callable[[Incident], Exception] | None = None,
        *,
        place: str = "",
    ) -> T:
        """Call a service; others may run meanwhile. Returns the result of ``effect``.

        An incident may raise `broken` or kill the process, before or after the effect. Incidents are looked up by the
        number of the call in its stage and, if ``place`` is given, by the number of the call in that place.
        """
        if self._is_dead:
            raise Stopped
        world = self.world
        if world.schedule.pace:
            world.clock.sleep(world.random.random() * world.schedule.pace)
            self.ensure_alive()
        incidents = world.next_call(self.stage)
        if place:
            incidents = incidents + world.next_call(place)
        if not incidents:
            if world.is_away(service):
                raise broken()
            return effect()
        for incident in incidents:
            self._before(incident, broken)
            if refused and incident.kind == REFUSE:
                raise refused(incident)
        if world.is_away(service):
            raise broken()
        result = effect()
        for incident in incidents:
            if incident.kind == CRASH_AFTER:
                raise self.die(incident.amount)
            if incident.kind == ERROR_AFTER:
                raise broken()
        return result

    def _before(self, incident: Incident, broken: Callable[[], Exception]) -> None:
        if incident.kind == CRASH_BEFORE:
            raise self.die(incident.amount)
        if incident.kind == ERROR_BEFORE:
            raise broken()
        if incident.kind == STALL:
            self.pause(incident.amount)
        if incident.kind == FREEZE:
            # As if the machine was suspended: the function's time stops meanwhile.
            self._limit += incident.amount
            self.world.clock.sleep(incident.amount)
            self.ensure_alive()

    # --- a cold start

    def _start(self) -> None:
        """Run the handler's module again, as a cold start does, on the simulated clients."""
        os.environ["NEXT_QUEUE_URL"] = _NEXT_QUEUE[self.stage]
        names: dict[str, Any] = {"__name__": f"simulated.{self.name}"}
        _starting.append(self)
        try:
            exec(_code(self.stage), names)  # noqa: S102  the real handler
        finally:
            _starting.pop()
        if self.stage == "load":
            names["connect"] = lambda *_: self.world.warehouse.connect(self)
        self._handler = names["lambda_handler"]

    def client(self, service: str) -> object:
        """Create a simulated client in place of boto3's."""
        if service == "s3":
            return S3Client(self, self.world.buckets)
        if service == "sqs":
            return SqsClient(self, self.world.queues)
        assert service == "secretsmanager"
        return _Secrets()


@dataclass(frozen=True, slots=True)
class _Context:
    process: Process
    aws_request_id: str
    function_name: str = "function"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(self.process.remaining_seconds * 1000))


class _Secrets:
    def get_secret_value(self, **request: str) -> dict[str, str]:
        del request
        return {"SecretString": '{"username": "loader", "password": "made-up"}'}


class _Log:
    """Replaces the functions' logger and keeps its log lines."""

    def __init__(self, process: Process) -> None:
        self._lines = process.world.log

    def inject_lambda_context[T](self, handler: T) -> T:
        return handler

    def append_keys(self, **keys: str) -> None:
        del keys

    def remove_keys(self, keys: Sequence[str]) -> None:
        del keys

    def get_current_keys(self) -> dict[str, str]:
        return {}

    def info(self, event: str, extra: dict[str, Any] | None = None) -> None:
        self._lines.append((event, extra or {}))

    warning = error = info


class _Metrics:
    """Replaces the functions' metrics and drops them."""

    def log_metrics[T](self, **options: bool) -> Callable[[T], T]:
        del options
        return lambda handler: handler

    def add_metric(self, name: str, unit: object, value: float) -> None:
        """Do nothing."""


class _SequentialPool:
    """Replaces load's thread pool and runs the work in sequence: the virtual clock cannot order real threads."""

    def __enter__(self) -> "_SequentialPool":
        return self

    def __exit__(self, *error: object) -> None:
        """Do nothing: there are no threads to wait for."""

    def map[T, R](self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        return map(work, items)


# The process that runs its cold start. A cold start calls no service, so there is at most one.
_starting: list[Process] = []


@cache
def _code(stage: str) -> CodeType:
    spec = importlib.util.find_spec(f"{stage}.handler")
    assert spec
    assert spec.loader
    code: CodeType = spec.loader.get_code(f"{stage}.handler")  # type: ignore[attr-defined]
    return code


def _bound_to_process(make: Callable[..., Any], **methods: str) -> Callable[..., Any]:
    """Make objects that a cold start creates use the time and random numbers of its process."""

    def made(*arguments: Any, **keywords: Any) -> Any:
        process = _starting[-1]
        return partial(make, **{name: getattr(process, method) for name, method in methods.items()})(
            *arguments, **keywords
        )

    return made


def _decode_held(text: str) -> ExtractedPart:
    """Decode a message of extract; as extract would, hold a file of an unknown café that was not extracted again."""
    part = decode_extracted_part(text)
    if is_unknown(part.file.source.key, part.file.source.version_order) and part.file.outcome is Outcome.READ:
        return replace(part, file=replace(part.file, outcome=Outcome.HELD, reason="unknown_cafe"))
    return part


def is_unknown(key: str, version_order: str) -> bool:
    """Return whether a file names an unknown café. When it is extracted again, somebody has registered the café."""
    return key == UNKNOWN and len(version_order.split(" ")) == 2


@contextmanager
def simulated_surroundings(clock: Clock) -> Iterator[None]:
    """Patch the real code to run outside Lambda: with small parts and no real threads, clock, chance or services."""
    with (
        patch.dict(os.environ, _ENVIRONMENT | {"NEXT_QUEUE_URL": ""}),
        patch.object(boto3, "client", lambda service, **_: _starting[-1].client(service)),
        patch.object(shared.aws_clients, "sending_small_objects_at_once", lambda s3: s3),
        patch.object(shared.observability, "stage_logger", lambda: _Log(_starting[-1])),
        patch.object(shared.observability, "stage_metrics", _Metrics),
        patch.object(extract.stage, "ROWS_PER_PART", ROWS_PER_PART),
        patch.object(load.stage, "ThreadPoolExecutor", _SequentialPool),
        patch.object(load.holding, "FEWEST_REMOVED", FEWEST_REMOVED),
        patch.object(shared.contracts, "decode_extracted_part", _decode_held),
        patch.object(load.delivery, "emit_by_sender", lambda *_, **__: None),
        patch.object(load.connection, "monotonic", lambda: clock.running.owner.monotonic()),
        patch.object(
            load.loader,
            "Loader",
            _bound_to_process(load.loader.Loader, pause="pause", clock="monotonic", fraction="fraction"),
        ),
        patch.object(
            load.credentials, "WarehouseSecret", _bound_to_process(load.credentials.WarehouseSecret, clock="monotonic")
        ),
    ):
        yield
