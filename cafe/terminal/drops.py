"""Drop files with a progress bar, wait for their outcomes, and show them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from rich.text import Text

from cafe.answers.drop_summary import (
    WAITING,
    OutcomeTotal,
    Remark,
    known_already,
    outcome_totals,
    removed_orders,
    what_went_wrong,
)
from cafe.answers.remedies import remedy_of
from cafe.answers.wording import counted
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment
from cafe.sending.acting import acting_as
from cafe.sending.uploads import DropPlan, Sender, upload_all
from cafe.terminal.presentation import Listing, out, outcome_cell, plain, progress_bar, remark, remedy_line, say, table
from cafe.warehouse.ledger import FileVersion, Ledger, LedgerEntry, Outcomes, wait_for_outcomes

# Of more files, each would scroll off the screen.
MOST_SHOWN_EACH = 25
# Of each kind, if there are that many files.
MOST_REMARKS = 10
FIGURES = ("rows in", "loaded", "duplicate", "replaced", "rejected", "loaded £")


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
        are = "is in the drop bucket, and goes" if self.total == 1 else "are in the drop bucket, and go"
        return (
            f"Interrupted: {self.sent:,} of {counted(self.total, 'file')} {are} on through the pipeline.{rest} "
            "To see what becomes of them, type: cafe status"
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
    return dropped, wait(environment, dropped, timeout_seconds)


def wait(
    environment: Environment,
    dropped: Sequence[StoredVersion],
    timeout_seconds: float,
    earlier: Outcomes = MappingProxyType({}),
) -> dict[FileVersion, LedgerEntry]:
    """Wait for outcomes of files that are not those of ``earlier``. Raises DropInterrupted on Ctrl-C."""
    try:
        ledger = Ledger(environment.warehouse())
        with progress_bar("waiting for outcomes", len(dropped)) as (progress, task):
            return wait_for_outcomes(
                ledger,
                [file.in_ledger for file in dropped],
                timeout_seconds=timeout_seconds,
                on_progress=lambda done: progress.update(task, completed=done),
                earlier=earlier,
            )
    except KeyboardInterrupt as interrupt:
        raise DropInterrupted(len(dropped), len(dropped)) from interrupt


def show_outcomes(
    dropped: Sequence[StoredVersion], outcomes: Outcomes, seconds: float, timeout: float, *, each: bool = False
) -> None:
    """Show the outcome of each file, or of many only how many had which, with what went wrong and what to do."""
    is_each = each or len(dropped) <= MOST_SHOWN_EACH
    console = out()
    console.print(_each_file(dropped, outcomes) if is_each else _each_outcome(outcome_totals(dropped, outcomes)))
    console.print()
    say(console, plain(_summary(dropped, outcomes, seconds)))
    # Not columns: on a usual terminal, the reasons would be cut off beside the numbers.
    lists = {
        "Why": _remarks(what_went_wrong(dropped, outcomes, timeout), is_each=is_each),
        "Removed": _remarks(removed_orders(dropped, outcomes), is_each=is_each),
        "Known already": _remarks(known_already(dropped, outcomes), is_each=is_each),
        "What to do": _remedies(outcomes),
    }
    for heading, lines in lists.items():
        if lines:
            console.print()
            console.print(plain(heading, "bold"))
        for line in lines:
            say(console, line, 4)


def _each_file(dropped: Sequence[StoredVersion], outcomes: Outcomes) -> Listing:
    grid = table("file", "outcome", *FIGURES, right=FIGURES, keys=["file"])
    for file in dropped:
        entry = outcomes.get(file.in_ledger)
        if entry is None:
            grid.add_row(plain(file.shown_key), outcome_cell(WAITING))
        else:
            grid.add_row(plain(entry.source_key), outcome_cell(entry.outcome), *_figures(entry))
    return grid


def _each_outcome(totals: Sequence[OutcomeTotal]) -> Listing:
    figures = ("files", *FIGURES)
    grid = table("outcome", *figures, right=figures)
    for total in totals:
        grid.add_row(outcome_cell(total.outcome), f"{total.files:,}", *_figures(total))
    return grid


def _figures(of: LedgerEntry | OutcomeTotal) -> list[str]:
    """Write what a file, or the files of an outcome, brought: in the order of FIGURES."""
    counts = (of.rows_in, of.rows_loaded, of.rows_duplicate, of.rows_superseded, of.rows_rejected)
    return [*(f"{count:,}" for count in counts), f"{of.amount_loaded:,.2f}"]


def _remarks(remarks: Sequence[Remark], *, is_each: bool) -> list[Text]:
    """List remarks, the first ones if there are many files."""
    shown = remarks if is_each else remarks[:MOST_REMARKS]
    lines = [Text.assemble(plain(f"  {one.key}", "bold"), plain(f": {one.text}")) for one in shown]
    if more := len(remarks) - len(shown):
        lines.append(plain(f"  … and {more:,} more; --each shows all", "dim"))
    return lines


def _summary(dropped: Sequence[StoredVersion], outcomes: Outcomes, seconds: float) -> str:
    totals = outcome_totals(dropped, outcomes)
    parts = ", ".join(f"{total.files:,} {total.outcome}" for total in totals)
    known = sum(total.rows_duplicate for total in totals)
    rejected = sum(total.rows_rejected for total in totals)
    orders = f"{counted(sum(total.rows_loaded for total in totals), 'order')} loaded"
    removed = sum(total.rows_taken_away for total in totals)
    return (
        f"{counted(len(dropped), 'file')} in {seconds:.1f} s: {parts}; {orders}"
        + (f", {known:,} known already" if known else "")
        + (f", {removed:,} removed" if removed else "")
        + (f", {counted(rejected, 'row')} rejected" if rejected else "")
    )


def _remedies(outcomes: Outcomes) -> list[Text]:
    remedies = {count.rule: "" for entry in outcomes.values() for count in entry.rules}
    by_reason: dict[str, list[LedgerEntry]] = {}
    for entry in outcomes.values():
        if entry.needs_attention and entry.reason:
            by_reason.setdefault(entry.reason, []).append(entry)
    # Of one file, the command to type can have its key. Of several, each is in the list above.
    remedies |= {reason: remedy_of(files[0]) if len(files) == 1 else "" for reason, files in by_reason.items()}
    return [remedy_line(code, remedy) for code, remedy in sorted(remedies.items())]
