"""One field of a CSV file to one value of a column, by COPY's rules. Pure, and the authority on what a load accepts.

PostgreSQL reads more than Redshift does (1_000, infinity, 'today'), and rounds where COPY truncates; so each value is
checked here and handed on in a form that leaves nothing to interpret. No message repeats a field's text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache, partial

from local_redshift.copy_statement import FieldRules
from local_redshift.errors import not_in_endpoint
from local_redshift.field_times import date_reader, time_reader
from local_redshift.load_errors import FieldError, LoadErrorCode

NULL = "\\N"
CACHED_VALUES = 4096
MAX_VARCHAR_BYTES = 65_535
INTEGER_BITS = {"int2": 16, "int4": 32, "int8": 64}
INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
BOOLEANS = {
    **dict.fromkeys(("t", "true", "y", "yes", "1"), "t"),
    **dict.fromkeys(("f", "false", "n", "no", "0"), "f"),
}
UNDECODED = re.compile("[\udc80-\udcff]")
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})

FieldReader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """A column to load: PostgreSQL's name of its type, with the length in characters or precision and scale."""

    name: str
    type_name: str
    nullable: bool = True
    length: int = MAX_VARCHAR_BYTES
    precision: int = 38
    scale: int = 0


def field_reader(column: TargetColumn, rules: FieldRules, invalid_character: str | None = None) -> FieldReader:
    """Build the function that reads a column's fields: text as in the file in, text as PostgreSQL's COPY takes it out.

    Text that is no UTF-8 is expected as lone surrogates. The function raises FieldError.
    """
    if column.type_name in ("varchar", "text", "bpchar"):
        return _text_reader(column, rules, invalid_character)
    parse = _parser(column, rules)

    # Numbers, prices and times repeat, and reading one again costs more than finding it.
    @lru_cache(maxsize=CACHED_VALUES)
    def read(text: str) -> str:
        if text == rules.null_string or not text or text.isspace():
            return _null(column)
        return parse(text)

    return read


def _null(column: TargetColumn) -> str:
    if not column.nullable:
        raise FieldError(LoadErrorCode.NULL, column.name, "Missing data for not-null field")
    return NULL


def _text_reader(column: TargetColumn, rules: FieldRules, invalid_character: str | None) -> FieldReader:
    is_char = column.type_name == "bpchar"
    limit = column.length

    def read(text: str) -> str:
        if text == rules.null_string or (not text and rules.empty_as_null):
            return _null(column)
        if rules.blanks_as_null and text.isspace():
            return _null(column)
        if rules.trim_blanks and not is_char:
            text = text.rstrip()
        if not text.isascii():
            if is_char:
                problem = "Multibyte character not supported for CHAR (Hint: try using VARCHAR)"
                raise FieldError(LoadErrorCode.CHAR, column.name, problem)
            if UNDECODED.search(text):
                if invalid_character is None:
                    problem = "String contains invalid or unsupported UTF8 codepoints"
                    raise FieldError(LoadErrorCode.CODEPOINT, column.name, problem)
                text = UNDECODED.sub(invalid_character, text)
            if len(text.encode()) > limit:
                text = _shorten(text, column, rules)
        elif len(text) > limit:
            text = _shorten(text, column, rules)
        if "\0" in text:
            raise FieldError(LoadErrorCode.CODEPOINT, column.name, "String contains a zero byte")
        return text if text.isprintable() and "\\" not in text else text.translate(ESCAPES)

    return read


def _shorten(text: str, column: TargetColumn, rules: FieldRules) -> str:
    if not rules.truncate:
        raise FieldError(LoadErrorCode.RANGE, column.name, "String length exceeds DDL length")
    # Cut between characters: half a character is no text.
    return text.encode()[: column.length].decode(errors="ignore")


def _parser(column: TargetColumn, rules: FieldRules) -> FieldReader:
    match column.type_name:
        case "int2" | "int4" | "int8":
            return partial(_integer, column=column, bits=INTEGER_BITS[column.type_name])
        case "numeric":
            rounding = ROUND_HALF_UP if rules.round_decimals else ROUND_DOWN
            return partial(_decimal, column=column, rounding=rounding)
        case "float4" | "float8":
            return partial(_float, column=column)
        case "bool":
            return partial(_boolean, column=column)
        case "date":
            return partial(date_reader(rules.date_format), column.name)
        case "timestamp":
            return partial(time_reader(rules.time_format, zoned=False), column.name)
        case "timestamptz":
            return partial(time_reader(rules.time_format, zoned=True), column.name)
    raise not_in_endpoint(f"COPY into a column of type {column.type_name}")


def _integer(text: str, column: TargetColumn, bits: int) -> str:
    if not INTEGER.fullmatch(text):
        raise FieldError(LoadErrorCode.DIGIT, column.name, "Invalid digit, Type: Integer")
    if not -(2 ** (bits - 1)) <= int(text[:40]) < 2 ** (bits - 1):
        raise FieldError(LoadErrorCode.RANGE, column.name, f"Overflow, Type: {bits // 8}-byte integer")
    return text


def _decimal(text: str, column: TargetColumn, rounding: str) -> str:
    if not DECIMAL.fullmatch(text):
        raise FieldError(LoadErrorCode.DECIMAL, column.name, "Invalid digit, Type: Decimal")
    if len(text) > 2 * column.precision + 2:
        raise FieldError(LoadErrorCode.RANGE, column.name, "Numeric data overflow")
    number = Decimal(text)
    if -int(number.as_tuple().exponent) > column.scale:
        number = number.quantize(Decimal(1).scaleb(-column.scale), rounding=rounding)
    if abs(number) >= Decimal(10) ** (column.precision - column.scale):
        raise FieldError(LoadErrorCode.RANGE, column.name, "Numeric data overflow")
    return format(number, "f")


def _float(text: str, column: TargetColumn) -> str:
    if not FLOAT.fullmatch(text):
        raise FieldError(LoadErrorCode.FLOAT, column.name, "Invalid digit, Type: Float")
    return text


def _boolean(text: str, column: TargetColumn) -> str:
    try:
        return BOOLEANS[text.lower()]
    except KeyError:
        raise FieldError(LoadErrorCode.BOOLEAN, column.name, "Unknown boolean format") from None
