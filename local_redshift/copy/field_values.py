"""Turn one field of a CSV file into a value of its column, by COPY's rules. Pure; it decides what a load accepts.

PostgreSQL reads more than Redshift does (1_000, infinity, 'today'), and rounds where COPY truncates. So each value is
checked here and passed on in a form that leaves nothing to interpret. No message repeats a field's text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache, partial

from local_redshift.copy.load_errors import FieldError, LoadErrorCode
from local_redshift.errors import not_imitated

NULL = "\\N"  # in PostgreSQL's COPY
CACHED_VALUES = 4096
MAX_VARCHAR_BYTES = 65_535
INTEGER_BITS = {"int4": 32, "int8": 64}
INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
TIMESTAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?", re.ASCII)
UNDECODED = re.compile("[\udc80-\udcff]")
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})

FieldReader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """A column to load: PostgreSQL's name of its type, with the length in bytes or precision and scale."""

    name: str
    type_name: str
    nullable: bool = True
    length: int = MAX_VARCHAR_BYTES
    precision: int = 38
    scale: int = 0


def field_reader(column: TargetColumn, null: str) -> FieldReader:
    """Build the function that reads a column's fields: text as in the file in, text as PostgreSQL's COPY takes it out.

    A text that is ``null`` is NULL.

    Bytes that are not UTF-8 are expected as lone surrogates. The function raises FieldError.
    """
    if column.type_name in ("varchar", "bpchar"):
        return _text_reader(column, null)
    parse = _parser(column)

    # Numbers, prices and times repeat, and parsing one again costs more than finding it in the cache.
    @lru_cache(maxsize=CACHED_VALUES)
    def read(text: str) -> str:
        if text == null or not text or text.isspace():
            return _null(column)
        return parse(text)

    return read


def _null(column: TargetColumn) -> str:
    if not column.nullable:
        raise FieldError(LoadErrorCode.NULL, column.name, "Missing data for not-null field")
    return NULL


def _text_reader(column: TargetColumn, null: str) -> FieldReader:
    is_char = column.type_name == "bpchar"
    limit = column.length

    def read(text: str) -> str:
        if text == null:
            return _null(column)
        size = len(text)
        if not text.isascii():
            if is_char:
                problem = "Multibyte character not supported for CHAR (Hint: try using VARCHAR)"
                raise FieldError(LoadErrorCode.CHAR, column.name, problem)
            if UNDECODED.search(text):
                problem = "String contains invalid or unsupported UTF8 codepoints"
                raise FieldError(LoadErrorCode.CODEPOINT, column.name, problem)
            size = len(text.encode())
        if size > limit:
            raise FieldError(LoadErrorCode.RANGE, column.name, "String length exceeds DDL length")
        if "\0" in text:
            raise FieldError(LoadErrorCode.CODEPOINT, column.name, "String contains a zero byte")
        return text if text.isprintable() and "\\" not in text else text.translate(ESCAPES)

    return read


def _parser(column: TargetColumn) -> FieldReader:
    match column.type_name:
        case "int4" | "int8":
            return partial(_integer, column=column, bits=INTEGER_BITS[column.type_name])
        case "numeric":
            return partial(_decimal, column=column)
        case "timestamp":
            return partial(_timestamp, column=column)
    raise not_imitated(f"COPY into a column of type {column.type_name}")


def _integer(text: str, column: TargetColumn, bits: int) -> str:
    if not INTEGER.fullmatch(text):
        raise FieldError(LoadErrorCode.DIGIT, column.name, "Invalid digit, Type: Integer")
    if not -(2 ** (bits - 1)) <= int(text[:40]) < 2 ** (bits - 1):
        raise FieldError(LoadErrorCode.RANGE, column.name, f"Overflow, Type: {bits // 8}-byte integer")
    return text


def _decimal(text: str, column: TargetColumn) -> str:
    if not DECIMAL.fullmatch(text):
        raise FieldError(LoadErrorCode.DECIMAL, column.name, "Invalid digit, Type: Decimal")
    if len(text) > 2 * column.precision + 2:
        raise FieldError(LoadErrorCode.RANGE, column.name, "Numeric data overflow")
    number = Decimal(text)
    if -int(number.as_tuple().exponent) > column.scale:
        number = number.quantize(Decimal(1).scaleb(-column.scale), rounding=ROUND_DOWN)
    if abs(number) >= Decimal(10) ** (column.precision - column.scale):
        raise FieldError(LoadErrorCode.RANGE, column.name, "Numeric data overflow")
    return format(number, "f")


def _timestamp(text: str, column: TargetColumn) -> str:
    match = TIMESTAMP.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        *parts, fraction = match.groups(default="0")
        year, month, day, hour, minute, second = map(int, parts)
        moment = datetime(year, month, day, hour, minute, second, int(fraction.ljust(6, "0")))  # noqa: DTZ001 - no zone
    except ValueError:
        problem = "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]"
        raise FieldError(LoadErrorCode.TIMESTAMP, column.name, problem) from None
    return moment.isoformat(sep=" ")
