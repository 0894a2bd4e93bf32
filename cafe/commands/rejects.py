"""`cafe rejects`: what was refused, why, and what to do about it."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.text import Text

from cafe.answers.remedies import remedy_for
from cafe.deployed.environment import open_environment
from cafe.errors import CafeError
from cafe.terminal.options import SUCCESS, CsvOption, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import out, plain, remark, remedy_line, table, write_csv, write_json
from cafe.warehouse.ledger import EVERY_FILE, Ledger, Refusal

DEFAULT_LIMIT = 100
COLUMNS = ("source_key", "file_id", "line_number", "stage", "rule", "detail", "remedy")

HELP = teach(
    """
    List what was refused, and what to do about it.

    Rows by their line in the file, and files refused whole; the rule that each broke. Of each file only its newest
    version counts. A reject names the line, never what stands on it: personal data stays in the branch's own file.
    """,
    examples={
        "cafe rejects": "the newest rejects of every file",
        "cafe rejects chesterfield": "of the files whose key holds this",
        "cafe rejects 5d41402abc4b2a76b9719d911017c592": "of one file version, by the id that the logs show",
        "cafe rejects --csv --limit 100000 > rejects.csv": "all of them, as a sheet",
    },
    exit_codes={SUCCESS: "listed, also when there is none"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rejects", help=HELP)(rejects)


def rejects(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="A piece of a key, or a file id.", show_default="every file")
    ] = EVERY_FILE,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many, the newest files' first.")] = DEFAULT_LIMIT,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """List what was refused."""
    if as_json and as_csv:
        raise CafeError("Both --json and --csv were asked for.", "Choose one.")
    ledger = Ledger(open_environment(env).warehouse())
    # One more than asked for tells whether there are more.
    refusals = ledger.refusals(file, most=limit + 1)
    shown = refusals[:limit]
    if as_json:
        write_json([_described(refusal) for refusal in shown])
    elif as_csv:
        write_csv(COLUMNS, ([_described(refusal)[name] for name in COLUMNS] for refusal in shown))
    else:
        _show(shown)
    if len(refusals) > limit:
        remark(f"there are more; --limit {limit * 10} shows more of them", "dim")


def _described(refusal: Refusal) -> dict[str, Any]:
    return asdict(refusal) | {"remedy": remedy_for(refusal.rule)}


def _show(refusals: Sequence[Refusal]) -> None:
    console = out()
    if not refusals:
        console.print("Nothing was refused.")
        return
    for key, of_file in groupby(refusals, key=lambda refusal: (refusal.source_key, refusal.file_id)):
        console.print(Text.assemble(plain(key[0], "bold"), plain(f"  {key[1]}", "dim")), soft_wrap=True)
        grid = table("line", "rule", "stage", "detail", right=["line"])
        for refusal in of_file:
            line = "whole file" if refusal.line_number is None else f"{refusal.line_number:,}"
            grid.add_row(line, plain(refusal.rule), plain(refusal.stage), plain(refusal.detail))
        console.print(grid)
        console.print()
    console.print(plain("What to do", "bold"))
    for rule in sorted({refusal.rule for refusal in refusals}):
        console.print(remedy_line(rule), soft_wrap=True)
