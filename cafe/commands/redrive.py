"""`cafe redrive`: move dead letters back into their queues."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from cafe.answers.wording import counted
from cafe.deployed.dead_letters import DeadLetter, count_dead_letters, discard_unreadable, look_at_dead_letters, redrive
from cafe.deployed.environment import STAGES, Environment, open_environment
from cafe.errors import Misused
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, StageName, help_text
from cafe.terminal.presentation import out, plain, progress_bar, remark, say_more, table

DEFAULT_RATE = 10.0
LETTERS_SHOWN = 30

HELP = help_text(
    """
    Move dead letters back into the queue that they came from.

    A message becomes a dead letter when it has failed for more than a day, or when no stage can read it. Fix the cause
    first: `cafe logs` and `cafe rejects` show it. Then move the messages back. What is loaded already is not loaded
    twice.

    Extract reads the queue arrivals, transform the queue extracted, and load the queue transformed.

    Each message is sent before it is deleted, so that none is lost if the command is interrupted. Only as many are
    moved as there were at the start, so that a message that fails again is not moved for ever.

    A message that is "not readable" names no file and is not a sale: somebody put it there. If it is moved back, it
    only fails again. [bold]--discard-unreadable[/] deletes such messages, and no others.
    """,
    examples={
        "cafe redrive --dry-run": "list dead letters and their age; move nothing",
        "cafe redrive load --env prod": "move load's dead letters, 10 per second",
        "cafe redrive --discard-unreadable": "delete what no stage can read",
        "cafe redrive --rate 100 --json": "move those of all stages, faster, for a script",
    },
    exit_codes={
        EXIT_OK: "they were moved or discarded, or there were none",
        EXIT_UNHEALTHY: "with --dry-run: there are dead letters",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("redrive", help=HELP)(redrive_command)


def redrive_command(
    queue: Annotated[
        StageName | None, typer.Argument(help="The stage whose dead letters to move.", show_default="all")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show them; move none.")] = False,
    discard: Annotated[
        bool, typer.Option("--discard-unreadable", help="Delete those that name no file; move none.")
    ] = False,
    rate: Annotated[float, typer.Option(min=0.1, help="Messages per second.")] = DEFAULT_RATE,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Move dead letters back, show them, or discard those that no stage can read."""
    if dry_run and discard:
        raise Misused("--dry-run and --discard-unreadable cannot be used together.", "Look first, then discard.")
    environment = open_environment(env)
    stages = [queue] if queue else list(STAGES)
    if dry_run:
        letters = [letter for stage in stages for letter in look_at_dead_letters(environment, stage)]
        _show(letters, as_json=as_json)
        raise typer.Exit(EXIT_UNHEALTHY if letters else EXIT_OK)
    if discard:
        discarded = [letter for stage in stages for letter in discard_unreadable(environment, stage)]
        if as_json:
            write_json({"discarded": [asdict(letter) for letter in discarded]})
        else:
            out().print(plain(f"{counted(len(discarded), 'unreadable dead letter')} discarded"))
        return
    moved = {stage: _move(environment, stage, rate) for stage in stages}
    if as_json:
        write_json({"moved": moved})
        return
    for stage, count in moved.items():
        out().print(plain(f"{stage}: {count:,} moved"))


def _move(environment: Environment, stage: str, rate: float) -> int:
    count = count_dead_letters(environment, stage)
    with progress_bar(f"redriving {stage}", count) as (progress, task):
        moved = redrive(environment, stage, count, per_second=rate, on_moved=lambda n: progress.advance(task, n))
    if moved < count:
        remark(f"{stage}: {count - moved:,} of {count:,} could not be received; look again in a minute", "yellow")
    return moved


def _show(letters: Sequence[DeadLetter], *, as_json: bool) -> None:
    if as_json:
        write_json({"dead_letters": [asdict(letter) for letter in letters]})
        return
    figures = ("days old", "received")
    grid = table("stage", "about", "first sent (UTC)", *figures, right=figures, keys=["about"])
    for letter in letters[:LETTERS_SHOWN]:
        days = (datetime.now(UTC) - letter.sent_at).total_seconds() / 86_400
        grid.add_row(
            letter.stage,
            plain(letter.about),
            f"{letter.sent_at:%Y-%m-%d %H:%M:%S}",
            f"{days:.1f}",
            f"{letter.receives}",
        )
    out().print(grid if letters else plain("There are no dead letters.", "green"))
    say_more(len(letters) - LETTERS_SHOWN)
