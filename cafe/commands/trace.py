"""`cafe trace`: the life of one file, from the bucket to the ledger, or where it is now."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table

from cafe.answers.file_story import FileLife, Standing, Step, standing_of, steps_of
from cafe.answers.trace import find_lives, follow
from cafe.answers.wording import span_in_words
from cafe.deployed.environment import open_environment
from cafe.errors import CafeError
from cafe.terminal.options import BAD_NEWS, COULD_NOT, SUCCESS, EnvironmentOption, JsonOption, WarehouseOption, teach
from cafe.terminal.presentation import out, outcome_cell, plain, remark, table, write_json

KEYS_LISTED = 5
VERSIONS_SHOWN = 8

HELP = teach(
    """
    Tell the life of one file: arrived, taken by extract, its rows, its parts, loaded, and what the ledger says of it;
    or where it is now, and what to type next.

    [bold]FILE[/] is a key, the end of one, or a file id. Of a key with several versions the newest is told, and the
    others are listed; name one by its file id to see its life. It looks into the drop bucket, the ledger, the logs and,
    if the file has not ended, the queues and the dead letters, which it leaves where they are.

    Times are UTC, with the gap since the step before. Nothing that is shown holds personal data. Like `cafe status` it
    wakes the warehouse on AWS; with [bold]--no-warehouse[/] the logs alone tell how a file ended.
    """,
    examples={
        "cafe trace leeds_24-11-2026_21-00-00.csv": "by the end of its key",
        "cafe trace 2026/11/24/leeds.csv --json": "all of it, for a script",
        "cafe trace 5d41402abc4b2a76b9719d911017c592 --env prod": "one version, or one reading, by its id",
    },
    exit_codes={
        SUCCESS: "it ended well: its sales are in the warehouse, or it had none, or it was taken out or replaced",
        BAD_NEWS: "it has not ended, was refused whole, or failed",
        COULD_NOT: "no trace of it, or the name fits several files",
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
    """Tell a file's life."""
    environment, now = open_environment(env), datetime.now(UTC)
    traces = find_lives(environment, file, now, ask_warehouse=warehouse)
    if len(traces.keys) > 1:
        raise CafeError(f"{len(traces.keys)} files end so: {_listed(traces.keys)}.", "Name one of them whole.")
    if not traces.lives:
        raise CafeError(
            f"There is no trace of {file}: not in the drop bucket, the ledger, or the logs of the last two days."
            + (f" The warehouse does not answer: {traces.warehouse_problem}" if traces.warehouse_problem else ""),
            "Is the name right? Else the branch never sent it.",
        )
    chosen = next((life for life in traces.lives if life.file_id == file), traces.lives[0])
    life = follow(environment, chosen, now, ask_warehouse=warehouse and not traces.warehouse_problem)
    standing = standing_of(life, now)
    others = [other for other in traces.lives if other.file_id != life.file_id]
    if as_json:
        write_json(_described(life, standing, others) | {"warehouse_problem": traces.warehouse_problem})
    else:
        _show(life, standing, others)
        if traces.warehouse_problem:
            remark(f"The warehouse does not answer: {traces.warehouse_problem}", "yellow")
    raise typer.Exit(SUCCESS if life.ended_well else BAD_NEWS)


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(keys[:KEYS_LISTED]) + (", …" if len(keys) > KEYS_LISTED else "")


def _described(life: FileLife, standing: Standing, others: Sequence[FileLife]) -> dict[str, Any]:
    return {
        **_described_version(life),
        "ended_well": life.ended_well,
        "where": standing.where,
        "remedy": standing.remedy,
        "steps": [asdict(step) for step in steps_of(life)],
        "dead_letters": [asdict(letter) for letter in life.dead_letters],
        "ledger": life.entry and asdict(life.entry),
        "other_versions": [_described_version(other) for other in others],
    }


def _described_version(life: FileLife) -> dict[str, Any]:
    return {
        "key": life.key,
        "version_id": life.version_id,
        "file_id": life.file_id,
        "arrived_at": life.arrived_at,
        "in_bucket": life.stored is not None,
        "outcome": life.outcome or None,
    }


def _show(life: FileLife, standing: Standing, others: Sequence[FileLife]) -> None:
    console = out()
    style = "bold green" if life.ended_well else "bold red"
    console.print(plain(life.key, "bold"), soft_wrap=True)
    console.print(plain(standing.where, style), soft_wrap=True)
    console.print(plain(f"file id {life.file_id}" + ("" if life.stored else "; no longer in the drop bucket"), "dim"))
    console.print()
    console.print(_steps_table(steps_of(life)))
    if standing.remedy:
        console.print()
        console.print(Padding(plain(f"→ {standing.remedy}", "cyan"), (0, 0, 0, 2)))
    if others:
        console.print()
        _show_others(others)


def _steps_table(steps: Sequence[Step]) -> Table:
    """Lay out the steps with the gap since the one before; what is long is folded in its own column."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "right", "left", "left"):
        grid.add_column(justify=justify)
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
    return f"{seconds:.1f} s" if seconds < 10 else span_in_words(seconds)


def _show_others(others: Sequence[FileLife]) -> None:
    grid = table("other versions", "outcome", "file id")
    for other in others[:VERSIONS_SHOWN]:
        arrived = f"{other.arrived_at:%a %d %b %Y %H:%M:%S}" if other.arrived_at else "not known"
        grid.add_row(arrived, outcome_cell(other.outcome or "not ended"), plain(other.file_id, "dim"))
    out().print(grid)
    if len(others) > VERSIONS_SHOWN:
        remark(f"… and {len(others) - VERSIONS_SHOWN:,} older; --json lists all", "dim")
