"""Write answers to the terminal: tables for people, JSON and CSV for scripts, progress and remarks on stderr.

All output of the command line goes through here. Text from outside, such as keys, product names and log lines, is never
read as markup. What cannot be seen in it, or would be obeyed, is shown as an escape such as ``\\u202e``.
"""

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from cafe.answers.remedies import remedy_for
from cafe.deployed.logs import LogLine, parse_line
from cafe.errors import CafeError, Interrupted
from cafe.local.layout import workspace_option
from cafe.terminal import envelope
from cafe.terminal.spreadsheets import harmless_cell
from cafe.terminal.typed_commands import in_workspace
from cafe.warehouse.port import QueryResult
from shared.visible_text import escape, escape_json, escape_lines

# A table that is written to a pipe must not be folded to the 80 columns of a terminal.
PIPED_WIDTH = 200
# More than any table needs: a table is measured within this, to see whether it fits.
WIDEST_TABLE = 100_000
LEVEL_STYLES = {"ERROR": "bold red", "CRITICAL": "bold red", "WARNING": "yellow"}
OUTCOME_STYLES = {
    "loaded": "green",
    "empty": "dim",
    "superseded": "dim",
    "retracted": "dim",
    "rejected": "yellow",
    "held": "bold yellow",
    "failed": "bold red",
    "waiting": "bold red",
}


class EscapingConsole(Console):
    """A console that escapes all text, and reads no text as markup.

    A `str` stays on one line. A `Text` keeps its line ends, which are the layout's; `plain` makes one of outside text.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a `Text` of a `str`, before its width is measured."""
        return super().render_str(
            escape(in_workspace(text, workspace_option())), **options | {"markup": False, "emoji": False}
        )

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Render, and escape what a `Text` brought with it. The console's own control codes are left alone."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=escape_lines(segment.text))


def out() -> Console:
    """Return the console for answers: standard output."""
    return EscapingConsole(width=_width(sys.stdout.isatty()))


def err() -> Console:
    """Return the console for everything else: standard error."""
    return EscapingConsole(stderr=True, width=_width(sys.stderr.isatty()))


def _width(is_terminal: bool) -> int | None:
    return None if is_terminal or "COLUMNS" in os.environ else PIPED_WIDTH


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """Show a progress bar on standard error, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress, progress.add_task(what, total=total)


def remark(message: str, style: str = "") -> None:
    """Write a line of plain text to standard error."""
    err().print(plain(message, style), soft_wrap=True)


def show_error(error: CafeError) -> None:
    """Write an error and its remedy to standard error, and to standard output as JSON if --json was given."""
    write_json_error(error)
    console = err()
    console.print(Text.assemble(("error: ", "bold red"), plain(error.message)), soft_wrap=True)
    if error.output:
        console.print(Text(escape_lines(in_workspace(error.output, workspace_option()))), soft_wrap=True)
    if error.remedy:
        console.print(plain(error.remedy, "cyan"), soft_wrap=True)


def plain(text: str, style: str = "") -> Text:
    """Make text safe to show: on one line, without markup, and with all that cannot be seen as escapes.

    The commands in it get the workspace that this command uses.
    """
    return Text(escape(in_workspace(text, workspace_option())), style)


def cell(value: object) -> Text:
    """Write a value for a table exactly, with NULL unlike an empty text."""
    if value is None:
        return Text("null", "dim")
    if isinstance(value, bool):
        return Text("true" if value else "false")
    return Text(escape(str(value)))


def outcome_cell(outcome: str) -> Text:
    """Return a file's outcome in its colour."""
    return plain(outcome, OUTCOME_STYLES.get(outcome, ""))


def remedy_line(code: str, remedy: str = "") -> Text:
    """Return a line that says what to do about a rule or a reason: its remedy, or another one."""
    return Text.assemble(plain(f"  {code}", "yellow"), plain(f": {remedy or remedy_for(code)}"))


def log_line(line: LogLine) -> Text:
    """Return a log line for the terminal: time, stage, level, message, and fields."""
    fields = " ".join(f"{name}={value}" for name, value in line.fields.items())
    return Text.assemble(
        (f"{line.time:%Y-%m-%d %H:%M:%S}.{line.time.microsecond // 1000:03d} ", "dim"),
        plain(f"{line.stage:<9} ", "cyan"),
        plain(f"{line.level:<7} {line.message} ", LEVEL_STYLES.get(line.level, "")),
        plain(fields, "dim"),
    )


def show_log(log: str, stage: str) -> None:
    """Write the log of a completed run to standard error."""
    console = err()
    for text in log.split("\n"):
        if text.strip() and (line := parse_line(text, stage, datetime.now(UTC))):
            console.print(log_line(line), soft_wrap=True)


def table(*headings: str, right: Iterable[str] = (), title: str | None = None) -> Table:
    """Start a table. The columns in ``right`` contain numbers and are aligned right."""
    flush_right = set(right)
    grid = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        grid.add_column(plain(heading), justify="right" if heading in flush_right else "left", overflow="fold")
    return grid


def result_table(result: QueryResult) -> Table:
    """Return a query's result as a table."""
    grid = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in result.columns:
        grid.add_column(plain(column.name), justify="right" if column.is_numeric else "left", overflow="fold")
    for row in result.rows:
        grid.add_row(*(cell(value) for value in row))
    return grid


