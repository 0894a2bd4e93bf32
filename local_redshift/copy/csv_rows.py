"""A gzipped CSV object as COPY reads it: unpacked, decoded, cut into rows, each with the line that it began on."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from local_redshift.copy.load_errors import FieldError, LoadErrorCode
from local_redshift.errors import INTERNAL_ERROR, RedshiftError

UNPACKING_ERRORS = (OSError, EOFError, zlib.error)


class CsvRows:
    """The rows of one object; `line_number` is the line on which the last row began.

    Iterating raises FieldError for a line that is not CSV or has too few or too many fields, and RedshiftError when the
    object cannot be unpacked.
    """

    def __init__(self, stream: BinaryIO, columns: int) -> None:
        # Bytes that are not UTF-8 become lone surrogates, which the reader of each column refuses.
        text = io.TextIOWrapper(gzip.GzipFile(fileobj=stream), encoding="utf-8", errors="surrogateescape", newline="")
        self._columns = columns
        self._lines_read = 0
        self.line_number = 0
        self._reader = csv.reader(self._lines(text), strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        self.line_number = self._lines_read + 1
        try:
            row = next(self._reader)
        except csv.Error:
            raise FieldError(LoadErrorCode.LINE, "", "Invalid quote formatting for CSV") from None
        except UNPACKING_ERRORS as error:
            message = f"The object could not be unpacked ({type(error).__name__})"
            raise RedshiftError(INTERNAL_ERROR, message) from error
        if len(row) > self._columns:
            raise FieldError(LoadErrorCode.EXTRA_COLUMNS, "", "Extra column(s) found")
        if len(row) < self._columns:
            raise FieldError(LoadErrorCode.DELIMITER, "", "Delimiter not found")
        return row

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        for line in text:
            self._lines_read += 1
            yield line
