"""CREATE TABLE and ALTER TABLE of Redshift's dialect, rewritten for PostgreSQL. Pure.

The physical design (distribution, sort order, encoding, backup) is read and dropped. So are primary, unique and foreign
keys, which Redshift does not enforce: a test that relies on one must fail here too. NOT NULL stays, and a primary key's
columns get it. A text column gets a check that counts bytes, as Redshift does; PostgreSQL counts characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from local_redshift.column_types import SqlType, parse_type
from local_redshift.errors import RedshiftError, not_in_endpoint, not_in_redshift
from local_redshift.expressions import QUERY_WORDS, rewrite_query
from local_redshift.quoting import quote_identifier
from local_redshift.token_cursor import TokenCursor, split_at
from local_redshift.tokens import Token

ENCODINGS = frozenset(
    """AZ64 AUTO BYTEDICT DELTA DELTA32K LZO MOSTLY8 MOSTLY16 MOSTLY32 RAW RUNLENGTH TEXT255 TEXT32K ZSTD""".split()
)
DISTRIBUTIONS = frozenset("AUTO EVEN KEY ALL".split())
MAX_IDENTIFIER_BYTES = 63
RESERVED_COLUMNS = frozenset("oid tableoid xmin cmin xmax cmax ctid".split())
SERIAL_TYPES = frozenset("SERIAL BIGSERIAL SMALLSERIAL SERIAL4 SERIAL8 SERIAL2".split())
# What may begin the default of a column ends it too: the next attribute.
ATTRIBUTE_WORDS = frozenset(
    """CHECK COLLATE CONSTRAINT DEFAULT DISTKEY ENCODE GENERATED IDENTITY NOT NULL PRIMARY REFERENCES SORTKEY
    UNIQUE""".split()
)


@dataclass(slots=True)
class _Column:
    name: str
    type: SqlType
    not_null: bool = False
    extras: list[str] = field(default_factory=list)

    def sql(self) -> str:
        parts = [quote_identifier(self.name), self.type.sql, *self.extras]
        if self.not_null:
            parts.append("NOT NULL")
        if self.type.byte_limit is not None:
            parts.append(byte_check(self.name, self.type))
        return " ".join(parts)


def byte_check(column: str, column_type: SqlType) -> str:
    """Give the constraint that counts a text column's bytes, and answers with Redshift's words."""
    quoted = quote_identifier(column)
    refusal = f"pg_redshift.too_long('{column_type.sql}')"
    check = f"CASE WHEN octet_length({quoted}) > {column_type.byte_limit} THEN {refusal} ELSE true END"
    return f"CONSTRAINT {_check_name(column)} CHECK ({check})"


def _check_name(column: str) -> str:
    name = f"redshift_bytes_{column}".encode()[:MAX_IDENTIFIER_BYTES].decode(errors="ignore")
    return quote_identifier(name)


def create_table(cursor: TokenCursor, *, temporary: bool, case_sensitive: bool) -> str:
    """Rewrite what follows CREATE [TEMP] TABLE."""
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    name = cursor.qualified_name()
    kind = "TEMP TABLE" if temporary or name.startswith('"#') else "TABLE"
    columns = _parenthesis(cursor)
    head = f"CREATE {kind} {'IF NOT EXISTS ' if if_not_exists else ''}{name}"
    skip_table_attributes(cursor)
    if cursor.accept("AS"):
        if if_not_exists:
            raise not_in_redshift("CREATE TABLE IF NOT EXISTS … AS")
        names = f" ({_column_names(columns, case_sensitive)})" if columns else ""
        if cursor.peek() not in QUERY_WORDS:
            raise cursor.unexpected()
        return f"{head}{names} AS {rewrite_query(cursor.rest(), case_sensitive=case_sensitive)}"
    if cursor.peek() in ("INHERITS", "PARTITION", "TABLESPACE", "WITH", "ON", "USING"):
        raise not_in_redshift(f"{cursor.peek()} in CREATE TABLE")
    cursor.expect_end()
    if columns is None:
        raise cursor.unexpected()
    return f"{head} ({', '.join(_definitions(columns, case_sensitive))})"


def _parenthesis(cursor: TokenCursor) -> Sequence[Token] | None:
    return cursor.group() if cursor.peek() == "(" else None


def _column_names(columns: Sequence[Token], case_sensitive: bool) -> str:
    names = []
    for part in split_at(columns, ","):
        cursor = TokenCursor(part, case_sensitive=case_sensitive)
        names.append(quote_identifier(cursor.name()))
        cursor.expect_end()
    return ", ".join(names)


def _definitions(columns: Sequence[Token], case_sensitive: bool) -> list[str]:
    parts: list[_Column | str] = []
    primary_key: list[str] = []
    for tokens in split_at(columns, ","):
        cursor = TokenCursor(tokens, case_sensitive=case_sensitive)
        if cursor.accept("LIKE"):
            parts.append(_like(cursor))
        elif cursor.peek() in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"):
            primary_key += _table_constraint(cursor)
        else:
            parts.append(_column(cursor, case_sensitive=case_sensitive))
        cursor.expect_end()
    by_name = {part.name: part for part in parts if isinstance(part, _Column)}
    for name in primary_key:
        if name not in by_name:
            raise RedshiftError("42703", f'column "{name}" named in key does not exist')
        by_name[name].not_null = True
    return [part if isinstance(part, str) else part.sql() for part in parts]


def _like(cursor: TokenCursor) -> str:
    name = cursor.qualified_name()
    defaults = ""
    if cursor.accept("INCLUDING", "DEFAULTS"):
        defaults = " INCLUDING DEFAULTS"
    else:
        cursor.accept("EXCLUDING", "DEFAULTS")
    # The checks that count bytes are part of the types.
    return f"LIKE {name}{defaults} INCLUDING CONSTRAINTS"


def _table_constraint(cursor: TokenCursor) -> list[str]:
    """Read a key, and give the columns that it makes NOT NULL."""
    if cursor.accept("CONSTRAINT"):
        cursor.name()
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


def _column(cursor: TokenCursor, *, case_sensitive: bool) -> _Column:
    name = cursor.name()
    if name in RESERVED_COLUMNS:
        raise RedshiftError("42701", f'column name "{name}" conflicts with a system column name')
    if cursor.peek() in SERIAL_TYPES:
        raise not_in_redshift(f"the data type {cursor.peek().lower()}", hint="Use IDENTITY(1,1).")
    column = _Column(name, parse_type(cursor))
    while not cursor.at_end:
        _attribute(column, cursor, case_sensitive=case_sensitive)
    return column


def _attribute(column: _Column, cursor: TokenCursor, *, case_sensitive: bool) -> None:
    word = cursor.peek()
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
        case "NULL" | "UNIQUE" | "DISTKEY" | "SORTKEY":
            return
        case "REFERENCES":
            _reference(cursor)
        case "ENCODE":
            if not cursor.accept_any(*ENCODINGS):
                raise cursor.unexpected()
        case "DEFAULT":
            column.extras.append(f"DEFAULT {rewrite_query(_default(cursor), case_sensitive=case_sensitive)}")
        case "IDENTITY":
            column.extras.append(_identity("ALWAYS", cursor))
        case "GENERATED":
            if not cursor.accept("BY", "DEFAULT", "AS", "IDENTITY"):
                raise not_in_redshift("a generated column")
            column.extras.append(_identity("BY DEFAULT", cursor))
        case _:
            raise not_in_redshift(f"{word} in a column")


def _default(cursor: TokenCursor) -> list[Token]:
    tokens: list[Token] = []
    while not cursor.at_end and (not tokens or cursor.peek() not in ATTRIBUTE_WORDS):
        if cursor.peek() == "(":
            start = cursor.position
            cursor.group()
            tokens += cursor.between(start, cursor.position)
        else:
            tokens.append(cursor.next())
    return tokens


def _identity(kind: str, cursor: TokenCursor) -> str:
    cursor.expect("(")
    seed = cursor.integer()
    cursor.expect(",")
    step = cursor.integer()
    cursor.expect(")")
    least = f" MINVALUE {seed}" if seed < 1 else ""
    return f"GENERATED {kind} AS IDENTITY (START WITH {seed} INCREMENT BY {step}{least})"


def skip_table_attributes(cursor: TokenCursor) -> None:
    """Read a table's physical design, and BACKUP."""
    while True:
        if cursor.accept("BACKUP"):
            if not cursor.accept_any("YES", "NO"):
                raise cursor.unexpected()
        elif cursor.accept("DISTSTYLE"):
            if not cursor.accept_any(*DISTRIBUTIONS):
                raise cursor.unexpected()
        elif cursor.accept("DISTKEY"):
            cursor.name_list()
        elif cursor.accept("ENCODE", "AUTO") or cursor.accept("SORTKEY", "AUTO"):
            continue
        elif (
            cursor.accept("SORTKEY") or cursor.accept("COMPOUND", "SORTKEY") or cursor.accept("INTERLEAVED", "SORTKEY")
        ):
            cursor.name_list()
        else:
            return


