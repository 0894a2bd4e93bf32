"""In-memory replacements for what the stages use through their ports: an object store and the queues."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from extract.arrivals import Arrival
from extract.dialects.catalogue import Catalogue
from extract.objects import StoredFile
from extract.rules import FileReason, UnreadableBranchFile
from extract.stage import Extracted, extract_file
from shared.contracts import ExtractedPart, TransformedPart
from shared.senders import HEAD_OFFICE_PREFIX, document_of
from transform.stage import transform_part

WRITTEN_AT = datetime(2026, 11, 20, 20, 0, 7, tzinfo=UTC)


class FakeObjects:
    """Objects in a dictionary, for every stage: branch files by key without head office's prefix, staged objects."""

    bucket = "cafe-dev-staging-000000000000"

    def __init__(
        self,
        dropped: dict[str, bytes] | None = None,
        *,
        chunk_bytes: int = 1 << 18,
        written_at: datetime = WRITTEN_AT,
    ) -> None:
        self.dropped = dropped or {}
        self.staged: dict[str, bytes] = {}
        self.register = ""
        self._chunk_bytes = chunk_bytes
        self._written_at = written_at

    def open(self, arrival: Arrival) -> StoredFile:
        body = self.dropped.get(document_of(arrival.key))
        if body is None:
            raise UnreadableBranchFile(FileReason.GONE)
        chunks = (body[start : start + self._chunk_bytes] for start in range(0, len(body), self._chunk_bytes))
        return StoredFile(self._written_at, len(body), chunks)

    def earlier_in_second(self, arrival: Arrival, written_at: datetime) -> int:
        del arrival, written_at
        return 0

    def put(self, key: str, body: bytes) -> None:
        self.staged[key] = body

    def read_register(self) -> tuple[str, str]:
        return self.register, str(hash(self.register)) if self.register else ""

    def write_register(self, text: str, etag: str) -> str:
        if FakeObjects.read_register(self)[1] != etag:
            return ""
        self.register = text
        return FakeObjects.read_register(self)[1]

    def lines(self, key: str) -> Iterator[list[bytes]]:
        yield self.text(key).encode().split(b"\n")[:-1]

    def text(self, key: str) -> str:
        return zlib.decompress(self.staged[key], 31).decode()


class FakeOutbox:
    """A queue that keeps the messages that it was sent."""

    def __init__(self) -> None:
        self.sent: list[ExtractedPart | TransformedPart] = []

    def send(self, messages: Sequence[ExtractedPart | TransformedPart]) -> None:
        self.sent.extend(messages)

    def send_at_once(self, message: ExtractedPart) -> None:
        self.sent.append(message)


def arrival_of(key: str, sender: str = HEAD_OFFICE_PREFIX) -> Arrival:
    """Create the arrival of an object in the drop bucket, which head office sent."""
    return Arrival("cafe-dev-drop-000000000000", f"{sender}{key}", "version-1", "2026-11-20T20:00:07Z", 0)


def extract_bytes(
    body: bytes,
    key: str = "2026/11/20/leeds.csv",
    chunk_bytes: int = 1 << 18,
    catalogue: Catalogue | None = None,
) -> tuple[Extracted, str]:
    """Extract one branch file in memory; return the result and its canonical rows."""
    objects = FakeObjects({key: body}, chunk_bytes=chunk_bytes)
    extracted = extract_file(arrival_of(key), objects, FakeOutbox(), catalogue=catalogue)
    rows = "".join(objects.text(staged) for staged in sorted(objects.staged) if staged.startswith("extracted/"))
    return extracted, rows


def rejects_of(body: bytes) -> list[tuple[int, str, str]]:
    """Extract one branch file in memory; return line, rule and detail of each refused row."""
    objects = FakeObjects({"leeds.csv": body})
    extract_file(arrival_of("leeds.csv"), objects, FakeOutbox())
    texts = [objects.text(key) for key in objects.staged if key.startswith("rejects/")]
    cells = [line.split(",") for text in texts for line in text.splitlines()]
    return [(int(line_number), rule, detail) for _, line_number, _, rule, detail in cells]


def tables_of(body: bytes, key: str = "leeds.csv", catalogue: Catalogue | None = None) -> dict[str, set[str]]:
    """Extract and transform one branch file in memory; return the lines of each table, without the file's id."""
    objects, extracted, transformed = FakeObjects({key: body}), FakeOutbox(), FakeOutbox()
    summary = extract_file(arrival_of(key), objects, extracted, catalogue=catalogue).file
    for part in extracted.sent:
        assert isinstance(part, ExtractedPart)
        transform_part(part, objects, transformed, may_carry=False)
    tables: dict[str, set[str]] = {"orders": set(), "order_items": set(), "dimensions": set()}
    for staged in objects.staged:
        if staged.startswith("transformed/"):
            table = staged.rpartition("/")[2].removesuffix(".csv.gz")
            tables.setdefault(table, set()).update(
                objects.text(staged).replace(summary.source.file_id, "FILE").splitlines()
            )
    return tables
