"""A CSV object as COPY reads it: unpacked, decoded, cut into rows, each with the line that it began on."""

import bz2
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, cast

import zstandard

from local_redshift.copy_statement import Compression, CsvShape
from local_redshift.errors import INTERNAL_ERROR, RedshiftError
from local_redshift.load_errors import FieldError, LoadErrorCode

UNPACKING_ERRORS = (OSError, EOFError, zlib.error, zstandard.ZstdError)


def unpack(stream: BinaryIO, compression: Compression) -> BinaryIO:
    """Open a packed stream for reading; COPY believes what it is told and does not look."""
    match compression:
        case Compression.GZIP:
            return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
        case Compression.ZSTD:
            reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True, closefd=False)
            return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, reader)))
        case Compression.BZIP2:
            return cast(BinaryIO, bz2.BZ2File(stream))
        case Compression.NONE:
            return stream


class CsvRows:
    """The rows of one object; `line_number` is the line on which the row given last began.

    Iterating raises FieldError for a line that is no CSV, after which it goes on; and RedshiftError when the object
    cannot be unpacked.
    """

    def __init__(self, stream: BinaryIO, shape: CsvShape, compression: Compression, columns: int) -> None:
        # What is no UTF-8 travels on as lone surrogates, for each column to judge.
        text = io.TextIOWrapper(unpack(stream, compression), encoding="utf-8", errors="surrogateescape", newline="")
        self._columns = columns
        self._shape = shape
        self._lines_read = 0
        self.line_number = 0
        self._reader = csv.reader(self._lines(text), delimiter=shape.delimiter, quotechar=shape.quote, strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        while True:
            self.line_number = self._lines_read + 1
            try:
                row = next(self._reader)
            except csv.Error:
                raise FieldError(LoadErrorCode.LINE, "", "Invalid quote formatting for CSV") from None
            except UNPACKING_ERRORS as error:
                message = f"The object could not be unpacked ({type(error).__name__})"
                raise RedshiftError(INTERNAL_ERROR, message) from error
            if row or not self._shape.skip_blank_lines:
                return row if len(row) == self._columns else self._fit(row)

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        for _ in islice(text, self._shape.header_lines):
            self._lines_read += 1
        self.line_number = self._lines_read + 1
        for line in text:
            self._lines_read += 1
            yield line

    def _fit(self, row: list[str]) -> list[str]:
        if not row and self._columns == 1:
            return [""]
        if len(row) > self._columns:
            raise FieldError(LoadErrorCode.EXTRA_COLUMNS, "", "Extra column(s) found")
        if not self._shape.fill_missing:
            raise FieldError(LoadErrorCode.DELIMITER, "", "Delimiter not found")
        return row + [""] * (self._columns - len(row))
