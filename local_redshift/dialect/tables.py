"""Rewrite CREATE TABLE and ALTER TABLE of Redshift's dialect for PostgreSQL. Pure.

Distribution and encoding are checked and dropped. A sort key becomes an index that says which values each block of the
table has, as Redshift's zone maps do: a query on these columns reads the blocks that may have them. Primary, unique and
foreign keys become checks that are not enforced, named as Redshift names keys: nothing keeps a row out, but
`declared_keys` believes them. NOT NULL is kept, and a primary key's columns get it. A text column gets a check that
counts bytes, as Redshift does; PostgreSQL counts characters.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from local_redshift.dialect.data_types import SqlType, parse_type
from local_redshift.dialect.queries import rewrite_query
from local_redshift.dialect.quoting import quote_identifier, quote_literal, quote_name
from local_redshift.dialect.reserved_words import RESERVED_COLUMN_NAMES
from local_redshift.dialect.token_cursor import TokenCursor, split_at
from local_redshift.dialect.tokens import Kind, Token
from local_redshift.errors import (
    FEATURE_NOT_SUPPORTED,
    UNDEFINED_COLUMN,
    RedshiftError,
    not_imitated,
    not_in_redshift,
    syntax_error,
)

# The types that an encoding does not take (Redshift's guide, Compression encodings), as PostgreSQL's types begin.
ENCODINGS: dict[str, tuple[str, ...]] = {
    "AZ64": ("boolean", "character", "double", "real", "time "),
    "BYTEDICT": ("boolean", "time "),
    "RAW": (),
    "ZSTD": (),
}
NOT_IMITATED_ENCODINGS = frozenset(
    "AUTO DELTA DELTA32K LZO MOSTLY8 MOSTLY16 MOSTLY32 RUNLENGTH TEXT255 TEXT32K".split()
)
DISTRIBUTIONS = frozenset("AUTO EVEN KEY ALL".split())
MAX_SORT_COLUMNS = 400
MAX_IDENTIFIER_BYTES = 63
# PostgreSQL keeps the least and the greatest value of each 256 KiB. Its autovacuum notes those of new rows.
ZONES = "pages_per_range = 32"
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
    nullable: bool = False
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


@dataclass(slots=True)
class Table:
    """A table to create: its SQL, that of its sort key's index ("" without one), a query of each other table that it
    refers to, and whether it declares keys."""

    sql: str
    sort_index: str
    references: tuple[str, ...]
    declares_keys: bool


@dataclass(frozen=True, slots=True)
class _Reference:
    """A foreign key; `referred` is empty when it refers to the primary key."""

    columns: list[str]
    table: list[str]
    referred: list[str]

    def query(self, columns: Mapping[str, _Column]) -> str:
        """Build a query that PostgreSQL can parse if the table has the columns, and they compare with ours."""
        if self.referred and len(self.referred) != len(self.columns):
            raise RedshiftError("42830", "number of referencing and referenced columns for foreign key disagree")
        pairs = zip(self.columns, self.referred, strict=False)
        comparisons = [f"NULL::{columns[ours].type.sql} = {quote_identifier(theirs)}" for ours, theirs in pairs]
        return f"SELECT {', '.join(comparisons) or '1'} FROM {quote_name(self.table)}"  # noqa: S608 - quoted names


@dataclass(slots=True)
class _Design:
    """What a table declares. `keys` are lists of its own columns."""

    columns: list[_Column] = field(default_factory=list)
    sort_key: list[str] = field(default_factory=list)
    primary_key: list[str] = field(default_factory=list)
    unique_keys: list[list[str]] = field(default_factory=list)
    keys: list[list[str]] = field(default_factory=list)
    references: list[_Reference] = field(default_factory=list)

    def set_primary_key(self, columns: list[str]) -> None:
        if self.primary_key:
            raise RedshiftError("42P16", "multiple primary keys for a table are not allowed")
        self.primary_key = columns
        self.keys.append(columns)

    def add_unique_key(self, columns: list[str]) -> None:
        self.unique_keys.append(columns)
        self.keys.append(columns)

    def declared(self, name: list[str]) -> Iterator[str]:
        """Build a check that is not enforced for each key; see `pg_redshift.declared` in compat.sql."""
        table = name[-1]
        if self.primary_key:
            yield _declared_key(f"{table}_pkey", "PRIMARY KEY", self.primary_key)
        for place, columns in enumerate(self.unique_keys):
            yield _declared_key(f"{table}_{columns[0]}_key{place or ''}", "UNIQUE", columns)
        for place, reference in enumerate(self.references):
            key = f"{table}_{reference.columns[0]}_fkey{place or ''}"
            # The table itself does not exist yet.
            other = "NULL" if reference.table == name else quote_literal(quote_name(reference.table))
            yield _declared_key(key, "FOREIGN KEY", reference.columns, other, reference.referred)

    def finish(self, name: list[str]) -> tuple[str, ...]:
        """Check the keys, make the primary key NOT NULL, and return a query of each other table that is referred to."""
        by_name = {column.name: column for column in self.columns}
        own = [reference.referred for reference in self.references if reference.table == name]
        for key in [*self.keys, *own]:
            _check_columns(key, by_name)
        for column in self.primary_key:
            by_name[column].not_null = True
        return tuple(reference.query(by_name) for reference in self.references if reference.table != name)


def _declared_key(
    name: str, kind: str, columns: Sequence[str], other: str = "NULL", referred: Sequence[str] = ()
) -> str:
    theirs = ", ".join(quote_literal(column) for column in referred)
    key = f"pg_redshift.declared('{kind}', {other}::regclass, ARRAY[{theirs}]::name[])"
    row = ", ".join(quote_identifier(column) for column in columns)
    return f"CONSTRAINT {quote_identifier(name)} CHECK ({key} AND ROW({row}) IS NOT NULL) NOT ENFORCED"


def _check_columns(key: list[str], columns: Container[str]) -> None:
    for name in key:
        if name not in columns:
            raise RedshiftError(UNDEFINED_COLUMN, f'column "{name}" named in key does not exist')
    if len(set(key)) < len(key):
        raise RedshiftError("42701", "a key names a column twice")


def create_table(cursor: TokenCursor, *, temporary: bool) -> Table:
    """Rewrite what follows CREATE [TEMP] TABLE."""
    guard = "IF NOT EXISTS " if cursor.accept("IF", "NOT", "EXISTS") else ""
    name = cursor.dotted_name()
    if name[0].startswith("#"):
        raise not_imitated("a table name with #", instead="Use CREATE TEMP TABLE.")
    definitions = cursor.group() if cursor.peek() == "(" else None
    design = _Design()
    _physical_design(cursor, design)
    if cursor.peek() == "AS":
        raise not_imitated("CREATE TABLE … AS", instead="Use CREATE TABLE and INSERT … SELECT.")
    if cursor.peek() in ("INHERITS", "PARTITION", "TABLESPACE", "WITH", "ON", "USING"):
        raise not_in_redshift(f"{cursor.peek()} in CREATE TABLE")
    cursor.expect_end()
    if definitions is None:
        raise cursor.unexpected()
    for tokens in split_at(definitions, ","):
        _definition(TokenCursor(tokens), design)
    references = design.finish(name)
    keys = tuple(design.declared(name))
    contents = ", ".join((*(column.sql() for column in design.columns), *keys))
    sql = f"CREATE {'TEMP ' if temporary else ''}TABLE {guard}{quote_name(name)} ({contents})"
    # Of a table that exists already, nobody knows the columns.
    sort_index = "" if guard or not design.sort_key else _sort_index(name, design.sort_key)
    return Table(sql, sort_index, references, bool(keys))


def _sort_index(table: list[str], columns: list[str]) -> str:
    names = ", ".join(map(quote_identifier, columns))
    return f"CREATE INDEX ON {quote_name(table)} USING brin ({names}) WITH ({ZONES})"


def _definition(cursor: TokenCursor, design: _Design) -> None:
    """Read a column or a constraint of the table."""
    word = cursor.peek()
    if word in ("LIKE", "CONSTRAINT"):
        raise not_imitated(f"{word} in CREATE TABLE")
    if word in ("CHECK", "EXCLUDE"):
        raise not_in_redshift(f"the constraint {word}")
    if cursor.accept("PRIMARY", "KEY"):
        design.set_primary_key(cursor.name_list())
    elif cursor.accept("UNIQUE"):
        design.add_unique_key(cursor.name_list())
    elif cursor.accept("FOREIGN", "KEY"):
        columns = cursor.name_list()
        cursor.expect("REFERENCES")
        _reference(cursor, columns, design)
    else:
        design.columns.append(_column(cursor, design))
    cursor.expect_end()


def _reference(cursor: TokenCursor, columns: list[str], design: _Design) -> None:
    table = cursor.dotted_name()
    referred = cursor.name_list() if cursor.peek() == "(" else []
    design.keys.append(columns)
    design.references.append(_Reference(columns, table, referred))


def _column(cursor: TokenCursor, design: _Design) -> _Column:
    if cursor.peek_kind() is Kind.WORD and cursor.peek() in RESERVED_COLUMN_NAMES:
        raise cursor.unexpected()
    name = cursor.name()
    if name in RESERVED_COLUMNS:
        raise RedshiftError("42701", f'column name "{name}" conflicts with a system column name')
    if cursor.peek() in SERIAL_TYPES:
        raise not_in_redshift(f"the data type {cursor.peek().lower()}", hint="Redshift has IDENTITY(1,1).")
    column = _Column(name, parse_type(cursor))
    while not cursor.at_end:
        _attribute(column, cursor, design)
    return column


def _attribute(column: _Column, cursor: TokenCursor, design: _Design) -> None:
    word = cursor.peek()
    if word in REFUSED_ATTRIBUTES:
        raise not_in_redshift(f"{word} in a column")
    if word in NOT_IMITATED_ATTRIBUTES:
        raise not_imitated(f"{word} in a column")
    if word not in ATTRIBUTE_WORDS:
        raise cursor.unexpected()
    cursor.next()
    match word:
        case "NULL":
            if column.not_null:
                raise syntax_error(word)
            column.nullable = True
        case "NOT":
            cursor.expect("NULL")
            if column.nullable:
                raise syntax_error(word)
            column.not_null = True
        case "PRIMARY":
            cursor.expect("KEY")
            design.set_primary_key([column.name])
        case "UNIQUE":
            design.add_unique_key([column.name])
        case "REFERENCES":
            _reference(cursor, [column.name], design)
        case "ENCODE":
            _encode(cursor, column)
        case "DEFAULT":
            column.default = rewrite_query(_default(cursor))


def _default(cursor: TokenCursor) -> list[Token]:
    tokens = [cursor.next()]
    while not cursor.at_end and cursor.peek() not in ATTRIBUTE_WORDS:
        tokens.append(cursor.next())
    return tokens


def _encode(cursor: TokenCursor, column: _Column) -> None:
    encoding = cursor.peek()
    if encoding in NOT_IMITATED_ENCODINGS:
        raise not_imitated(f"ENCODE {encoding}")
    if not cursor.accept_any(*ENCODINGS):
        raise cursor.unexpected()
    if column.type.sql.startswith(ENCODINGS[encoding]):
        message = f"invalid encoding type specified for column {column.name}: {encoding.lower()} of {column.type.sql}"
        raise RedshiftError(FEATURE_NOT_SUPPORTED, message)


def _physical_design(cursor: TokenCursor, design: _Design) -> None:
    style = ""
    distribution_key: list[str] = []
    sort_key: list[str] = []
    while True:
        word = cursor.peek()
        if word in ("BACKUP", "ENCODE", "INTERLEAVED"):
            raise not_imitated(f"{word} of a table")
        if (word == "DISTSTYLE" and style) or (word == "DISTKEY" and distribution_key):
            raise syntax_error(word)
        if cursor.accept("DISTSTYLE"):
            style = cursor.accept_any(*DISTRIBUTIONS)
            if not style:
                raise cursor.unexpected()
        elif cursor.accept("DISTKEY"):
            distribution_key = cursor.name_list()
            if len(distribution_key) > 1:
                raise syntax_error(",")
        elif cursor.accept("SORTKEY") or cursor.accept("COMPOUND", "SORTKEY"):
            if cursor.peek() == "AUTO":
                raise not_imitated("SORTKEY AUTO")
            if sort_key:
                raise syntax_error("SORTKEY")
            sort_key = cursor.name_list()
        else:
            break
    if style in ("EVEN", "ALL", "AUTO") and distribution_key:
        raise RedshiftError("42P16", f"DISTSTYLE {style} takes no DISTKEY")
    if style == "KEY" and not distribution_key:
        raise RedshiftError("42P16", "DISTSTYLE KEY needs a DISTKEY")
    if len(sort_key) > MAX_SORT_COLUMNS:
        raise RedshiftError("42P16", f"SORTKEY takes at most {MAX_SORT_COLUMNS} columns")
    design.sort_key = sort_key
    design.keys += [distribution_key, sort_key]


def alter_table(cursor: TokenCursor) -> str:
    """Rewrite what follows ALTER TABLE: ADD COLUMN, RENAME COLUMN or DROP CONSTRAINT."""
    table = cursor.qualified_name()
    if cursor.accept("ADD", "COLUMN"):
        return f"ALTER TABLE {table} ADD COLUMN {_added_column(cursor).sql()}"
    if cursor.accept("RENAME", "COLUMN"):
        old = cursor.name()
        cursor.expect("TO")
        new = cursor.name()
        cursor.expect_end()
        return f"ALTER TABLE {table} RENAME COLUMN {quote_identifier(old)} TO {quote_identifier(new)}"
    if cursor.accept("DROP", "CONSTRAINT"):
        name = quote_identifier(cursor.name())
        if cursor.peek() == "CASCADE":
            raise not_imitated("DROP CONSTRAINT … CASCADE", instead="Drop the foreign keys first.")
        cursor.accept("RESTRICT")
        cursor.expect_end()
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    if cursor.peek() in ("ADD", "ALTER", "APPEND", "DROP", "OWNER", "RENAME"):
        raise not_imitated(f"ALTER TABLE … {cursor.peek()} {cursor.peek(1)}")
    raise cursor.unexpected()


def _added_column(cursor: TokenCursor) -> _Column:
    design = _Design()
    column = _column(cursor, design)
    if design.keys:
        raise not_in_redshift("PRIMARY KEY, UNIQUE or REFERENCES in ADD COLUMN")
    if column.not_null and column.default.upper() in ("", "NULL"):
        raise RedshiftError(
            FEATURE_NOT_SUPPORTED, "ALTER TABLE ADD COLUMN with NOT NULL needs a DEFAULT that is not null"
        )
    return column
