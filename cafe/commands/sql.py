"""`cafe sql`: one statement on the warehouse."""

import sys
from typing import Annotated

import typer

from cafe.deployed.environment import open_environment
from cafe.errors import CafeError
from cafe.terminal.options import SUCCESS, CsvOption, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import out, remark, result_table, write_csv, write_json

HELP = teach(
    """
    Run one SQL statement on the warehouse.

    Nothing keeps you from changing data: you are the warehouse's administrator here.

    In [bold]--json[/], a list of objects: whole numbers are numbers; decimals are text, so that pence stay exact;
    times and dates are ISO 8601; NULL is null. In [bold]--csv[/], a header line first; NULL is an empty cell.
    """,
    examples={
        "cafe sql 'select branch_name, count(*) from core.orders join core.branches using (branch_id) group by 1'": (
            "orders of each branch"
        ),
        "cafe sql --json 'select * from ops.files order by recorded_at desc limit 5'": "the ledger's newest rows",
        "cafe sql --csv - < report.sql > report.csv": "a statement from a file, the answer as a sheet",
    },
    exit_codes={SUCCESS: "the statement ran"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sql", help=HELP)(sql)


def sql(
    statement: Annotated[str, typer.Argument(help="The statement; [bold]-[/] reads it from standard input.")],
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Run one statement."""
    if as_json and as_csv:
        raise CafeError("Both --json and --csv were asked for.", "Choose one.")
    text = (sys.stdin.read() if statement == "-" else statement).strip().removesuffix(";")
    if not text:
        raise CafeError("The statement is empty.")
    result = open_environment(env).warehouse().query(text)
    if as_json:
        write_json(result.as_dicts())
    elif as_csv:
        write_csv([column.name for column in result.columns], result.rows)
    elif result.columns:
        out().print(result_table(result))
        remark("1 row" if len(result.rows) == 1 else f"{len(result.rows):,} rows", "dim")
    else:
        remark("done", "dim")