def show_result(result: QueryResult) -> None:
    """Write a query's result: a table or, where the screen is too narrow for its columns, a block of lines a row."""
    console = out()
    grid = result_table(result)
    needed = console.measure(grid, options=console.options.update(width=WIDEST_TABLE)).maximum
    if needed > console.width and len(result.columns) > 1:
        _show_records(console, result)
    else:
        console.print(grid)


def _show_records(console: Console, result: QueryResult) -> None:
    width = max(len(column.name) for column in result.columns)
    for number, row in enumerate(result.rows, start=1):
        console.print(plain(f"row {number}", "bold"))
        for column, value in zip(result.columns, row, strict=True):
            console.print(plain(f"  {column.name:<{width}}  ", "cyan") + cell(value), soft_wrap=True)


def write_json(data: Mapping[str, Any]) -> None:
    """Write a command's answer to standard output, in the envelope of docs/json.md; see `write_document`."""
    write_document(envelope.answer(data, datetime.now(UTC)))


def write_json_line(data: Mapping[str, Any]) -> None:
    """Write one of a command's many answers to standard output, in an envelope on a line of its own."""
    write_exactly(_json(envelope.answer(data, datetime.now(UTC))))


def write_json_rows(head: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write an answer whose ``rows`` come bit by bit, one per line, followed by their ``count``.

    If the rows break off, the answer is completed with the error in it, and the exception goes on.
    """
    opened = _json(envelope.answer(head, datetime.now(UTC)))
    # Without the two braces that close the data and the envelope.
    sys.stdout.write(f'{opened[:-2]}, "rows": [')
    count, after = 0, ""
    try:
        for count, row in enumerate(rows, start=1):
            sys.stdout.write(f"{',' if count > 1 else ''}\n{_json(row)}")
    except (CafeError, KeyboardInterrupt) as error:
        reported = error if isinstance(error, CafeError) else Interrupted()
        after = f', "error": {_json(envelope.describe(reported))}'
        # The answer has the error already.
        envelope.forget_json()
        raise
    finally:
        if sys.exception() is None or after:
            write_exactly(f'\n], "count": {count}}}{after}}}')


def write_json_error(error: CafeError) -> None:
    """Write an error to standard output, in the envelope on one line. Without --json, write nothing."""
    if envelope.is_json_asked():
        write_exactly(_json(envelope.refusal(error, datetime.now(UTC))))


def write_document(document: object) -> None:
    """Write JSON to standard output: whole numbers as numbers, decimals as exact text, times in ISO 8601.

    What cannot be seen is written as JSON's own escapes: a parser reads the exact text. For answers of a command, use
    `write_json`.
    """
    write_exactly(_json(document, indent=2))


def json_text(answer: object) -> Text:
    """Return JSON for people to read, on several lines."""
    return Text(_json(answer, indent=2))


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], *, raw: bool = False) -> None:
    """Write CSV with a header line to standard output; NULL is an empty cell, times are ISO 8601.

    What cannot be seen is escaped, and a text that a spreadsheet would run begins with an apostrophe. With ``raw``,
    every text is exact. Raises CafeError if raw text would reach a terminal.
    """
    if raw and sys.stdout.isatty():
        raise CafeError(
            "--raw writes texts from outside as they are, and a terminal may obey them.",
            "Send the output to a file or to another program, or leave out --raw.",
        )
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in chain([columns], rows):
        cells = map(_for_csv, row)
        writer.writerow([harmless_cell(cell) if isinstance(cell, str) and not raw else cell for cell in cells])


def show_page(markdown: str) -> None:
    """Show a page of the project's own documentation: laid out and paged on a terminal, as it is in a pipe."""
    if not sys.stdout.isatty():
        write_exactly(markdown.rstrip("\n"))
        return
    console, page = out(), Markdown(markdown, hyperlinks=False)
    fits = len(console.render_lines(page)) < console.height
    with nullcontext() if fits else console.pager(styles=True):
        console.print(page)


def write_exactly(text: str) -> None:
    """Write the program's own text to standard output as it is, for another program to read."""
    typer.echo(text)


def can_ask() -> bool:
    """Whether somebody sits at a terminal and can answer a question."""
    return sys.stdin.isatty()


def confirm(question: str) -> bool:
    """Ask the user to confirm, on standard error."""
    return typer.confirm(escape(question), err=True)


def require_answer_or_yes(is_yes: bool) -> None:
    """Raise CafeError if a question must be asked, and nobody is at a terminal to answer it."""
    if not is_yes and not sys.stdin.isatty():
        raise CafeError("The command asks before it changes anything, and nobody can answer.", "Add --yes.")


def ask_secret(question: str) -> str:
    """Ask the user for a secret, which is not shown, on standard error."""
    return str(typer.prompt(escape(question), hide_input=True, err=True))


def _json(answer: object, indent: int | None = None) -> str:
    text = json.dumps(_with_workspace(answer), default=_for_json, ensure_ascii=False, indent=indent)
    return escape_json(text)


def _with_workspace(answer: object) -> object:
    """Add the workspace to the commands of every remedy in an answer, and leave all other texts exact."""
    option = workspace_option()
    if isinstance(answer, dict) and option:
        return {
            name: in_workspace(value, option) if name == "remedy" and isinstance(value, str) else _with_workspace(value)
            for name, value in answer.items()
        }
    if isinstance(answer, list | tuple) and option:
        return [_with_workspace(one) for one in answer]
    return answer


def _for_json(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def _for_csv(value: object) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    # The writer writes numbers as they are, and any other value as its text.
    return value if value is None or isinstance(value, int | float | Decimal) else str(value)
