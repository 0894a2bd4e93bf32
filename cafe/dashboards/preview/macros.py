"""Expand the macros of grafana-redshift-datasource 2.5.0 in a query, as its backend does before it calls Redshift.

Pure. Expansions and parsing follow the plugin: brackets are optional, arguments are split at commas outside inner
brackets, and every occurrence of a macro's text is replaced. One rule is stricter: the plugin sends an unknown macro
to Redshift unchanged; here it raises MacroError.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cafe.dashboards import BoardError
from cafe.dashboards.periods import Period, seconds_of


class MacroError(BoardError):
    """The plugin does not have this macro, or does not accept its arguments."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The table that a user chose in Grafana's query editor; empty for the committed boards."""

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
    """Replace the query's macros with the period and the chosen table.

    Raises MacroError for an unknown macro, and for arguments that the plugin would refuse.
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
    """Yield the whole text and the arguments of each use of a macro."""
    for match in re.finditer(rf"\$__{name}\b", sql):
        arguments, length = _arguments(sql[match.end() :], name)
        yield sql[match.start() : match.end() + length], arguments


def _arguments(text: str, name: str) -> tuple[list[str], int]:
    """Return the arguments in the brackets with which a text begins, and their length; none without a bracket."""
    if not text.startswith("("):
        return [], 0
    arguments, depth, start = [], 0, 1
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 or (depth == 1 and character == ","):
            arguments.append(text[start:index].strip())
            start = index + 1
        if depth == 0:
            return arguments, index + 1
    raise MacroError(f"The brackets of $__{name} are never closed.")


def _require(count: int, name: str, arguments: list[str]) -> list[str]:
    if len(arguments) != count:
        raise MacroError(f"$__{name} takes {count} arguments, not {len(arguments)}.")
    return arguments


def _rfc3339(moment: datetime) -> str:
    """Format as RFC 3339 in UTC, to the second, as Go does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


def _time_epoch(context: _Context, arguments: list[str]) -> str:
    del context
    (column,) = _require(1, "timeEpoch", arguments)
    return f'extract(epoch from {column}) as "time"'


def _time_filter(context: _Context, arguments: list[str]) -> str:
    (column,) = _require(1, "timeFilter", arguments)
    return f"{column} BETWEEN '{_rfc3339(context.period.start)}' AND '{_rfc3339(context.period.end)}'"


def _time_group(context: _Context, arguments: list[str]) -> str:
    del context
    column, interval = _require(2, "timeGroup", arguments)
    seconds = seconds_of(interval.strip("'"))
    return f'floor(extract(epoch from {column})/{seconds})*{seconds} AS "time"'


def _unix_epoch_filter(context: _Context, arguments: list[str]) -> str:
    (column,) = _require(1, "unixEpochFilter", arguments)
    return f"{column} >= {_unix(context.period.start)} AND {column} <= {_unix(context.period.end)}"


def _unix_epoch_group(context: _Context, arguments: list[str]) -> str:
    del context
    column, interval = _require(2, "unixEpochGroup", arguments)
    seconds = seconds_of(interval.strip("'"))
    return f'floor({column}/{seconds})*{seconds} AS "time"'


# $__interval and $__interval_ms of Grafana's SQL library are missing on purpose. The browser computes them from the
# panel's width, so a board that used them would show different figures on every screen.
MACROS: dict[str, _Macro] = {
    "timeEpoch": _time_epoch,
    "timeFilter": _time_filter,
    "timeFrom": lambda context, _: f"'{_rfc3339(context.period.start)}'",
    "timeTo": lambda context, _: f"'{_rfc3339(context.period.end)}'",
    "timeGroup": _time_group,
    "schema": lambda context, _: context.subject.schema,
    "table": lambda context, _: context.subject.table,
    "column": lambda context, _: context.subject.column,
    "unixEpochFilter": _unix_epoch_filter,
    "unixEpochGroup": _unix_epoch_group,
}
