"""Query the warehouse, wherever it is: one port, `Warehouse`, with two adapters that know how to reach it.

Statements have parameters ``:name``. Both adapters bind them; neither writes values into the text.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from cafe.errors import CafeError

type Value = bool | int | float | Decimal | date | datetime | str | None
type Parameters = Mapping[str, str | int]

NUMERIC_TYPES = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"})
# A string or a quoted name, which is kept, or a comment.
QUOTED_OR_COMMENT = re.compile(r"""('(?:[^'\\]|''|\\.)*'|"[^"]*")|--[^\n]*|/\*.*?\*/""", re.DOTALL)
MISSING_RELATION = re.compile(r'(?:relation|schema) "[^"]+" does not exist')


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result; ``type`` is Redshift's short name for it, such as int8, numeric or varchar."""

    name: str
    type: str

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers, which are aligned right."""
        return self.type in NUMERIC_TYPES


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The result of a statement; without columns if it was not a query."""

    columns: tuple[Column, ...]
    rows: list[tuple[Value, ...]]

    def as_dicts(self) -> list[dict[str, Value]]:
        """Return each row as a dict by column name."""
        names = _unique([column.name for column in self.columns])
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def _unique(names: Sequence[str]) -> list[str]:
    """Number repeated column names, so that none hides another: count, count_2."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


class Warehouse(Protocol):
    """Anything that can run a statement on the warehouse."""

    def query(self, sql: str, parameters: Parameters | None = None) -> QueryResult:
        """Run one statement in a transaction of its own. Raises WarehouseError, with the warehouse's own message."""


class WarehouseError(CafeError):
    """The warehouse could not be reached, or refused a statement."""

    code = "warehouse_refused"


class MissingRelation(WarehouseError):
    """A statement names a table or schema that does not exist (before the first load, or by mistake)."""

    code = "missing_relation"


class EmptyParameter(WarehouseError):
    """A parameter is empty, which the Data API does not take (SqlParameter: at least 1 character)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The value of {name} is empty.", f"Give a {name} that is not empty.")


def text_to_send(sql: str, parameters: Parameters | None) -> str:
    """Check the parameters and leave comments out: the Data API takes a ``:name`` in a comment for a parameter.

    Both adapters send this text, so that the local twin is as strict. Raises EmptyParameter.
    """
    for name, value in (parameters or {}).items():
        if value == "":
            raise EmptyParameter(name)
    return QUOTED_OR_COMMENT.sub(lambda found: found[1] or " ", sql).strip()


def statement_refused(message: str, hint: str = "") -> WarehouseError:
    """Build the error for a refused statement. Both adapters recognise a missing table by the server's message."""
    kind = MissingRelation if MISSING_RELATION.search(message) else WarehouseError
    return kind(message, hint)
