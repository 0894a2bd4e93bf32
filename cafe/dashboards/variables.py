"""Put the values of a board's variables into its queries and titles, as Grafana's browser side does. Pure."""

import re
from collections.abc import Mapping, Sequence

from cafe.dashboards import BoardError

type Values = Mapping[str, Sequence[str]]

# $name, ${name} and ${name:format}; what begins with two underscores is Grafana's own or the plugin's.
USE = re.compile(r"\$(?:(?!__)(\w+)|\{(?!__)(\w+)(?::(\w+))?\})")


class VariableError(BoardError):
    """A query uses a variable that the board does not have, or in a form that could be wrong."""


def interpolate_sql(sql: str, values: Values) -> str:
    """Write each ``${name:sqlstring}`` as quoted texts with commas between; All is every value that there is.

    Any other form would put a café's name into the statement unquoted, and is refused.
    """

    def quoted(use: re.Match[str]) -> str:
        chosen = _chosen(use, values)
        if use[3] != "sqlstring":
            raise VariableError(f"{use.group()} is not quoted.", f"Write ${{{use[1] or use[2]}:sqlstring}}.")
        return ",".join("'" + value.replace("'", "''") + "'" for value in chosen)

    return USE.sub(quoted, sql)


def interpolate_text(text: str, values: Values) -> str:
    """Write each variable of a title or a text as people read it; more than one value with a plus between."""
    return USE.sub(lambda use: " + ".join(_chosen(use, values)), text)


def _chosen(use: re.Match[str], values: Values) -> Sequence[str]:
    name = use[1] or use[2]
    try:
        return values[name]
    except KeyError:
        raise VariableError(f"The board has no variable {name}.") from None
