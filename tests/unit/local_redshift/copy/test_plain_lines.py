"""A line that is passed on unread is one that the reader of each field would pass on with the same values."""

from datetime import datetime
from decimal import Decimal
from random import Random

import pytest

from local_redshift.copy.field_values import TargetColumn, field_reader
from local_redshift.copy.load_errors import FieldError
from local_redshift.copy.plain_lines import PlainLines

NULL = "  "
COLUMNS = (
    TargetColumn("name", "varchar", length=8),
    TargetColumn("code", "bpchar", length=4),
    TargetColumn("big", "int8"),
    TargetColumn("small", "int4"),
    TargetColumn("price", "numeric", precision=6, scale=2),
    TargetColumn("at", "timestamp"),
)
PLAIN = PlainLines(COLUMNS, NULL)
LINE = ("Latte", "ab12", "-17", "42", "2.45", "2026-11-20 20:00:07")


def converted(*fields: str) -> bytes | None:
    return PLAIN.converted((",".join(fields) + "\n").encode())


def with_field(column: int, text: str) -> tuple[str, ...]:
    return (*LINE[:column], text, *LINE[column + 1 :])


def test_plain_lines_get_tabs_for_commas() -> None:
    block = (",".join(LINE) + "\n").encode()

    assert PLAIN.converted(block * 3) == block.replace(b",", b"\t") * 3


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (0, ""), (0, "a b"), (0, "12345678"), (0, "~!#[]"), (1, ""),
        (2, "9222999999999999999"), (2, "+1"), (2, "-9199999999999999999"), (3, "999999999"),
        (4, "9999.99"), (4, "1"), (4, "-0.5"),
        (5, "2024-12-31 23:59:59"), (5, "2023-02-28 00:00:00"), (5, "2026-04-30 00:00:00"),
    ],
)  # fmt: skip
def test_the_usual_forms_are_plain(column: int, text: str) -> None:
    assert converted(*with_field(column, text)) is not None


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (0, "123456789"), (0, "é"), (0, 'a"b'), (0, '"a"'), (0, "a\\b"), (0, "a\tb"), (0, NULL), (0, "a,b"), (0, "\0"),
        (1, "ab123"), (2, "9223000000000000000"), (2, "1_0"), (2, ""), (2, " 1"), (3, "2147483648"), (3, "1.0"),
        (4, "12345.00"), (4, "1.234"), (4, "infinity"), (4, ".5"), (4, "1e3"), (4, ""),
        (5, "2026-02-29 00:00:00"), (5, "2026-04-31 00:00:00"), (5, "2026-13-01 00:00:00"), (5, "today"),
        (5, "2026-11-20 24:00:00"), (5, "0000-01-01 00:00:00"), (5, "2026-11-20"), (5, "2026-11-20 20:00:07\r"),
    ],
)  # fmt: skip
def test_whatever_needs_a_second_look_is_not_plain(column: int, text: str) -> None:
    block = "".join(",".join(fields) + "\n" for fields in (LINE, with_field(column, text), LINE)).encode()

    assert PLAIN.converted(block) is None


@pytest.mark.parametrize("block", [b"", b"a", ",".join(LINE).encode(), (",".join(LINE[1:]) + "\n").encode()])
def test_what_is_no_whole_line_is_not_plain(block: bytes) -> None:
    assert PLAIN.converted(block) is None


def test_a_column_of_another_type_makes_no_line_plain() -> None:
    other = PlainLines([*COLUMNS, TargetColumn("flag", "bool")], NULL)

    assert other.converted((",".join((*LINE, "t")) + "\n").encode()) is None


def test_a_plain_line_has_the_values_that_the_slow_way_reads() -> None:
    random, readers = Random(7), [field_reader(column, NULL) for column in COLUMNS]
    signs = '0123456789-+. :aZ"\\,é\t'
    plain = 0
    for _ in range(20_000):
        column = random.randrange(len(COLUMNS))
        text = list(LINE[column])
        for _ in range(random.choice((1, 1, 2, 4))):
            place = random.randrange(len(text) + 1)
            text[place : place + random.randrange(2)] = random.choice(signs)
        fields = with_field(column, "".join(text))
        passed = converted(*fields)
        if passed is None:
            continue
        plain += 1
        try:
            slow = [read(field) for read, field in zip(readers, fields, strict=True)]
        except FieldError as error:
            pytest.fail(f"{fields}: {error.problem}")
        assert values(passed.decode().rstrip("\n").split("\t")) == values(slow), fields
    assert plain > 1_000


def values(fields: list[str]) -> tuple[object, ...]:
    name, code, big, small, price, at = fields
    return name, code, int(big), int(small), Decimal(price), datetime.fromisoformat(at)
