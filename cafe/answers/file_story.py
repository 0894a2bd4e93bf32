"""A file's life, put together from the bucket, the logs, the dead letters and the ledger. Rules only, nothing is asked.

A life is that of one version of one key, or of a later reading of it (`cafe replay --again`): one file id.
"""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from cafe.answers.remedies import remedy_for
from cafe.answers.wording import counted, span_in_words
from cafe.deployed.dead_letters import DeadLetter
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.logs import LogLine
from cafe.warehouse.ledger import FAILED, REJECTED

FAILURES = frozenset({"message.failed", "batch.failed"})
# What `cafe reconcile` leaves alone unless it is told otherwise: a younger file may just be on its way.
YOUNG = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The ledger's row of a file. Rows are orders, amounts pounds, times UTC."""

    file_id: str
    source_key: str
    version_id: str
    last_modified: datetime
    size_bytes: int
    outcome: str
    reason: str
    detail: str
    dialect: str
    is_live: bool
    replaced_by: str
    rows_in: int
    rows_loaded: int
    rows_duplicate: int
    rows_superseded: int
    rows_rejected: int
    rows_removed: int
    amount_accepted: Decimal
    amount_loaded: Decimal
    recorded_at: datetime

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row of the ledger, whose timestamps have no zone and mean UTC, and whose empty ids are blanks."""
        times = {name: row[name].replace(tzinfo=UTC) for name in ("last_modified", "recorded_at")}
        return cls(**(dict(row) | times | {"replaced_by": row["replaced_by"].strip()}))


@dataclass(frozen=True, slots=True)
class QueueRules:
    """What a queue does with a message that failed: again after so many seconds, a dead letter after so many tries."""

    again_after_seconds: int
    tries: int


@dataclass(frozen=True, slots=True)
class FileLife:
    """What is known of one file id. ``stored`` is None when the bucket has it no more, ``entry`` before its end.

    ``backlog`` counts what waits for each stage now, ``parts_at_load`` the parts that load has and waits with.
    """

    file_id: str
    key: str
    version_id: str
    stored: StoredVersion | None = None
    entry: LedgerEntry | None = None
    lines: tuple[LogLine, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    backlog: Mapping[str, int] | None = None
    rules: Mapping[str, QueueRules] | None = None
    parts_at_load: int = 0

    @property
    def arrived_at(self) -> datetime | None:
        """When S3 received it."""
        if self.stored is not None:
            return self.stored.written_at
        return self.entry.last_modified if self.entry else None

    @property
    def outcome(self) -> str:
        """How it ended, by the ledger or else by load's log; "" if it has not."""
        if self.entry is not None:
            return self.entry.outcome
        ends = [str(line.fields.get("outcome", "")) for line in self.lines if line.message == "file.completed"]
        return ends[-1] if ends else ""

    @property
    def ended_well(self) -> bool:
        """Whether its sales are as they should be: loaded, replaced, taken out on purpose, or there were none."""
        return self.outcome not in {"", FAILED, REJECTED}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a file, once or, a failure, many times alike until ``last``.

    ``words`` never hold a row's value.
    """

    time: datetime
    what: str
    words: str
    is_failure: bool = False
    times: int = 1
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file is now, in a sentence, and what to type about it; "" when there is nothing to do."""

    where: str
    remedy: str


def steps_of(life: FileLife) -> list[Step]:
    """Tell a life in the order in which it happened."""
    steps = [step for line in life.lines for step in _steps_of_line(line)]
    if life.arrived_at is not None:
        size = life.stored.size_bytes if life.stored else life.entry.size_bytes if life.entry else 0
        steps.append(Step(life.arrived_at, "arrived", f"{size:,} bytes, version {life.version_id}"))
    if life.entry is not None:
        steps.append(Step(life.entry.recorded_at, "ledger", _ledger_words(life.entry), not life.ended_well))
    # S3 tells whole seconds: what follows within one of them must not stand before the arrival.
    return _alike_as_one(sorted(steps, key=lambda step: (step.time, step.what != "arrived")))


