"""Print a file of orders in a dialect, as a stream of bytes. Pure: writes no file."""

import random
import zlib
from collections.abc import Iterable, Iterator
from itertools import batched, cycle

from cafe.generate.dialects import Dialect, Ending, Layout, as_printed
from cafe.generate.faults import FaultPlan, broken_row
from cafe.generate.orders import Order
from cafe.generate.rows import FOREIGN_HEADER, row, rows

_ROWS_A_CHUNK = 2_000
_ROWS_BETWEEN_BLANK_LINES = 5
_GZIP_CONTAINER = 31  # zlib's wbits: a gzip header without time or name, so that equal rows give equal bytes


def render(
    orders: Iterable[Order], dialect: Dialect, faults: FaultPlan | None = None, seed: int = 0
) -> Iterator[bytes]:
    """Print orders as a file, and yield its bytes in chunks.

    `faults` says which orders to break, by position; `seed` decides the order of a shuffled file. Holds a few thousand
    orders in memory, or all of them if they are shuffled.
    """
    texts: Iterable[str] = order_texts(orders, dialect, faults)
    if dialect.shuffled:
        shuffled = list(texts)
        random.Random(seed).shuffle(shuffled)
        texts = shuffled
    return file_bytes(texts, dialect)


def order_texts(orders: Iterable[Order], dialect: Dialect, faults: FaultPlan | None = None) -> Iterator[str]:
    r"""Print each order as a text of one or more lines, each with "\n" at the end; break those in the plan."""
    if dialect.sizeless:
        orders = (as_printed(order, dialect) for order in orders)
    if faults is None:
        return rows(orders, dialect)
    return (
        row(order, dialect) if (fault := faults(position)) is None else broken_row(order, fault, dialect)
        for position, order in enumerate(orders)
    )


def file_bytes(texts: Iterable[str], dialect: Dialect) -> Iterator[bytes]:
    """Make a file from printed orders: add headers, blank lines, line ends, byte order mark and compression."""
    chunks = _in_utf8(_with_endings(_without_final_newline(_chunks(texts, dialect), dialect), dialect), dialect)
    return _compressed(chunks) if dialect.gzip else chunks


def _chunks(texts: Iterable[str], dialect: Dialect) -> Iterator[str]:
    headers = (FOREIGN_HEADER,) if dialect.layout is Layout.FOREIGN else dialect.headers
    yield "".join([f"{header}\n" for header in headers])
    rows_a_chunk = _ROWS_BETWEEN_BLANK_LINES if dialect.blank_lines else _ROWS_A_CHUNK
    for batch in batched(texts, rows_a_chunk, strict=False):
        if dialect.blank_lines:
            yield "\n"
        yield "".join(batch)
    if dialect.trailing_space:
        yield " \n"


def _without_final_newline(chunks: Iterable[str], dialect: Dialect) -> Iterator[str]:
    if dialect.final_newline:
        yield from chunks
        return
    held = ""
    for chunk in chunks:
        if chunk:
            yield held
            held = chunk
    yield held.removesuffix("\n")


def _with_endings(chunks: Iterable[str], dialect: Dialect) -> Iterator[str]:
    match dialect.ending:
        case Ending.LF:
            yield from chunks
        case Ending.MIXED:
            # In this cycle LF never follows CR, because with a blank line between them the two would be one CRLF.
            endings = cycle(("\r", "\r\n", "\n"))
            for chunk in chunks:
                yield "".join([f"{text}{next(endings) if newline else ''}" for text, newline in _lines(chunk)])
        case ending:
            for chunk in chunks:
                yield chunk.replace("\n", ending)


def _lines(chunk: str) -> Iterator[tuple[str, bool]]:
    *ended, rest = chunk.split("\n")
    for text in ended:
        yield text, True
    if rest:
        yield rest, False


def _in_utf8(chunks: Iterable[str], dialect: Dialect) -> Iterator[bytes]:
    if dialect.bom:
        yield b"\xef\xbb\xbf"
    for chunk in chunks:
        if chunk:
            yield chunk.encode()


def _compressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(level=6, wbits=_GZIP_CONTAINER)
    for chunk in chunks:
        if packed := compressor.compress(chunk):
            yield packed
    yield compressor.flush()
