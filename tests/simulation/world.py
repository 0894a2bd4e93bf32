"""One run of one schedule: the services that the functions call, and the pollers that invoke them."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from load.warehouse import Session
from shared.contracts import file_id_of
from simulation.branch_files import body_of
from simulation.clock import Clock, Stopped
from simulation.invariants import CommittedState
from simulation.model import ModelEngine
from simulation.process import Process
from simulation.queues import Message, Queue
from simulation.schedule import (
    APPROVE,
    COPY,
    MESSAGE_FAULTS,
    OUTAGE,
    PORT_FAULTS,
    PURGE,
    QUEUES,
    RE_EXTRACT,
    RECONCILE,
    REDELIVER,
    REDRIVE,
    RETRACT,
    SHORT_COPY,
    SKEW,
    STAGES,
    UNACKNOWLEDGED,
    Drop,
    Incident,
    Schedule,
)
from simulation.sessions import SimulatedWarehouse
from simulation.storage import DROP, EPOCH, Buckets
from simulation.tables import PERMANENT, Database, Row

WORKERS = 2
LARGEST_BATCH = {"extract": 10, "transform": 10, "load": 100}
BATCHING_WINDOW_SECONDS = {"extract": 0, "transform": 0, "load": 20}
QUEUE_OF = dict(zip(STAGES, QUEUES, strict=True))
_BATCH_SIZES = (1, 2, 3, 10, 100)
_OPERATOR_RETRY_SECONDS = 60


class Engines(Protocol):
    """Holds the tables: opens sessions and reads committed rows."""

    def begin(self, world: "World") -> None:
        """Empty the tables for a new run."""

    def open(self, world: "World") -> Session:
        """Open a session."""

    def rows(self, table: str) -> list[Row]:
        """Read a committed table."""


class ModelEngines:
    """The model of this folder. `CommittedState` checks the committed tables at every commit."""

    def __init__(self) -> None:
        self.database = Database()
        self.state = CommittedState()

    def begin(self, world: "World") -> None:
        """See Engines."""
        world.warehouse.on_commit = lambda: self.state.check(self.database.committed)

    def open(self, world: "World") -> Session:
        """See Engines."""
        return ModelEngine(self.database, world.buckets.staged.get, world.is_copy_cut_short, world.clock.fail)

    def rows(self, table: str) -> list[Row]:
        """See Engines."""
        return self.database.rows(table)


class World:
    """The whole state of a run. ``engines`` holds the warehouse's tables."""

    def __init__(self, schedule: Schedule, clock: Clock, engines: Engines) -> None:
        clock.reset()
        self.schedule = schedule
        self.clock = clock
        self.engines = engines
        self.random = Random(schedule.seed)
        self.buckets = Buckets()
        self.warehouse = SimulatedWarehouse(self, lambda: engines.open(self))
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.skew: dict[str, int] = dict.fromkeys(STAGES, 0)
        self.calls: Counter[str] = Counter()
        self.happened: set[Incident] = set()
        self.re_extracts: list[tuple[str, str, str]] = []
        self.retracted_keys: set[str] = set()
        self.approved: set[str] = set()
        self._is_quiet = False
        self._outages: list[Incident] = []
        self._at_call: dict[tuple[str, int], list[Incident]] = defaultdict(list)
        self._at_batch: dict[tuple[str, int], list[Incident]] = defaultdict(list)
        self._batches: Counter[str] = Counter()
        at_message: dict[str, dict[int, list[Incident]]] = {name: {} for name in QUEUES}
        for incident in schedule.incidents:
            self._plan(incident, at_message)
        self.queues = {
            stage_queue: Queue(
                stage_queue, clock, self.random, schedule.max_receives, at_message[stage_queue], self.happened
            )
            for stage_queue in QUEUES
        }
        for stage in STAGES:
            self.queues[QUEUE_OF[stage]].on_visible = self._poll_action(stage)
        self._processes = {
            stage: [Process(self, stage, number) for number in range(1, WORKERS + 1)] for stage in STAGES
        }
        self._operators = Process(self, "load", WORKERS + 1)
        engines.begin(self)

    def run(self) -> None:
        """Run the schedule, then stop all incidents, redrive the dead letters, and reconcile if messages were lost."""
        for drop in self.schedule.drops:
            self.clock.at(drop.second, self._drop_action(drop))
        self.clock.run()
        self._stop_incidents()
        self._redrive_all()
        if self.schedule.loses_messages or any(queue.expired for queue in self.queues.values()):
            self._reconcile()
            self.clock.run()
        self.warehouse.end_all()

    def _stop_incidents(self) -> None:
        """Stop all incidents from now on."""
        self._is_quiet = True
        for queue in self.queues.values():
            queue.incidents = {}

    def _redrive_all(self) -> None:
        for queue in self.queues.values():
            queue.redrive()
        self.clock.run()

    # --- incidents

    def _plan(self, incident: Incident, at_message: dict[str, dict[int, list[Incident]]]) -> None:
        kind, place, number = incident.kind, incident.place, incident.number
        if kind in PORT_FAULTS or kind == SHORT_COPY:
            self._at_call[place, number].append(incident)
        elif kind in MESSAGE_FAULTS:
            at_message[place].setdefault(number, []).append(incident)
        elif kind in (UNACKNOWLEDGED, REDELIVER):
            self._at_batch[place, number].append(incident)
        elif kind == OUTAGE:
            self._outages.append(incident)
            self.clock.at(number + incident.amount, self._poll_all)
        else:
            self.clock.at(number, lambda: self._apply(incident))

    def next_call(self, stage: str) -> list[Incident]:
        """Count a call of a stage; return its incidents."""
        number = self.calls[stage]
        self.calls[stage] += 1
        return self._record_happened(self._at_call.get((stage, number)))

    def _record_happened(self, incidents: list[Incident] | None) -> list[Incident]:
        """Record incidents as happened and return them; return none once incidents are stopped."""
        if self._is_quiet or not incidents:
            return []
        self.happened.update(incidents)
        return incidents

    def is_copy_cut_short(self) -> bool:
        """Count a COPY; return whether it drops its last row."""
        return bool(self.next_call(COPY))

    def is_away(self, service: str) -> bool:
        """Return whether a service is in an outage now."""
        now = self.clock.now
        for outage in self._outages:
            if outage.place == service and outage.number <= now < outage.number + outage.amount:
                self.happened.add(outage)
                return True
        return False

    def _apply(self, incident: Incident) -> None:
        self.happened.add(incident)
        kind, place = incident.kind, incident.place
        if kind == PURGE:
            self.queues[place].purge()
        elif kind == REDRIVE:
            self.queues[place].redrive()
        elif kind == RECONCILE:
            self._reconcile()
        elif kind == SKEW:
            self.skew[place] += incident.amount
        elif kind == RETRACT:
            self.retracted_keys.add(place)
            self._request({"retract": {"key": place}})
        elif kind == APPROVE:
            self._approve(place)
        else:
            assert kind == RE_EXTRACT
            self._re_extract(place)

    # --- branches and operators

    def _drop_action(self, drop: Drop) -> Callable[[], None]:
        def happen() -> None:
            version = self.buckets.drop(drop.key, drop.second, drop.word, body_of(drop.word))
            self.queues["arrivals"].send(version.notification())

        return happen

    def _re_extract(self, key: str) -> None:
        """Request a re-extract of the newest version of a key."""
        if versions := self.buckets.versions.get(key):
            re_extract = f"{EPOCH + timedelta(seconds=self.clock.now):%Y%m%dT%H%M%SZ}"
            self.re_extracts.append((key, versions[-1].version_id, re_extract))
            self.queues["arrivals"].send(versions[-1].notification(re_extract))

    def _approve(self, key: str) -> None:
        """Approve every file of a key that the ledger has. Only those that are held may change."""
        for row in self.engines.rows("ops.files"):
            if row["source_key"] == key:
                self.approved.add(row["file_id"])
                self._request({"approve": {"file_id": row["file_id"]}})

    def _request(self, event: dict[str, Any]) -> None:
        """Invoke load as an operator does, one request after the other; try again until the call succeeds."""

        def work() -> None:
            if self._operators.is_busy:
                self.clock.at(self.clock.now + _OPERATOR_RETRY_SECONDS, lambda: self._request(event))
                return
            self._operators.is_busy = True
            try:
                self._operators.invoke(event)
            except Stopped:
                if self.clock.running.is_stopped:
                    raise
            except Exception as error:  # noqa: BLE001  the operator tries again after any error
                self.log.append(("request.failed", {"error": type(error).__name__}))
            else:
                self._operators.is_busy = False
                return
            self._operators.is_busy = False
            self.clock.at(self.clock.now + _OPERATOR_RETRY_SECONDS, lambda: self._request(event))

        self.clock.spawn(work)

    def _reconcile(self) -> None:
        """Announce again every version in the bucket that the ledger does not have as completed."""
        completed = {row["file_id"] for row in self.engines.rows("ops.files") if row["outcome"] != "failed"}
        known = [(version, "") for version in self.buckets.all_versions()]
        known += [
            (self.buckets.version(key, version_id), re_extract) for key, version_id, re_extract in self.re_extracts
        ]
        for version, re_extract in known:
            if file_id_of(DROP, version.key, version.version_id, re_extract) not in completed:
                self.queues["arrivals"].send(version.notification(re_extract))

    # --- pollers of Lambda

    def _poll_action(self, stage: str) -> Callable[[], None]:
        window = BATCHING_WINDOW_SECONDS[stage]
        if not window:
            return lambda: self._poll(stage)
        return lambda: self.clock.at(self.clock.now + self.random.random() * window, lambda: self._poll(stage))

    def _poll_all(self) -> None:
        for stage in STAGES:
            self._poll(stage)

    def _poll(self, stage: str) -> None:
        """Give each idle worker a batch."""
        queue = self.queues[QUEUE_OF[stage]]
        while queue.has_visible() and not self.is_away("sqs"):
            idle = [process for process in self._processes[stage] if not process.is_busy]
            if not idle:
                return
            size = min(self.random.choice(_BATCH_SIZES), LARGEST_BATCH[stage])
            if batch := queue.receive(size):
                self._start(self.random.choice(idle), queue, batch)

    def _start(self, process: Process, queue: Queue, batch: list[Message]) -> None:
        process.is_busy = True
        number = self._batches[process.stage]
        self._batches[process.stage] += 1
        incidents = self._record_happened(self._at_batch.get((process.stage, number)))
        for incident in incidents:
            if incident.kind == REDELIVER:
                for message in batch:
                    queue.show_again(message, incident.amount)
        is_acknowledged = not any(incident.kind == UNACKNOWLEDGED for incident in incidents)
        self.clock.spawn(lambda: self._work(process, queue, batch, is_acknowledged))

    def _work(self, process: Process, queue: Queue, batch: list[Message], is_acknowledged: bool) -> None:
        """Invoke a function with a batch, and acknowledge the messages that it did not report as failed."""
        failed = {str(message.number) for message in batch}
        try:
            answer = process.invoke({"Records": [_record(message) for message in batch]})
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        except Stopped:
            if self.clock.running.is_stopped:
                raise
        except Exception as error:  # noqa: BLE001  for Lambda, any error means that the whole batch failed
            self.log.append(("function.failed", {"error": type(error).__name__}))
        process.is_busy = False
        if is_acknowledged and not self.is_away("sqs"):
            for message in batch:
                if str(message.number) not in failed:
                    queue.delete(message.number)
        self._poll(process.stage)

    # --- results

    def tables(self) -> dict[str, list[Row]]:
        """Read the committed rows of every table."""
        return {name: self.engines.rows(name) for name in PERMANENT}


def _record(message: Message) -> dict[str, Any]:
    return {
        "messageId": str(message.number),
        "receiptHandle": "handle",
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(int(message.sent_at * 1000)),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-2:000000000000:queue",
        "awsRegion": "eu-west-2",
    }