def alter_table(cursor: TokenCursor, *, case_sensitive: bool) -> str | None:
    """Rewrite what follows ALTER TABLE; None when it is about keys or physical design only."""
    table = cursor.qualified_name()
    head = f"ALTER TABLE {table}"
    if cursor.accept("ADD"):
        if cursor.peek() in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
            _table_constraint(cursor)
            cursor.expect_end()
            return None
        cursor.accept("COLUMN")
        return f"{head} ADD COLUMN {_column(cursor, case_sensitive=case_sensitive).sql()}"
    if cursor.accept("DROP"):
        if cursor.peek() == "CONSTRAINT":
            raise not_in_endpoint("ALTER TABLE … DROP CONSTRAINT", hint="Keys are not kept here.")
        cursor.accept("COLUMN")
        return f"{head} DROP COLUMN {quote_identifier(cursor.name())}{_drop_behaviour(cursor)}"
    if cursor.accept("RENAME"):
        if cursor.accept("TO"):
            return f"{head} RENAME TO {quote_identifier(_last_name(cursor))}"
        cursor.accept("COLUMN")
        old = cursor.name()
        cursor.expect("TO")
        return f"{head} RENAME COLUMN {quote_identifier(old)} TO {quote_identifier(_last_name(cursor))}"
    if cursor.accept("OWNER", "TO"):
        return f"{head} OWNER TO {quote_identifier(_last_name(cursor))}"
    if cursor.accept("APPEND"):
        raise not_in_endpoint("ALTER TABLE … APPEND")
    cursor.expect("ALTER")
    return _alter_column(head, cursor)


