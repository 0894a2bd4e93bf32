"""Turn the bytes of an object into lines of text, in bounded memory: expand gzip, decode, split and count lines.

Does not know CSV. It counts lines in the bytes, so that the count of the CSV reader can be compared with it.
"""

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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
_BYTE_ORDER_MARK = "\ufeff"
_EXPANDED_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class LineBlock:
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
        # Not "utf-8-sig", which accepts an incomplete byte order mark as an empty text.
        decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
        carried, first, overlong, is_beginning = "", 1, False, True
        for chunk, is_last in _with_last(self._counted(_expanded(chunks))):
            try:
                text = decoder.decode(chunk, final=is_last)
            except UnicodeDecodeError:
                # The cause would hold the unreadable bytes, which may be a customer's name.
                raise UnreadableBranchFile(FileReason.NOT_UTF8) from None
            if is_beginning and text:
                text, is_beginning = text.removeprefix(_BYTE_ORDER_MARK), False
            lines = (carried + text).split("\n")
            carried = lines.pop()
            if overlong and lines:
                lines[0] = OVERLONG_LINE
                overlong = False
            if is_last and (carried or overlong):
                lines.append(OVERLONG_LINE if overlong else carried)
            elif overlong or len(carried) > MAX_LINE_CHARACTERS:
                carried, overlong = "", True
            if lines and max(map(len, lines)) > MAX_LINE_CHARACTERS:
                lines = [line if len(line) <= MAX_LINE_CHARACTERS else OVERLONG_LINE for line in lines]
            if lines or is_last:
                # Yield the last block even if it is empty, so that the reader can close an open order.
                yield LineBlock(first, lines, is_last)
            first += len(lines)
            if first > MAX_LINES:
                raise UnreadableBranchFile(FileReason.TOO_LARGE, f"limit {MAX_LINES // 1_000_000} million lines")

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Count the line ends in the bytes, and replace each by one line feed."""
        after_cr, ends_open, beginning = False, False, b""
        for chunk in chunks:
            self._check_time()
            data = chunk
            if len(beginning) <= len(codecs.BOM_UTF8):
                beginning += data[:4]
            if b"\r" in data or after_cr:
                if after_cr and data.startswith(b"\n"):
                    data = data[1:]
                after_cr = chunk.endswith(b"\r") if chunk else after_cr
                data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            self.total_lines += data.count(b"\n")
            if data:
                ends_open = not data.endswith(b"\n")
            yield data
        # A byte order mark alone is not a line.
        self.total_lines += ends_open and beginning != codecs.BOM_UTF8


def _expanded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield plain text unchanged; expand gzip, with any number of members, within the limits."""
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(GZIP_MAGIC):
            break
    if not head.startswith(GZIP_MAGIC):
        yield from _within_size(_chain(head, stream))
        return
    expanded = _within_size(_gunzip(_chain(head, stream)))
    beginning = next(expanded, b"")
    if beginning.startswith(GZIP_MAGIC):
        raise UnreadableBranchFile(FileReason.BAD_GZIP, "gzip inside gzip")
    yield beginning
    yield from expanded


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
