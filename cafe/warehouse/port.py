"""Query the warehouse, wherever it is: one port, `Warehouse`, with two adapters that know how to reach it.

Statements have parameters ``:name``. Both adapters bind them; neither writes values into the text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
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
WORD = re.compile(r"[a-z_]\w*")
CHANGING_WORDS = {"delete", "insert", "into", "merge", "update"}
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
        names = unique_names(self.columns)
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def unique_names(columns: Sequence[Column]) -> list[str]:
    """Number repeated column names, so that none hides another: count, count_2."""
    seen: Counter[str] = Counter()
    unique = []
    for name in (column.name for column in columns):
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


@dataclass(frozen=True, slots=True)
class ResultStream:
    """The result of a statement, of which few rows are in memory at a time; without columns if it was not a query."""

    columns: tuple[Column, ...]
    rows: Iterator[tuple[Value, ...]]


class Warehouse(Protocol):
    """Anything that can run a statement on the warehouse."""

    def query(self, sql: str, parameters: Parameters | None = None) -> QueryResult:
        """Run one statement in a transaction of its own. Raises WarehouseError, with the warehouse's own message."""


class StreamingWarehouse(Warehouse, Protocol):
    """A warehouse whose results may be larger than the memory."""

    def stream(self, sql: str, *, may_write: bool = False) -> AbstractContextManager[ResultStream]:
        """Run one statement and read its result bit by bit. Leaving early ends the statement.

        Raises ReadOnly for a statement that could change something, unless ``may_write``, and WarehouseError.
        """


class WarehouseError(CafeError):
    """The warehouse could not be reached, or refused a statement."""

    code = "warehouse_refused"


class MissingRelation(WarehouseError):
    """A statement names a table or schema that does not exist (before the first load, or by mistake)."""

    code = "missing_relation"


class ReadOnly(WarehouseError):
    """A statement is not a query, or stores its result, and nobody said that it may."""

    code = "read_only"

    def __init__(self) -> None:
        super().__init__(
            "Only queries run without --write: this statement could change something.",
            "If it should, add --write. You are the warehouse's administrator: look first with a SELECT.",
        )


class EmptyParameter(WarehouseError):
    """A parameter is empty, which the Data API does not take (SqlParameter: at least 1 character)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The value of {name} is empty.", f"Give a {name} that is not empty.")


def is_query(sql: str) -> bool:
    """Whether a statement begins as a query does, so that its result can be read with a cursor."""
    return _words(sql)[:1] in (["select"], ["with"])


def refuse_changes(sql: str) -> None:
    """Raise ReadOnly unless a statement is a query that stores nothing.

    Redshift has SELECT INTO, and WITH before UPDATE and DELETE. Names in quotes and strings do not count.
    """
    words = _words(sql)
    is_harmless = words[:1] in (["show"], ["explain"]) or (is_query(sql) and not CHANGING_WORDS & set(words))
    if not is_harmless:
        raise ReadOnly


def _words(sql: str) -> list[str]:
    return WORD.findall(QUOTED_OR_COMMENT.sub(" ", sql).lower())


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
