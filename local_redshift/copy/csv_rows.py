"""A gzipped CSV object as COPY reads it: unpacked, decoded, cut into rows, each with the line that it began on."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from local_redshift.copy.load_errors import FieldError, LoadErrorCode
from local_redshift.errors import INTERNAL_ERROR, RedshiftError

BLOCK_BYTES = 64 * 1024
UNPACKING_ERRORS = (OSError, EOFError, zlib.error)


class UnpackedObject(io.RawIOBase):
    """The content of one object: first `whole_lines`, as far as anybody wants them, and then all that is left to read.

    Reading raises RedshiftError when the object cannot be unpacked.
    """

    def __init__(self, stream: BinaryIO, url: str) -> None:
        self._content = gzip.GzipFile(fileobj=stream)
        self._url = url
        self._left = b""
        self.lines_taken = 0

    def whole_lines(self) -> Iterator[bytes]:
        """Yield blocks that end with a line feed. What follows the last line feed is left to read."""
        while part := self._read(BLOCK_BYTES):
            block = self._left + part
            end = block.rfind(b"\n") + 1
            self._left = block[end:]
            if end:
                self.lines_taken += block.count(b"\n")
                yield block[:end]

    def give_back(self, block: bytes) -> None:
        """Leave the last block to be read again."""
        self._left = block + self._left
        self.lines_taken -= block.count(b"\n")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is left."""
        part = self._left[: len(buffer)] or self._read(len(buffer))
        self._left = self._left[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def _read(self, size: int) -> bytes:
        try:
            return self._content.read(size)
        except UNPACKING_ERRORS as error:
            message = f"The object could not be unpacked ({type(error).__name__})"
            raise RedshiftError(INTERNAL_ERROR, message, detail=self._url) from error
        except RedshiftError as error:
            raise RedshiftError(error.sqlstate, error.message, detail=error.detail or self._url) from error


class CsvRows:
    """The rows of what is left of one object; `line_number` is the line of the object on which the last row began.

    Iterating raises FieldError for a line that is not CSV or has too few or too many fields, and RedshiftError when the
    object cannot be unpacked.
    """

    def __init__(self, unpacked: UnpackedObject, columns: int) -> None:
        # Bytes that are not UTF-8 become lone surrogates, which the reader of each column refuses.
        buffered = io.BufferedReader(unpacked, BLOCK_BYTES)
        text = io.TextIOWrapper(buffered, encoding="utf-8", errors="surrogateescape", newline="")
        self._columns = columns
        self._lines_read = unpacked.lines_taken
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
        if len(row) > self._columns:
            raise FieldError(LoadErrorCode.EXTRA_COLUMNS, "", "Extra column(s) found")
        if len(row) < self._columns:
            raise FieldError(LoadErrorCode.DELIMITER, "", "Delimiter not found")
        return row

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        for line in text:
            self._lines_read += 1
            yield line
