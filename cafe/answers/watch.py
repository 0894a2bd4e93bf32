"""What changes in a running pipeline: queues, files that end, failures, alarms, tonight's count. Rules and one poll."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cafe.answers.health import tonight_in_words
from cafe.answers.tonight import Tonight, ask_tonight
from cafe.deployed.alarms import RaisedAlarm, raised_alarms
from cafe.deployed.environment import STAGES, Environment
from cafe.deployed.logs import LogLine, fetch_lines, unseen
from cafe.deployed.queue_depths import QueueDepth, queue_depths
from cafe.warehouse.port import MissingRelation, WarehouseError

# What ended shortly before the watch began is shown too, so that the first screen is not empty.
LOOK_BACK = timedelta(minutes=10)
# A line reaches CloudWatch a while after it was written: it is looked for again so far back.
ARRIVES_WITHIN = timedelta(seconds=30)
HISTORY = 30
KEPT = 200
BARS = "▁▂▃▄▅▆▇█"
ENDED = "file.completed"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as it was: when, of what kind, about what, in words; ``facts`` for scripts."""

    time: datetime
    kind: str
    about: str
    words: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pipeline at a moment. ``tonight`` is None as long as the warehouse was not asked, or does not know."""

    moment: datetime
    queues: tuple[QueueDepth, ...] = ()
    alarms: tuple[RaisedAlarm, ...] = ()
    tonight: Tonight | None = None
    warehouse_problem: str = ""


@dataclass
class Watch:
    """What was seen so far. ``every`` is None when the warehouse is not to be asked."""

    environment: Environment
    every: timedelta | None
    began: datetime
    now: Snapshot = field(init=False)
    ended: deque[LogLine] = field(default_factory=lambda: deque(maxlen=KEPT))
    failures: deque[LogLine] = field(default_factory=lambda: deque(maxlen=KEPT))
    tally: Counter[str] = field(default_factory=Counter)
    depths: dict[str, deque[int]] = field(default_factory=lambda: {stage: deque(maxlen=HISTORY) for stage in STAGES})
    keys: dict[str, str] = field(default_factory=dict)
    asked_at: datetime | None = None
    _seen: set[tuple[datetime, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin before the first look: nothing is known."""
        self.now = Snapshot(self.began)

    def look(self, moment: datetime) -> list[Change]:
        """Look once at everything, and tell what has changed since the last look, in the order in which it happened."""
        before = self.now
        self.now = replace(
            self._with_tonight(before, moment),
            moment=moment,
            queues=queue_depths(self.environment),
            alarms=raised_alarms(self.environment),
        )
        for queue in self.now.queues:
            self.depths[queue.stage].append(queue.backlog)
        changes = [*changes_of_lines(self._new_lines(moment), self.keys), *changes_between(before, self.now)]
        return sorted(changes, key=lambda change: change.time)

    def _with_tonight(self, before: Snapshot, moment: datetime) -> Snapshot:
        if self.every is None or (self.asked_at is not None and moment - self.asked_at < self.every):
            return before
        self.asked_at = moment
        try:
            return replace(before, tonight=ask_tonight(self.environment.warehouse(), moment), warehouse_problem="")
        except MissingRelation:
            return replace(before, tonight=None, warehouse_problem="the warehouse has no marts yet")
        except WarehouseError as error:
            return replace(before, warehouse_problem=error.message)

    def _new_lines(self, moment: datetime) -> list[LogLine]:
        groups = {stage: self.environment.fact(f"{stage}/logs/group") for stage in STAGES}
        since = max(self.began - LOOK_BACK, moment - (ARRIVES_WITHIN if self._seen else LOOK_BACK))
        lines = unseen(fetch_lines(self.environment.client("logs"), groups, since, None), self._seen)
        for line in lines:
            if "key" in line.fields and "file_id" in line.fields:
                self.keys[str(line.fields["file_id"])] = str(line.fields["key"])
            if line.message == ENDED:
                self.ended.appendleft(line)
                self.tally[str(line.fields.get("outcome", ""))] += 1
            elif is_failure(line):
                self.failures.appendleft(line)
        return lines


def files_of(line: LogLine, keys: Mapping[str, str]) -> str:
    """Name the files of a line: by its key, or by the ids that a line of load's holds; "" if it names none."""
    if line.fields.get("key"):
        return str(line.fields["key"])
    return ", ".join(keys.get(file_id, file_id) for file_id in line.fields.get("file_ids", ()))


def is_failure(line: LogLine) -> bool:
    """Whether a line tells that something went wrong; one that is not ours is the runtime's own complaint."""
    return line.level in {"ERROR", "CRITICAL", ""}


def changes_of_lines(lines: list[LogLine], keys: Mapping[str, str]) -> Iterator[Change]:
    """Tell of files that ended and of failures; how a file gets there is `cafe trace`'s to tell."""
    for line in lines:
        about = files_of(line, keys) or line.stage
        facts = {"stage": line.stage, **line.fields}
        if line.message == ENDED:
            yield Change(line.time, "file", about, ended_in_words(line), facts)
        elif is_failure(line):
            facts |= {"event": line.message}
            yield Change(line.time, "failure", about, failure_in_words(line), facts)


def changes_between(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Tell what is different of queues, alarms and tonight."""
    depths = {queue.stage: queue for queue in before.queues}
    for queue in after.queues:
        if queue != depths.get(queue.stage):
            counts = {"waiting": queue.waiting, "in_flight": queue.in_flight, "dead_letters": queue.dead_letters}
            yield Change(after.moment, "queue", queue.stage, depth_in_words(queue), counts)
    old, new = {alarm.name for alarm in before.alarms}, {alarm.name for alarm in after.alarms}
    for alarm in after.alarms:
        if alarm.name not in old:
            facts: dict[str, Any] = {"raised": True, "runbook": alarm.runbook}
            yield Change(alarm.since, "alarm", alarm.name, f"raised: {alarm.runbook}", facts)
    for name in sorted(old - new):
        yield Change(after.moment, "alarm", name, "is over", {"raised": False})
    if after.tonight is not None and after.tonight != before.tonight:
        tonight = after.tonight
        missing = [cafe.cafe for cafe in tonight.missing]
        facts = {"expected": tonight.expected, "reported": tonight.reported, "missing": missing}
        yield Change(after.moment, "tonight", f"{tonight.night}", tonight_in_words(tonight), facts)


def ended_in_words(line: LogLine) -> str:
    """Say how a file ended."""
    fields, outcome = line.fields, line.fields.get("outcome")
    if fields.get("reason"):
        return f"{outcome}: {fields['reason']}"
    new, rows = int(fields.get("rows_loaded", 0)), int(fields.get("rows_in", 0))
    refused = int(fields.get("rows_rejected", 0))
    return f"{outcome}: {new:,} of {rows:,} rows new" + (f", {refused:,} refused" if refused else "")


def failure_in_words(line: LogLine) -> str:
    """Say what went wrong."""
    told = [str(line.fields[name]) for name in ("error", "problem", "raised_at") if name in line.fields]
    return f"{line.stage} {line.message}" + (f": {', '.join(told)}" if told else "")


def depth_in_words(queue: QueueDepth) -> str:
    """Say how full a queue is."""
    return (
        f"{queue.waiting + queue.delayed:,} waiting, {queue.in_flight:,} in work, {queue.dead_letters:,} dead letters"
    )


def sparkline(counts: deque[int]) -> str:
    """Draw counts as bars, the highest of them full; an empty queue is a low line."""
    most = max(counts, default=0) or 1
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)
