"""Turn the bytes of an object into lines of text, in bounded memory: expand gzip, decode, split and count lines.

Does not know CSV. It counts lines in the bytes, before they are decoded, so that the count of the CSV reader can be
compared with it. Text is UTF-8, or UTF-16 if it begins with its mark. A byte that is not UTF-8 becomes a character that
`UNREADABLE` finds: one customer's name must not refuse a file, and only a reader of cells knows which cells are kept.
"""

import codecs
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from extract.rules import FileReason, UnreadableBranchFile

MAX_LINE_CHARACTERS = 65_536
# Replaces a line that is too long: one quoted cell with a carriage return, which elsewhere always ends a line.
OVERLONG_CELL = "\r"
OVERLONG_LINE = f'"{OVERLONG_CELL}"'
# About 10 million rows, which take about half of the time that one run has (docs/decisions/stages.md).
MAX_EXPANDED_BYTES = 1_500_000_000
# Two lines for each of those rows. Without this limit, empty lines could take more time than the function has.
MAX_LINES = 20_000_000
# Branch files compress to about a seventh. The floor lets a small file of equal rows pass.
MAX_EXPANSION = 100
EXPANSION_FLOOR_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW_BITS = 31
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
BYTE_ORDER_MARK = "\ufeff"
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# What `surrogateescape` makes of a byte that is not UTF-8. No readable text has such a character.
UNREADABLE = re.compile("[\udc80-\udcff]")
# Of the high bytes of UTF-16, a mask for the low ones: a line end has no high byte.
_HAS_NO_HIGH_BYTE = b"\xff" + bytes(255)
_EXPANDED_CHUNK_BYTES = 1 << 18


class LineBlock(NamedTuple):
    """Successive lines without their line ends. ``first`` is the number of the first line, from 1."""

    first: int
    lines: list[str]
    is_last: bool


