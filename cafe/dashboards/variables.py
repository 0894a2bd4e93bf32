"""Replace a board's variables in its queries and titles, as Grafana does in the browser. Pure."""

import re
from collections.abc import Mapping, Sequence

from cafe.dashboards import BoardError

type Values = Mapping[str, Sequence[str]]

# $name, ${name} and ${name:format}. Names that begin with two underscores belong to Grafana or a plugin.
USE = re.compile(r"\$(?:(?!__)(\w+)|\{(?!__)(\w+)(?::(\w+))?\})")


class VariableError(BoardError):
    """A query uses a variable that the board does not have, or does not quote it."""


def interpolate_sql(sql: str, values: Values) -> str:
    """Replace each ``${name:sqlstring}`` with the chosen values, quoted and separated by commas.

    Raises VariableError for any other form: it would put a café's name into the statement unquoted.
    """

    def quoted(use: re.Match[str]) -> str:
        chosen = _chosen(use, values)
        if use[3] != "sqlstring":
            raise VariableError(f"{use.group()} is not quoted.", f"Write ${{{use[1] or use[2]}:sqlstring}}.")
        return ",".join("'" + value.replace("'", "''") + "'" for value in chosen)

    return USE.sub(quoted, sql)


def interpolate_text(text: str, values: Values) -> str:
    """Replace each variable of a title with the chosen values, joined by " + "."""
    return USE.sub(lambda use: " + ".join(_chosen(use, values)), text)


def _chosen(use: re.Match[str], values: Values) -> Sequence[str]:
    name = use[1] or use[2]
    try:
        return values[name]
    except KeyError:
        raise VariableError(f"The board has no variable {name}.") from None
