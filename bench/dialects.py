"""Compare extract's reader in every dialect that comes with the product with itself in feed B, line by line."""

from statistics import median
from time import process_time

from bench.figures import Figure
from bench.folder_aws import WRITTEN_AT
from cafe.generate.dialects import Dialect
from cafe.generate.documents import as_the_document_has_them, write_as
from cafe.generate.history import branch_day_orders, plan
from cafe.terminal.presentation import remark
from extract.branch_csv import BranchCsvReader
from extract.cells import CellReaders, last_day_for
from extract.dialects.catalogue import shipped
from extract.lines import LineReader
from extract.objects import CHUNK_BYTES
from extract.occurrences import RowFingerprints

ROWS = 30_000
ROUNDS = 5
BASE = "feed-b"
MOST_TIMES_FEED_B = 3
CAFE = "Leeds"


class DialectNotRead(RuntimeError):
    """A file was not read in the dialect in which it was written, so its time says nothing."""


def measure(rows: int = ROWS, rounds: int = ROUNDS) -> list[Figure]:
    """Read the same orders in each dialect, in turns. Each ratio is of runs of the same round.

    Raises DialectNotRead.
    """
    orders = [
        order for day in plan(feed=Dialect().feed, seed=1, branches=18, orders=rows) for order in branch_day_orders(day)
    ]
    bodies = {
        document.name: write_as(as_the_document_has_them(orders, document, CAFE), document)
        for document in shipped().documents
    }
    turns = [{name: _microseconds_a_line(name, body) for name, body in bodies.items()} for _ in range(rounds)]
    remark(f"{BASE}: {median(turn[BASE] for turn in turns):.2f} microseconds a line", "dim")
    return [
        Figure(
            name=f"extract's reader, a line of {name}, times one of {BASE}",
            measured=median(turn[name] / turn[BASE] for turn in turns),
            limit=MOST_TIMES_FEED_B,
            unit="x",
            note=f"{median(turn[name] for turn in turns):.2f} microseconds; {rows:,} orders; {rounds} rounds",
        )
        for name in bodies
        if name != BASE
    ]


def _microseconds_a_line(name: str, body: bytes) -> float:
    lines = LineReader()
    chunks = [body[start : start + CHUNK_BYTES] for start in range(0, len(body), CHUNK_BYTES)]
    reader = BranchCsvReader(RowFingerprints(), CellReaders(last_day_for(WRITTEN_AT), cafe_of_key=CAFE))
    started = process_time()
    for _ in reader.read(lines.blocks(chunks)):
        pass
    seconds = process_time() - started
    if reader.rejects or name not in reader.layouts:
        raise DialectNotRead(name)
    return seconds * 1_000_000 / lines.total_lines
