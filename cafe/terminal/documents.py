"""Write answers for other programs to standard output: JSON in the envelope, CSV, and the program's own text.

What cannot be seen in a text, or would be obeyed, is written as an escape; `presentation` writes for people.
"""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import typer

from cafe.errors import CafeError, Interrupted, Misused
from cafe.local.layout import workspace_option
from cafe.terminal import envelope
from cafe.terminal.spelling import escape_missing
from cafe.terminal.spreadsheets import harmless_cell
from cafe.terminal.typed_commands import in_workspace
from shared.visible_text import escape_json, escape_lines


def write_json(data: Mapping[str, Any]) -> None:
    """Write a command's answer to standard output, in the envelope of docs/json.md; see `write_document`."""
    write_document(envelope.answer(data, datetime.now(UTC)))


def write_json_line(data: Mapping[str, Any]) -> None:
    """Write one of a command's many answers to standard output, in an envelope on a line of its own."""
    write_exactly(json_of(envelope.answer(data, datetime.now(UTC))))


def write_json_rows(head: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write an answer whose ``rows`` come bit by bit, one per line, followed by their ``count``.

    If the rows break off, the answer is completed with the error in it, and the exception goes on.
    """
    opened = json_of(envelope.answer(head, datetime.now(UTC)))
    # Without the two braces that close the data and the envelope.
    sys.stdout.write(f'{opened[:-2]}, "rows": [')
    count, after = 0, ""
    try:
        for count, row in enumerate(rows, start=1):
            sys.stdout.write(f"{',' if count > 1 else ''}\n{json_of(row)}")
    except (CafeError, KeyboardInterrupt) as error:
        reported = error if isinstance(error, CafeError) else Interrupted()
        after = f', "error": {json_of(envelope.describe(reported))}'
        # The answer has the error already.
        envelope.forget_json()
        raise
    finally:
        if sys.exception() is None or after:
            write_exactly(f'\n], "count": {count}}}{after}}}')


def write_json_error(error: CafeError) -> None:
    """Write an error to standard output, in the envelope on one line. Without --json, write nothing."""
    if envelope.is_json_asked():
        write_exactly(json_of(envelope.refusal(error, datetime.now(UTC))))


def write_document(document: object) -> None:
    """Write JSON to standard output: whole numbers as numbers, decimals as exact text, times in ISO 8601.

    What cannot be seen is written as JSON's own escapes: a parser reads the exact text. For answers of a command, use
    `write_json`.
    """
    write_exactly(json_of(document, indent=2))


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], *, raw: bool = False) -> None:
    """Write CSV with a header line to standard output; NULL is an empty cell, times are ISO 8601.

    What cannot be seen is escaped, and a text that a spreadsheet would run begins with an apostrophe. With ``raw``,
    every text is exact. Raises CafeError if raw text would reach a terminal.
    """
    if raw and sys.stdout.isatty():
        raise Misused(
            "--raw writes texts from outside as they are, and a terminal may obey them.",
            "Send the output to a file or to another program, or leave out --raw.",
        )
    writer, encoding = csv.writer(sys.stdout, lineterminator="\n"), _stdout_encoding()
    try:
        for row in chain([columns], rows):
            cells = [_for_csv(value) for value in row]
            writer.writerow(cells if raw else [_harmless(value, encoding) for value in cells])
    except UnicodeEncodeError:
        raise CafeError(
            f"A text has characters that the encoding {encoding} does not have, and --raw writes exact texts.",
            "Set PYTHONIOENCODING=utf-8, or leave out --raw.",
        ) from None


def write_text(text: str) -> None:
    """Write a text file to standard output for another program, with escapes for what cannot be seen."""
    write_exactly(escape_lines(text.removesuffix("\n")))


def write_exactly(text: str) -> None:
    """Write the program's own text to standard output as it is, for another program to read."""
    typer.echo(escape_missing(text, _stdout_encoding()))


def json_of(answer: object, indent: int | None = None) -> str:
    """Return an answer as JSON, with the workspace in the commands of its remedies."""
    # JSON's own escapes are exact, so that any stream can have every text.
    is_ascii = not _stdout_encoding().startswith("utf")
    text = json.dumps(_with_workspace(answer), default=_for_json, ensure_ascii=is_ascii, indent=indent)
    return escape_json(text)


def _stdout_encoding() -> str:
    """Return the encoding of standard output for programs, which do not care for the user's locale."""
    return (sys.stdout.encoding or "utf-8").lower()


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


def _harmless(value: object, encoding: str) -> object:
    return escape_missing(harmless_cell(value), encoding) if isinstance(value, str) else value


def _for_csv(value: object) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    # The writer writes numbers as they are, and any other value as its text.
    return value if value is None or isinstance(value, int | float | Decimal) else str(value)
