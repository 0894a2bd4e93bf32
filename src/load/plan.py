"""Plan a transaction: which files are complete, which objects to copy, which rows the ledger gets. Pure."""

import gzip
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from load.rules import FileReason, HashCollision, StagedRowsDiffer
from load.statements import (
    REJECTS,
    STAGE_DIMENSIONS,
    STAGE_DISCOUNTS,
    STAGE_FILES_COLUMNS,
    STAGE_ORDER_ITEMS,
    STAGE_ORDERS,
)
from shared.carried_rows import UnreadableRows, member_of, rows_of
from shared.contracts import (
    GONE_PLAN_ID,
    NO_TABLES,
    FileSummary,
    Outcome,
    SourceFile,
    TransformedPart,
    compact_json,
    decode_transformed_part,
    encode,
)
from shared.object_keys import extract_rejects_key, transform_rejects_key, transformed_key
from shared.senders import HEAD_OFFICE, document_of, sender_of

Value = str | int | bool | Decimal | datetime
# The ledger's outcomes. A file that was read is loaded, unless all its rows were rejected, or it is held.
LOADED = "loaded"
FAILED = "failed"
REJECTED = "rejected"
HELD = "held"
_OUTCOMES = {
    Outcome.READ: LOADED,
    Outcome.HELD: HELD,
    Outcome.EMPTY: "empty",
    Outcome.REJECTED: REJECTED,
    Outcome.FAILED: FAILED,
}
# The queries about the staged rows, which run as one, and the names of what they find.
VERIFICATIONS = (
    "load/count_staged_orders",
    "load/count_staged_others",
    "load/find_missing_dimensions",
    "load/find_collisions",
    "load/compare_orders_with_items",
    "load/find_other_versions",
    "load/find_new_dimensions",
    "load/find_known_orders",
)
ORDERS, ITEMS, DISCOUNTS, REJECTED_ROWS = "orders", "items", "discounts", "rejects"
NEW_BRANCH, NEW_PRODUCT = "branch new", "product new"
KNOWN_ORDER, REPEATED_ORDER = "order known", "order repeated"
NEWER_VERSION, OLDER_VERSION, HELD_VERSION = "newer version", "older version", "held version"


@dataclass(frozen=True, slots=True)
class CompleteFile:
    """A file all of whose parts have arrived, in order. One that a person approved is loaded although it was held."""

    parts: tuple[TransformedPart, ...]
    is_approved: bool = False

    @property
    def summary(self) -> FileSummary:
        """What extract found in the file. Only its last part is sure to know."""
        return self.parts[-1].file

    @property
    def orders(self) -> int:
        """The orders that were accepted."""
        return sum(part.orders for part in self.parts)

    @property
    def pence(self) -> int:
        """The sum of the accepted orders' totals."""
        return sum(part.pence for part in self.parts)

    @property
    def rejects(self) -> int:
        """The rows that extract or transform refused."""
        return self.summary.rejects + sum(part.rejects for part in self.parts)

    @property
    def outcome(self) -> str:
        """The file's outcome in the ledger, if no newer version supersedes it and load does not hold it."""
        return REJECTED if self._has_only_rejects() else _OUTCOMES[self._found]

    @property
    def reason(self) -> str:
        """Why the file was rejected, held or failed; "" if it was not."""
        if self._has_only_rejects():
            return FileReason.NO_ROW_ACCEPTED
        return "" if self._found is Outcome.READ else self.summary.reason

    @property
    def detail(self) -> str:
        """More about the reason."""
        return "" if self._found is Outcome.READ else self.summary.detail

    @property
    def sender(self) -> str:
        """Whose key the file has: see `sender_of`."""
        return sender_of(self.summary.source.key)

    @property
    def _found(self) -> Outcome:
        outcome = self.summary.outcome
        return Outcome.READ if outcome is Outcome.HELD and self.is_approved else outcome

    @property
    def is_copied(self) -> bool:
        """Whether its orders are copied. Those of a file that extract holds are not: only its rejects."""
        return self._found is not Outcome.HELD

    def _has_only_rejects(self) -> bool:
        return self._found is Outcome.READ and self.orders == 0 and self.rejects > 0

    def ledger_row(self) -> tuple[Value, ...]:
        """Build the file's row of stage_files, in the order of STAGE_FILES_COLUMNS."""
        file, source, lines = self.summary, self.summary.source, self.summary.lines
        return (
            source.file_id,
            file.plan_id,
            source.bucket,
            source.key,
            document_of(source.key),
            self.sender,
            source.sent_by,
            source.version_id,
            datetime.fromisoformat(source.last_modified).replace(tzinfo=None),
            order_in_document(source),
            source.size_bytes,
            self.outcome,
            self.reason,
            self.detail,
            file.dialect,
            file.parts,
            lines.total,
            lines.orders,
            lines.continuations,
            lines.headers,
            lines.blanks,
            lines.rejected,
            file.rows,
            self.orders,
            self.rejects,
            Decimal(self.pence).scaleb(-2),
        )


