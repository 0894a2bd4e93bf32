"""The changes in a running pipeline: queues, completed files, failures, alarms, and the cafés that are in."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cafe.answers.examining import examine_warehouse, with_warehouse_of
from cafe.answers.health import Health, describe_tonight
from cafe.answers.wording import counted
from cafe.deployed.alarms import raised_alarms
from cafe.deployed.environment import STAGES, Environment
from cafe.deployed.logs import ARRIVES_WITHIN, LogLine, describe_error, fetch_lines, log_groups, unseen
from cafe.deployed.queue_depths import QueueDepth, queue_depths

# Files that completed shortly before the watch began are shown too, so that the first screen is not empty.
LOOK_BACK = timedelta(minutes=10)
HISTORY = 30
KEPT = 200
BARS = "▁▂▃▄▅▆▇█"
COMPLETED = "file.completed"
# A person let a held file in.
APPROVED = "file.approved"


@dataclass(frozen=True, slots=True)
class Change:
    """A change: when, of what kind, about what, in words for people, and as ``facts`` for scripts."""

    time: datetime
    kind: str
    about: str
    words: str
    facts: Mapping[str, Any]


@dataclass
class Watch:
    """What was seen so far. ``every`` is None if the warehouse must not be queried."""

    environment: Environment
    every: timedelta | None
    began: datetime
    now: Health = field(init=False)
    completed: deque[LogLine] = field(default_factory=lambda: deque(maxlen=KEPT))
    failures: deque[LogLine] = field(default_factory=lambda: deque(maxlen=KEPT))
    tally: Counter[str] = field(default_factory=Counter)
    depths: dict[str, deque[int]] = field(default_factory=lambda: {stage: deque(maxlen=HISTORY) for stage in STAGES})
    keys: dict[str, str] = field(default_factory=dict)
    queried_at: datetime | None = None
    _seen: set[tuple[datetime, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Start with nothing known."""
        self.now = Health(self.began, (), is_warehouse_queried=False)

    def look(self, moment: datetime) -> list[Change]:
        """Look once at everything. Returns what has changed since the last look, oldest first."""
        before, is_first = self.now, not self.depths[STAGES[0]]
        self.now = self._with_warehouse(
            before, Health(moment, queue_depths(self.environment), alarms=raised_alarms(self.environment))
        )
        for queue in self.now.queues:
            self.depths[queue.stage].append(queue.backlog)
        changes = [*changes_of_lines(self._new_lines(moment), self.keys), *changes_between(before, self.now)]
        if is_first or self.now.verdict() != before.verdict():
            changes.append(self._verdict())
        return sorted(changes, key=lambda change: change.time)

    def _verdict(self) -> Change:
        kinds = list(dict.fromkeys(trouble.kind for trouble in self.now.troubles))
        facts = {"healthy": self.now.is_good, "troubles": kinds}
        return Change(self.now.moment, "verdict", self.environment.name, self.now.verdict(), facts)

    def _with_warehouse(self, before: Health, now: Health) -> Health:
        if self.every is None or (self.queried_at is not None and now.moment - self.queried_at < self.every):
            return with_warehouse_of(before, now)
        # The first look is as good as that of `cafe status`. Later ones read what the checks of others found.
        health = examine_warehouse(self.environment, now, run_checks=self.queried_at is None)
        self.queried_at = now.moment
        return health

    def _new_lines(self, moment: datetime) -> list[LogLine]:
        groups = log_groups(self.environment)
        since = max(self.began - LOOK_BACK, moment - (ARRIVES_WITHIN if self._seen else LOOK_BACK))
        lines = unseen(fetch_lines(self.environment.client("logs"), groups, since, None), self._seen)
        for line in lines:
            if "key" in line.fields and "file_id" in line.fields:
                self.keys[str(line.fields["file_id"])] = str(line.fields["key"])
            if line.message in {COMPLETED, APPROVED}:
                self.completed.appendleft(line)
                self.tally[str(line.fields.get("outcome", ""))] += 1
            elif is_failure(line):
                self.failures.appendleft(line)
        return lines


