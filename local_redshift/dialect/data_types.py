"""Turn Redshift's data types into PostgreSQL's, with Redshift's sizes. Pure; a type that Redshift lacks is refused."""

from dataclasses import dataclass

from local_redshift.dialect.token_cursor import TokenCursor
from local_redshift.errors import RedshiftError, not_imitated, not_in_redshift

MAX_VARCHAR_BYTES = 65_535
MAX_CHAR_BYTES = 4_096
DEFAULT_TEXT_BYTES = 256
MAX_PRECISION, MAX_SCALE = 38, 37
DEFAULT_PRECISION = 18

PLAIN_TYPES = {
    **dict.fromkeys(("SMALLINT", "INT2"), "smallint"),
    **dict.fromkeys(("INTEGER", "INT", "INT4"), "integer"),
    **dict.fromkeys(("BIGINT", "INT8"), "bigint"),
    **dict.fromkeys(("REAL", "FLOAT4"), "real"),
    **dict.fromkeys(("FLOAT", "FLOAT8"), "double precision"),
    **dict.fromkeys(("BOOLEAN", "BOOL"), "boolean"),
    "DATE": "date",
    "TIMESTAMPTZ": "timestamp with time zone",
    "TIMETZ": "time with time zone",
}
DECIMAL_TYPES = ("DECIMAL", "NUMERIC", "DEC")
CHAR_TYPES = ("CHAR", "CHARACTER", "NCHAR", "BPCHAR")
VARCHAR_TYPES = ("VARCHAR", "NVARCHAR", "TEXT")
CLOCK_TYPES = ("TIMESTAMP", "TIME")
NOT_IMITATED = frozenset("SUPER VARBYTE VARBINARY HLLSKETCH GEOMETRY GEOGRAPHY INTERVALY2M INTERVALD2S".split())
# Every word that a type of Redshift may begin with; none of them is a function.
TYPE_WORDS = frozenset(
    {*PLAIN_TYPES, *DECIMAL_TYPES, *CHAR_TYPES, *VARCHAR_TYPES, *CLOCK_TYPES, *NOT_IMITATED, "DOUBLE", "INTERVAL"}
)


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type as PostgreSQL writes it; `byte_limit` is the number of bytes that a text may have on Redshift."""

    sql: str
    byte_limit: int | None = None


def parse_type(cursor: TokenCursor, *, in_cast: bool = False) -> SqlType:
    """Read a type. `in_cast` allows what a column cannot be."""
    word = cursor.next().key
    if word in PLAIN_TYPES:
        found = SqlType(PLAIN_TYPES[word])
    elif word == "DOUBLE":
        cursor.expect("PRECISION")
        found = SqlType("double precision")
    elif word in DECIMAL_TYPES:
        found = _decimal(cursor)
    elif word in CHAR_TYPES or word in VARCHAR_TYPES:
        found = _text(word, cursor)
    elif word in CLOCK_TYPES:
        found = _clock(word, cursor)
    elif word == "INTERVAL" and in_cast:
        found = SqlType("interval")
    elif word in NOT_IMITATED or word == "INTERVAL":
        raise not_imitated(f"the data type {word.lower()}")
    else:
        raise not_in_redshift(f"the data type {word.lower()}")
    if cursor.peek() in ("[", "ARRAY"):
        raise not_in_redshift("an array type")
    return found


def _decimal(cursor: TokenCursor) -> SqlType:
    precision, scale = DEFAULT_PRECISION, 0
    if cursor.accept("("):
        precision = cursor.integer()
        scale = cursor.integer() if cursor.accept(",") else 0
        cursor.expect(")")
    if not 1 <= precision <= MAX_PRECISION:
        raise RedshiftError("22023", f"DECIMAL precision {precision} must be between 1 and {MAX_PRECISION}")
    if scale > min(precision, MAX_SCALE):
        raise RedshiftError("22023", f"DECIMAL scale {scale} must be between 0 and precision {precision}")
    return SqlType(f"numeric({precision},{scale})")


def _text(word: str, cursor: TokenCursor) -> SqlType:
    varying = word in VARCHAR_TYPES or (word == "CHARACTER" and cursor.accept("VARYING"))
    kind, limit = ("character varying", MAX_VARCHAR_BYTES) if varying else ("character", MAX_CHAR_BYTES)
    length = None
    if word not in ("TEXT", "BPCHAR") and cursor.accept("("):
        length = limit if cursor.accept("MAX") else cursor.integer()
        cursor.expect(")")
    if length is None:
        length = DEFAULT_TEXT_BYTES if varying or word == "BPCHAR" else 1
    if not 1 <= length <= limit:
        raise RedshiftError("22023", f"length for type {kind} must be between 1 and {limit}")
    return SqlType(f"{kind}({length})", length)


def _clock(word: str, cursor: TokenCursor) -> SqlType:
    if cursor.accept("WITH", "TIME", "ZONE"):
        return SqlType(f"{word.lower()} with time zone")
    cursor.accept("WITHOUT", "TIME", "ZONE")
    if cursor.peek() == "(":
        raise not_in_redshift(f"{word.lower()} with a precision")
    return SqlType(f"{word.lower()} without time zone")
