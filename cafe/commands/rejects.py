"""`cafe rejects`: list rejected rows and files, why, and what to do."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.text import Text

from cafe.answers.remedies import remedy_about, remedy_for
from cafe.deployed.environment import open_environment
from cafe.terminal.documents import write_csv, write_json
from cafe.terminal.options import (
    EXIT_OK,
    CsvOption,
    EnvironmentOption,
    JsonOption,
    RawOption,
    help_text,
    refuse_mixed_formats,
)
from cafe.terminal.presentation import out, plain, remark, remedy_line, say, table
from cafe.warehouse.ledger import EVERY_FILE, Ledger, Reject

DEFAULT_LIMIT = 100
COLUMNS = ("source_key", "file_id", "line_number", "stage", "rule", "detail", "remedy")

HELP = help_text(
    """
    List rejected rows and files, and what to do about them.

    It shows each row by its line number, each file that was rejected as a whole or is held, and the rule. Only
    the newest version of each file counts. A reject has the line number and never the text of the line: personal data
    stays in the branch's own file.

    Characters that cannot be seen are shown as escapes such as \\u202e. [bold]--csv[/] also puts an apostrophe before a
    text that a spreadsheet would run, such as =1+1. [bold]--json[/] and [bold]--csv --raw[/] give the exact texts.
    """,
    examples={
        "cafe rejects": "the newest rejects of every file",
        "cafe rejects chesterfield": "the rejects of files whose key contains this",
        "cafe rejects 5d41402abc4b2a76b9719d911017c592": "the rejects of one file version, by its id from the logs",
        "cafe rejects --csv --limit 100000 > rejects.csv": "all of them, for a spreadsheet",
        "cafe rejects --csv --raw > rejects.csv": "with exact texts, for a script",
    },
    exit_codes={EXIT_OK: "the rejects were listed, even if there are none"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rejects", help=HELP)(rejects)


def rejects(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="A part of a key, or a file id.", show_default="every file")
    ] = EVERY_FILE,
    limit: Annotated[int, typer.Option(min=1, help="How many to show at most; newest files first.")] = DEFAULT_LIMIT,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    raw: RawOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """List rejected rows and files."""
    refuse_mixed_formats(as_json=as_json, as_csv=as_csv, raw=raw)
    ledger = Ledger(open_environment(env).warehouse())
    # One more than the limit shows whether there are more.
    found = ledger.rejects(file, most=limit + 1)
    shown = found[:limit]
    if as_json:
        write_json({"rejects": [_reject_json(reject) for reject in shown], "more": len(found) > limit})
    elif as_csv:
        write_csv(COLUMNS, ([_reject_json(reject)[name] for name in COLUMNS] for reject in shown), raw=raw)
    else:
        _show(shown)
    if len(found) > limit:
        remark(f"There are more. To see them, use --limit {limit * 10}.", "dim")


def _reject_json(reject: Reject) -> dict[str, Any]:
    return asdict(reject) | {"remedy": remedy_for(reject.rule)}


def _show(found: Sequence[Reject]) -> None:
    console = out()
    if not found:
        console.print("Nothing was rejected.")
        return
    for key, of_file in groupby(found, key=lambda reject: (reject.source_key, reject.file_id)):
        console.print(Text.assemble(plain(key[0], "bold"), plain(f"  {key[1]}", "dim")), soft_wrap=True)
        grid = table("line", "rule", "stage", "detail", right=["line"], prose=["detail"])
        for reject in of_file:
            line = "whole file" if reject.line_number is None else f"{reject.line_number:,}"
            grid.add_row(line, plain(reject.rule), plain(reject.stage), plain(reject.detail))
        console.print(grid)
        console.print()
    console.print(plain("What to do", "bold"))
    # Of one file, the command to type can have its key.
    keys: dict[str, set[str]] = {}
    for reject in found:
        keys.setdefault(reject.rule, set()).add(reject.source_key)
    for rule, of_rule in sorted(keys.items()):
        remedy = remedy_about(rule, *of_rule) if len(of_rule) == 1 else ""
        say(console, remedy_line(rule, remedy), 4)
