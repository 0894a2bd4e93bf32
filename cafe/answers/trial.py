"""Would this file load? Run extract and transform on it in this process, without a stack.

The stages' own code reads the file, as in Lambda, with a store and a queue in memory. What only a warehouse knows is
listed in NOT_KNOWN. Nothing here holds a customer's name or card: extract does not read these cells.
"""

import csv
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cafe.answers.file_form import FileForm, columns_of, describe_form
from cafe.answers.remedies import remedy_for
from extract.arrivals import Arrival
from extract.dialects.catalogue import Catalogue, shipped
from extract.objects import StoredFile
from extract.stage import extract_file
from shared.contracts import ExtractedPart, LineCounts, Outcome, TransformedPart
from shared.part_files import GZIP_WINDOW_BITS
from shared.senders import sender_of
from transform.stage import transform_part

CHUNK_BYTES = 1 << 16
BUCKET, VERSION = "trial", "null"
NOT_KNOWN = (
    "whether an order is in the warehouse already; then it counts as a duplicate",
    "whether the file corrects an earlier one; if it removes many of its orders, it is held for a person",
    "what the register says: if it is closed, the file of an unknown café is held; it may give a café more names",
)

# Gives the bytes of the file from their beginning, each time it is called: extract may read a file twice.
type OpenFile = Callable[[], Generator[bytes]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that would be rejected, and what to do. It never holds the row's text."""

    line_number: int
    stage: str
    rule: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Share:
    """What would be loaded of one day or one café."""

    name: str
    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CanonicalRow:
    """An order as extract read it. Transform may still reject it: then a refusal has its line.

    ``discount`` is "" if there is none.
    """

    line_number: int
    branch: str
    ordered_at: str
    basket: str
    total: str
    payment: str
    discount: str = ""

    @property
    def as_stated(self) -> str:
        """The row as the example of a document states it."""
        cells = (self.branch, self.ordered_at, self.basket, self.total, self.payment)
        return "\t".join((*cells, self.discount) if self.discount else cells)


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a file. ``columns`` has one entry for each layout that the rows have.

    ``reason``, ``detail`` and ``remedy`` are "" unless the whole file would be rejected. ``rows`` counts orders as the
    café wrote them; ``orders``, ``items`` and ``amount``, in pounds, are what would be loaded. ``canonical_rows`` are
    there only if they were asked for.
    """

    key: str
    sender: str
    outcome: Outcome
    reason: str
    detail: str
    remedy: str
    form: FileForm
    dialect: str
    columns: tuple[str, ...]
    lines: LineCounts
    rows: int
    orders: int
    items: int
    amount: Decimal
    refusals: tuple[Refusal, ...]
    days: tuple[Share, ...]
    cafes: tuple[Share, ...]
    canonical_rows: tuple[CanonicalRow, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every row of the file would be loaded. An empty file is whole."""
        return not self.reason and not self.refusals

    @property
    def is_empty(self) -> bool:
        """Whether the file has no order, and nothing that should be one."""
        return self.is_whole and not self.rows


def try_file(
    key: str,
    size_bytes: int,
    open_file: OpenFile,
    now: datetime,
    catalogue: Catalogue | None = None,
    *,
    with_rows: bool = False,
) -> Trial:
    """Find out what would become of a file that is dropped under a key at a moment, in an aware time.

    The register of cafés counts as empty and open, so it admits every café for which the key may speak. ``catalogue``
    has the dialects that the file may be in, if they are not those of the product.
    """
    store, extracted, transformed = _Store(open_file, size_bytes, now), _Queue(), _Queue()
    arrival = Arrival(BUCKET, key, VERSION, f"{now:%Y-%m-%dT%H:%M:%SZ}", size_bytes)
    extract_file(arrival, store, extracted, catalogue=catalogue)
    for message in _parts_that_count(extracted):
        transform_part(message, store, transformed, may_carry=False)
    parts = [message for message in transformed.sent if isinstance(message, TransformedPart)]
    # If transform fails on a part, nothing of the file is loaded.
    failed = [part for part in parts if part.file.outcome is Outcome.FAILED]
    file, parts = (failed[0].file, []) if failed else (parts[-1].file, parts)
    days, cafes, names = _Sums(), _Sums(), store.branch_names()
    for branch_id, day, amount in () if failed else store.orders():
        days.add(day, amount)
        cafes.add(names[branch_id], amount)
    return Trial(
        key=file.source.key,
        sender=sender_of(key),
        outcome=file.outcome,
        reason=file.reason,
        detail=file.detail,
        remedy=remedy_for(file.reason).replace("KEY", file.source.key) if file.reason else "",
        form=describe_form(open_file()),
        dialect=file.dialect,
        columns=tuple(columns_of(file.dialect, catalogue or shipped())),
        lines=file.lines,
        rows=file.rows,
        orders=sum(part.orders for part in parts),
        items=sum(part.items for part in parts),
        amount=Decimal(sum(part.pence for part in parts)).scaleb(-2),
        refusals=() if file.reason else store.refusals(),
        days=days.shares(),
        cafes=cafes.shares(),
        canonical_rows=tuple(store.canonical_rows()) if with_rows and not file.reason else (),
    )


def _parts_that_count(extracted: "_Queue") -> Sequence[ExtractedPart]:
    """Leave out what was sent of a file before extract refused it, or read it again."""
    messages = [message for message in extracted.sent if isinstance(message, ExtractedPart)]
    plan_id = messages[-1].file.plan_id
    by_part = {message.part: message for message in messages if message.file.plan_id == plan_id}
    return [by_part[part] for part in sorted(by_part)]


class _Sums:
    """Orders and pounds by name."""

    def __init__(self) -> None:
        self._orders: Counter[str] = Counter()
        self._amounts: defaultdict[str, Decimal] = defaultdict(Decimal)

    def add(self, name: str, amount: Decimal) -> None:
        self._orders[name] += 1
        self._amounts[name] += amount

    def shares(self) -> tuple[Share, ...]:
        """Give the sums in the order of the names."""
        return tuple(Share(name, self._orders[name], self._amounts[name]) for name in sorted(self._orders))


class _Queue:
    """The queue to the next stage: it keeps the messages that it was sent."""

    def __init__(self) -> None:
        self.sent: list[ExtractedPart | TransformedPart] = []

    def send(self, messages: Sequence[ExtractedPart | TransformedPart]) -> None:
        """See shared.outbox.Outbox."""
        self.sent.extend(messages)

    def send_at_once(self, message: ExtractedPart) -> None:
        """See shared.outbox.Outbox."""
        self.sent.append(message)


class _Store:
    """The buckets of both stages: one branch file, and in memory what they write, compressed as they write it."""

    def __init__(self, open_file: OpenFile, size_bytes: int, written_at: datetime) -> None:
        self._open_file = open_file
        self._size_bytes = size_bytes
        self._written_at = written_at
        self._staged: dict[str, bytes] = {}
        self._register = ""

    def open(self, arrival: Arrival) -> StoredFile:
        """See extract.objects.Objects."""
        del arrival
        return StoredFile(self._written_at, self._size_bytes, self._open_file())

    def earlier_in_second(self, arrival: Arrival, written_at: datetime) -> int:
        """See extract.objects.Objects."""
        del arrival, written_at
        return 0

    def put(self, key: str, body: bytes) -> None:
        """See the ports of both stages."""
        self._staged[key] = body

    def read_register(self) -> tuple[str, str]:
        """See extract.registers.RegisterStore."""
        return self._register, self._register and VERSION

    def write_register(self, text: str, etag: str) -> str:
        """See extract.registers.RegisterStore."""
        del etag
        self._register = text
        return VERSION

    def lines(self, key: str) -> Iterator[list[bytes]]:
        """See transform.objects.Objects."""
        expanding, carried, body = zlib.decompressobj(GZIP_WINDOW_BITS), b"", self._staged[key]
        for start in range(0, len(body), CHUNK_BYTES):
            lines = (carried + expanding.decompress(body[start : start + CHUNK_BYTES])).split(b"\n")
            carried = lines.pop()
            yield lines

    def refusals(self) -> tuple[Refusal, ...]:
        """List the rows that extract and transform rejected, by line."""
        found = (
            Refusal(int(line_number), stage, rule, detail, remedy_for(rule))
            for _, line_number, stage, rule, detail in self._rows("rejects/", ".csv.gz")
        )
        return tuple(sorted(found, key=lambda refusal: refusal.line_number))

    def canonical_rows(self) -> Iterator[CanonicalRow]:
        """Give the orders that extract read, by line."""
        for key in sorted(self._staged):
            if key.startswith("extracted/"):
                for lines in self.lines(key):
                    for line in lines:
                        line_number, *cells = line.decode().split("\t")
                        # Between them is the occurrence.
                        yield CanonicalRow(int(line_number), *cells[:5], *cells[6:])

    def orders(self) -> Iterator[tuple[str, str, Decimal]]:
        """Give each accepted order's branch id, day and total in pounds."""
        for _, _, branch_id, ordered_at, _, total in self._rows("transformed/", "/orders.csv.gz"):
            yield branch_id, ordered_at[:10], Decimal(total)

    def branch_names(self) -> dict[str, str]:
        """Give the cafés' names by their ids."""
        dimensions = self._rows("transformed/", "/dimensions.csv.gz")
        return {key: name for kind, key, name, _, _ in dimensions if kind == "branch"}

    def _rows(self, prefix: str, suffix: str) -> Iterator[list[str]]:
        for key in sorted(self._staged):
            if key.startswith(prefix) and key.endswith(suffix):
                for lines in self.lines(key):
                    yield from csv.reader(line.decode() for line in lines)
