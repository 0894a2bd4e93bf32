"""`cafe drop`: branch files into the drop bucket, and what became of them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from cafe.deployed.environment import Environment, open_environment
from cafe.sending.uploads import Dropped, DropPlan, plan_drop, upload_all
from cafe.terminal.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import out, outcome_cell, plain, progress_bar, remark, remedy_line, table, write_json
from cafe.warehouse.ledger import FileOutcome, FileVersion, Ledger, wait_for_outcomes
from shared.contracts import recorded_key

WAITING = "waiting"
# A warehouse that is paused takes a while to wake, and the load gathers files for some seconds.
DEFAULT_TIMEOUT_SECONDS = 300.0

type Outcomes = Mapping[FileVersion, FileOutcome]

HELP = teach(
    """
    Drop branch files, or folders of them, into the drop bucket.

    A file that lies in folders [bold]year/month/day[/] keeps that as its key; any other gets the key that a branch
    would give it. Hidden files in a folder are left out, and named. Dropping the same file again does no harm:
    its orders are counted once.

    With [bold]--wait[/], shows what became of each file: rows in, loaded, duplicate (an order that another file
    brought), replaced (an older version's), rejected, and why.
    """,
    examples={
        "cafe drop samples/night --wait": "a night of files, and what became of them",
        "cafe drop '25-08-2021 chesterfield.csv' --wait --json": "one file, its outcome for a script",
        "cafe drop tonight --env dev": "a folder into the drop bucket on AWS",
    },
    exit_codes={
        SUCCESS: "every file was dropped (with --wait: and is loaded, or has nothing to load)",
        BAD_NEWS: "with --wait: a file was rejected whole, failed, or had no outcome in time",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drop", help=HELP)(drop)


def drop(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Branch files, or folders that hold them.")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait until each file has its outcome, and show it.")] = False,
    timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for the outcomes.")
    ] = DEFAULT_TIMEOUT_SECONDS,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Drop files and, if asked, wait for what becomes of them."""
    plan = plan_drop(paths)
    environment = open_environment(env)
    started = time.monotonic()
    if not wait:
        _show_dropped(_drop(environment, plan), plan, as_json=as_json)
        return
    dropped, outcomes = drop_and_wait(environment, plan, timeout)
    seconds = time.monotonic() - started
    if as_json:
        write_json(_answer(dropped, plan) | {"seconds": round(seconds, 3)} | {"files": _described(dropped, outcomes)})
    else:
        show_outcomes(dropped, outcomes, seconds, timeout)
    if any(outcome is None or outcome.needs_attention for _, outcome in _paired(dropped, outcomes)):
        raise typer.Exit(BAD_NEWS)


def drop_and_wait(
    environment: Environment, plan: DropPlan, timeout_seconds: float
) -> tuple[list[Dropped], dict[FileVersion, FileOutcome]]:
    """Drop files with a progress bar and wait for their outcomes; files without one in time have none."""
    dropped = _drop(environment, plan)
    return dropped, _wait(environment, dropped, timeout_seconds)


def _drop(environment: Environment, plan: DropPlan) -> list[Dropped]:
    for skipped in plan.skipped:
        remark(f"left out, hidden: {skipped}", "dim")
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    with progress_bar("dropping", len(plan.arrivals)) as (progress, task):
        return upload_all(s3, bucket, plan.arrivals, on_dropped=lambda _: progress.advance(task))


def _wait(environment: Environment, dropped: Sequence[Dropped], timeout: float) -> dict[FileVersion, FileOutcome]:
    ledger = Ledger(environment.warehouse())
    with progress_bar("waiting for outcomes", len(dropped)) as (progress, task):
        return wait_for_outcomes(
            ledger,
            [_version(file) for file in dropped],
            timeout_seconds=timeout,
            on_progress=lambda done: progress.update(task, completed=done),
        )


def _version(file: Dropped) -> FileVersion:
    return FileVersion(recorded_key(file.key), file.version_id)


def _paired(dropped: Sequence[Dropped], outcomes: Outcomes) -> list[tuple[Dropped, FileOutcome | None]]:
    return [(file, outcomes.get(_version(file))) for file in dropped]


# --- answers


def _show_dropped(dropped: Sequence[Dropped], plan: DropPlan, *, as_json: bool) -> None:
    if as_json:
        write_json(_answer(dropped, plan))
        return
    grid = table("key", "bytes", "version", right=["bytes"])
    for file in dropped:
        grid.add_row(plain(file.key), f"{file.size_bytes:,}", plain(file.version_id))
    out().print(grid)
    remark("on their way; `cafe status` shows what became of them", "dim")


def _answer(dropped: Sequence[Dropped], plan: DropPlan) -> dict[str, Any]:
    return {
        "files": [_described_file(file) for file in dropped],
        "skipped": [str(path) for path in plan.skipped],
    }


def _described_file(file: Dropped) -> dict[str, Any]:
    return {
        "path": str(file.path),
        "key": file.key,
        "version_id": file.version_id,
        "size_bytes": file.size_bytes,
    }


def _described(dropped: Sequence[Dropped], outcomes: Outcomes) -> list[dict[str, Any]]:
    return [
        _described_file(file) | {"outcome": None if outcome is None else asdict(outcome)}
        for file, outcome in _paired(dropped, outcomes)
    ]


def show_outcomes(dropped: Sequence[Dropped], outcomes: Outcomes, seconds: float, timeout: float) -> None:
    """Show what became of each file, the sum of it, and what to do about what was refused."""
    counts = ("rows in", "loaded", "duplicate", "replaced", "rejected")
    grid = table("file", "outcome", *counts, "loaded £", right=[*counts, "loaded £"])
    # Not a column: beside so many numbers the reasons would be cut to pieces on a usual terminal.
    reasons: list[Text] = []
    for file, outcome in _paired(dropped, outcomes):
        if outcome is None:
            grid.add_row(plain(file.key), outcome_cell(WAITING))
        else:
            grid.add_row(*_outcome_row(outcome))
        if why := _why(outcome, timeout):
            reasons.append(Text.assemble(plain(f"  {file.key}", "bold"), plain(f": {why}")))
    console = out()
    console.print(grid)
    console.print(plain(f"\n{_summary(dropped, outcomes, seconds)}"))
    for heading, lines in (("Why", reasons), ("What to do", _remedies(outcomes))):
        if lines:
            console.print(plain(f"\n{heading}", "bold"))
        for line in lines:
            console.print(line, soft_wrap=True)


def _outcome_row(outcome: FileOutcome) -> list[Text | str]:
    return [
        plain(outcome.source_key),
        outcome_cell(outcome.outcome),
        f"{outcome.rows_in:,}",
        f"{outcome.rows_loaded:,}",
        f"{outcome.rows_duplicate:,}",
        f"{outcome.rows_superseded:,}",
        f"{outcome.rows_rejected:,}",
        f"{outcome.amount_loaded:,.2f}",
    ]


def _why(outcome: FileOutcome | None, timeout: float) -> str:
    """Say why a file, or rows of it, are not in the warehouse; "" when all is there."""
    if outcome is None:
        return f"no outcome within {timeout:g} s"
    whole = [": ".join(text for text in (outcome.reason, outcome.detail) if text)] if outcome.reason else []
    return ", ".join(whole + [f"{count.rejects} {count.rule}" for count in outcome.rules])


def _summary(dropped: Sequence[Dropped], outcomes: Outcomes, seconds: float) -> str:
    tally: dict[str, int] = {}
    for _, outcome in _paired(dropped, outcomes):
        name = WAITING if outcome is None else outcome.outcome
        tally[name] = tally.get(name, 0) + 1
    rows = sum(outcome.rows_loaded for outcome in outcomes.values())
    parts = ", ".join(f"{count} {name}" for name, count in sorted(tally.items()))
    files = "1 file" if len(dropped) == 1 else f"{len(dropped)} files"
    return f"{files} in {seconds:.1f} s: {parts}; {rows:,} orders loaded"


def _remedies(outcomes: Outcomes) -> list[Text]:
    codes = {outcome.reason for outcome in outcomes.values() if outcome.needs_attention and outcome.reason}
    codes |= {count.rule for outcome in outcomes.values() for count in outcome.rules}
    return [remedy_line(code) for code in sorted(codes)]