class LineReader:
    """Split the chunks of one object into blocks of lines.

    ``total_lines`` is final when `blocks` is exhausted. Each LF, CR or CRLF ends a line; text after the last one is a
    line too. ``check_time`` is called for each piece of the object, and raises if there is no time left.
    """

    def __init__(self, check_time: Callable[[], None] = lambda: None) -> None:
        self.total_lines = 0
        self._check_time = check_time

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[LineBlock]:
        """Yield all lines in order. Raises UnreadableBranchFile if the object is not text or is too large."""
        encoding, pieces = _without_mark(self._timed(_expanded(chunks)))
        decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else "strict")
        carried, first, overlong, after_cr, has_marks = "", 1, False, False, False
        for chunk, is_last in _with_last(self._counted(pieces, encoding)):
            try:
                text = decoder.decode(chunk, final=is_last)
            except UnicodeDecodeError:
                # The cause would hold the unreadable bytes, which may be a customer's name.
                raise UnreadableBranchFile(
                    FileReason.NOT_UTF8, "its mark says UTF-16, but it is cut or damaged"
                ) from None
            if "\r" in text or after_cr:
                after_cr, text = text.endswith("\r") if text else after_cr, text[after_cr and text.startswith("\n") :]
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            lines = (carried + text).split("\n")
            carried = lines.pop()
            if overlong and lines:
                lines[0] = OVERLONG_LINE
                overlong = False
            if is_last and (carried or overlong):
                lines.append(OVERLONG_LINE if overlong else carried)
            elif overlong or len(carried) > MAX_LINE_CHARACTERS:
                carried, overlong = "", True
            has_marks = has_marks or BYTE_ORDER_MARK in text
            if has_marks:
                # Somebody joined files. A mark elsewhere than at a line's start is a fault of its cell.
                lines = [line.removeprefix(BYTE_ORDER_MARK) for line in lines]
            if lines and max(map(len, lines)) > MAX_LINE_CHARACTERS:
                lines = [line if len(line) <= MAX_LINE_CHARACTERS else OVERLONG_LINE for line in lines]
            if lines or is_last:
                # Yield the last block even if it is empty, so that the reader can close an open order.
                yield LineBlock(first, lines, is_last)
            first += len(lines)
            if first > MAX_LINES:
                raise UnreadableBranchFile(FileReason.TOO_LARGE, f"limit {MAX_LINES // 1_000_000} million lines")

    def _timed(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Check the time for each piece, also for the empty ones of a gzip file."""
        for chunk in chunks:
            self._check_time()
            yield chunk

    def _counted(self, chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
        """Count the line ends in the bytes, which are passed on as they are."""
        after_cr, ends_open, half = False, False, b""
        for chunk in chunks:
            data = chunk
            if encoding != "utf-8":
                whole = half + chunk
                data, half = _low_bytes(whole, encoding), whole[len(whole) // 2 * 2 :]
            if data:
                self.total_lines += data.count(b"\n")
                if b"\r" in data or after_cr:
                    self.total_lines += data.count(b"\r") - data.count(b"\r\n") - (after_cr and data.startswith(b"\n"))
                after_cr = data.endswith(b"\r")
                ends_open = not data.endswith((b"\n", b"\r"))
            yield chunk
        self.total_lines += ends_open


def _low_bytes(data: bytes, encoding: str) -> bytes:
    """Write each whole character of UTF-16 as one byte: itself up to U+00FF, and 0 for any other."""
    size = len(data) // 2
    low, high = (data[::2], data[1::2]) if encoding == "utf-16-le" else (data[1::2], data[::2])
    mask = high[:size].translate(_HAS_NO_HIGH_BYTE)
    return (int.from_bytes(low[:size]) & int.from_bytes(mask)).to_bytes(size)


def _without_mark(chunks: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """Return the encoding that the byte order mark shows, UTF-8 without one, and the chunks without the mark."""
    beginning = _beginning(chunks, len(_WIDE_MARKS[0]))
    if beginning.startswith(_WIDE_MARKS):
        raise UnreadableBranchFile(FileReason.NOT_UTF8, "its mark says UTF-32")
    mark = next((mark for mark in _MARKS if beginning.startswith(mark)), b"")
    return _MARKS.get(mark, "utf-8"), _chain(beginning.removeprefix(mark), chunks)


def _expanded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield plain text unchanged; expand gzip, with any number of members, within the limits."""
    stream = iter(chunks)
    head = _beginning(stream, len(GZIP_MAGIC))
    if not head.startswith(GZIP_MAGIC):
        yield from _within_size(_chain(head, stream))
        return
    expanded = _within_size(_gunzip(_chain(head, stream)))
    beginning = next(expanded, b"")
    if beginning.startswith(GZIP_MAGIC):
        raise UnreadableBranchFile(FileReason.BAD_GZIP, "gzip inside gzip")
    yield beginning
    yield from expanded


def _beginning(stream: Iterator[bytes], least_bytes: int) -> bytes:
    """Take as many chunks as have this many bytes, or all."""
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= least_bytes:
            break
    return head


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(_GZIP_WINDOW_BITS)
    compressed_bytes, expanded_bytes = 0, 0
    try:
        for chunk in chunks:
            compressed_bytes += len(chunk)
            pending, more = chunk, True
            while more:
                if member.eof:
                    # Zero bytes after the last member are padding, as in gzip itself.
                    pending = pending.lstrip(b"\0")
                    if not pending:
                        break
                    member = zlib.decompressobj(_GZIP_WINDOW_BITS)
                expanded = member.decompress(pending, _EXPANDED_CHUNK_BYTES)
                pending = member.unconsumed_tail or member.unused_data
                # After a full piece, more output may follow even if all input is used.
                more = bool(pending) or len(expanded) == _EXPANDED_CHUNK_BYTES
                expanded_bytes += len(expanded)
                # Compare with the input used so far: unread input must not raise the limit for the bomb before it.
                if expanded_bytes > max(EXPANSION_FLOOR_BYTES, MAX_EXPANSION * (compressed_bytes - len(pending))):
                    raise UnreadableBranchFile(FileReason.TOO_COMPRESSED, f"limit {MAX_EXPANSION} to 1")
                yield expanded
    except zlib.error as error:
        raise UnreadableBranchFile(FileReason.BAD_GZIP) from error
    if not member.eof:
        raise UnreadableBranchFile(FileReason.BAD_GZIP, "it is incomplete")


def _within_size(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_EXPANDED_BYTES:
            raise UnreadableBranchFile(FileReason.TOO_LARGE, f"limit {MAX_EXPANDED_BYTES // 1_000_000} MB expanded")
        yield chunk


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Pair every chunk with whether it is the last. An empty object has one empty chunk, which is the last."""
    held = b""
    for chunk in chunks:
        if held:
            yield held, False
        held = chunk
    yield held, True