def order_in_document(source: SourceFile) -> str:
    """Write what sorts the versions of one document, as text.

    Versions of one second have their places by key. So head office's come after the café's own: two files that the
    ledger could not order would both stay live.
    """
    if sender_of(source.key) != HEAD_OFFICE:
        return source.version_order
    second, _, place = source.version_order.partition(" ")
    return f"{second} H{place}"


def one_version_at_a_time[T](items: Sequence[T], part_of: Callable[[T], TransformedPart]) -> list[list[T]]:
    """Split a batch into transactions that each have at most one version of a document, the older versions first.

    So each version is judged by what the one before it brought, whether they come in one batch or in two.
    """
    versions: dict[tuple[str, str], set[tuple[str, str]]] = {}
    places = []
    for item in items:
        source = part_of(item).file.source
        document, version = (source.bucket, document_of(source.key)), (order_in_document(source), source.file_id)
        versions.setdefault(document, set()).add(version)
        places.append((item, document, version))
    rounds: dict[int, list[T]] = {}
    for item, document, version in places:
        rounds.setdefault(sorted(versions[document]).index(version), []).append(item)
    return [rounds[number] for number in sorted(rounds)]


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch of parts changes. ``new_parts`` are rows of ops.file_parts, in the order of FILE_PARTS_COLUMNS."""

    new_parts: tuple[tuple[Value, ...], ...]
    files: tuple[CompleteFile, ...]
    # Whether the ledger has one of ``files`` as failed, gone or held.
    has_failed_before: bool = False
    # Whether one of ``files`` has rejects from before.
    has_leftover_rejects: bool = False


def plan_batch(arrived: Iterable[TransformedPart], known: Iterable[Sequence[Any]]) -> Batch:
    """Find the parts that are new, and the files that are complete and have no outcome yet, sorted by id.

    ``known`` are the rows of sql/load/find_known.sql. Parts of different plans never complete a file together; of two
    complete plans, the later is taken. A file in the ledger as failed or gone may still be loaded.
    """
    arrived = list(arrived)
    # By file, plan and part: how many parts the plan has, and the message.
    parts: dict[tuple[str, str, int], tuple[int, str]] = {}
    ledger: dict[str, tuple[str, str]] = {}
    with_rejects: set[str] = set()
    for kind, file_id, plan_id, part, of, message, outcome in known:
        if kind == "part":
            parts[file_id, plan_id, part] = (of, message)
        elif kind == "file":
            ledger[file_id] = (plan_id, outcome)
        else:
            with_rejects.add(file_id)
    arriving = {_place_of(p): (p.file.parts, encode(p.without_rows())) for p in arrived}
    new = tuple((*key, *arriving[key]) for key in arriving if key not in parts)
    messages = _complete_messages(arriving | parts, ledger)
    rows = {_place_of(p): p.tables for p in arrived}
    return Batch(
        new,
        tuple(_complete_file(messages[file_id], rows) for file_id in sorted(messages)),
        not ledger.keys().isdisjoint(messages),
        not with_rejects.isdisjoint(messages),
    )


def _place_of(part: TransformedPart) -> tuple[str, str, int]:
    return part.file.source.file_id, part.file.plan_id, part.part


def _complete_file(messages: Iterable[str], rows: Mapping[tuple[str, str, int], Mapping[str, str]]) -> CompleteFile:
    """Make a file of its messages, and of the rows that some of them carried."""
    parts = map(decode_transformed_part, messages)
    return CompleteFile(tuple(part._replace(tables=rows.get(_place_of(part), NO_TABLES)) for part in parts))


def plan_approval(known: Iterable[Sequence[Any]]) -> Batch:
    """Plan the load of a held file, from all that the warehouse has about it (sql/load/find_known.sql).

    No file is planned if the ledger does not have it as held: it was approved, retracted or replaced meanwhile.
    """
    rows = list(known)
    plan_id = next((row[2] for row in rows if row[0] == "file" and row[6] == HELD), None)
    messages = sorted((row[3], row[5]) for row in rows if row[0] == "part" and row[2] == plan_id)
    if plan_id is None:
        return Batch((), ())
    file = CompleteFile(tuple(decode_transformed_part(message) for _, message in messages), is_approved=True)
    return Batch((), (file,), has_failed_before=True, has_leftover_rejects=any(row[0] == "rejects" for row in rows))


def _complete_messages(
    parts: Mapping[tuple[str, str, int], tuple[int, str]], ledger: Mapping[str, tuple[str, str]]
) -> dict[str, list[str]]:
    """Return the messages of each file to load, in the order of its parts."""
    # The parts of a plan: the number of each, how many its message says that there are, and the message.
    plans: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for file_id, plan_id, part in sorted(parts):
        plans.setdefault((file_id, plan_id), []).append((part, *parts[file_id, plan_id, part]))
    complete: dict[str, tuple[str, list[str]]] = {}
    # In this order, the later of two complete plans is the last.
    for (file_id, plan_id), arrived in plans.items():
        number, of, _ = arrived[-1]
        # A part that was sent while the file was read says 0: only the last one knows how many there are.
        if len(arrived) == number == of:
            complete[file_id] = (plan_id, [message for *_, message in arrived])
    return {
        file_id: messages
        for file_id, (plan_id, messages) in complete.items()
        if may_be_loaded(plan_id, *ledger.get(file_id, ("", FAILED)))
    }


def may_be_loaded(plan_id: str, known_plan_id: str, known_outcome: str) -> bool:
    """Return whether a plan of a file is loaded although the ledger has that outcome of that plan of the file."""
    return known_outcome == FAILED or (known_plan_id == GONE_PLAN_ID and plan_id != GONE_PLAN_ID)


def keys_to_copy(files: Sequence[CompleteFile]) -> dict[str, list[str]]:
    """List the keys of the objects to copy into each stage table. A table without any is left out.

    Rows that a message carries have none: see `carried_tables`.
    """
    keys: dict[str, list[str]] = {}
    for file in files:
        summary, file_id, plan_id = file.summary, file.summary.source.file_id, file.summary.plan_id
        for part in file.parts:
            if part.orders and file.is_copied and not part.tables:
                for table, name in _tables_of(part).items():
                    keys.setdefault(table, []).append(transformed_key(plan_id, file_id, part.part, name))
            if part.rejects:
                keys.setdefault(REJECTS, []).append(transform_rejects_key(plan_id, file_id, part.part))
        if summary.rejects:
            keys.setdefault(REJECTS, []).append(extract_rejects_key(plan_id, file_id))
    return keys


def carried_tables(files: Sequence[CompleteFile]) -> dict[str, list[str]]:
    """List what the messages carry for each stage table. Raises UnreadableRows if one lacks a table."""
    texts: dict[str, list[str]] = {}
    for part in (part for file in files if file.is_copied for part in file.parts if part.tables):
        for table, name in _tables_of(part).items():
            if name not in part.tables:
                raise UnreadableRows
            texts.setdefault(table, []).append(part.tables[name])
    return texts


def gathered(table: str, texts: Sequence[str]) -> bytes:
    """Join the rows of a stage table that several messages carry, as one gzip member. Raises UnreadableRows."""
    rows = b"".join(map(rows_of, texts))
    if table == STAGE_DIMENSIONS:
        # The files of one night name the same cafés and products.
        rows = b"".join(dict.fromkeys(rows.splitlines(keepends=True)))
    return gzip.compress(rows, compresslevel=1, mtime=0)


def rows_to_keep(file: CompleteFile) -> dict[str, bytes]:
    """Return the objects, by key, from which a held file whose message carried its rows can be loaded later."""
    file_id, plan_id = file.summary.source.file_id, file.summary.plan_id
    return {
        transformed_key(plan_id, file_id, part.part, name): member_of(text)
        for part in file.parts
        for name, text in part.tables.items()
    }


def _tables_of(part: TransformedPart) -> dict[str, str]:
    """Name the tables of a part that has orders, by the stage tables that they are copied into."""
    tables = {STAGE_ORDERS: "orders", STAGE_ORDER_ITEMS: "order_items", STAGE_DIMENSIONS: "dimensions"}
    return tables | ({STAGE_DISCOUNTS: "discounts"} if part.discounts else {})


def manifest(bucket: str, keys: Sequence[str]) -> str:
    """Write COPY's manifest. ``mandatory`` is false by default: COPY would skip a missing object silently."""
    return compact_json({"entries": [{"url": f"s3://{bucket}/{key}", "mandatory": True} for key in keys]})


