"""Fields become values by COPY's rules: stricter than PostgreSQL's, and no message repeats a field."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_redshift.copy.field_values import NULL, TargetColumn, field_reader
from local_redshift.copy.load_errors import FieldError
from local_redshift.dialect.copy_statement import DEFAULT_NULL
from local_redshift.errors import RedshiftError

NAME = TargetColumn("name", "varchar", length=5)
CODE = TargetColumn("code", "bpchar", length=3)
NUMBER = TargetColumn("number", "int4")
PRICE = TargetColumn("price", "numeric", precision=5, scale=2)
AT = TargetColumn("at", "timestamp")


def read(text: str, column: TargetColumn) -> str:
    """Read one field."""
    return field_reader(column, DEFAULT_NULL)(text)


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
        (TargetColumn("n", "int8"), "9223372036854775807", "9223372036854775807"),
        (PRICE, "1.5", "1.5"),
        (PRICE, "999.99", "999.99"),
        (PRICE, ".5", "0.5"),
        (PRICE, "1.239", "1.23"),
        (PRICE, "-1.239", "-1.23"),
        (AT, "2026-01-02 03:04:05", "2026-01-02 03:04:05"),
        (AT, "2026-01-02 03:04:05.25", "2026-01-02 03:04:05.250000"),
        (AT, "2024-02-29 23:59:59", "2024-02-29 23:59:59"),
    ],
)
def test_a_field_is_read(column: TargetColumn, text: str, expected: str) -> None:
    assert read(text, column) == expected


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
        (AT, "now", "Invalid timestamp"),
        (AT, "2026-01-02", "Invalid timestamp"),
        (AT, "2026-01-02T03:04:05", "Invalid timestamp"),
        (AT, "2026-01-02 03:04:05+01", "Invalid timestamp"),
        (AT, "2026-02-30 03:04:05", "Invalid timestamp"),
        (AT, "2026-01-02 24:00:00", "Invalid timestamp"),
        (AT, "\u0662026-01-02 03:04:05", "Invalid timestamp"),
        (TargetColumn("n", "int4", nullable=False), "", "not-null"),
        (TargetColumn("n", "varchar", nullable=False), "\\N", "not-null"),
    ],
)
def test_a_wrong_field_is_an_error_that_does_not_repeat_it(column: TargetColumn, text: str, problem: str) -> None:
    with pytest.raises(FieldError, match=problem) as error:
        read(text, column)

    assert error.value.column == column.name
    assert len(text) < 3 or text not in error.value.problem


@pytest.mark.parametrize("type_name", ["int2", "float8", "bool", "date", "timestamptz", "time"])
def test_a_type_that_the_project_does_not_load_is_not_imitated(type_name: str) -> None:
    with pytest.raises(RedshiftError, match=f"column of type {type_name} is not imitated"):
        field_reader(TargetColumn("t", type_name), DEFAULT_NULL)


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_integer_of_the_type_is_read(number: int) -> None:
    assert read(str(number), NUMBER) == str(number)


@given(st.decimals(Decimal("-999.99"), Decimal("999.99"), places=4))
def test_a_decimal_loses_only_the_digits_beyond_its_scale(number: Decimal) -> None:
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
