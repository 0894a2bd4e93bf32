"""Put answers on the screen: tables for people, JSON and CSV for scripts; progress and remarks go to stderr.

Text that comes from outside (keys, product names, log lines) never reaches the terminal as markup or control codes.
"""

import csv
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from cafe.answers.remedies import remedy_for
from cafe.deployed.logs import LogLine, parse_line
from cafe.errors import CafeError
from cafe.warehouse.port import QueryResult

# A table that is piped somewhere must not be folded to a terminal's 80 columns.
PIPED_WIDTH = 200
LEVEL_STYLES = {"ERROR": "bold red", "CRITICAL": "bold red", "WARNING": "yellow"}
OUTCOME_STYLES = {
    "loaded": "green",
    "empty": "dim",
    "superseded": "dim",
    "retracted": "dim",
    "rejected": "yellow",
    "failed": "bold red",
    "waiting": "bold red",
}


def out() -> Console:
    """Give the console for answers: standard output."""
    return Console(width=_width(sys.stdout.isatty()))


def err() -> Console:
    """Give the console for everything that is not the answer: standard error."""
    return Console(stderr=True, width=_width(sys.stderr.isatty()))


def _width(is_terminal: bool) -> int | None:
    return None if is_terminal or "COLUMNS" in os.environ else PIPED_WIDTH


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """Show on a terminal's standard error how many of so many are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress, progress.add_task(what, total=total)


def remark(message: str, style: str = "") -> None:
    """Write a line of plain text to standard error."""
    err().print(plain(message, style), soft_wrap=True)


def show_error(error: CafeError) -> None:
    """Write what went wrong and what to do about it to standard error."""
    console = err()
    console.print(Text.assemble(("error: ", "bold red"), plain(error.message)), soft_wrap=True)
    if error.remedy:
        console.print(plain(error.remedy, "cyan"), soft_wrap=True)


def plain(text: str, style: str = "") -> Text:
    """Make text safe to show: no markup is read in it, and control characters become a visible �."""
    return Text("".join("�" if unicodedata.category(sign) == "Cc" and sign != "\n" else sign for sign in text), style)


def cell(value: object) -> Text:
    """Write a value for a table: NULL apart from an empty text, thousands apart in whole numbers."""
    if value is None:
        return Text("null", "dim")
    if isinstance(value, bool):
        return Text("true" if value else "false")
    return plain(str(value))


def outcome_cell(outcome: str) -> Text:
    """Write a file's outcome in its colour."""
    return plain(outcome, OUTCOME_STYLES.get(outcome, ""))


def remedy_line(code: str) -> Text:
    """Write what to do about a rule or a file reason."""
    return Text.assemble(plain(f"  {code}", "yellow"), plain(f": {remedy_for(code)}"))


def log_line(line: LogLine) -> Text:
    """Write a stage's log line: when, where, how grave, what, and its fields."""
    fields = " ".join(f"{name}={value}" for name, value in line.fields.items())
    return Text.assemble(
        (f"{line.time:%Y-%m-%d %H:%M:%S}.{line.time.microsecond // 1000:03d} ", "dim"),
        (f"{line.stage:<9} ", "cyan"),
        plain(f"{line.level:<7} {line.message} ", LEVEL_STYLES.get(line.level, "")),
        plain(fields, "dim"),
    )


def show_log(log: str, stage: str) -> None:
    """Write the log of a run that has just ended to standard error."""
    console = err()
    for text in log.splitlines():
        if text.strip() and (line := parse_line(text, stage, datetime.now(UTC))):
            console.print(log_line(line), soft_wrap=True)


def table(*headings: str, right: Iterable[str] = (), title: str | None = None) -> Table:
    """Start a table; the columns named in ``right`` hold numbers and are written flush right."""
    flush_right = set(right)
    grid = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        grid.add_column(Text(heading), justify="right" if heading in flush_right else "left", overflow="fold")
    return grid


def result_table(result: QueryResult) -> Table:
    """Lay out a query's result."""
    grid = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in result.columns:
        grid.add_column(plain(column.name), justify="right" if column.is_numeric else "left", overflow="fold")
    for row in result.rows:
        grid.add_row(*(cell(value) for value in row))
    return grid


def write_json(answer: object) -> None:
    """Write JSON to standard output: whole numbers as numbers, decimals as exact text, times in ISO 8601."""
    typer.echo(json.dumps(answer, default=_for_json, ensure_ascii=False, indent=2))


def json_line(answer: object) -> str:
    """Write one object as one line of JSON Lines."""
    return json.dumps(answer, default=_for_json, ensure_ascii=False)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write CSV with a header line to standard output; NULL is an empty cell, times are ISO 8601."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_for_csv(value) for value in row])


def _for_json(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def _for_csv(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else value
