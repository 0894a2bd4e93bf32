"""How a branch file is written: encoding, line ends, separator and columns, from its first bytes. Pure.

It describes the file for a person. What extract accepts does not depend on it.
"""

import codecs
import csv
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from extract.dialects.catalogue import Catalogue
from extract.dialects.document import DELIMITERS
from extract.headers import column_names, is_header
from extract.lines import GZIP_MAGIC
from shared.part_files import GZIP_WINDOW_BITS

# Enough for some thousand orders.
LOOKED_AT_BYTES = 1 << 20
LOOKED_AT_LINES = 200
LINE_ENDS = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "UTF-8",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_QUOTED = re.compile('"[^"]*"')


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is written. A text is "" if the file is too short to show it.

    ``encoding`` is a guess if it is not UTF-8. ``header`` has the columns of the first header line; a column with an
    unknown word is ``?``, because it may be a customer's name.
    """

    encoding: str
    has_byte_order_mark: bool
    is_gzip: bool
    line_ends: str
    separator: str
    header: str


def describe_form(chunks: Iterable[bytes]) -> FileForm:
    """Look at the first bytes of a file."""
    start = _start_of(chunks)
    is_gzip = start.startswith(GZIP_MAGIC)
    if is_gzip:
        start = _expanded(start)
    mark = next((mark for mark in _BYTE_ORDER_MARKS if start.startswith(mark)), b"")
    encoding, text = _decoded(start, mark)
    lines = [line for line in re.split("\r\n|\n|\r", text.removeprefix("\ufeff"), maxsplit=LOOKED_AT_LINES) if line]
    separator = _separator_of(lines[:LOOKED_AT_LINES])
    return FileForm(encoding, bool(mark), is_gzip, _line_ends_of(text), separator, _header_of(lines[:1]))


def columns_of(dialect: str, catalogue: Catalogue) -> list[str]:
    """Name the columns of each document in a dialect, such as ``feed-b+header``, in the document's order."""
    found = [document for document in catalogue.documents if document.name in dialect.split("+")]
    return [", ".join(column.kind for column in document.columns) for document in found]


def _start_of(chunks: Iterable[bytes]) -> bytes:
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= LOOKED_AT_BYTES:
            break
    return start[:LOOKED_AT_BYTES]


def _expanded(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(GZIP_WINDOW_BITS).decompress(start, LOOKED_AT_BYTES)
    except zlib.error:
        return b""


def _decoded(start: bytes, mark: bytes) -> tuple[str, str]:
    """Return the encoding, and the text as well as it can be read."""
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "UTF-16", start.decode("utf-16", errors="replace")
    try:
        # The last character may be cut off.
        return "UTF-8", codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "not UTF-8, perhaps Windows-1252", start.decode("cp1252", errors="replace")


def _line_ends_of(text: str) -> str:
    found = Counter(re.findall("\r\n|\n|\r", text))
    return ", ".join(LINE_ENDS[end] for end, _ in found.most_common())


def _separator_of(lines: list[str]) -> str:
    """Name the separator that most lines have outside of quotes; "" if there is none."""
    lines_with: Counter[str] = Counter()
    for line in lines:
        bare = _QUOTED.sub("", line)
        lines_with.update(separator for separator in DELIMITERS if separator in bare)
    # Of two that are equally frequent, the one that extract reads.
    best = max(DELIMITERS, key=lambda separator: lines_with[separator])
    return DELIMITERS[best] if lines_with[best] else ""


def _header_of(lines: list[str]) -> str:
    try:
        cells = next(csv.reader(lines, skipinitialspace=True), [])
    except csv.Error:
        return ""
    return column_names(cells) if cells and is_header(cells) else ""
