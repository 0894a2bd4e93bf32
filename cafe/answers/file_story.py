"""The story of a file, from the bucket, the logs, the dead letters and the ledger.

Pure; makes no AWS or warehouse calls.

A story belongs to one file id: one version of one key, or a later re-extract of it (`cafe replay --again`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cafe.answers.remedies import remedy_of
from cafe.answers.wording import counted, describe_removed, format_span, typed
from cafe.deployed.dead_letters import DeadLetter
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.logs import LogLine, describe_error
from cafe.warehouse.ledger import FAILED, HELD, REJECTED, LedgerEntry
from shared.personal_text import mask_key
from shared.senders import sender_of

FAILURES = frozenset({"message.failed", "batch.failed"})
COMPLETIONS = frozenset({"file.completed", "file.approved"})
# `cafe reconcile` leaves younger files alone unless --older-than says otherwise: they may just be on their way.
YOUNG = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RetryRules:
    """How a queue retries a message that failed: after how many seconds, and how many times before it gives up."""

    again_after_seconds: int
    tries: int


@dataclass(frozen=True, slots=True)
class FileStory:
    """All that is known of one file id.

    ``stored`` is None if the file is no longer in the bucket, ``entry`` until the file is complete. ``backlog`` counts
    the messages that wait for each stage now, ``parts_at_load`` the parts that load has received and not loaded yet.
    """

    file_id: str
    key: str
    version_id: str
    stored: StoredVersion | None = None
    entry: LedgerEntry | None = None
    lines: tuple[LogLine, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    backlog: Mapping[str, int] | None = None
    retries: Mapping[str, RetryRules] | None = None
    parts_at_load: int = 0

    @property
    def arrived_at(self) -> datetime | None:
        """When S3 received it."""
        if self.stored is not None:
            return self.stored.written_at
        return self.entry.last_modified if self.entry else None

    @property
    def outcome(self) -> str:
        """Its outcome, from the ledger or otherwise from load's log; "" if the file is not complete."""
        if self.entry is not None:
            return self.entry.outcome
        outcomes = [str(line.fields.get("outcome", "")) for line in self.lines if line.message in COMPLETIONS]
        return outcomes[-1] if outcomes else ""

    @property
    def ended_well(self) -> bool:
        """Whether its sales are as they should be: loaded, replaced, retracted on purpose, or there were none."""
        return self.outcome not in {"", FAILED, REJECTED, HELD}

    @property
    def sender(self) -> str:
        """Who sent it, as its key shows: head office, a café as the key spells it, or "" for nobody."""
        return sender_of(self.key)

    @property
    def sent_by(self) -> str:
        """The principal that S3 names as the sender; "" if it is not known, or the file is not in the ledger."""
        return self.entry.sent_by if self.entry else ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a file. The same failure several times in a row is one step, until ``last``.

    ``words`` describe it for people, and never contain a value from a row.
    """

    time: datetime
    what: str
    words: str
    is_failure: bool = False
    times: int = 1
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a file is now, in a sentence, and what to type about it; "" if there is nothing to do."""

    where: str
    remedy: str


def steps_of(story: FileStory) -> list[Step]:
    """List what happened to a file, oldest first."""
    steps = [step for line in story.lines for step in _steps_of_line(line)]
    if story.arrived_at is not None:
        size = story.stored.size_bytes if story.stored else story.entry.size_bytes if story.entry else 0
        steps.append(Step(story.arrived_at, "arrived", f"{counted(size, 'byte')}, version {story.version_id}"))
    if story.entry is not None:
        steps.append(Step(story.entry.recorded_at, "ledger", _describe_entry(story.entry), not story.ended_well))
    # S3 gives whole seconds: an event within the same second must still come after the arrival.
    return _merge_repeats(sorted(steps, key=lambda step: (step.time, step.what != "arrived")))


def situation_of(story: FileStory, now: datetime) -> Situation:
    """Say where a file is now, and what to type."""
    if story.outcome:
        return _when_recorded(story, now)
    if story.dead_letters:
        letter = story.dead_letters[0]
        return Situation(
            f"a dead letter of {letter.stage}, sent {letter.sent_at:%d %b %H:%M}{_last_error(story)}",
            f"Fix the cause, then type: cafe redrive {letter.stage}",
        )
    stage = _next_stage(story)
    if failure := _last_failure(story):
        return _when_failing(story, failure, now)
    if story.stored is None:
        return Situation("not in the bucket, and it never completed", "The branch has to send it again.")
    reconcile = "cafe reconcile"
    if now - story.stored.written_at < YOUNG:
        reconcile = "cafe reconcile --older-than 0s"
    waiting = (story.backlog or {}).get(stage, 0)
    if not waiting:
        if not story.lines:
            return Situation("in the bucket, not in any log, and no message waits for extract", f"Type: {reconcile}")
        return Situation(f"{_progress(story)}; no message waits for {stage}: its message is lost", f"Type: {reconcile}")
    return Situation(
        f"on its way: {_progress(story)}, {counted(waiting, 'message')} before {stage}",
        f"Wait, and look again. If nothing changes, type: cafe logs --stage {stage}",
    )


