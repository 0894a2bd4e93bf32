"""Write the result of a query for people, however large: on one screen, through a pager, or line by line."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from itertools import chain, islice

from rich.cells import cell_len

from cafe.terminal.presentation import out, show_result, spelled
from cafe.warehouse.port import Column, QueryResult, ResultStream, Value
from shared.visible_text import escape

# What is looked at before the layout is chosen. It is also what a screen shows without --all.
FIRST_ROWS = 1_000
GAP = "  "
# As git does: less ends by itself if all fits on the screen, shows colours, and leaves the text there.
LESS_OPTIONS = "FRX"


def show_rows(result: ResultStream, *, everything: bool) -> tuple[int, bool]:
    """Write the first rows of a result, or all. Returns how many were written, and whether there are more."""
    first = list(islice(result.rows, FIRST_ROWS))
    next_row = next(result.rows, None)
    if next_row is None or not everything:
        show_result(QueryResult(result.columns, first))
        return len(first), next_row is not None
    return _write_lines(result.columns, first, chain([next_row], result.rows)), False


def _write_lines(columns: Sequence[Column], first: Sequence[Sequence[Value]], rest: Iterable[Sequence[Value]]) -> int:
    """Write all rows, in columns as wide as the first rows need, or as records if these do not fit."""
    texts = [[_text(value) for value in row] for row in first]
    heading = [spelled(escape(column.name)) for column in columns]
    widths = [max(map(cell_len, cells)) for cells in zip(heading, *texts, strict=True)]
    fits = sum(widths) + len(GAP) * (len(widths) - 1) <= out().width or len(columns) == 1
    write = sys.stdout.write
    if fits:
        write(_line(heading, columns, widths))
    count = 0
    for count, cells in enumerate(chain(texts, ([_text(value) for value in row] for row in rest)), start=1):
        write(_line(cells, columns, widths) if fits else _record(count, heading, cells))
    return count


def _text(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return spelled(escape(str(value)))


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    """Lay out one row. A text that is wider than the first ones moves what follows it, and is never cut."""
    parts = []
    for text, column, width in zip(cells, columns, widths, strict=True):
        blanks = " " * (width - (len(text) if text.isascii() else cell_len(text)))
        parts.append(blanks + text if column.is_numeric else text + blanks)
    return GAP.join(parts).rstrip() + "\n"


def _record(number: int, heading: Sequence[str], cells: Sequence[str]) -> str:
    width = max(map(len, heading))
    lines = [f"row {number}", *(f"  {name:<{width}}  {text}" for name, text in zip(heading, cells, strict=True))]
    return "\n".join(lines) + "\n"


class _PagerInput(TextIOWrapper):
    """The pager's standard input. It says that it is a terminal: the pager shows colours."""

    def isatty(self) -> bool:
        """Whether colours and the terminal's width are wanted."""
        return True


def pager_command(environment: dict[str, str]) -> list[str]:
    """Return the pager of the user, or less. Returns [] if there is none, or PAGER says so: "" or cat."""
    command = shlex.split(environment.get("PAGER", "less"))
    if not command or command == ["cat"] or shutil.which(command[0]) is None:
        return []
    return command


@contextmanager
def paged(*, is_wanted: bool) -> Iterator[None]:
    """Send standard output through the user's pager, if it is a terminal. To leave the pager ends the output."""
    command = pager_command(dict(os.environ)) if is_wanted and sys.stdout.isatty() else []
    if not command:
        yield
        return
    environment = {"LESS": LESS_OPTIONS, **os.environ}
    pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    if pager.stdin is None:
        raise AssertionError("the pager was started with a pipe")
    terminal, sys.stdout = sys.stdout, _PagerInput(pager.stdin, encoding="utf-8", errors="backslashreplace")
    try:
        with suppress(BrokenPipeError):
            yield
    finally:
        with suppress(BrokenPipeError):
            sys.stdout.close()
        sys.stdout = terminal
        _wait_for(pager)


def _wait_for(pager: subprocess.Popen[bytes]) -> None:
    """Wait until the user leaves the pager, which does not end at Ctrl-C."""
    while True:
        try:
            pager.wait()
        except KeyboardInterrupt:
            continue
        return
