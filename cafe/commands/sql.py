"""`cafe sql`: run one statement on the warehouse."""

import sys
from typing import Annotated

import typer

from cafe.answers.wording import counted
from cafe.deployed.environment import open_environment
from cafe.errors import CafeError
from cafe.terminal.options import (
    EXIT_OK,
    CsvOption,
    EnvironmentOption,
    JsonOption,
    RawOption,
    help_text,
    refuse_mixed_formats,
)
from cafe.terminal.presentation import remark, show_result, write_csv, write_json

HELP = help_text(
    """
    Run one SQL statement on the warehouse.

    The statement may change data: you are connected as the warehouse's administrator.

    If the columns do not fit beside each other, each row is a block, with one line for each column.

    [bold]--json[/] writes a list of objects: whole numbers are numbers; decimals are text, so that pence stay exact;
    times and dates are ISO 8601; NULL is null. [bold]--csv[/] writes a header line first; NULL is an empty cell.

    Characters that cannot be seen are shown as escapes such as \\u202e. [bold]--csv[/] also puts an apostrophe before a
    text that a spreadsheet would run, such as =1+1. [bold]--json[/] and [bold]--csv --raw[/] give the exact texts.
    """,
    examples={
        "cafe sql 'select branch_name, count(*) from core.orders join core.branches using (branch_id) group by 1'": (
            "orders of each branch"
        ),
        "cafe sql --json 'select * from ops.files order by recorded_at desc limit 5'": "the ledger's newest rows",
        "cafe sql --csv - < report.sql > report.csv": "a statement from a file, the result for a spreadsheet",
        "cafe sql --csv --raw - < report.sql | import": "the exact texts, for another program",
    },
    exit_codes={EXIT_OK: "the statement ran"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sql", help=HELP)(sql)


def sql(
    statement: Annotated[str, typer.Argument(help="The statement; [bold]-[/] reads it from standard input.")],
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    raw: RawOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Run one statement."""
    refuse_mixed_formats(as_json=as_json, as_csv=as_csv, raw=raw)
    text = (sys.stdin.read() if statement == "-" else statement).strip().removesuffix(";")
    if not text:
        raise CafeError("The statement is empty.")
    result = open_environment(env).warehouse().query(text)
    if as_json:
        write_json({"rows": result.as_dicts()})
    elif as_csv:
        write_csv([column.name for column in result.columns], result.rows, raw=raw)
    elif result.columns:
        show_result(result)
        remark(counted(len(result.rows), "row"), "dim")
    else:
        remark("done", "dim")