def standing_of(life: FileLife, now: datetime) -> Standing:
    """Say where a file is now, and what to type."""
    if life.outcome:
        return _ended(life, now)
    if life.dead_letters:
        letter = life.dead_letters[0]
        return Standing(
            f"a dead letter of {letter.stage}, sent {letter.sent_at:%d %b %H:%M}{_last_error(life)}",
            f"Mend the cause, then: cafe redrive {letter.stage}",
        )
    stage = _next_stage(life)
    if failure := _last_failure(life):
        return _failing(life, failure, now)
    if life.stored is None:
        return Standing("not in the bucket, and it never ended", "The branch has to send it again.")
    reconcile = "cafe reconcile"
    if now - life.stored.written_at < YOUNG:
        reconcile = "cafe reconcile --older-than 0s"
    waiting = (life.backlog or {}).get(stage, 0)
    if not waiting:
        if not life.lines:
            return Standing("in the bucket, unknown to all logs, and nothing waits for extract", f"Type: {reconcile}")
        return Standing(f"{_done_so_far(life)}; nothing waits for {stage}: its message is lost", f"Type: {reconcile}")
    return Standing(
        f"on its way: {_done_so_far(life)}, {counted(waiting, 'message')} before {stage}",
        f"Wait, and look again. If it stays: cafe logs --stage {stage}",
    )


def is_same_file(life: FileLife, file: str) -> bool:
    """Whether a life is that of a file id, or of a key that ends so."""
    return life.file_id == file or life.key.endswith(file)


def _alike_as_one(steps: Iterable[Step]) -> list[Step]:
    """Make one step of failures that follow each other alike: a message is tried 140 times."""
    told: list[Step] = []
    for step in steps:
        before = told[-1] if told else None
        if before and before.is_failure and (before.what, before.words) == (step.what, step.words):
            told[-1] = replace(before, times=before.times + 1, last=step.time)
        else:
            told.append(step)
    return told


def _steps_of_line(line: LogLine) -> Iterable[Step]:
    fields = line.fields
    match line.message:
        case "file.extracted":
            began = line.time - timedelta(milliseconds=int(fields.get("duration_ms", 0)))
            yield Step(began, "event", "extract took it from the arrivals queue")
            yield Step(line.time, "extract", _extract_words(fields))
        case "part.transformed":
            yield Step(line.time, "transform", _transform_words(fields))
        case "file.completed":
            new = f": {_count(fields, 'rows_loaded')} orders new" if int(fields.get("rows_in", 0)) else ""
            yield Step(line.time, "load", f"{fields.get('outcome')}{new}, {_ms(fields)}")
        case "rows.rejected":
            yield Step(line.time, "refused", f"{counted(int(fields.get('rejects', 0)), 'row')}: {fields.get('rule')}")
        case "file.retracted":
            yield Step(line.time, "retracted", f"{_count(fields, 'orders')} orders of £{_pounds(fields)} left")
        case _:
            failed = line.message in FAILURES or line.level in {"ERROR", "CRITICAL"}
            yield Step(line.time, line.stage, f"{line.message}{_failure_words(fields)}", failed)


def _extract_words(fields: Mapping[str, Any]) -> str:
    if fields.get("reason"):
        return f"refused whole: {fields['reason']}, {_ms(fields)}"
    parts = int(fields.get("parts", 1))
    return (
        f"{_count(fields, 'rows')} rows, {_count(fields, 'rejects')} refused, dialect {fields.get('dialect')}, "
        f"{parts} {'part' if parts == 1 else 'parts'}, {_ms(fields)}"
    )


def _transform_words(fields: Mapping[str, Any]) -> str:
    part = f"part {fields.get('part')} of {fields.get('parts')}"
    if fields.get("reason"):
        return f"{part}: passed on, {_ms(fields)}"
    counts = f"{_count(fields, 'orders')} orders, {_count(fields, 'items')} items, {_count(fields, 'rejects')} refused"
    return f"{part}: {counts}, £{_pounds(fields)}, {_ms(fields)}"


def _ledger_words(entry: LedgerEntry) -> str:
    if entry.outcome in {FAILED, REJECTED}:
        return f"{entry.outcome}: {entry.reason}" + (f": {entry.detail}" if entry.detail else "")
    counts = (
        (entry.rows_duplicate, "known before"),
        (entry.rows_superseded, "replaced"),
        (entry.rows_rejected, "refused"),
    )
    rest = "".join(f", {count:,} {name}" for count, name in counts if count)
    left = f"; {entry.rows_removed:,} left again" if entry.rows_removed else ""
    by = f"; replaced by {entry.replaced_by}" if entry.replaced_by else ""
    return f"{entry.outcome}: {entry.rows_loaded:,} orders of £{entry.amount_loaded:,}{rest}{left}{by}"


