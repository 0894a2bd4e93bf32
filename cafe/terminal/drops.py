"""Drop files with a progress bar, wait for their outcomes, and show them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.text import Text

from cafe.answers.remedies import remedy_of
from cafe.answers.wording import counted
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment
from cafe.sending.acting import acting_as
from cafe.sending.uploads import DropPlan, Sender, upload_all
from cafe.terminal.presentation import out, outcome_cell, plain, progress_bar, remark, remedy_line, table
from cafe.warehouse.ledger import FileVersion, Ledger, LedgerEntry, Outcomes, wait_for_outcomes

WAITING = "waiting"


class DropInterrupted(KeyboardInterrupt):
    """Ctrl-C while files are put into the drop bucket, or while their outcomes are awaited."""

    def __init__(self, sent: int, total: int) -> None:
        super().__init__()
        self.sent = sent
        self.total = total

    def described(self) -> str:
        """Say what became of the files."""
        if self.sent == 0:
            return f"Interrupted: none of {counted(self.total, 'file')} is in the drop bucket."
        rest = "" if self.sent == self.total else " The others were not sent."
        return (
            f"Interrupted: {self.sent:,} of {counted(self.total, 'file')} are in the drop bucket, and go on through "
            f"the pipeline.{rest} To see their outcomes, type: cafe status"
        )


@contextmanager
def sending(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar, and yield what has to be called after each file. Raises DropInterrupted on Ctrl-C."""
    sent = 0

    def count() -> None:
        nonlocal sent
        sent += 1
        progress.advance(task)

    try:
        with progress_bar(what, total) as (progress, task):
            yield count
    except KeyboardInterrupt as interrupt:
        raise DropInterrupted(sent, total) from interrupt


def drop(environment: Environment, plan: DropPlan, cafe: str = "") -> list[StoredVersion]:
    """Drop files with a progress bar, as head office or as a café. Returns their versions in the order of the plan.

    Raises DropInterrupted on Ctrl-C.
    """
    for skipped in plan.skipped:
        remark(f"left out, hidden: {skipped}", "dim")
    bucket, head_office = environment.fact("drop/bucket/name"), Sender(environment.client("s3"))
    sender_for = acting_as(environment, cafe, plan.uploads) if cafe else lambda _: head_office
    with sending("dropping", len(plan.uploads)) as count:
        return upload_all(sender_for, bucket, plan.uploads, on_uploaded=lambda _: count())


def drop_and_wait(
    environment: Environment, plan: DropPlan, timeout_seconds: float, cafe: str = ""
) -> tuple[list[StoredVersion], dict[FileVersion, LedgerEntry]]:
    """Drop files and wait for their outcomes, with progress bars. Files that are not done in time have no outcome."""
    dropped = drop(environment, plan, cafe)
    try:
        ledger = Ledger(environment.warehouse())
        with progress_bar("waiting for outcomes", len(dropped)) as (progress, task):
            outcomes = wait_for_outcomes(
                ledger,
                [file.in_ledger for file in dropped],
                timeout_seconds=timeout_seconds,
                on_progress=lambda done: progress.update(task, completed=done),
            )
    except KeyboardInterrupt as interrupt:
        raise DropInterrupted(len(dropped), len(dropped)) from interrupt
    return dropped, outcomes


def show_outcomes(dropped: Sequence[StoredVersion], outcomes: Outcomes, seconds: float, timeout: float) -> None:
    """Show the outcome of each file, a summary, and what to do about files and rows that were rejected."""
    counts = ("rows in", "loaded", "duplicate", "replaced", "rejected")
    grid = table("file", "outcome", *counts, "loaded £", right=[*counts, "loaded £"])
    # Not a column: on a usual terminal, the reasons would be cut off beside the numbers.
    reasons: list[Text] = []
    for file in dropped:
        entry = outcomes.get(file.in_ledger)
        if entry is None:
            grid.add_row(plain(file.shown_key), outcome_cell(WAITING))
        else:
            grid.add_row(*_outcome_row(entry))
        if why := _why_incomplete(entry, timeout):
            reasons.append(Text.assemble(plain(f"  {file.shown_key}", "bold"), plain(f": {why}")))
    console = out()
    console.print(grid)
    console.print()
    console.print(plain(_summary(dropped, outcomes, seconds)))
    for heading, lines in (("Why", reasons), ("What to do", _remedies(outcomes))):
        if lines:
            console.print()
            console.print(plain(heading, "bold"))
        for line in lines:
            console.print(line, soft_wrap=True)


def _outcome_row(entry: LedgerEntry) -> list[Text | str]:
    return [
        plain(entry.source_key),
        outcome_cell(entry.outcome),
        f"{entry.rows_in:,}",
        f"{entry.rows_loaded:,}",
        f"{entry.rows_duplicate:,}",
        f"{entry.rows_superseded:,}",
        f"{entry.rows_rejected:,}",
        f"{entry.amount_loaded:,.2f}",
    ]


def _why_incomplete(entry: LedgerEntry | None, timeout: float) -> str:
    """Say why a file, or some of its rows, are not in the warehouse; "" if all of it is."""
    if entry is None:
        return f"no outcome within {timeout:g} s"
    whole = [entry.why] if entry.reason else []
    return ", ".join(whole + [f"{count.rejects} {count.rule}" for count in entry.rules])


def _summary(dropped: Sequence[StoredVersion], outcomes: Outcomes, seconds: float) -> str:
    entries = [outcomes.get(file.in_ledger) for file in dropped]
    tally = Counter(WAITING if entry is None else entry.outcome for entry in entries)
    parts = ", ".join(f"{count} {name}" for name, count in sorted(tally.items()))
    rows = sum(entry.rows_loaded for entry in outcomes.values())
    return f"{counted(len(dropped), 'file')} in {seconds:.1f} s: {parts}; {rows:,} orders loaded"


def _remedies(outcomes: Outcomes) -> list[Text]:
    remedies = {count.rule: "" for entry in outcomes.values() for count in entry.rules}
    by_reason: dict[str, list[LedgerEntry]] = {}
    for entry in outcomes.values():
        if entry.needs_attention and entry.reason:
            by_reason.setdefault(entry.reason, []).append(entry)
    # Of one file, the command to type can have its key. Of several, each is in the list above.
    remedies |= {reason: remedy_of(files[0]) if len(files) == 1 else "" for reason, files in by_reason.items()}
    return [remedy_line(code, remedy) for code, remedy in sorted(remedies.items())]
