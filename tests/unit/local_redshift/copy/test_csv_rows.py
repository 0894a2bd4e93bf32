"""Gzipped CSV objects are cut into rows, each with the line that it began on."""

import gzip
import io

import pytest

from local_redshift.copy.csv_rows import CsvRows, UnpackedObject
from local_redshift.copy.load_errors import FieldError
from local_redshift.errors import RedshiftError

Line = tuple[int, list[str] | str]


def lines(packed: bytes) -> list[Line]:
    """Read all: (line, row), or (line, problem) where a line is not a row of two columns."""
    rows = CsvRows(UnpackedObject(io.BytesIO(packed), "s3://staging/rows"), 2)
    found: list[Line] = []
    while True:
        try:
            row: list[str] | str = next(rows)
        except StopIteration:
            return found
        except FieldError as error:
            row = error.problem
        found.append((rows.line_number, row))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"a,b\n", [(1, ["a", "b"])]),
        (b"a,b\r\nc,d", [(1, ["a", "b"]), (2, ["c", "d"])]),
        (b'"a\nb",c\nd,e\n', [(1, ["a\nb", "c"]), (3, ["d", "e"])]),
        (b'"a""b","c,d"\n', [(1, ['a"b', "c,d"])]),
        ("café,ß\n".encode(), [(1, ["café", "ß"])]),
        (b"a\xff,b\n", [(1, ["a\udcff", "b"])]),
        (b"a,b,c\n", [(1, "Extra column(s) found")]),
        (b"a\n", [(1, "Delimiter not found")]),
        (b"\na,b\n", [(1, "Delimiter not found"), (2, ["a", "b"])]),
        (b'"a"b,c\nd,e\n', [(1, "Invalid quote formatting for CSV"), (2, ["d", "e"])]),
        (b'a,"b', [(1, "Invalid quote formatting for CSV")]),
    ],
)
def test_an_object_is_cut_into_rows(content: bytes, expected: list[Line]) -> None:
    assert lines(gzip.compress(content)) == expected


def test_members_of_gzip_follow_each_other() -> None:
    assert lines(gzip.compress(b"a,b\n") * 2) == [(1, ["a", "b"]), (2, ["a", "b"])]


def test_an_object_that_is_not_gzip_is_an_error() -> None:
    with pytest.raises(RedshiftError, match="could not be unpacked"):
        lines(b"a,b\n")


def test_an_object_that_was_cut_short_is_an_error() -> None:
    with pytest.raises(RedshiftError, match="could not be unpacked"):
        lines(gzip.compress(b"a,b\n" * 1000)[:-20])


def test_whole_lines_come_first_and_the_rest_is_read_as_rows_with_their_lines() -> None:
    line = b"a,b\n"
    unpacked = UnpackedObject(io.BytesIO(gzip.compress(line * 40_000 + b'"c\nd",e\nf,g')), "s3://staging/rows")
    blocks = unpacked.whole_lines()

    first, second = next(blocks), next(blocks)
    assert first + second == line * ((len(first) + len(second)) // len(line))
    unpacked.give_back(second)
    rows = CsvRows(unpacked, 2)
    numbered = [(rows.line_number, row) for row in rows]

    start = len(first) // len(line)
    assert numbered[0] == (start + 1, ["a", "b"])
    assert len(numbered) == 40_000 - start + 2
    assert numbered[-2:] == [(40_001, ["c\nd", "e"]), (40_003, ["f", "g"])]


def test_what_follows_the_last_line_feed_is_left_to_read() -> None:
    unpacked = UnpackedObject(io.BytesIO(gzip.compress(b"a,b\nc,d")), "s3://staging/rows")

    assert list(unpacked.whole_lines()) == [b"a,b\n"]
    assert list(CsvRows(unpacked, 2)) == [["c", "d"]]