@dataclass(frozen=True, slots=True)
class Findings:
    """What the warehouse found about the staged rows: id, count and pence, by the name of the finding."""

    by_name: Mapping[str, Sequence[tuple[str, int, int]]]

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Self:
        """Gather rows of finding, id, count and pence: those of VERIFICATIONS."""
        by_name: dict[str, list[tuple[str, int, int]]] = {}
        for name, identifier, found, pence in rows:
            if found:
                by_name.setdefault(name.strip(), []).append((identifier.strip(), found, pence))
        return cls(by_name)

    def has(self, *names: str) -> bool:
        """Return whether any of these findings was made."""
        return any(name in self.by_name for name in names)

    def count(self, name: str) -> int:
        """Return the count of a finding, over all ids."""
        return sum(found for _, found, _ in self.by_name.get(name, ()))


def check_findings(files: Sequence[CompleteFile], findings: Findings) -> None:
    """Refuse rows that are not those of the messages, rows without branch, product or order, and ids of two things.

    Raises StagedRowsDiffer or HashCollision.
    """
    copied = [file for file in files if file.is_copied]
    promised = {file.summary.source.file_id: (file.orders, file.pence) for file in copied if file.orders}
    staged = {file_id: (orders, pence) for file_id, orders, pence in findings.by_name.get(ORDERS, ())}
    for file_id in promised.keys() | staged.keys():
        if promised.get(file_id) != staged.get(file_id):
            raise StagedRowsDiffer(f"orders and pence of file {file_id}", promised.get(file_id), staged.get(file_id))
    promised_others = (
        sum(part.items for file in copied for part in file.parts),
        sum(part.discounts for file in copied for part in file.parts),
        sum(file.rejects for file in files),
    )
    staged_others = (findings.count(ITEMS), findings.count(DISCOUNTS), findings.count(REJECTED_ROWS))
    if staged_others != promised_others:
        raise StagedRowsDiffer("order items, discounts and rejects of the batch", promised_others, staged_others)
    for kind in ("branch", "product", "order"):
        if count := findings.count(f"{kind} missing"):
            raise StagedRowsDiffer(f"rows without their {kind}", 0, count)
    check_collisions(findings)


