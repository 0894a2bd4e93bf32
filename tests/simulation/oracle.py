"""Compute the right result of a schedule without queues, retries or SQL: the newest version of each key counts."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from messages import opened
from shared.contracts import ExtractedPart, file_id_of
from shared.senders import HEAD_OFFICE_PREFIX, document_of
from simulation.branch_files import CARD, PERSON, Facts, body_of, facts_of
from simulation.schedule import BOTH, UNKNOWN
from simulation.storage import DROP
from simulation.tables import Row
from simulation.world import World
from transform.stage import transform_part


@dataclass(frozen=True, slots=True)
class FileContent:
    """The content of a file: orders and their items as rows of the warehouse, rejects as lines and rules."""

    orders: frozenset[tuple[str, ...]]
    items: frozenset[tuple[str, ...]]
    names: frozenset[tuple[str, ...]]
    rejects: frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version of a document, or a later re-extract of it. ``place`` orders the versions of one document."""

    file_id: str
    key: str
    place: tuple[int, bool, int, str]
    word: str

    @property
    def facts(self) -> Facts:
        """Its expected result."""
        return facts_of(self.word, self.key)

    @property
    def document(self) -> str:
        """What it is a version of: head office corrects a café's file under the same name."""
        return document_of(self.key)

    @property
    def is_unknown(self) -> bool:
        """Whether extract held it."""
        return self.key == UNKNOWN and not self.place[-1] and self.facts.rows > 0

    @property
    def content(self) -> FileContent:
        """Its orders, items, names and rejects."""
        return content_of(self.word)


@cache
def content_of(word: str) -> FileContent:
    """Extract and transform a file once, alone: those two stages define which orders it contains."""
    objects, extracted, transformed = FakeObjects({BOTH: body_of(word)}), FakeOutbox(), FakeOutbox()
    extract_file(arrival_of(BOTH), objects, extracted)
    for part in extracted.sent:
        assert isinstance(part, ExtractedPart)
        transform_part(part, objects, transformed, may_carry=False)
    tables: dict[str, set[tuple[str, ...]]] = {
        "orders": set(),
        "order_items": set(),
        "dimensions": set(),
        "discounts": set(),
        "rejects": set(),
    }
    for key, content in objects.staged.items():
        if not key.startswith("extracted/"):
            name = "rejects" if key.startswith("rejects/") else key.rpartition("/")[2].removesuffix(".csv.gz")
            lines = zlib.decompress(content, 31).decode().splitlines()
            tables[name] |= {tuple(line.replace('"', "").split(",")) for line in lines}
    discounts = dict(cells for cells in tables["discounts"] if len(cells) == 2)
    return FileContent(
        frozenset((cells[0], *cells[2:], discounts.get(cells[0], "0")) for cells in tables["orders"]),
        frozenset(tables["order_items"]),
        frozenset(cells[1:] for cells in tables["dimensions"]),
        frozenset(cells[1:] for cells in tables["rejects"]),
    )


def stated_orders(world: World, file_id: str) -> frozenset[tuple[str, int]]:
    """Return the ids of the orders that a file states, each with the id of its branch."""
    (version,) = (version for version in _known_versions(world) if version.file_id == file_id)
    return frozenset((order_id, int(branch_id)) for order_id, branch_id, *_ in version.content.orders)


def violations_of(world: World) -> list[str]:
    """List the differences between a run's final state and the right result."""
    tables = world.tables()
    return [*_unfinished(world), *_differences(world, tables), *_personal_data(world)]


def _unfinished(world: World) -> Iterable[str]:
    for queue in world.queues.values():
        if queue.messages:
            yield f"{len(queue.messages)} messages are left in {queue.name}"
        if queue.dead:
            yield f"{len(queue.dead)} dead letters are left in {queue.name}"
        if queue.most_receives > world.schedule.max_receives:
            yield f"a message of {queue.name} was received {queue.most_receives} times"


def _known_versions(world: World) -> list[KnownVersion]:
    known = []
    for key, versions in world.buckets.versions.items():
        for place, version in enumerate(versions):
            second = int(version.second)
            earlier = sum(int(other.second) == second for other in versions[:place])
            re_extracts = [
                re_extract
                for of, version_id, re_extract in world.re_extracts
                if (of, version_id) == (key, version.version_id)
            ]
            for re_extract in dict.fromkeys(["", *re_extracts]):
                file_id = file_id_of(DROP, key, version.version_id, re_extract)
                place_in_document = (second, key.startswith(HEAD_OFFICE_PREFIX), earlier, re_extract)
                known.append(KnownVersion(file_id, key, place_in_document, version.word))
    return known