def _last_name(cursor: TokenCursor) -> str:
    name = cursor.name()
    cursor.expect_end()
    return name


def _drop_behaviour(cursor: TokenCursor) -> str:
    word = cursor.accept_any("CASCADE", "RESTRICT")
    cursor.expect_end()
    return f" {word}" if word else ""


def _alter_column(head: str, cursor: TokenCursor) -> str | None:
    if cursor.accept("DISTKEY"):
        cursor.name()
    elif cursor.peek() in ("DISTSTYLE", "SORTKEY", "COMPOUND", "ENCODE"):
        if cursor.accept("DISTSTYLE", "KEY", "DISTKEY"):
            cursor.name()
        else:
            if not cursor.accept("SORTKEY", "NONE"):
                skip_table_attributes(cursor)
    else:
        cursor.accept("COLUMN")
        name = cursor.name()
        if cursor.accept("ENCODE"):
            if not cursor.accept_any(*ENCODINGS):
                raise cursor.unexpected()
        else:
            return _alter_type(head, name, cursor)
    cursor.expect_end()
    return None


def _alter_type(head: str, name: str, cursor: TokenCursor) -> str:
    if not cursor.accept("TYPE"):
        raise not_in_redshift("altering more of a column than its size")
    new_type = parse_type(cursor)
    cursor.expect_end()
    if not new_type.is_varchar:
        raise not_in_redshift("altering a column that is not VARCHAR")
    quoted = quote_identifier(name)
    return (
        f"{head} DROP CONSTRAINT IF EXISTS {_check_name(name)}, ALTER COLUMN {quoted} TYPE {new_type.sql}, "
        f"ADD {byte_check(name, new_type)}"
    )