def name_files(line: LogLine, keys: Mapping[str, str]) -> str:
    """Name the files of a line, by its key or by the ids in a line of load; "" if it names none."""
    if line.fields.get("key"):
        return str(line.fields["key"])
    return ", ".join(keys.get(file_id, file_id) for file_id in line.fields.get("file_ids", ()))


def is_failure(line: LogLine) -> bool:
    """Whether a line reports an error. A line without a level comes from the runtime, and reports one."""
    return line.level in {"ERROR", "CRITICAL", ""}


def changes_of_lines(lines: list[LogLine], keys: Mapping[str, str]) -> Iterator[Change]:
    """Yield the files that completed and the failures; the steps between are for `cafe trace`."""
    for line in lines:
        about = name_files(line, keys) or line.stage
        facts = {"stage": line.stage, **line.fields}
        if line.message in {COMPLETED, APPROVED}:
            yield Change(line.time, "file", about, describe_completion(line), facts)
        elif is_failure(line):
            facts |= {"event": line.message}
            yield Change(line.time, "failure", about, describe_failure(line), facts)


def changes_between(before: Health, after: Health) -> Iterator[Change]:
    """Yield what is different in queues, alarms and tonight."""
    depths = {queue.stage: queue for queue in before.queues}
    for queue in after.queues:
        if queue != depths.get(queue.stage):
            counts = {"waiting": queue.waiting, "in_flight": queue.in_flight, "dead_letters": queue.dead_letters}
            yield Change(after.moment, "queue", queue.stage, describe_depth(queue), counts)
    old, new = {alarm.name for alarm in before.alarms}, {alarm.name for alarm in after.alarms}
    for alarm in after.alarms:
        if alarm.name not in old:
            facts: dict[str, Any] = {"raised": True, "runbook": alarm.runbook, "first_command": alarm.first_command}
            words = f"raised: {alarm.first_command or alarm.runbook}"
            yield Change(alarm.since, "alarm", alarm.name, words, facts)
    for name in sorted(old - new):
        yield Change(after.moment, "alarm", name, "is over", {"raised": False})
    if after.tonight is not None and after.tonight != before.tonight:
        tonight = after.tonight
        missing = [cafe.cafe for cafe in tonight.missing]
        facts = {"expected": tonight.expected, "reported": tonight.reported, "missing": missing}
        yield Change(after.moment, "tonight", f"{tonight.night}", describe_tonight(tonight), facts)


def describe_completion(line: LogLine) -> str:
    """Describe the outcome of a file."""
    fields, outcome = line.fields, line.fields.get("outcome")
    if line.message == APPROVED:
        added, removed = int(fields.get("rows_loaded", 0)), int(fields.get("rows_removed", 0))
        return f"{outcome}: approved, {added:,} new, {removed:,} removed"
    if fields.get("reason"):
        return f"{outcome}: {fields['reason']}"
    new, rows = int(fields.get("rows_loaded", 0)), int(fields.get("rows_in", 0))
    rejected, removed = int(fields.get("rows_rejected", 0)), int(fields.get("rows_removed", 0))
    return (
        f"{outcome}: {new:,} of {counted(rows, 'row')} new"
        + (f", {removed:,} removed" if removed else "")
        + (f", {rejected:,} rejected" if rejected else "")
    )


def describe_failure(line: LogLine) -> str:
    """Say what went wrong."""
    error = describe_error(line)
    return f"{line.stage} {line.message}" + (f": {error}" if error else "")


def describe_depth(queue: QueueDepth) -> str:
    """Say how full a queue is."""
    dead = counted(queue.dead_letters, "dead letter")
    return f"{queue.waiting + queue.delayed:,} waiting, {queue.in_flight:,} in work, {dead}"


def sparkline(counts: deque[int]) -> str:
    """Draw counts as bars. The highest count is a full bar; zero is the lowest bar."""
    most = max(counts, default=0) or 1
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)
