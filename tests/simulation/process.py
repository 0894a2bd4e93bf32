"""The processes of the functions, as Lambda runs them: the real handlers, on the simulation's clients."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from types import CodeType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3

import extract.stage
import load.connection
import load.credentials
import load.loader
import load.stage
import shared.observability
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
    Incident,
)
from simulation.storage import STAGING, S3Client

if TYPE_CHECKING:
    from simulation.world import World

TIMEOUT_SECONDS = 120
ROWS_PER_PART = 3
COPY_ROLE = "arn:aws:iam::123456789012:role/copy"
_ENVIRONMENT = {
    "STAGING_BUCKET": STAGING,
    "WAREHOUSE_HOST": "warehouse",
    "WAREHOUSE_PORT": "5439",
    "WAREHOUSE_DATABASE": "cafe",
    "WAREHOUSE_SECRET_ARN": "secret",
    "COPY_ROLE_ARN": COPY_ROLE,
}
_NEXT_QUEUE = {"extract": "extracted", "transform": "transformed", "load": ""}


def _not_started(event: dict[str, Any], context: "_Context") -> dict[str, Any]:
    raise AssertionError((event, context))


class Process:
    """One execution environment of a function: warm from batch to batch, until something kills it."""

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
        self._limit = self.world.clock.now + TIMEOUT_SECONDS
        if self._is_dead:
            self._is_dead = False
            self._start()
        return self._handler(event, _Context(self, f"{self.name}-{self._invocations}"))

    def die(self, keeps_session_seconds: float = 0) -> Stopped:
        """Kill the process at once: nothing that it does from now on has an effect."""
        self._is_dead = True
        self.world.warehouse.lose_client(self, keeps_session_seconds)
        return Stopped()

    @property
    def remaining_seconds(self) -> float:
        """The time that the function has left."""
        return self._limit - self.world.clock.now

    def monotonic(self) -> float:
        """Return the time of the process's own clock, which may be wrong."""
        return self.world.clock.now + self.world.skew[self.stage]

    def fraction(self) -> float:
        """Draw from 0 to 1."""
        return self.world.random.random()

    def pause(self, seconds: float) -> None:
        """Sleep, but no longer than the function's time lasts."""
        self.insist_alive()
        self.world.clock.sleep(min(seconds, max(self.remaining_seconds, 0)))
        self.insist_alive()

    def insist_alive(self) -> None:
        """Raise Stopped if the process is dead, or if its time is up."""
        if self._is_dead:
            raise Stopped
        if self.remaining_seconds <= 0:
            raise self.die()

    # --- a call of a service, and what may go wrong with it

    def call[T](
        self,
        service: str,
        effect: Callable[[], T],
        broken: Callable[[], Exception],
        refused: Callable[[Incident], Exception] | None = None,
        *,
        place: str = "",
    ) -> T:
        """Call a service. Before or after its effect, `broken` may be raised or the process may die; others may run.

        An incident names the call by its number in the stage, or in its ``place`` if it has one.
        """
        if self._is_dead:
            raise Stopped
        world = self.world
        if world.schedule.pace:
            world.clock.sleep(world.random.random() * world.schedule.pace)
            self.insist_alive()
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
            # As if the machine had slept: the function's time stops while the machine sleeps.
            self._limit += incident.amount
            self.world.clock.sleep(incident.amount)
            self.insist_alive()

    # --- a cold start

    def _start(self) -> None:
        """Run the handler's module again, as a cold start does, on the simulation's clients."""
        os.environ["NEXT_QUEUE_URL"] = _NEXT_QUEUE[self.stage]
        names: dict[str, Any] = {"__name__": f"simulated.{self.name}"}
        _starting.append(self)
        try:
            exec(_code(self.stage), names)  # noqa: S102  the handler of the stage
        finally:
            _starting.pop()
        if self.stage == "load":
            names["connect"] = lambda *_: self.world.warehouse.connect(self)
        self._handler = names["lambda_handler"]

    def client(self, service: str) -> object:
        """Create a client, as boto3 does."""
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
    """Takes log lines as the functions' logger does, and keeps them."""

    def __init__(self, process: Process) -> None:
        self._lines = process.world.log

    def inject_lambda_context[T](self, handler: T) -> T:
        return handler

    def append_keys(self, **keys: str) -> None:
        del keys

    def remove_keys(self, keys: Sequence[str]) -> None:
        del keys

    def info(self, event: str, extra: dict[str, Any] | None = None) -> None:
        self._lines.append((event, extra or {}))

    warning = error = info


class _Tally:
    """Takes metrics as the functions' metrics do."""

    def log_metrics[T](self, **options: bool) -> Callable[[T], T]:
        del options
        return lambda handler: handler

    def add_metric(self, name: str, unit: object, value: float) -> None:
        """Count nothing."""


class _OneByOne:
    """A pool of threads as load uses it, without threads: the clock could not control their order."""

    def __enter__(self) -> "_OneByOne":
        return self

    def __exit__(self, *error: object) -> None:
        """Do nothing: no thread is left to wait for."""

    def map[T, R](self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        return map(work, items)


# The process in its cold start. A cold start calls no service, so there is at most one.
_starting: list[Process] = []


@cache
def _code(stage: str) -> CodeType:
    spec = importlib.util.find_spec(f"{stage}.handler")
    assert spec
    assert spec.loader
    code: CodeType = spec.loader.get_code(f"{stage}.handler")  # type: ignore[attr-defined]
    return code


def _bound_to_process(make: Callable[..., Any], **methods: str) -> Callable[..., Any]:
    """Let what a cold start creates use the clock and the random numbers of its process, not the machine's."""

    def made(*arguments: Any, **keywords: Any) -> Any:
        process = _starting[-1]
        return partial(make, **{name: getattr(process, method) for name, method in methods.items()})(
            *arguments, **keywords
        )

    return made


@contextmanager
def simulated_surroundings(clock: Clock) -> Iterator[None]:
    """Let the real code run outside Lambda: small parts, and no threads, clock, chance or services of the machine."""
    with (
        patch.dict(os.environ, _ENVIRONMENT | {"NEXT_QUEUE_URL": ""}),
        patch.object(boto3, "client", lambda service: _starting[-1].client(service)),
        patch.object(shared.observability, "stage_logger", lambda: _Log(_starting[-1])),
        patch.object(shared.observability, "stage_metrics", _Tally),
        patch.object(extract.stage, "ROWS_PER_PART", ROWS_PER_PART),
        patch.object(load.stage, "ThreadPoolExecutor", _OneByOne),
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
