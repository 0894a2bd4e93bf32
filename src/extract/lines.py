"""Bytes of an object to physical lines of text, in bounded memory: expansion, encoding, line ends, and their count.

Knows nothing of CSV. The count of lines is taken from the bytes, so that the reader of rows can be held against it.
"""

import codecs
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extract.rules import FileReason, UnreadableBranchFile

MAX_LINE_CHARACTERS = 65_536
# Stands in for a line that was longer: one quoted cell with a line feed in it, which no line of a file can hold.
OVERLONG_CELL = "\n"
OVERLONG_LINE = f'"{OVERLONG_CELL}"'
# 10 million rows or so: what one run reads in its time, twice over (docs/decisions/stages.md).
MAX_EXPANDED_BYTES = 1_500_000_000
# Two lines for each of those rows. Without it, lines of nothing would cost more time than a function has.
MAX_LINES = 20_000_000
# Genuine branch files shrink to a tenth. The floor lets a tiny file of equal rows pass.
MAX_EXPANSION = 100
EXPANSION_FLOOR_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW_BITS = 31
_BYTE_ORDER_MARK = "\ufeff"
_EXPANDED_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Some successive lines without their ends. ``first`` is the number of the first, from 1."""

    first: int
    lines: list[str]
    is_last: bool


class LineReader:
    """Cut the chunks of one object into blocks of lines.

    ``total_lines`` is right once `blocks` has run out: every LF, CR or CRLF ends a line, and so does the end of the
    file if anything follows the last one.
    """

    def __init__(self) -> None:
        self.total_lines = 0

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[LineBlock]:
        """Yield all lines in order. Raises UnreadableBranchFile for what is no text or too large."""
        # Not "utf-8-sig", which takes the first two bytes of a byte order mark for nothing.
        decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
        carried, first, overlong, is_beginning = "", 1, False, True
        for chunk, is_last in _with_last(self._counted(_expanded(chunks))):
            try:
                text = decoder.decode(chunk, final=is_last)
            except UnicodeDecodeError:
                # The cause would carry the bytes that could not be read, which may be a customer's name.
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
                # The last block comes even if it is empty: what stands open in the reader is closed by it.
                yield LineBlock(first, lines, is_last)
            first += len(lines)
            if first > MAX_LINES:
                raise UnreadableBranchFile(FileReason.TOO_LARGE, f"limit {MAX_LINES // 1_000_000} million lines")

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Count line ends in the bytes and make each of them one line feed."""
        after_cr, ends_open, beginning = False, False, b""
        for chunk in chunks:
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
        # A byte order mark alone is no line.
        self.total_lines += ends_open and beginning != codecs.BOM_UTF8


def _expanded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass plain text through; expand gzip, of any number of members, within the limits."""
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
                    # Zero bytes after the last member are padding, as gzip itself takes them.
                    pending = pending.lstrip(b"\0")
                    if not pending:
                        break
                    member = zlib.decompressobj(_GZIP_WINDOW_BITS)
                expanded = member.decompress(pending, _EXPANDED_CHUNK_BYTES)
                pending = member.unconsumed_tail or member.unused_data
                # A full piece may have more behind it even where the input is used up.
                more = bool(pending) or len(expanded) == _EXPANDED_CHUNK_BYTES
                expanded_bytes += len(expanded)
                # Held against what was used of the input: a chunk of bombs must not vouch for the first of them.
                if expanded_bytes > max(EXPANSION_FLOOR_BYTES, MAX_EXPANSION * (compressed_bytes - len(pending))):
                    raise UnreadableBranchFile(FileReason.TOO_COMPRESSED, f"limit {MAX_EXPANSION} to 1")
                yield expanded
    except zlib.error as error:
        raise UnreadableBranchFile(FileReason.BAD_GZIP) from error
    if not member.eof:
        raise UnreadableBranchFile(FileReason.BAD_GZIP, "it ends in the middle")


def _within_size(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_EXPANDED_BYTES:
            raise UnreadableBranchFile(FileReason.TOO_LARGE, f"limit {MAX_EXPANDED_BYTES // 1_000_000} MB expanded")
        yield chunk


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Pair every chunk with whether it is the last; an empty object has one, empty, last chunk."""
    held = b""
    for chunk in chunks:
        if held:
            yield held, False
        held = chunk
    yield held, True
