"""Write answers to the terminal: tables and prose for people, progress and remarks on stderr.

All output goes through here, or through `documents` for other programs. Text from outside, such as keys, product names
and log lines, is never read as markup. What cannot be seen in it, or would be obeyed, is shown as an escape such as
``\\u202e``.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.status import Status
from rich.table import Table
from rich.text import Text

from cafe.answers.remedies import remedy_for
from cafe.deployed.logs import LogLine, parse_line
from cafe.errors import CafeError, Misused
from cafe.local.layout import workspace_option
from cafe.terminal.documents import json_of, write_exactly, write_json_error
from cafe.terminal.fitting import GAP, Fit, Kind, fit_columns, fold_words, shorten_key
from cafe.terminal.spelling import asks_for_ascii, spell
from cafe.terminal.streams import WithoutTrailingBlanks
from cafe.terminal.typed_commands import in_workspace
from cafe.warehouse.port import QueryResult
from shared.visible_text import escape, escape_lines

# Nothing that is written to a pipe is cut or folded: no table is as wide as this.
PIPED_WIDTH = 10_000
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
    """A console that escapes all text, reads no text as markup, and writes only what its stream can show.

    A `str` stays on one line. A `Text` keeps its line ends, which are the layout's; `plain` makes one of outside text.
    With NO_COLOR there is no colour, and nothing is bold either.
    """

    def __init__(self, **options: Any) -> None:
        """Make a console; the options are those of rich's."""
        super().__init__(**{"color_system": None if os.environ.get("NO_COLOR") else "auto"} | options)

    @property
    def encoding(self) -> str:
        """The encoding of the stream or, if the user's locale is C or POSIX by name, ASCII."""
        return _encoding_of(self.file)

    def on_broken_pipe(self) -> None:
        """Leave a broken pipe to the end of the command, as every other error of writing."""
        raise  # rich calls this while it handles the error

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; the lines of a table are never cut, as it fits by itself."""
        has_table = any(isinstance(one, Listing) for one in objects)
        super().print(*objects, **({"crop": False} if has_table else {}) | options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a `Text` of a `str`, before its width is measured."""
        shown = spell(escape(in_workspace(text, workspace_option())), self.encoding)
        return super().render_str(shown, **options | {"markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Render, and escape what a `Text` brought with it. The console's own control codes are left alone."""
        encoding = self.encoding
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=spell(escape_lines(segment.text), encoding))


def out() -> Console:
    """Return the console for answers: standard output."""
    return _console(sys.stdout)


def err() -> Console:
    """Return the console for everything else: standard error."""
    return _console(sys.stderr)


def _console(stream: Any) -> Console:
    if stream.isatty():
        return EscapingConsole(file=stream)
    return EscapingConsole(file=WithoutTrailingBlanks(stream), width=None if "COLUMNS" in os.environ else PIPED_WIDTH)


def _encoding_of(stream: Any) -> str:
    if asks_for_ascii(os.environ, is_utf8_mode=bool(sys.flags.utf8_mode)):
        return "ascii"
    return (getattr(stream, "encoding", None) or "utf-8").lower()


def spelled(text: str) -> str:
    """Spell a text for both streams, before it is known to which it goes: its width must not change later."""
    return spell(spell(text, _encoding_of(sys.stdout)), _encoding_of(sys.stderr))


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """Show a progress bar on standard error, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress, progress.add_task(what, total=total)


@contextmanager
def working(what: str) -> Iterator[Status]:
    """Show on standard error, if that is a terminal, that something is in work."""
    console = err()
    with console.status(plain(what), spinner="dots" if console.encoding.startswith("utf") else "line") as status:
        yield status


def say(console: Console, text: Text, indent: int = 0) -> None:
    """Write prose: on a terminal folded at blanks, with later lines indented, and to a pipe on one line.

    No word and no command to copy is parted.
    """
    if not console.is_terminal:
        console.print(text, soft_wrap=True)
        return
    for number, line in enumerate(folded(text, console.width, indent)):
        console.print(Text(" " * indent if number else "") + line, soft_wrap=True)


def folded(text: Text, width: int, indent: int = 0) -> list[Text]:
    """Fold prose at blanks into lines of ``width`` cells. Lines after the first have less room, by ``indent``."""
    return [text[start:end] for start, end in fold_words(text.plain, width, indent)]


def remark(message: str, style: str = "") -> None:
    """Write plain text to standard error."""
    say(err(), plain(message, style))


def say_more(hidden: int) -> None:
    """Say on standard error how many more a list would have, if any."""
    if hidden > 0:
        remark(f"… and {hidden:,} more; --json lists all", "dim")


def show_error(error: CafeError) -> None:
    """Write an error and its remedy to standard error, and to standard output as JSON if --json was given."""
    try:
        write_json_error(error)
    finally:
        # Also if standard output is what cannot be written: then this is all that anybody sees.
        console = err()
        say(console, Text.assemble(("error: ", "bold red"), plain(error.message)))
        if error.output:
            console.print(Text(escape_lines(in_workspace(error.output, workspace_option()))), soft_wrap=True)
        if error.remedy:
            say(console, plain(error.remedy, "cyan"))


def plain(text: str, style: str = "") -> Text:
    """Make text safe to show: on one line, without markup, and with all that cannot be seen as escapes.

    The commands in it get the workspace that this command uses.
    """
    return Text(spelled(escape(in_workspace(text, workspace_option()))), style)


def own_markup(text: str) -> Text:
    """Read the markup of a text that the program itself holds, such as its help."""
    return Text.from_markup(spelled(text), emoji=False)


def cell(value: object) -> Text:
    """Write a value for a table exactly, with NULL unlike an empty text."""
    if value is None:
        return Text("null", "dim")
    if isinstance(value, bool):
        return Text("true" if value else "false")
    return Text(spelled(escape(str(value))))


def figure_cell(value: object) -> Text:
    """Write a value for a table that people only look at: with commas between thousands."""
    return Text(f"{value:,}") if isinstance(value, int | Decimal) else cell(value)


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


class Listing:
    """A table that fits the screen: figures never break; if nothing else helps, each row is a block of lines."""

    def __init__(self, columns: Sequence[tuple[str, Kind]], right: Iterable[str]) -> None:
        """Begin with the columns: their headings, and what may be done to each."""
        self._headings = [plain(heading) for heading, _ in columns]
        self._kinds = [kind for _, kind in columns]
        self._right = {plain(heading).plain for heading in right}
        self._rows: list[list[Text]] = []

    def add_row(self, *cells: Text | str) -> None:
        """Add a row; cells that are left out are empty."""
        row = [cell if isinstance(cell, Text) else plain(cell) for cell in cells]
        self._rows.append(row + [Text()] * (len(self._headings) - len(row)))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the table out for the width that there is."""
        cells = [[text.plain for text in column] for column in zip(self._headings, *self._rows, strict=True)]
        fit = fit_columns(self._kinds, cells, options.max_width)
        if fit is None:
            yield from self._records()
            return
        grid = Table(header_style="bold", box=None, pad_edge=False, padding=(0, GAP, 0, 0))
        widths = {at: self._width_of(at, width) for at, width in fit.widths.items()}
        for at, width in widths.items():
            is_right = self._headings[at].plain in self._right
            grid.add_column(self._headings[at], justify="right" if is_right else "left", width=width, overflow="fold")
        for row in self._rows:
            grid.add_row(*(self._cell(at, row[at], fit.widths[at]) for at in widths))
        yield grid
        yield from self._not_shown(fit)

    def _width_of(self, at: int, most: int) -> int:
        """Return what a column needs: keys are often cut to less than there is room for."""
        if self._kinds[at] is not Kind.KEY:
            return most
        return max(self._headings[at].cell_len, *(self._cell(at, row[at], most).cell_len for row in self._rows), 1)

    def _cell(self, at: int, text: Text, width: int) -> Text:
        if self._kinds[at] is not Kind.KEY:
            return text
        return Text(shorten_key(text.plain, width), text.style)

    def _not_shown(self, fit: Fit) -> Iterator[Text]:
        for why, columns in (("0 or nothing in every row", fit.of_zeros), ("no room", fit.spared)):
            if columns:
                names = ", ".join(self._headings[at].plain for at in columns)
                yield Text(f"not shown, {why}: {names}", "dim", no_wrap=True, overflow="ignore")

    def _records(self) -> Iterator[Text]:
        """Write a block for each row, headed by its key or its number, with a line for each other column."""
        key = next((at for at, kind in enumerate(self._kinds) if kind is Kind.KEY), None)
        width = max(heading.cell_len for heading in self._headings)
        for number, row in enumerate(self._rows, start=1):
            head = Text(f"row {number}") if key is None else row[key]
            yield Text(head.plain, "bold", no_wrap=True, overflow="ignore")
            for at, (heading, text) in enumerate(zip(self._headings, row, strict=True)):
                if at != key:
                    name = heading.plain + " " * (width - heading.cell_len)
                    yield _unfolded(Text(f"  {name}  ", "cyan") + text)


def _unfolded(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ignore"
    return text


def table(
    *headings: str,
    right: Iterable[str] = (),
    keys: Iterable[str] = (),
    prose: Iterable[str] = (),
    spare: Iterable[str] = (),
) -> Listing:
    """Start a table. The columns in ``right`` contain numbers and are aligned right.

    On a narrow screen, ``keys`` are cut in the middle, ``prose`` is folded at blanks, and ``spare`` columns may be left
    out, because --json has them. All other columns are figures, which are shown whole.
    """
    kinds = dict.fromkeys(keys, Kind.KEY) | dict.fromkeys(prose, Kind.PROSE) | dict.fromkeys(spare, Kind.SPARE)
    return Listing([(heading, kinds.get(heading, Kind.FIGURE)) for heading in headings], right)


def result_table(result: QueryResult, write: Callable[[object], Text] = cell) -> Listing:
    """Return a query's result as a table or, where the screen is too narrow for its columns, a block of lines a row.

    Values are written exactly, unless ``write`` does it in another way.
    """
    right = [column.name for column in result.columns if column.is_numeric]
    # One column that is too wide is folded: a block of one line would help nobody.
    kind = Kind.VALUE if len(result.columns) > 1 else Kind.PROSE
    grid = Listing([(column.name, kind) for column in result.columns], right)
    for row in result.rows:
        grid.add_row(*map(write, row))
    return grid


def show_result(result: QueryResult) -> None:
    """Write a query's result."""
    out().print(result_table(result))


def json_text(answer: object) -> Text:
    """Return JSON for people to read, on several lines."""
    return Text(json_of(answer, indent=2))


def show_page(markdown: str) -> None:
    """Show a page of the project's own documentation: laid out on a terminal, as it is in a pipe."""
    if sys.stdout.isatty():
        out().print(Markdown(markdown, hyperlinks=False))
    else:
        write_exactly(markdown.rstrip("\n"))


def can_ask() -> bool:
    """Whether somebody sits at a terminal and can answer a question."""
    return sys.stdin.isatty()


def confirm(question: str) -> bool:
    """Ask the user to confirm, on standard error."""
    try:
        return typer.confirm(escape(question), err=True)
    except typer.Abort:
        # Ctrl-C or no answer: what is said about it begins on a line of its own.
        err().print()
        raise


def require_answer_or_yes(is_yes: bool) -> None:
    """Raise CafeError if a question must be asked, and nobody is at a terminal to answer it."""
    if not is_yes and not sys.stdin.isatty():
        raise Misused("The command asks before it changes anything, and nobody can answer.", "Add --yes.")


def ask_secret(question: str) -> str:
    """Ask the user for a secret, which is not shown, on standard error."""
    return str(typer.prompt(escape(question), hide_input=True, err=True))
