"""`cafe sql`: run one statement on the warehouse."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cafe.answers.wording import counted
from cafe.deployed.environment import open_environment
from cafe.errors import CafeError, Misused
from cafe.terminal.documents import write_csv, write_json_rows
from cafe.terminal.options import (
    EXIT_OK,
    CsvOption,
    EnvironmentOption,
    JsonOption,
    RawOption,
    help_text,
    refuse_mixed_formats,
)
from cafe.terminal.presentation import remark
from cafe.terminal.results import FIRST_ROWS, paged, show_rows
from cafe.warehouse.port import ResultStream, StreamingWarehouse, unique_names
from cafe.warehouse.sql import statement as named_statement

HELP = help_text(
    f"""
    Run one SQL statement on the warehouse, or show its tables.

    Only queries run: a statement that could change something is refused, unless you add [bold]--write[/]. You are
    connected as the warehouse's administrator.

    On the screen, it shows the first {FIRST_ROWS:,} rows, through your pager (PAGER, or less); with [bold]--all[/], all
    rows. If the columns do not fit beside each other, each row is a block, with one line for each column.

    [bold]--json[/] and [bold]--csv[/] always write all rows, as they come: no result is too large. Ctrl-C ends the
    statement. On AWS, the Redshift Data API gives up at 500 MB.

    In [bold]--json[/], each row is an object: whole numbers are numbers; decimals are text, so that pence stay exact;
    times and dates are ISO 8601; NULL is null. [bold]--csv[/] writes a header line first; NULL is an empty cell.

    Characters that cannot be seen are shown as escapes such as \\u202e. [bold]--csv[/] also puts an apostrophe before a
    text that a spreadsheet would run, such as =1+1. [bold]--json[/] and [bold]--csv --raw[/] give the exact texts.
    """,
    examples={
        "cafe sql --tables": "all tables and views",
        "cafe sql --describe mart.cafe_day_sales": "the columns of one",
        "cafe sql 'select branch_name, count(*) from core.orders join core.branches using (branch_id) group by 1'": (
            "orders of each branch"
        ),
        "cafe sql --json 'select * from ops.files order by recorded_at desc limit 5'": "the ledger's newest rows",
        "cafe sql --csv - < report.sql > report.csv": "a statement from a file, the result for a spreadsheet",
        "cafe sql --csv --raw - < report.sql | import": "the exact texts, for another program",
        "cafe sql --write 'grant role mart_reader to analyst'": "a statement that changes something",
    },
    exit_codes={EXIT_OK: "the statement ran"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sql", help=HELP)(sql)


def sql(
    statement: Annotated[
        str | None,
        typer.Argument(help="The statement; [bold]-[/] reads it from standard input.", show_default=False),
    ] = None,
    tables: Annotated[bool, typer.Option("--tables", help="List the tables and views.")] = False,
    table: Annotated[
        str | None, typer.Option("--describe", metavar="TABLE", help="List the columns of one.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=f"Show all rows, not only {FIRST_ROWS:,}.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Let the statement change something.")] = False,
    pager: Annotated[bool, typer.Option("--pager/--no-pager", help="Use a pager on a terminal.")] = True,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    raw: RawOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Run one statement."""
    refuse_mixed_formats(as_json=as_json, as_csv=as_csv, raw=raw)
    if [statement is not None, tables, table is not None].count(True) != 1:
        raise Misused("Give exactly one of: a statement, --tables, --describe.", "`cafe sql --help` shows examples.")
    text = (sys.stdin.read() if statement == "-" else statement or "").strip().removesuffix(";")
    if statement is not None and not text:
        raise Misused("The statement is empty.")
    warehouse = open_environment(env).warehouse()
    with _asked(warehouse, text, tables, table, may_write=write) as result:
        if as_json:
            names = unique_names(result.columns)
            rows = (dict(zip(names, row, strict=True)) for row in result.rows)
            write_json_rows({"columns": [asdict(column) for column in result.columns]}, rows)
        elif as_csv:
            write_csv([column.name for column in result.columns], result.rows, raw=raw)
        elif result.columns:
            _show(result, everything=everything, pager=pager)
        else:
            remark("done", "dim")


@contextmanager
def _asked(
    warehouse: StreamingWarehouse, text: str, tables: bool, table: str | None, *, may_write: bool
) -> Iterator[ResultStream]:
    if text:
        with warehouse.stream(text, may_write=may_write) as result:
            yield result
        return
    parameters: dict[str, Any] = {} if tables else {"table": (table or "").lower()}
    found = warehouse.query(named_statement("tables" if tables else "columns"), parameters)
    if not tables and not found.rows:
        raise CafeError(f"There is no table or view {table!r}.", "To list them all, type: cafe sql --tables")
    yield ResultStream(found.columns, iter(found.rows))


def _show(result: ResultStream, *, everything: bool, pager: bool) -> None:
    shown, has_more = None, False
    with paged(is_wanted=pager):
        shown, has_more = show_rows(result, everything=everything)
    if shown is None:
        # The pager was left before the end.
        return
    if has_more:
        remark(
            f"the first {shown:,} rows; there are more. To see all, add --all; for a file, --csv or --json", "yellow"
        )
    else:
        remark(counted(shown, "row"), "dim")
