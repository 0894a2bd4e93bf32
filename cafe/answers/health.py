"""The health of the pipeline: what is wrong, worst first, and what to type. Pure; makes no AWS or warehouse calls."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cafe.answers.checks import problem_of
from cafe.answers.remedies import is_pipelines_fault, remedy_of
from cafe.answers.tonight import Tonight
from cafe.answers.wording import counted, first_names, format_span
from cafe.deployed.alarms import RaisedAlarm
from cafe.deployed.queue_depths import QueueDepth
from cafe.warehouse.checks import CheckRun
from cafe.warehouse.ledger import FAILED, REJECTED, LedgerEntry, still_at
from load.check_rules import Check
from load.marts import FaultyMart

RUNBOOKS = "docs/operations.md"
REJECTED_ROWS = "#rejected-rows"
HELD_FILES = "#held-files"
# As the alarm stale-sales, by the default of the template's StaleSalesHours.
SALES_ARE_STALE = timedelta(hours=36)
# Kinds of trouble that are listed once for each reason: how many files there are in all.
COUNTED_TOGETHER: dict[str, Callable[[int], str]] = {
    "failed_files": lambda count: counted(count, "failed file"),
    "held_files": lambda count: f"{counted(count, 'file')} held",
    "rejected_files": lambda count: f"{counted(count, 'file')} rejected",
}
CHECK_INSTEAD = re.compile(r"^cafe status\b")
# How many names fit in a line beside other troubles.
NAMES_SHOWN = 3
# How many alarms' commands fit on a screen beside other troubles.
COMMANDS_SHOWN = 3
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

    ``warehouse_problem``, ``alarms_problem`` and ``checks_problem`` are "" if they could be read; ``is_check_broken``:
    somebody has to see why load cannot check. ``tonight`` is None if the warehouse was not queried, does not answer, or
    lacks the marts; ``has_tables`` is then False. ``files`` are those of the last day, ``held`` all that wait for a
    person, however long. ``checks`` is what the checks found last, ``marts`` those that are lost or were replaced.
    """

    moment: datetime
    queues: tuple[QueueDepth, ...]
    files: tuple[LedgerEntry, ...] = ()
    held: tuple[LedgerEntry, ...] = ()
    tonight: Tonight | None = None
    marts: tuple[FaultyMart, ...] = ()
    has_tables: bool = True
    checks: CheckRun | None = None
    checks_problem: str = ""
    is_check_broken: bool = False
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
            _faulty_marts(self.marts, self.has_tables),
            _failing_checks(self.checks, self.marts),
            _broken_check(self.checks_problem if self.is_check_broken else ""),
            _dead_letters(self.queues),
            *_by_reason("failed_files", self.failed, "#terminal-failures"),
            *_by_reason("held_files", self.held, HELD_FILES),
            _missing_cafes(self.tonight),
            _stale_sales(self.tonight, self.moment),
            _raised_alarms(self.alarms, self.moment),
            *_by_reason("rejected_files", self.rejected, REJECTED_ROWS),
        )
        troubles = [trouble for trouble in found if trouble is not None]
        return sorted(troubles, key=lambda trouble: not trouble.needs_you)

    @property
    def is_good(self) -> bool:
        """Whether nothing needs the person on call."""
        return not any(trouble.needs_you for trouble in self.troubles)

    def verdict(self) -> str:
        """Describe the state in one line, worst first."""
        troubles = [trouble for trouble in self.troubles if trouble.needs_you]
        if troubles:
            whole = f"Needs you: {'; '.join(trouble.headline for trouble in troubles)}"
            return whole if len(whole) <= LINE else f"Needs you: {'; '.join(_summaries(troubles))}"
        known = [describe_tonight(self.tonight)] if self.tonight and self.tonight.expected else []
        if self.backlog:
            return f"Working: {'; '.join([*known, f'{counted(self.backlog, "message")} on the way'])}"
        healthy = "Healthy" if self.is_all_known else "Nothing wrong is known"
        if self.troubles:
            return f"{healthy}, but look at {'; '.join(trouble.headline for trouble in self.troubles)}"
        return f"{healthy}: {'; '.join([*known, self._describe_files()])}"

    @property
    def is_all_known(self) -> bool:
        """Whether everything could be read that may be wrong."""
        return self.is_warehouse_queried and not (self.alarms_problem or self.checks_problem)

    def _describe_files(self) -> str:
        if not self.is_warehouse_queried:
            return "nothing on the way; the warehouse was not queried"
        if not self.files:
            return "nothing arrived in the last day"
        return f"{counted(len(self.files), 'file')} in the last day ({count_outcomes(self.files)})"


def _summaries(troubles: Sequence[Trouble]) -> Iterable[str]:
    """Summarise each kind of trouble once."""
    for kind in dict.fromkeys(trouble.kind for trouble in troubles):
        of_kind = [trouble for trouble in troubles if trouble.kind == kind]
        together = COUNTED_TOGETHER.get(kind)
        yield together(sum(len(trouble.items) for trouble in of_kind)) if together else of_kind[0].summary


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


