"""Replace a board's variables in its queries and titles, as Grafana does in the browser. Pure.

Names in the warehouse come from outside: a café can be called ``A\\`` or ``$__timeFilter(x)``. Redshift takes a
backslash in a string for an escape, and Grafana expands macros after variables. So none of Grafana's quotings keeps
such a text apart from the statement, and statements take numbers only.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cafe.dashboards import BoardError
from cafe.dashboards.boards import Board, Variable

type Values = Mapping[str, Sequence[str]]

# $name, ${name} and ${name:format}. Names that begin with two underscores belong to Grafana or a plugin.
USE = re.compile(r"\$(?:(?!__)(\w+)|\{(?!__)(\w+)(?::(\w+))?\})")
# Everything that Grafana replaces (its variableRegex): also [[name]], ${name.path}, and its own variables.
ANY_USE = re.compile(r"\$\w+|\[\[\w+?(?::\w+)?\]\]|\$\{[^}]*\}")
NUMBERS_IN_SQL = re.compile(r"\$\{(?!__)(\w+):csv\}")
# The plugin replaces these with times.
MACROS_IN_SQL = frozenset(("$__timeFilter", "$__timeFrom", "$__timeTo"))
# The pattern of every variable that is part of a statement. Grafana applies it to the value, not to the label.
NUMBER_PATTERN = "^-?[0-9]{1,19}$"
NUMBER = re.compile("-?[0-9]{1,19}")
STRING_TYPE = "string"


class VariableError(BoardError):
    """A query uses a variable that the board does not have, or that is not a number."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a variable: the value that queries get, and the text that people see."""

    value: str
    text: str


def choices_of(columns: Sequence[tuple[str, str, Sequence[Any]]]) -> list[Choice]:
    """Return the choices that Grafana finds in an answer: its columns, each with name, type and values.

    Text columns named ``value`` and ``text`` are used, in any order; without them, the first text column is both
    (toMetricFindValues.ts of grafana/scenes). Raises VariableError if the answer has no text column.
    """
    texts = {name.lower(): values for name, kind, values in columns if kind == STRING_TYPE}
    if not texts:
        raise VariableError("The query of a variable returns no text.", "Cast the value to varchar.")
    first = next(iter(texts.values()))
    values = texts.get("value", texts.get("text", first))
    labels = texts.get("text", values)
    return [Choice(str(value), str(label)) for value, label in zip(values, labels, strict=True) if value is not None]


def choices_that_match(variable: Variable, found: Sequence[Choice], values: Values) -> list[Choice]:
    """Keep the choices that a variable's pattern matches, as Grafana does.

    Variables in the pattern are replaced by their chosen ``values``. If the pattern captures a group, the group is the
    choice (QueryVariable.tsx and utils.ts of grafana/scenes). Raises VariableError for a variable that is not known.
    """
    pattern = re.compile(USE.sub(lambda use: f"(?:{'|'.join(map(re.escape, _chosen(use, values)))})", variable.pattern))
    matches = [(choice, pattern.search(choice.value)) for choice in found]
    return [Choice(match[1], match[1]) if pattern.groups else choice for choice, match in matches if match]


def interpolate_sql(sql: str, values: Values) -> str:
    """Replace each ``${name:csv}`` with the chosen numbers, separated by commas.

    Raises VariableError for any other form, and for a value that is not a number.
    """

    def numbers(use: re.Match[str]) -> str:
        chosen = _chosen(use, values)
        if use[3] != "csv":
            raise VariableError(f"{use.group()} is not a list of numbers.", f"Write ${{{use[1] or use[2]}:csv}}.")
        if not all(NUMBER.fullmatch(value) for value in chosen):
            raise VariableError(f"A value of {use.group()} is not a number.", "Let the variable's query return ids.")
        return ",".join(chosen)

    return USE.sub(numbers, sql)


def interpolate_text(text: str, values: Values) -> str:
    """Replace each variable of a title with the chosen values, joined by " + "."""
    return USE.sub(lambda use: " + ".join(_chosen(use, values)), text)


def texts_in_sql(board: Board) -> Iterator[str]:
    """Yield each use of a variable in a statement of the board, wherever it is, that may be more than a number."""
    numeric = {
        variable.name
        for variable in board.variables
        if variable.pattern == NUMBER_PATTERN
        and not variable.takes_any_text
        and (NUMBER.fullmatch(variable.all_value) or not variable.include_all)
    }
    for sql in _statements(board.json):
        for use in ANY_USE.finditer(sql):
            found = NUMBERS_IN_SQL.fullmatch(use.group())
            if use.group() not in MACROS_IN_SQL and not (found and found[1] in numeric):
                yield use.group()


def _statements(json: Any) -> Iterator[str]:
    """Yield every statement in a board's JSON: of panels, variables and annotations, at any depth."""
    if isinstance(json, Mapping):
        for name, value in json.items():
            if name == "rawSQL":
                yield str(value)
            else:
                yield from _statements(value)
    elif isinstance(json, list | tuple):
        for item in json:
            yield from _statements(item)


def _chosen(use: re.Match[str], values: Values) -> Sequence[str]:
    name = use[1] or use[2]
    try:
        return values[name]
    except KeyError:
        raise VariableError(f"The board has no variable {name}.") from None
