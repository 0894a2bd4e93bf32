"""Fields to values, by COPY's rules: stricter than PostgreSQL's reading, and silent about what a field said."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_redshift.copy_statement import FieldRules
from local_redshift.errors import RedshiftError
from local_redshift.field_values import NULL, TargetColumn, field_reader
from local_redshift.load_errors import FieldError

PLAIN = FieldRules()
NAME = TargetColumn("name", "varchar", length=5)
CODE = TargetColumn("code", "bpchar", length=3)
NUMBER = TargetColumn("number", "int4")
PRICE = TargetColumn("price", "numeric", precision=5, scale=2)
AT = TargetColumn("at", "timestamp")


def read(text: str, column: TargetColumn, rules: FieldRules = PLAIN, invalid_character: str | None = None) -> str:
    """Read one field."""
    return field_reader(column, rules, invalid_character)(text)


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        (NAME, "abcde", "abcde"),
        (NAME, "", ""),
        (NAME, "  ", "  "),
        (NAME, "caf\u00e9", "caf\u00e9"),
        (NAME, "\\N", NULL),
        (NAME, "a\tb\n", "a\\tb\\n"),
        (NAME, "a\\b\r", "a\\\\b\\r"),
        (CODE, "ab", "ab"),
        (NUMBER, "-12", "-12"),
        (NUMBER, "+12", "+12"),
        (NUMBER, "", NULL),
        (NUMBER, "  ", NULL),
        (NUMBER, "\\N", NULL),
        (TargetColumn("n", "int2"), "-32768", "-32768"),
        (TargetColumn("n", "int8"), "9223372036854775807", "9223372036854775807"),
        (PRICE, "1.5", "1.5"),
        (PRICE, "999.99", "999.99"),
        (PRICE, ".5", "0.5"),
        (PRICE, "1.239", "1.23"),
        (PRICE, "-1.239", "-1.23"),
        (TargetColumn("f", "float8"), "-1.5e-3", "-1.5e-3"),
        (TargetColumn("b", "bool"), "TRUE", "t"),
        (TargetColumn("b", "bool"), "0", "f"),
        (TargetColumn("d", "date"), "2024-02-29", "2024-02-29"),
        (AT, "2026-01-02 03:04:05", "2026-01-02 03:04:05"),
    ],
)
def test_a_field_is_read(column: TargetColumn, text: str, expected: str) -> None:
    assert read(text, column) == expected


@pytest.mark.parametrize(
    ("rules", "column", "text", "expected"),
    [
        (FieldRules(empty_as_null=True), NAME, "", NULL),
        (FieldRules(blanks_as_null=True), NAME, "  ", NULL),
        (FieldRules(blanks_as_null=True), NAME, "", ""),
        (FieldRules(null_string="-"), NAME, "-", NULL),
        (FieldRules(null_string="-"), NAME, "\\N", "\\\\N"),
        (FieldRules(null_string="-"), NUMBER, "-", NULL),
        (FieldRules(trim_blanks=True), NAME, "ab     ", "ab"),
        (FieldRules(truncate=True), NAME, "abcdefg", "abcde"),
        (FieldRules(truncate=True), NAME, "abcd\u00e9", "abcd"),
        (FieldRules(truncate=True), CODE, "abcd", "abc"),
        (FieldRules(round_decimals=True), PRICE, "1.235", "1.24"),
        (FieldRules(round_decimals=True), PRICE, "-1.235", "-1.24"),
    ],
)
def test_an_option_changes_what_a_field_means(
    rules: FieldRules, column: TargetColumn, text: str, expected: str
) -> None:
    assert read(text, column, rules) == expected


def test_bytes_that_are_no_utf8_are_replaced_when_asked() -> None:
    assert read(b"a\xff\xfeb".decode(errors="surrogateescape"), NAME, invalid_character="?") == "a??b"


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        (NAME, "abcdef", "exceeds DDL length"),
        (NAME, "aaaa\u00e9", "exceeds DDL length"),
        (NAME, "a\udcff", "UTF8"),
        (NAME, "a\0", "zero byte"),
        (CODE, "\u00e9", "Multibyte"),
        (CODE, "abcd", "exceeds DDL length"),
        (NUMBER, "1_0", "Invalid digit"),
        (NUMBER, " 1", "Invalid digit"),
        (NUMBER, "1.0", "Invalid digit"),
        (NUMBER, "0x1F", "Invalid digit"),
        (NUMBER, "\u0661", "Invalid digit"),
        (NUMBER, "2147483648", "Overflow"),
        (NUMBER, "9" * 5000, "Overflow"),
        (PRICE, "1000", "overflow"),
        (PRICE, "9" * 5000, "overflow"),
        (PRICE, "1e2", "Invalid digit"),
        (PRICE, "NaN", "Invalid digit"),
        (PRICE, "1,5", "Invalid digit"),
        (PRICE, ".", "Invalid digit"),
        (TargetColumn("f", "float8"), "inf", "Invalid digit"),
        (TargetColumn("b", "bool"), "maybe", "boolean"),
        (TargetColumn("d", "date"), "2026-02-29", "Invalid date"),
        (AT, "now", "Invalid timestamp"),
        (TargetColumn("n", "int4", nullable=False), "", "not-null"),
        (TargetColumn("n", "varchar", nullable=False), "\\N", "not-null"),
    ],
)
def test_a_field_that_is_no_value_is_an_error_that_does_not_repeat_it(
    column: TargetColumn, text: str, problem: str
) -> None:
    with pytest.raises(FieldError, match=problem) as error:
        read(text, column)

    assert error.value.column == column.name
    assert len(text) < 3 or text not in error.value.problem


def test_a_type_that_copy_does_not_read_is_refused() -> None:
    with pytest.raises(RedshiftError, match="column of type time"):
        field_reader(TargetColumn("t", "time"), PLAIN)


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_integer_of_the_type_is_read(number: int) -> None:
    assert read(str(number), NUMBER) == str(number)


@given(st.decimals(Decimal("-999.99"), Decimal("999.99"), places=4))
def test_a_decimal_loses_no_more_than_what_its_column_cannot_hold(number: Decimal) -> None:
    value = Decimal(read(format(number, "f"), PRICE))

    assert abs(value) <= abs(number)
    assert abs(number - value) < Decimal("0.01")


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_text_that_is_read_fits_its_column(text: str) -> None:
    try:
        value = read(text, NAME)
    except FieldError:
        assert len(text.encode()) > NAME.length
    else:
        assert len(text.encode()) <= NAME.length
        assert not set("\n\r\t") & set(value)
