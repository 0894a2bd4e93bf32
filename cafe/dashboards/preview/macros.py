"""Expand the macros of grafana-redshift-datasource 2.5.0 in a query, as its backend does before it calls Redshift.

Pure. Expansions and parsing follow the plugin: brackets are optional, arguments are split at commas outside inner
brackets, and every occurrence of a macro's text is replaced. Only the macros that the boards use are here. Any other
raises MacroError, while the plugin would send it to Redshift unchanged if it did not know it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from cafe.dashboards import BoardError
from cafe.dashboards.periods import Period


class MacroError(BoardError):
    """No board may use this macro, or the plugin does not accept its arguments."""


type _Macro = Callable[[Period, list[str]], str]


def expand(sql: str, period: Period) -> str:
    """Replace the query's macros with the period.

    Raises MacroError for a macro that is not imitated, and for arguments that the plugin would refuse.
    """
    for name, macro in MACROS.items():
        for text, arguments in list(_uses(sql, name)):
            sql = sql.replace(text, macro(period, arguments))
    unknown = re.search(r"\$__\w+", sql)
    if unknown:
        raise MacroError(f"The preview has no macro {unknown.group()}.", f"Boards use {', '.join(MACROS)}.")
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


def _rfc3339(moment: datetime) -> str:
    """Format as RFC 3339 in UTC, to the second, as Go does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time_filter(period: Period, arguments: list[str]) -> str:
    if len(arguments) != 1:
        raise MacroError(f"$__timeFilter takes 1 argument, not {len(arguments)}.")
    return f"{arguments[0]} BETWEEN '{_rfc3339(period.start)}' AND '{_rfc3339(period.end)}'"


# $__interval and $__interval_ms of Grafana's SQL library are missing on purpose. The browser computes them from the
# panel's width, so a board that used them would show different figures on every screen.
MACROS: dict[str, _Macro] = {
    "timeFilter": _time_filter,
    "timeFrom": lambda period, _: f"'{_rfc3339(period.start)}'",
    "timeTo": lambda period, _: f"'{_rfc3339(period.end)}'",
}
