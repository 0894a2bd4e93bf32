"""How the pipeline is: what is wrong, the worst first, and what to type about each. Rules only, nothing is asked."""

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cafe.answers.remedies import remedy_for
from cafe.answers.tonight import Tonight
from cafe.answers.wording import counted, span_in_words
from cafe.deployed.alarms import RaisedAlarm
from cafe.deployed.queue_depths import QueueDepth
from cafe.warehouse.ledger import FAILED, REJECTED, FileOutcome, still_at

RUNBOOKS = "docs/operations.md"
REJECTED_ROWS = "#rejected-rows"
# As many as stand in a line beside other troubles.
NAMES_SHOWN = 3
LINE = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong: in a few words, of what, what exactly, what to type, the section that tells the rest.

    ``needs_you`` is False for what a branch has to mend.
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
        """Say it with the names that fit: 2 cafés missing (Leeds, York)."""
        return f"{self.summary} ({self.which})" if self.which else self.summary


@dataclass(frozen=True, slots=True)
class Health:
    """What there is to know of a pipeline at a moment.

    ``warehouse_problem`` and ``alarms_problem`` are "" when they could be read. ``tonight`` is None when it is not
    known: the warehouse was not asked, does not answer, or has no marts yet. ``files`` are those of the last day.
    """

    moment: datetime
    queues: tuple[QueueDepth, ...]
    files: tuple[FileOutcome, ...] = ()
    tonight: Tonight | None = None
    alarms: tuple[RaisedAlarm, ...] = ()
    is_warehouse_asked: bool = True
    warehouse_problem: str = ""
    alarms_problem: str = ""

    @property
    def failed(self) -> list[FileOutcome]:
        """Files whose newest version failed."""
        return still_at(FAILED, self.files)

    @property
    def rejected(self) -> list[FileOutcome]:
        """Files whose newest version was refused whole."""
        return still_at(REJECTED, self.files)

    @property
    def backlog(self) -> int:
        """Messages on the way."""
        return sum(queue.backlog for queue in self.queues)

    @property
    def troubles(self) -> list[Trouble]:
        """All that is wrong, the worst first."""
        found = (
            _silent_warehouse(self.warehouse_problem),
            _dead_letters(self.queues),
            _failed_files(self.failed),
            _missing_cafes(self.tonight),
            _raised_alarms(self.alarms, self.moment),
            _rejected_files(self.rejected),
        )
        return [trouble for trouble in found if trouble is not None]

    @property
    def is_good(self) -> bool:
        """Whether nothing needs whoever is on call."""
        return not any(trouble.needs_you for trouble in self.troubles)

    def verdict(self) -> str:
        """Say in one line how things stand, the worst first."""
        troubles = [trouble for trouble in self.troubles if trouble.needs_you]
        if troubles:
            whole = f"Needs you: {'; '.join(trouble.headline for trouble in troubles)}"
            short = f"Needs you: {'; '.join(trouble.summary for trouble in troubles)}"
            return whole if len(whole) <= LINE else short
        known = [tonight_in_words(self.tonight)] if self.tonight and self.tonight.expected else []
        if self.backlog:
            return f"Working: {'; '.join([*known, f'{counted(self.backlog, "message")} on the way'])}"
        return f"Healthy: {'; '.join([*known, self._files_in_words()])}"

    def _files_in_words(self) -> str:
        if not self.is_warehouse_asked:
            return "nothing on the way; the warehouse was not asked"
        if not self.files:
            return "nothing arrived in the last day"
        return f"{counted(len(self.files), 'file')} in the last day ({outcomes_in_words(self.files)})"


def outcomes_in_words(files: Iterable[FileOutcome]) -> str:
    """Count outcomes: 19 loaded, 1 rejected."""
    tally = Counter(file.outcome for file in files)
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items()))


def tonight_in_words(tonight: Tonight) -> str:
    """Say how many cafés are in: 17 of 19 cafés are in, 1 is not due yet."""
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
        "Wait: messages wait too, for 28 hours. What load meets: `cafe logs --stage load`",
        f"{RUNBOOKS}#the-warehouse-is-away",
    )


def _dead_letters(queues: Iterable[QueueDepth]) -> Trouble | None:
    dead = [queue for queue in queues if queue.dead_letters]
    if not dead:
        return None
    items = tuple(
        f"{queue.dead_letters:,} of {queue.stage}"
        + (f", given up {span_in_words(queue.given_up_seconds)} ago" if queue.given_up_seconds else "")
        for queue in dead
    )
    stages = ", ".join(f"{queue.dead_letters} of {queue.stage}" for queue in dead)
    return Trouble(
        "dead_letters",
        counted(sum(queue.dead_letters for queue in dead), "dead letter"),
        stages,
        items,
        "Which files: `cafe redrive --dry-run`. Mend the cause, then: `cafe redrive`",
        f"{RUNBOOKS}#dead-letters",
    )


def _failed_files(files: list[FileOutcome]) -> Trouble | None:
    if not files:
        return None
    first = files[0]
    return Trouble(
        "failed_files",
        counted(len(files), "failed file"),
        "",
        tuple(f"{file.source_key}: {_why(file)}" for file in files),
        remedy_for(first.reason).replace("KEY", shlex.quote(first.source_key)),
        f"{RUNBOOKS}#terminal-failures",
    )


def _missing_cafes(tonight: Tonight | None) -> Trouble | None:
    if tonight is None or not tonight.missing:
        return None
    cafes = sorted({cafe.cafe for cafe in tonight.missing})
    return Trouble(
        "missing_cafes",
        f"{counted(len(cafes), 'café')} missing",
        _some(cafes),
        tuple(
            f"{cafe.cafe}, {cafe.day:%a %d %b}: usually {cafe.usual_orders:,} orders"
            + (f", in by {cafe.usually_in} UTC" if cafe.usually_in else "")
            + f"; last sale {cafe.last_sale_at:%a %d %b %H:%M}"
            for cafe in tonight.missing
        ),
        "Did it arrive and get lost? `cafe reconcile --dry-run` tells. If not, call the café.",
        f"{RUNBOOKS}#missing-cafes",
    )


def _raised_alarms(alarms: tuple[RaisedAlarm, ...], now: datetime) -> Trouble | None:
    if not alarms:
        return None
    return Trouble(
        "alarms",
        counted(len(alarms), "alarm"),
        _some([alarm.name for alarm in alarms]),
        tuple(
            f"{alarm.name}, for {span_in_words((now - alarm.since).total_seconds())}"
            + (f": {alarm.runbook}" if alarm.runbook else "")
            for alarm in alarms
        ),
        "Its section of the runbooks begins with the command.",
        alarms[0].runbook or RUNBOOKS if len(alarms) == 1 else RUNBOOKS,
        # What a branch has to mend needs nobody on call, whether a file says so or the alarm about it.
        needs_you=any(not alarm.runbook.endswith(REJECTED_ROWS) for alarm in alarms),
    )


def _rejected_files(files: list[FileOutcome]) -> Trouble | None:
    if not files:
        return None
    first = files[0]
    return Trouble(
        "rejected_files",
        f"{counted(len(files), 'file')} refused",
        "",
        tuple(f"{file.source_key}: {_why(file)}" for file in files),
        f"The branch sends it again: {remedy_for(first.reason)}",
        f"{RUNBOOKS}{REJECTED_ROWS}",
        needs_you=False,
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")


def _why(file: FileOutcome) -> str:
    return ": ".join(text for text in (file.reason, file.detail) if text)
