"""The health of the pipeline: what is wrong, worst first, and what to type. Pure; makes no AWS or warehouse calls."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cafe.answers.remedies import remedy_of
from cafe.answers.tonight import Tonight
from cafe.answers.wording import counted, first_names, format_span
from cafe.deployed.alarms import RaisedAlarm
from cafe.deployed.queue_depths import QueueDepth
from cafe.warehouse.ledger import FAILED, REJECTED, LedgerEntry, still_at

RUNBOOKS = "docs/operations.md"
REJECTED_ROWS = "#rejected-rows"
HELD_FILES = "#held-files"
# How many names fit in a line beside other troubles.
NAMES_SHOWN = 3
LINE = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong, what exactly, what to type, and the runbook's section.

    ``which`` names what is concerned, ``items`` list it in detail. ``needs_you`` is False if a branch has to fix it.
    """

    kind: str
    summary: str
    which: str
    items: tuple[str, ...]
    remedy: str
    runbook: str
    needs_you: bool = True

    @property
    def headline(self) -> str:
        """The summary, with the names: 2 cafés missing (Leeds, York)."""
        return f"{self.summary} ({self.which})" if self.which else self.summary


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a pipeline at a moment.

    ``warehouse_problem`` and ``alarms_problem`` are "" if they could be read. ``tonight`` is None if the warehouse was
    not queried, does not answer, or has no marts yet. ``files`` are those of the last day, ``held`` all that wait for a
    person, however long.
    """

    moment: datetime
    queues: tuple[QueueDepth, ...]
    files: tuple[LedgerEntry, ...] = ()
    held: tuple[LedgerEntry, ...] = ()
    tonight: Tonight | None = None
    alarms: tuple[RaisedAlarm, ...] = ()
    is_warehouse_queried: bool = True
    warehouse_problem: str = ""
    alarms_problem: str = ""

    @property
    def failed(self) -> list[LedgerEntry]:
        """Files whose newest version failed."""
        return still_at(FAILED, self.files)

    @property
    def rejected(self) -> list[LedgerEntry]:
        """Files whose newest version was rejected."""
        return still_at(REJECTED, self.files)

    @property
    def backlog(self) -> int:
        """Messages on the way."""
        return sum(queue.backlog for queue in self.queues)

    @property
    def troubles(self) -> list[Trouble]:
        """Everything that is wrong, worst first."""
        found = (
            _silent_warehouse(self.warehouse_problem),
            _dead_letters(self.queues),
            _failed_files(self.failed),
            _held_files(self.held),
            _missing_cafes(self.tonight),
            _raised_alarms(self.alarms, self.moment),
            _rejected_files(self.rejected),
        )
        return [trouble for trouble in found if trouble is not None]

    @property
    def is_good(self) -> bool:
        """Whether nothing needs the person on call."""
        return not any(trouble.needs_you for trouble in self.troubles)

    def verdict(self) -> str:
        """Describe the state in one line, worst first."""
        troubles = [trouble for trouble in self.troubles if trouble.needs_you]
        if troubles:
            whole = f"Needs you: {'; '.join(trouble.headline for trouble in troubles)}"
            short = f"Needs you: {'; '.join(trouble.summary for trouble in troubles)}"
            return whole if len(whole) <= LINE else short
        known = [describe_tonight(self.tonight)] if self.tonight and self.tonight.expected else []
        if self.backlog:
            return f"Working: {'; '.join([*known, f'{counted(self.backlog, "message")} on the way'])}"
        return f"Healthy: {'; '.join([*known, self._describe_files()])}"

    def _describe_files(self) -> str:
        if not self.is_warehouse_queried:
            return "nothing on the way; the warehouse was not queried"
        if not self.files:
            return "nothing arrived in the last day"
        return f"{counted(len(self.files), 'file')} in the last day ({count_outcomes(self.files)})"


def count_outcomes(files: Iterable[LedgerEntry]) -> str:
    """Count outcomes: 19 loaded, 1 rejected."""
    tally = Counter(file.outcome for file in files)
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items()))


def describe_tonight(tonight: Tonight) -> str:
    """Say how many cafés are in: 17 of 19 cafés in, 1 not due yet."""
    awaited = f", {tonight.awaited} not due yet" if tonight.awaited else ""
    return f"{tonight.reported} of {counted(tonight.expected, 'café')} in{awaited}"


def _silent_warehouse(problem: str) -> Trouble | None:
    if not problem:
        return None
    return Trouble(
        "silent_warehouse",
        f"the warehouse does not answer: {problem}",
        "",
        (),
        "Wait: messages are tried again for 28 hours. To see load's errors, type `cafe logs --stage load`",
        f"{RUNBOOKS}#the-warehouse-is-away",
    )


def _dead_letters(queues: Iterable[QueueDepth]) -> Trouble | None:
    dead = [queue for queue in queues if queue.dead_letters]
    if not dead:
        return None
    items = tuple(
        f"{queue.dead_letters:,} of {queue.stage}"
        + (f", given up {format_span(queue.given_up_seconds)} ago" if queue.given_up_seconds else "")
        for queue in dead
    )
    stages = ", ".join(f"{queue.dead_letters} of {queue.stage}" for queue in dead)
    return Trouble(
        "dead_letters",
        counted(sum(queue.dead_letters for queue in dead), "dead letter"),
        stages,
        items,
        "To list the files, type `cafe redrive --dry-run`. Fix the cause, then type `cafe redrive`",
        f"{RUNBOOKS}#dead-letters",
    )


def _failed_files(files: list[LedgerEntry]) -> Trouble | None:
    if not files:
        return None
    first = files[0]
    return Trouble(
        "failed_files",
        counted(len(files), "failed file"),
        "",
        tuple(f"{file.source_key}: {file.why}" for file in files),
        remedy_of(first),
        f"{RUNBOOKS}#terminal-failures",
    )


def _held_files(files: tuple[LedgerEntry, ...]) -> Trouble | None:
    if not files:
        return None
    # One remedy for each reason: they differ.
    first_of_reason = {file.reason: file for file in reversed(files)}
    return Trouble(
        "held_files",
        f"{counted(len(files), 'file')} held",
        "",
        tuple(f"{file.source_key}: {file.why}" for file in files),
        " ".join(remedy_of(file) for file in reversed(first_of_reason.values())),
        f"{RUNBOOKS}{HELD_FILES}",
    )


def _missing_cafes(tonight: Tonight | None) -> Trouble | None:
    if tonight is None or not tonight.missing:
        return None
    cafes = sorted({cafe.cafe for cafe in tonight.missing})
    return Trouble(
        "missing_cafes",
        f"{counted(len(cafes), 'café')} missing",
        first_names(cafes, NAMES_SHOWN),
        tuple(
            f"{cafe.cafe}, {cafe.day:%a %d %b}: usually {cafe.usual_orders:,} orders"
            + (f", in by {cafe.usually_in} UTC" if cafe.usually_in else "")
            + f"; last sale {cafe.last_sale_at:%a %d %b %H:%M}"
            for cafe in tonight.missing
        ),
        "To see whether a file arrived and was lost, type `cafe reconcile --dry-run`. If not, call the café.",
        f"{RUNBOOKS}#missing-cafes",
    )


def _raised_alarms(alarms: tuple[RaisedAlarm, ...], now: datetime) -> Trouble | None:
    if not alarms:
        return None
    return Trouble(
        "alarms",
        counted(len(alarms), "alarm"),
        first_names([alarm.name for alarm in alarms], NAMES_SHOWN),
        tuple(
            f"{alarm.name}, for {format_span((now - alarm.since).total_seconds())}"
            + (f": {alarm.runbook}" if alarm.runbook else "")
            for alarm in alarms
        ),
        "Its section of the runbooks begins with the command to type.",
        alarms[0].runbook or RUNBOOKS if len(alarms) == 1 else RUNBOOKS,
        # If a branch has to fix it, nobody on call is needed: neither for the file nor for the alarm about it.
        needs_you=any(not alarm.runbook.endswith(REJECTED_ROWS) for alarm in alarms),
    )


def _rejected_files(files: list[LedgerEntry]) -> Trouble | None:
    if not files:
        return None
    first = files[0]
    return Trouble(
        "rejected_files",
        f"{counted(len(files), 'file')} rejected",
        "",
        tuple(f"{file.source_key}: {file.why}" for file in files),
        f"The branch has to send it again. {remedy_of(first)}",
        f"{RUNBOOKS}{REJECTED_ROWS}",
        needs_you=False,
    )