def _by_reason(kind: str, files: Sequence[LedgerEntry], section: str) -> Iterable[Trouble]:
    """List files by reason: each has a remedy of its own. The command to type has the key of the first."""
    for reason in dict.fromkeys(file.reason for file in files):
        some = [file for file in files if file.reason == reason]
        yield Trouble(
            kind,
            COUNTED_TOGETHER[kind](len(some)),
            reason,
            tuple(f"{file.source_key}: {file.why}" for file in some),
            remedy_of(some[0]),
            f"{RUNBOOKS}{section}",
            # A branch has to fix what was rejected, unless the pipeline is at fault.
            needs_you=kind != "rejected_files" or is_pipelines_fault(reason),
        )


def _faulty_marts(marts: Sequence[FaultyMart], has_tables: bool) -> Trouble | None:
    if not marts and has_tables:
        return None
    views = counted(len(marts), "view")
    return Trouble(
        "faulty_marts",
        f"{views} of the warehouse missing or replaced" if marts else "the warehouse lacks its tables or views",
        first_names([mart.name for mart in marts], NAMES_SHOWN),
        tuple(f"mart.{mart.name}: {mart.problem}" for mart in marts),
        "Boards that read them fail. To create them again, type `cafe migrate`",
        f"{RUNBOOKS}#conservation",
    )


def _failing_checks(checks: CheckRun | None, marts: Sequence[FaultyMart]) -> Trouble | None:
    # Marts that were just found at fault have a trouble of their own.
    found = {
        name: count
        for name, count in (checks.found if checks else {}).items()
        if not (marts and name == Check.MARTS_INTACT)
    }
    if not found:
        return None
    return Trouble(
        "failing_checks",
        f"{counted(len(found), 'check')} failing",
        first_names(sorted(found), NAMES_SHOWN),
        tuple(f"{name}: {counted(count, 'row')}. {problem_of(name)}" for name, count in sorted(found.items())),
        "To see the rows and what to do about each check, type `cafe check`",
        f"{RUNBOOKS}#conservation",
    )


def _broken_check(problem: str) -> Trouble | None:
    if not problem:
        return None
    return Trouble(
        "broken_check",
        f"the checks cannot run: {problem}",
        "",
        (),
        "To see why, type `cafe logs --stage load --since 1h`",
        f"{RUNBOOKS}#silent-schedules",
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


def _stale_sales(tonight: Tonight | None, now: datetime) -> Trouble | None:
    if tonight is None or tonight.newest_sale_at is None:
        return None
    age = now.replace(tzinfo=None) - tonight.newest_sale_at
    if age <= SALES_ARE_STALE:
        return None
    return Trouble(
        "stale_sales",
        f"no sale for {format_span(age.total_seconds())}",
        "",
        (f"the newest sale of any café is of {tonight.newest_sale_at:%a %d %b %Y %H:%M}",),
        "To see whether files arrived and were lost, type `cafe reconcile --dry-run`",
        f"{RUNBOOKS}#stale-sales",
    )


def _raised_alarms(alarms: tuple[RaisedAlarm, ...], now: datetime) -> Trouble | None:
    if not alarms:
        return None
    commands = list(dict.fromkeys(filter(None, map(_command_about, alarms))))
    return Trouble(
        "alarms",
        counted(len(alarms), "alarm"),
        first_names([alarm.name for alarm in alarms], NAMES_SHOWN),
        tuple(
            f"{alarm.name}, for {format_span((now - alarm.since).total_seconds())}"
            + "".join(f": {text}" for text in (_command_about(alarm) or alarm.runbook,) if text)
            for alarm in alarms
        ),
        _first_types(commands) if commands else "Its section of the runbooks begins with the command to type.",
        alarms[0].runbook or RUNBOOKS if len(alarms) == 1 else RUNBOOKS,
        # If a branch has to fix it, nobody on call is needed: neither for the file nor for the alarm about it.
        needs_you=any(not alarm.runbook.endswith(REJECTED_ROWS) for alarm in alarms),
    )


def _command_about(alarm: RaisedAlarm) -> str:
    """Return the first command of an alarm; another one if that is the command that shows this."""
    # What the alarm is about is shown already. A check measures it again, and ends the alarm if it is over.
    return CHECK_INSTEAD.sub("cafe check", alarm.first_command)


def _first_types(commands: Sequence[str]) -> str:
    """Say what to type first about each alarm, in the order of the alarms."""
    first, *others = commands[:COMMANDS_SHOWN]
    more = len(commands) - COMMANDS_SHOWN
    return (
        f"First type `{first}`"
        + "".join(f", then `{other}`" for other in others)
        + (f"; {counted(more, 'more command')} in --json" if more > 0 else "")
    )
