"""Expand the macros of grafana-redshift-datasource 2.5.0 in a query, as its backend does before it asks Redshift.

Pure. The wording of each expansion is the plugin's; so are its habits: a macro stands with or without brackets, its
arguments are split at commas outside of inner brackets, and the text found is replaced wherever it stands. One thing
is stricter: what looks like a macro and is none would go to Redshift as it is, and is refused here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cafe.dashboards import BoardError
from cafe.dashboards.periods import Period, seconds_of


class MacroError(BoardError):
    """A macro that the plugin does not have, or with arguments that it does not take."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the query's editor has chosen in Grafana's drop-downs; empty in boards written by hand."""

    schema: str = ""
    table: str = ""
    column: str = ""


NOTHING_CHOSEN = Subject()


@dataclass(frozen=True, slots=True)
class _Context:
    period: Period
    subject: Subject


type _Macro = Callable[[_Context, list[str]], str]


def expand(sql: str, period: Period, subject: Subject = NOTHING_CHOSEN) -> str:
    """Put the period, and what was chosen, in the place of the query's macros.

    Raises MacroError for one that the plugin does not know, and for arguments that it would refuse.
    """
    context = _Context(period, subject)
    for name, macro in MACROS.items():
        for text, arguments in list(_uses(sql, name)):
            sql = sql.replace(text, macro(context, arguments))
    unknown = re.search(r"\$__\w+", sql)
    if unknown:
        raise MacroError(f"The plugin has no macro {unknown.group()}.", f"It has {', '.join(MACROS)}.")
    return sql


def _uses(sql: str, name: str) -> Iterator[tuple[str, list[str]]]:
    """Find each use of a macro: its whole text, and its arguments."""
    for match in re.finditer(rf"\$__{name}\b", sql):
        arguments, length = _arguments(sql[match.end() :], name)
        yield sql[match.start() : match.end() + length], arguments


def _arguments(text: str, name: str) -> tuple[list[str], int]:
    """Read the bracketed list that a text begins with: the arguments, and how long it is; none without a bracket."""
    if not text.startswith("("):
        return [], 0
    arguments, depth, begun = [], 0, 1
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 or (depth == 1 and character == ","):
            arguments.append(text[begun:place].strip())
            begun = place + 1
        if depth == 0:
            return arguments, place + 1
    raise MacroError(f"The brackets of $__{name} are never closed.")


def _take(count: int, name: str, arguments: list[str]) -> list[str]:
    if len(arguments) != count:
        raise MacroError(f"$__{name} takes {count} arguments, not {len(arguments)}.")
    return arguments


def _written(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second, as Go writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


def _time_epoch(context: _Context, arguments: list[str]) -> str:
    del context
    (column,) = _take(1, "timeEpoch", arguments)
    return f'extract(epoch from {column}) as "time"'


def _time_filter(context: _Context, arguments: list[str]) -> str:
    (column,) = _take(1, "timeFilter", arguments)
    return f"{column} BETWEEN '{_written(context.period.start)}' AND '{_written(context.period.end)}'"


def _time_group(context: _Context, arguments: list[str]) -> str:
    del context
    column, interval = _take(2, "timeGroup", arguments)
    seconds = seconds_of(interval.strip("'"))
    return f'floor(extract(epoch from {column})/{seconds})*{seconds} AS "time"'


def _unix_epoch_filter(context: _Context, arguments: list[str]) -> str:
    (column,) = _take(1, "unixEpochFilter", arguments)
    return f"{column} >= {_unix(context.period.start)} AND {column} <= {_unix(context.period.end)}"


def _unix_epoch_group(context: _Context, arguments: list[str]) -> str:
    del context
    column, interval = _take(2, "unixEpochGroup", arguments)
    seconds = seconds_of(interval.strip("'"))
    return f'floor({column}/{seconds})*{seconds} AS "time"'


# The last two arguments-free ones of Grafana's SQL library, $__interval and $__interval_ms, are replaced in the browser
# by the panel's width; a board that used them would answer differently on every screen, so they are not read here.
MACROS: dict[str, _Macro] = {
    "timeEpoch": _time_epoch,
    "timeFilter": _time_filter,
    "timeFrom": lambda context, _: f"'{_written(context.period.start)}'",
    "timeTo": lambda context, _: f"'{_written(context.period.end)}'",
    "timeGroup": _time_group,
    "schema": lambda context, _: context.subject.schema,
    "table": lambda context, _: context.subject.table,
    "column": lambda context, _: context.subject.column,
    "unixEpochFilter": _unix_epoch_filter,
    "unixEpochGroup": _unix_epoch_group,
}