def check_collisions(findings: Findings) -> None:
    """Refuse ids of two things. Raises HashCollision."""
    collisions = [
        (kind, identifier)
        for kind in ("branch", "product", "order", "items")
        for identifier, _, _ in findings.by_name.get(f"{kind} collides", ())
    ]
    if collisions:
        raise HashCollision(*collisions[0], len(collisions) - 1)


def last_part(part: TransformedPart, known: Iterable[Sequence[Any]]) -> TransformedPart:
    """Return the part whose message says what was found in a part's file, if it is known; else the part itself.

    ``known`` are the rows of sql/load/find_known.sql.
    """
    plan = (part.file.source.file_id, part.file.plan_id)
    messages = [row[5] for row in known if row[0] == "part" and (row[1], row[2]) == plan and row[4]]
    return decode_transformed_part(messages[-1]) if messages else part


def failed_row(part: TransformedPart, reason: str, detail: str) -> tuple[Value, ...]:
    """Build the row of stage_files of a file that fails for good, from one of its parts. Nothing of it is counted."""
    row = dict(zip(STAGE_FILES_COLUMNS, CompleteFile((part,)).ledger_row(), strict=True))
    nothing: dict[str, Value] = {"rows_accepted": 0, "rows_rejected": 0, "amount_accepted": Decimal(0)}
    return tuple({**row, **nothing, "outcome": FAILED, "reason": reason, "detail": detail}.values())