def is_same_file(story: FileStory, file: str) -> bool:
    """Whether a story belongs to this file id, or to a key that ends like this."""
    return story.file_id == file or story.key.endswith(mask_key(file))


def _merge_repeats(steps: Iterable[Step]) -> list[Step]:
    """Merge equal failures in a row into one step: a message is tried up to 140 times."""
    merged: list[Step] = []
    for step in steps:
        before = merged[-1] if merged else None
        if before and before.is_failure and (before.what, before.words) == (step.what, step.words):
            merged[-1] = replace(before, times=before.times + 1, last=step.time)
        else:
            merged.append(step)
    return merged


def _steps_of_line(line: LogLine) -> Iterable[Step]:
    fields = line.fields
    match line.message:
        case "file.extracted":
            began = line.time - timedelta(milliseconds=int(fields.get("duration_ms", 0)))
            yield Step(began, "event", "extract received it from the arrivals queue")
            yield Step(line.time, "extract", _describe_extract(fields))
        case "part.transformed":
            yield Step(line.time, "transform", _describe_transform(fields))
        case "file.completed":
            about = f": {fields['reason']}" if fields.get("reason") else _describe_loaded(fields)
            yield Step(line.time, "load", f"{fields.get('outcome')}{about}, {_ms(fields)}")
        case "file.approved":
            changed = f"{_count(fields, 'rows_loaded', 'new order')}, {_count(fields, 'rows_removed')} removed"
            yield Step(line.time, "approved", f"{fields.get('outcome')}: {changed}")
        case "rows.rejected":
            yield Step(line.time, "rejected", f"{counted(int(fields.get('rejects', 0)), 'row')}: {fields.get('rule')}")
        case "file.retracted":
            yield Step(line.time, "retracted", f"{_count(fields, 'orders', 'order')} of £{_pounds(fields)} removed")
        case _:
            failed = line.message in FAILURES or line.level in {"ERROR", "CRITICAL"}
            error = describe_error(line)
            yield Step(line.time, line.stage, line.message + (f": {error}" if error else ""), failed)


def _describe_extract(fields: Mapping[str, Any]) -> str:
    if fields.get("reason"):
        return f"whole file rejected: {fields['reason']}, {_ms(fields)}"
    return (
        f"{_count(fields, 'rows', 'row')}, {_count(fields, 'rejects')} rejected, dialect {fields.get('dialect')}, "
        f"{counted(int(fields.get('parts', 1)), 'part')}, {_ms(fields)}"
    )


def _describe_transform(fields: Mapping[str, Any]) -> str:
    # While extract reads the file, nobody knows how many parts it has.
    part = f"part {fields.get('part')}" + (f" of {parts}" if (parts := fields.get("parts")) else "")
    if fields.get("reason"):
        return f"{part}: passed on, {_ms(fields)}"
    things = f"{_count(fields, 'orders', 'order')}, {_count(fields, 'items', 'item')}"
    counts = f"{things}, {_count(fields, 'rejects')} rejected"
    return f"{part}: {counts}, £{_pounds(fields)}, {_ms(fields)}"


def _describe_loaded(fields: Mapping[str, Any]) -> str:
    if not int(fields.get("rows_in", 0)):
        return ""
    removed = f", {_count(fields, 'rows_removed')} removed" if int(fields.get("rows_removed", 0)) else ""
    return f": {_count(fields, 'rows_loaded', 'new order')}{removed}"


def _describe_entry(entry: LedgerEntry) -> str:
    if entry.needs_attention:
        return f"{entry.outcome}: {entry.why}"
    counts = (
        (entry.rows_duplicate, "known before"),
        (entry.rows_superseded, "replaced"),
        (entry.rows_rejected, "rejected"),
        (entry.rows_taken_away, "of earlier versions removed"),
    )
    rest = "".join(f", {count:,} {name}" for count, name in counts if count)
    removed = f"; {entry.rows_removed:,} removed later" if entry.rows_removed else ""
    by = f"; replaced by {entry.replaced_by}" if entry.replaced_by else ""
    return f"{entry.outcome}: {counted(entry.rows_loaded, 'order')} of £{entry.amount_loaded:,}{rest}{removed}{by}"


