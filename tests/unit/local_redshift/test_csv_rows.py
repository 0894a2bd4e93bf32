"""CSV objects to rows, each with the line that it began on."""

import gzip
import io

import pytest

from local_redshift.copy_statement import Compression, CsvShape
from local_redshift.csv_rows import CsvRows
from local_redshift.errors import RedshiftError
from local_redshift.load_errors import FieldError

Line = tuple[int, list[str] | str]


def lines(content: bytes, columns: int = 2, compression: Compression = Compression.NONE, **shape: object) -> list[Line]:
    """Read all: (line, row), or (line, problem) where a line is no row."""
    rows = CsvRows(io.BytesIO(content), CsvShape(**shape), compression, columns)  # type: ignore[arg-type]
    found: list[Line] = []
    while True:
        try:
            found.append((0, next(rows)))
        except StopIteration:
            return found
        except FieldError as error:
            found.append((0, error.problem))
        found[-1] = (rows.line_number, found[-1][1])


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
    assert lines(content) == expected


def test_header_lines_are_counted_and_left_out() -> None:
    assert lines(b"x\ny\na,b\n", header_lines=2) == [(3, ["a", "b"])]
    assert lines(b"x\n", header_lines=2) == []


def test_blank_lines_are_left_out_when_asked() -> None:
    assert lines(b"\na,b\n\n\nc,d\n", skip_blank_lines=True) == [(2, ["a", "b"]), (5, ["c", "d"])]


def test_missing_fields_are_filled_when_asked() -> None:
    assert lines(b"a\n", columns=3, fill_missing=True) == [(1, ["a", "", ""])]


def test_a_blank_line_is_the_empty_field_of_an_only_column() -> None:
    assert lines(b"\na\n", columns=1) == [(1, [""]), (2, ["a"])]


def test_delimiter_and_quote_can_be_others() -> None:
    assert lines(b"'a;b';c\n", delimiter=";", quote="'") == [(1, ["a;b", "c"])]


@pytest.mark.parametrize("compression", [Compression.GZIP, Compression.ZSTD, Compression.BZIP2])
def test_an_object_that_is_not_packed_as_said_is_an_error(compression: Compression) -> None:
    with pytest.raises(RedshiftError, match="could not be unpacked"):
        lines(b"a,b\n", compression=compression)


def test_an_object_that_was_cut_short_is_an_error() -> None:
    with pytest.raises(RedshiftError, match="could not be unpacked"):
        lines(gzip.compress(b"a,b\n" * 1000)[:-20], compression=Compression.GZIP)