def _failure_words(fields: Mapping[str, Any]) -> str:
    told = [str(fields[name]) for name in ("error", "problem", "raised_at") if name in fields]
    return f": {', '.join(told)}" if told else ""


def _ended(life: FileLife, now: datetime) -> Standing:
    entry, key = life.entry, shlex.quote(life.key)
    if entry is None:
        return Standing(f"{life.outcome}, by load's log; the ledger was not asked", "")
    if life.outcome in {FAILED, REJECTED}:
        remedy = remedy_for(entry.reason).replace("KEY", key)
        if life.outcome == REJECTED:
            return Standing(f"rejected: {entry.reason}", f"The branch mends it. {remedy}")
        return Standing(f"failed: {entry.reason}; {_its_message(life, now)}", remedy)
    if entry.replaced_by:
        return Standing("replaced by another version", f"cafe trace {entry.replaced_by}")
    if life.outcome == "retracted":
        return Standing("taken out again", f"To bring it back: cafe replay {key} --again")
    if life.outcome == "superseded":
        return Standing("an older version than the one that counts: it changed nothing", "")
    counts = f"loaded: {entry.rows_loaded:,} orders of £{entry.amount_loaded:,}"
    refused = f"{entry.rows_rejected:,} rows refused" if entry.rows_rejected else ""
    where = ", ".join(text for text in (life.outcome if not entry.rows_in else counts, refused) if text)
    return Standing(where, f"cafe rejects {shlex.quote(life.key)}" if refused else "")


def _failing(life: FileLife, failure: LogLine, now: datetime) -> Standing:
    times = sum(line.message in FAILURES for line in life.lines)
    return Standing(
        f"failed {counted(times, 'time')} in {failure.stage}{_last_error(life)}; {_its_message(life, now)}",
        f"Mend the cause. All that it met: cafe logs {life.file_id}",
    )


def _its_message(life: FileLife, now: datetime) -> str:
    """Say where the message of a file that failed is."""
    failure = _last_failure(life)
    if life.dead_letters:
        return f"its message is a dead letter of {life.dead_letters[0].stage}"
    rules = (life.rules or {}).get(failure.stage) if failure else None
    if failure is None or rules is None:
        return "its message comes again by itself"
    again = failure.time + timedelta(seconds=rules.again_after_seconds)
    when = f"in {span_in_words((again - now).total_seconds())}" if again > now else "any moment"
    return f"its message comes again {when}, {rules.tries} times in all"


def _last_failure(life: FileLife) -> LogLine | None:
    """Give the failure that no later line of success of that stage made good."""
    last: LogLine | None = None
    for line in life.lines:
        if line.message in FAILURES:
            last = line
        elif last is not None and line.stage == last.stage:
            last = None
    return last


def _last_error(life: FileLife) -> str:
    failures = [line for line in life.lines if line.message in FAILURES]
    return f" ({_failure_words(failures[-1].fields).lstrip(', :')})" if failures else ""


def _next_stage(life: FileLife) -> str:
    parts = max(
        (int(line.fields.get("parts", 1)) for line in life.lines if line.message == "file.extracted"), default=0
    )
    if not parts:
        return "extract"
    return "load" if _parts_transformed(life) >= parts else "transform"


def _parts_transformed(life: FileLife) -> int:
    return len({line.fields.get("part") for line in life.lines if line.message == "part.transformed"})


def _done_so_far(life: FileLife) -> str:
    done = [line for line in life.lines if line.message in {"file.extracted", "part.transformed"}]
    if not done:
        return "in the bucket"
    if _next_stage(life) == "transform":
        return f"extracted, {_parts_transformed(life)} of {done[0].fields.get('parts', 1)} parts transformed"
    at_load = f", {life.parts_at_load} of its parts at load" if life.parts_at_load else ""
    return f"transformed{at_load}"


def _count(fields: Mapping[str, Any], name: str) -> str:
    return f"{int(fields.get(name, 0)):,}"


def _pounds(fields: Mapping[str, Any]) -> str:
    return f"{Decimal(int(fields.get('pence', 0))) / 100:,.2f}"


def _ms(fields: Mapping[str, Any]) -> str:
    return f"{_count(fields, 'duration_ms')} ms"