def _when_recorded(story: FileStory, now: datetime) -> Situation:
    entry, key = story.entry, typed(story.key)
    if entry is None:
        return Situation(f"{story.outcome}, by load's log; the ledger was not queried", "")
    if entry.needs_attention:
        remedy = remedy_of(entry)
        if story.outcome == REJECTED:
            return Situation(f"rejected: {entry.why}", remedy)
        if story.outcome == HELD:
            orders = f"{counted(entry.orders, 'order')} of £{entry.amount_accepted:,}"
            return Situation(f"held for a person: {entry.why}; its {orders} are not in the warehouse", remedy)
        return Situation(f"failed: {entry.reason}; {_describe_message(story, now)}", remedy)
    if entry.replaced_by:
        return Situation("replaced by another version", f"cafe trace {entry.replaced_by}")
    if story.outcome == "retracted":
        return Situation("retracted", f"To bring it back, type: cafe replay {key} --again")
    if story.outcome == "superseded":
        return Situation("older than the version that counts: it changed nothing", "")
    counts = f"loaded: {counted(entry.rows_loaded, 'order')} of £{entry.amount_loaded:,}"
    if entry.rows_in and not entry.rows_loaded:
        # It is right that such a file is live, but "loaded" alone would say that it brought sales.
        known = f"all its {counted(entry.rows_duplicate, 'order')} were known already"
        counts = f"nothing new: {known}" if entry.rows_duplicate else "nothing was loaded"
    rejected = f"{counted(entry.rows_rejected, 'row')} rejected" if entry.rows_rejected else ""
    removed = describe_removed(entry.rows_taken_away, entry.amount_taken_away)
    parts = (story.outcome if not entry.rows_in else counts, rejected, removed)
    where = ", ".join(text for text in parts if text)
    return Situation(where, f"cafe rejects {key}" if rejected else "")


def _when_failing(story: FileStory, failure: LogLine, now: datetime) -> Situation:
    times = sum(line.message in FAILURES for line in story.lines)
    return Situation(
        f"failed {counted(times, 'time')} in {failure.stage}{_last_error(story)}; {_describe_message(story, now)}",
        f"Fix the cause. Everything that happened to it: cafe logs {story.file_id}",
    )


def _describe_message(story: FileStory, now: datetime) -> str:
    """Say where the message of a file that failed is."""
    failure = _last_failure(story)
    if story.dead_letters:
        return f"its message is a dead letter of {story.dead_letters[0].stage}"
    retries = (story.retries or {}).get(failure.stage) if failure else None
    if failure is None or retries is None:
        return "its message is retried automatically"
    again = failure.time + timedelta(seconds=retries.again_after_seconds)
    when = f"in {format_span((again - now).total_seconds())}" if again > now else "any moment now"
    if failure.stage == "load":
        return (
            f"its message comes back {when}, {retries.tries} times in all; "
            "load tries it the first four times, then every second time"
        )
    return f"its message is retried {when}, {retries.tries} times in all"


def _last_failure(story: FileStory) -> LogLine | None:
    """Return the last failure of a stage, unless a later line shows that the stage succeeded."""
    last: LogLine | None = None
    for line in story.lines:
        if line.message in FAILURES:
            last = line
        elif last is not None and line.stage == last.stage:
            last = None
    return last


def _last_error(story: FileStory) -> str:
    failures = [line for line in story.lines if line.message in FAILURES]
    return f" ({describe_error(failures[-1])})" if failures else ""


def _next_stage(story: FileStory) -> str:
    parts = _parts_extracted(story)
    if not parts:
        return "extract"
    return "load" if _parts_transformed(story) >= parts else "transform"


def _parts_extracted(story: FileStory) -> int:
    """Return how many parts the file has, or 0 as long as extract has not read all of it."""
    read = _last_line(story, "file.extracted")
    return int(read.fields.get("parts", 1)) if read else 0


def _parts_transformed(story: FileStory) -> int:
    """Count the parts of the newest reading. A reading before it may have died, or been by other rules."""
    newest = _last_line(story, "file.extracted") or _last_line(story, "part.transformed")
    transformed = (line for line in story.lines if line.message == "part.transformed")
    plan_id = newest.fields.get("plan_id") if newest else None
    return len({line.fields.get("part") for line in transformed if line.fields.get("plan_id") == plan_id})


def _last_line(story: FileStory, message: str) -> LogLine | None:
    return next((line for line in reversed(story.lines) if line.message == message), None)


def _progress(story: FileStory) -> str:
    extracted, transformed = _parts_extracted(story), _parts_transformed(story)
    if not extracted:
        return f"being read, {counted(transformed, 'part')} transformed" if transformed else "in the bucket"
    if _next_stage(story) == "transform":
        return f"extracted, {transformed} of {counted(extracted, 'part')} transformed"
    at_load = f", {story.parts_at_load} of its parts at load" if story.parts_at_load else ""
    return f"transformed{at_load}"


def _count(fields: Mapping[str, Any], name: str, thing: str = "") -> str:
    count = int(fields.get(name, 0))
    return counted(count, thing) if thing else f"{count:,}"


def _pounds(fields: Mapping[str, Any]) -> str:
    return f"{Decimal(int(fields.get('pence', 0))) / 100:,.2f}"


def _ms(fields: Mapping[str, Any]) -> str:
    return f"{_count(fields, 'duration_ms')} ms"
