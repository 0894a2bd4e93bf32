"""Rewrite CREATE TABLE and ALTER TABLE of Redshift's dialect for PostgreSQL. Pure.

The physical design (distribution, sort order, encoding) is checked and dropped. So are primary, unique and foreign
keys, which Redshift does not enforce: a test that relies on one must fail here too. NOT NULL is kept, and a primary
key's columns get it. A text column gets a check that counts bytes, as Redshift does; PostgreSQL counts characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from local_redshift.dialect.data_types import SqlType, parse_type
from local_redshift.dialect.queries import rewrite_query
from local_redshift.dialect.quoting import quote_identifier
from local_redshift.dialect.token_cursor import TokenCursor, split_at
from local_redshift.dialect.tokens import Token
from local_redshift.errors import RedshiftError, not_imitated, not_in_redshift

ENCODINGS = frozenset(
    """AZ64 AUTO BYTEDICT DELTA DELTA32K LZO MOSTLY8 MOSTLY16 MOSTLY32 RAW RUNLENGTH TEXT255 TEXT32K ZSTD""".split()
)
DISTRIBUTIONS = frozenset("AUTO EVEN KEY ALL".split())
MAX_IDENTIFIER_BYTES = 63
RESERVED_COLUMNS = frozenset("oid tableoid xmin cmin xmax cmax ctid".split())
SERIAL_TYPES = frozenset("SERIAL BIGSERIAL SMALLSERIAL SERIAL4 SERIAL8 SERIAL2".split())
REFUSED_ATTRIBUTES = frozenset(("CHECK", "COLLATE", "CONSTRAINT"))
NOT_IMITATED_ATTRIBUTES = frozenset(("DISTKEY", "GENERATED", "IDENTITY", "SORTKEY"))
# Each begins an attribute, so each also ends the DEFAULT before it.
ATTRIBUTE_WORDS = (
    frozenset(("DEFAULT", "ENCODE", "NOT", "NULL", "PRIMARY", "REFERENCES", "UNIQUE"))
    | REFUSED_ATTRIBUTES
    | NOT_IMITATED_ATTRIBUTES
)


@dataclass(slots=True)
class _Column:
    name: str
    type: SqlType
    not_null: bool = False
    default: str = ""

    def sql(self) -> str:
        parts = [quote_identifier(self.name), self.type.sql]
        if self.default:
            parts.append(f"DEFAULT {self.default}")
        if self.not_null:
            parts.append("NOT NULL")
        if self.type.byte_limit is not None:
            parts.append(_byte_check(self.name, self.type))
        return " ".join(parts)


def _byte_check(column: str, column_type: SqlType) -> str:
    """Build the constraint that counts a text column's bytes, and fails with Redshift's message."""
    quoted = quote_identifier(column)
    refusal = f"pg_redshift.too_long('{column_type.sql}')"
    check = f"CASE WHEN octet_length({quoted}) > {column_type.byte_limit} THEN {refusal} ELSE true END"
    name = f"redshift_bytes_{column}".encode()[:MAX_IDENTIFIER_BYTES].decode(errors="ignore")
    return f"CONSTRAINT {quote_identifier(name)} CHECK ({check})"


def create_table(cursor: TokenCursor, *, temporary: bool) -> str:
    """Rewrite what follows CREATE [TEMP] TABLE."""
    guard = "IF NOT EXISTS " if cursor.accept("IF", "NOT", "EXISTS") else ""
    name = cursor.qualified_name()
    if name.startswith('"#'):
        raise not_imitated("a table name with #", instead="Use CREATE TEMP TABLE.")
    columns = cursor.group() if cursor.peek() == "(" else None
    _skip_physical_design(cursor)
    if cursor.peek() == "AS":
        raise not_imitated("CREATE TABLE … AS", instead="Use CREATE TABLE and INSERT … SELECT.")
    if cursor.peek() in ("INHERITS", "PARTITION", "TABLESPACE", "WITH", "ON", "USING"):
        raise not_in_redshift(f"{cursor.peek()} in CREATE TABLE")
    cursor.expect_end()
    if columns is None:
        raise cursor.unexpected()
    return f"CREATE {'TEMP ' if temporary else ''}TABLE {guard}{name} ({', '.join(_definitions(columns))})"


def _definitions(columns: Sequence[Token]) -> list[str]:
    definitions: list[_Column] = []
    primary_key: list[str] = []
    for tokens in split_at(columns, ","):
        cursor = TokenCursor(tokens)
        if cursor.peek() in ("LIKE", "CONSTRAINT"):
            raise not_imitated(f"{cursor.peek()} in CREATE TABLE")
        if cursor.peek() in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"):
            primary_key += _table_constraint(cursor)
        else:
            definitions.append(_column(cursor))
        cursor.expect_end()
    by_name = {column.name: column for column in definitions}
    for name in primary_key:
        if name not in by_name:
            raise RedshiftError("42703", f'column "{name}" named in key does not exist')
        by_name[name].not_null = True
    return [column.sql() for column in definitions]


def _table_constraint(cursor: TokenCursor) -> list[str]:
    """Read a key, and return the columns that it makes NOT NULL."""
    word = cursor.next().key
    if word == "PRIMARY":
        cursor.expect("KEY")
        return cursor.name_list()
    if word == "UNIQUE":
        cursor.name_list()
    elif word == "FOREIGN":
        cursor.expect("KEY")
        cursor.name_list()
        cursor.expect("REFERENCES")
        _reference(cursor)
    else:
        raise not_in_redshift(f"the constraint {word}")
    return []


def _reference(cursor: TokenCursor) -> None:
    cursor.qualified_name()
    if cursor.peek() == "(":
        cursor.name_list()


def _column(cursor: TokenCursor) -> _Column:
    name = cursor.name()
    if name in RESERVED_COLUMNS:
        raise RedshiftError("42701", f'column name "{name}" conflicts with a system column name')
    if cursor.peek() in SERIAL_TYPES:
        raise not_in_redshift(f"the data type {cursor.peek().lower()}", hint="Redshift has IDENTITY(1,1).")
    column = _Column(name, parse_type(cursor))
    while not cursor.at_end:
        _attribute(column, cursor)
    return column


def _attribute(column: _Column, cursor: TokenCursor) -> None:
    word = cursor.peek()
    if word in REFUSED_ATTRIBUTES:
        raise not_in_redshift(f"{word} in a column")
    if word in NOT_IMITATED_ATTRIBUTES:
        raise not_imitated(f"{word} in a column")
    if word not in ATTRIBUTE_WORDS:
        raise cursor.unexpected()
    cursor.next()
    match word:
        case "NOT":
            cursor.expect("NULL")
            column.not_null = True
        case "PRIMARY":
            cursor.expect("KEY")
            column.not_null = True
        case "REFERENCES":
            _reference(cursor)
        case "ENCODE":
            if not cursor.accept_any(*ENCODINGS):
                raise cursor.unexpected()
        case "DEFAULT":
            column.default = rewrite_query(_default(cursor))


def _default(cursor: TokenCursor) -> list[Token]:
    tokens = [cursor.next()]
    while not cursor.at_end and cursor.peek() not in ATTRIBUTE_WORDS:
        tokens.append(cursor.next())
    return tokens


def _skip_physical_design(cursor: TokenCursor) -> None:
    while True:
        if cursor.peek() in ("BACKUP", "ENCODE", "INTERLEAVED"):
            raise not_imitated(f"{cursor.peek()} of a table")
        if cursor.accept("DISTSTYLE"):
            if not cursor.accept_any(*DISTRIBUTIONS):
                raise cursor.unexpected()
        elif cursor.accept("DISTKEY") or cursor.accept("SORTKEY") or cursor.accept("COMPOUND", "SORTKEY"):
            if cursor.peek() == "AUTO":
                raise not_imitated("SORTKEY AUTO")
            cursor.name_list()
        else:
            return


def alter_table(cursor: TokenCursor) -> str:
    """Rewrite what follows ALTER TABLE: ADD COLUMN or RENAME COLUMN."""
    table = cursor.qualified_name()
    if cursor.accept("ADD", "COLUMN"):
        return f"ALTER TABLE {table} ADD COLUMN {_column(cursor).sql()}"
    if cursor.accept("RENAME", "COLUMN"):
        old = cursor.name()
        cursor.expect("TO")
        new = cursor.name()
        cursor.expect_end()
        return f"ALTER TABLE {table} RENAME COLUMN {quote_identifier(old)} TO {quote_identifier(new)}"
    if cursor.peek() in ("ADD", "ALTER", "APPEND", "DROP", "OWNER", "RENAME"):
        raise not_imitated(f"ALTER TABLE … {cursor.peek()} {cursor.peek(1)}")
    raise cursor.unexpected()