def _differences(world: World, tables: dict[str, list[Row]]) -> Iterable[str]:
    known = _known_versions(world)
    ledger = {row["file_id"]: row for row in tables["ops.files"]}
    if missing := [version for version in known if version.file_id not in ledger]:
        yield f"{len(missing)} file versions are not in the ledger"
    if extra := ledger.keys() - {version.file_id for version in known}:
        yield f"{len(extra)} file versions in the ledger that no branch dropped"
    present = [version for version in known if version.file_id in ledger]
    live: list[KnownVersion] = []
    for version in present:
        row = ledger[version.file_id]
        newer = [
            other for other in present
            if other.document == version.document and other.place > version.place and _counted(ledger[other.file_id])
        ]  # fmt: skip
        yield from _row_faults(version, row, bool(newer), world)
        if not newer and version.facts.outcome == row["outcome"] == "loaded":
            live.append(version)
    yield from _content_faults(live, present, tables)


def _counted(row: Row) -> bool:
    """Return whether orders of a file ever counted: it was loaded."""
    return bool(row["outcome"] in ("loaded", "retracted") and row["rows_loaded"] + row["rows_duplicate"])


def _row_faults(version: KnownVersion, row: Row, is_replaced: bool, world: World) -> Iterable[str]:
    """Compare a file's row in the ledger with the expected result of the file.

    `holds` checks at each commit which corrections are held. In the end, none is held of which a newer version counts.
    """
    facts, name = version.facts, f"{version.key} {version.place} ({version.word})"
    may_be_held = {"held"} if not is_replaced else set()
    expected = {facts.outcome}
    if version.is_unknown:
        expected = may_be_held | ({facts.outcome} if version.file_id in world.approved else set())
    if version.is_unknown or facts.outcome == "loaded":
        expected |= may_be_held | ({"superseded"} if is_replaced else set())
        expected |= {"retracted"} if version.key in world.retracted_keys else set()
    if row["outcome"] not in expected:
        yield f"{name} is {row['outcome']} and not {' or '.join(sorted(expected))}"
    if row["is_live"] != (row["outcome"] == "loaded" and not is_replaced):
        yield f"{name} is {'' if row['is_live'] else 'not '}live"
    counted = (row["lines_in"], row["rows_in"], row["rows_rejected"], round(row["amount_accepted"] * 100))
    if counted != (facts.lines, facts.rows, facts.rejected, facts.pence):
        yield f"{name} counts {counted}, not {(facts.lines, facts.rows, facts.rejected, facts.pence)}"


def _content_faults(
    live: list[KnownVersion], present: list[KnownVersion], tables: dict[str, list[Row]]
) -> Iterable[str]:
    """Compare sales, claims and rejects with the content of the live files."""
    expected = {order for version in live for order in version.content.orders}
    orders = [
        _cells(row, "order_id", "branch_id", "ordered_at", "payment", "total_amount", "discount")
        for row in tables["core.orders"]
    ]
    if sorted(expected) != sorted(orders):
        yield f"orders: {len(expected)} expected, {len(orders)} found, {len(expected & set(orders))} of them right"
    items = [_cells(row, "order_id", "product_id", "unit_price", "quantity") for row in tables["core.order_items"]]
    expected = {item for version in live for item in version.content.items}
    if sorted(expected) != sorted(items):
        yield f"order items: {len(expected)} expected, {len(items)} found"
    claims = {(row["order_id"], row["file_id"]) for row in tables["ops.order_claims"]}
    missing = {(order[0], version.file_id) for version in live for order in version.content.orders} - claims
    if missing:
        yield f"{len(missing)} claims of live files are missing"
    names = {_cells(row, "branch_id", "branch_name") for row in tables["core.branches"]}
    names |= {_cells(row, "product_id", "product_name", "size", "flavour") for row in tables["core.products"]}
    ever_stated = {tuple(cell for cell in name if cell) for version in present for name in version.content.names}
    if unknown := {tuple(cell for cell in name if cell) for name in names} - ever_stated:
        yield f"{len(unknown)} branches or products that are in no file"
    rejects = sorted(_cells(row, "file_id", "line_number", "stage", "rule", "detail") for row in tables["ops.rejects"])
    expected = {
        (version.file_id, *reject) for version in present if version.facts.rows for reject in version.content.rejects
    }
    if sorted(expected) != rejects:
        yield f"rejects: {len(expected)} expected, {len(rejects)} found"


def _cells(row: Row, *columns: str) -> tuple[str, ...]:
    return tuple(str(row[column]).strip() for column in columns)


def _personal_data(world: World) -> Iterable[str]:
    """Search everything after extract for the one customer name and the one card number of the branch files."""
    texts = [opened(body) for queue in world.queues.values() for body in queue.bodies]
    texts += [str(line) for line in world.log]
    texts += [
        (zlib.decompress(content, 31) if key.endswith(".gz") else content).decode()
        for key, content in world.buckets.staged.items()
    ]
    everything = "\n".join(texts)
    for secret in (*PERSON.split(), CARD):
        if secret in everything:
            yield "personal data left extract"
