"""`cafe trace`: what happened to one file, from the bucket to the ledger, and where it is now."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cafe.answers.file_story import FileStory, Situation, Step, situation_of, steps_of
from cafe.answers.naming import the_named
from cafe.answers.trace import complete, find_stories
from cafe.answers.wording import describe_sender, format_span
from cafe.deployed.environment import open_environment
from cafe.terminal.documents import write_json
from cafe.terminal.ledger_json import entry_json
from cafe.terminal.options import (
    EXIT_ERROR,
    EXIT_OK,
    EXIT_UNHEALTHY,
    EnvironmentOption,
    JsonOption,
    WarehouseOption,
    help_text,
)
from cafe.terminal.presentation import Listing, out, outcome_cell, plain, remark, say, table

VERSIONS_SHOWN = 8

HELP = help_text(
    """
    Show what happened to one file: its arrival, extract, its rows and parts, load, and its entry in the ledger; or
    where it is now, and what to type next.

    [bold]FILE[/] is a key, the end of a key, or a file id. If a key has several versions, the newest is shown and the
    others are listed; to see one of them, give its file id. The command looks at the drop bucket, the ledger, the logs
    and, if the file is not complete, the queues and the dead letters, without changing them.

    Times are UTC, with the gap since the step before. The output contains no personal data. Like `cafe status`, it
    wakes the warehouse on AWS; with [bold]--no-warehouse[/], the outcome comes from the logs alone.
    """,
    examples={
        "cafe trace leeds_24-11-2026_21-00-00.csv": "one file, by the end of its key",
        "cafe trace 2026/11/24/leeds.csv --json": "everything, for a script",
        "cafe trace 5d41402abc4b2a76b9719d911017c592 --env prod": "one version or one re-extract, by its id",
    },
    exit_codes={
        EXIT_OK: "the file is complete: its sales are loaded, or it had none, or it was retracted or replaced",
        EXIT_UNHEALTHY: "the file is not complete, was rejected, is held, or failed",
        EXIT_ERROR: "there is no trace of the file, or the name matches several files",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("trace", help=HELP)(trace)


def trace(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A key, the end of a key, or a file id.")],
    warehouse: WarehouseOption = True,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Show what happened to a file."""
    environment, now = open_environment(env), datetime.now(UTC)
    traces = find_stories(environment, file, now, query_warehouse=warehouse)
    chosen = the_named(traces, file).chosen
    story = complete(environment, chosen, now, query_warehouse=warehouse and not traces.warehouse_problem)
    situation = situation_of(story, now)
    others = [other for other in traces.stories if other.file_id != story.file_id]
    if as_json:
        write_json(_story_json(story, situation, others) | {"warehouse_problem": traces.warehouse_problem})
    else:
        _show(story, situation, others)
        if traces.warehouse_problem:
            remark(f"The warehouse does not answer: {traces.warehouse_problem}", "yellow")
    raise typer.Exit(EXIT_OK if story.ended_well else EXIT_UNHEALTHY)


def _story_json(story: FileStory, situation: Situation, others: Sequence[FileStory]) -> dict[str, Any]:
    return {
        **_version_json(story),
        "sender": story.sender,
        "sent_by": story.sent_by,
        "ended_well": story.ended_well,
        "where": situation.where,
        "remedy": situation.remedy,
        "steps": [asdict(step) for step in steps_of(story)],
        "dead_letters": [asdict(letter) for letter in story.dead_letters],
        "ledger": story.entry and entry_json(story.entry),
        "other_versions": [_version_json(other) for other in others],
    }


def _version_json(story: FileStory) -> dict[str, Any]:
    return {
        "key": story.key,
        "version_id": story.version_id,
        "file_id": story.file_id,
        "arrived_at": story.arrived_at,
        "in_bucket": story.stored is not None,
        "outcome": story.outcome or None,
    }


def _show(story: FileStory, situation: Situation, others: Sequence[FileStory]) -> None:
    console = out()
    style = "bold green" if story.ended_well else "bold red"
    console.print(plain(story.key, "bold"), soft_wrap=True)
    say(console, plain(situation.where, style), 2)
    gone = "" if story.stored else "; no longer in the drop bucket"
    principal = f" ({story.sent_by})" if story.sent_by else ""
    known = f"sent by {describe_sender(story.sender)}{principal}; file id {story.file_id}{gone}"
    console.print(plain(known, "dim"), soft_wrap=True)
    console.print()
    console.print(_steps_table(steps_of(story)))
    if situation.remedy:
        console.print()
        say(console, plain(f"  → {situation.remedy}", "cyan"), 4)
    if others:
        console.print()
        _show_others(others)


def _steps_table(steps: Sequence[Step]) -> Listing:
    """Lay out the steps with the gap since the one before; what is long is folded in its own column."""
    grid = table("time (UTC)", "later", "step", "what happened", right=["later"], prose=["what happened"])
    for before, step in zip([None, *steps], steps, strict=False):
        gap = "" if before is None else f"+{_gap((step.time - before.time).total_seconds())}"
        grid.add_row(
            plain(f"{step.time:%d %b %H:%M:%S}.{step.time.microsecond // 100_000}", "dim"),
            plain(gap, "dim"),
            plain(step.what, "bold red" if step.is_failure else "cyan"),
            plain(f"{step.words}{_repeats(step)}", "red" if step.is_failure else ""),
        )
    return grid


def _repeats(step: Step) -> str:
    return "" if step.last is None else f"; {step.times:,} times, last {step.last:%d %b %H:%M:%S}"


def _gap(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else format_span(seconds)


def _show_others(others: Sequence[FileStory]) -> None:
    grid = table("other versions", "outcome", "file id")
    for other in others[:VERSIONS_SHOWN]:
        arrived = f"{other.arrived_at:%a %d %b %Y %H:%M:%S}" if other.arrived_at else "not known"
        grid.add_row(arrived, outcome_cell(other.outcome or "not complete"), plain(other.file_id, "dim"))
    out().print(grid)
    if len(others) > VERSIONS_SHOWN:
        remark(f"… and {len(others) - VERSIONS_SHOWN:,} older; --json lists all", "dim")
