"""Plan a transaction: which files are complete, which objects to copy, which rows the ledger gets. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from load.rules import FileReason, HashCollision, StagedRowsDiffer
from load.statements import STAGE_DIMENSIONS, STAGE_FILES_COLUMNS, STAGE_ORDER_ITEMS, STAGE_ORDERS, STAGE_REJECTS
from shared.contracts import FileSummary, Outcome, TransformedPart, compact_json
from shared.object_keys import extract_rejects_key, transform_rejects_key, transformed_key

Value = str | int | bool | Decimal | datetime
# The ledger's outcomes of what extract found. A file that was read is loaded, unless all its rows were rejected.
LOADED = "loaded"
FAILED = "failed"
REJECTED = "rejected"
_OUTCOMES = {Outcome.READ: LOADED, Outcome.EMPTY: "empty", Outcome.REJECTED: REJECTED, Outcome.FAILED: FAILED}


@dataclass(frozen=True, slots=True)
class CompleteFile:
    """A file all of whose parts have arrived, in order."""

    parts: tuple[TransformedPart, ...]

    @property
    def summary(self) -> FileSummary:
        """What extract found in the file."""
        return self.parts[0].file

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
        """The file's outcome in the ledger, if no newer version supersedes it."""
        return REJECTED if self._has_only_rejects() else _OUTCOMES[self.summary.outcome]

    @property
    def reason(self) -> str:
        """Why the file was rejected or failed; "" if it was not."""
        return FileReason.NO_ROW_ACCEPTED if self._has_only_rejects() else self.summary.reason

    def _has_only_rejects(self) -> bool:
        return self.summary.outcome is Outcome.READ and self.orders == 0 and self.rejects > 0

    def ledger_row(self) -> tuple[Value, ...]:
        """Build the file's row of stage_files, in the order of STAGE_FILES_COLUMNS."""
        file, source, lines = self.summary, self.summary.source, self.summary.lines
        return (
            source.file_id,
            file.plan_id,
            source.bucket,
            source.key,
            source.version_id,
            datetime.fromisoformat(source.last_modified).replace(tzinfo=None),
            source.version_order,
            source.size_bytes,
            self.outcome,
            self.reason,
            file.detail,
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


def group_parts(parts: Iterable[TransformedPart]) -> list[CompleteFile]:
    """Group parts, which come sorted by file, into files."""
    grouped = groupby(parts, key=lambda part: part.file.source.file_id)
    return [CompleteFile(tuple(group)) for _, group in grouped]


def keys_to_copy(files: Sequence[CompleteFile]) -> dict[str, list[str]]:
    """List the keys of the objects to copy into each stage table. A table without any is left out."""
    keys: dict[str, list[str]] = {}
    tables = {STAGE_ORDERS: "orders", STAGE_ORDER_ITEMS: "order_items", STAGE_DIMENSIONS: "dimensions"}
    for file in files:
        summary, file_id, plan_id = file.summary, file.summary.source.file_id, file.summary.plan_id
        for part in file.parts:
            if part.orders:
                for table, name in tables.items():
                    keys.setdefault(table, []).append(transformed_key(plan_id, file_id, part.part, name))
            if part.rejects:
                keys.setdefault(STAGE_REJECTS, []).append(transform_rejects_key(plan_id, file_id, part.part))
        if summary.rejects:
            keys.setdefault(STAGE_REJECTS, []).append(extract_rejects_key(plan_id, file_id))
    return keys


def manifest(bucket: str, keys: Sequence[str]) -> str:
    """Write COPY's manifest. ``mandatory`` is false by default: COPY would skip a missing object silently."""
    return compact_json({"entries": [{"url": f"s3://{bucket}/{key}", "mandatory": True} for key in keys]})


def check_promised_rows(
    files: Sequence[CompleteFile], staged_orders: Sequence[Sequence[object]], staged_others: Sequence[object]
) -> None:
    """Compare what COPY brought with the messages: orders and pence of each file, items and rejects in total.

    ``staged_orders`` are rows of file id, orders and pence; ``staged_others`` are order items and rejects.
    Raises StagedRowsDiffer.
    """
    promised = {file.summary.source.file_id: (file.orders, file.pence) for file in files if file.orders}
    staged = {str(file_id): (orders, pence) for file_id, orders, pence in staged_orders}
    for file_id in promised.keys() | staged.keys():
        if promised.get(file_id) != staged.get(file_id):
            raise StagedRowsDiffer(f"orders and pence of file {file_id}", promised.get(file_id), staged.get(file_id))
    items = sum(part.items for file in files for part in file.parts)
    others = (items, sum(file.rejects for file in files))
    if tuple(staged_others) != others:
        raise StagedRowsDiffer("order items and rejects of the batch", others, tuple(staged_others))


def check_dimensions(missing: Sequence[Sequence[object]]) -> None:
    """Refuse rows without their branch or product; ``missing`` is rows of kind, count. Raises StagedRowsDiffer."""
    for kind, count in missing:
        raise StagedRowsDiffer(f"rows without their {kind}", 0, count)


def check_identifiers(collisions: Sequence[Sequence[object]]) -> None:
    """Refuse ids of two different things; ``collisions`` are rows of kind and id. Raises HashCollision."""
    if collisions:
        kind, identifier = collisions[0]
        raise HashCollision(str(kind), str(identifier).strip(), len(collisions) - 1)


def failed_row(part: TransformedPart, reason: str, detail: str) -> tuple[Value, ...]:
    """Build the row of stage_files of a file that fails for good, from any of its parts. Nothing of it is counted."""
    row = dict(zip(STAGE_FILES_COLUMNS, CompleteFile((part,)).ledger_row(), strict=True))
    nothing: dict[str, Value] = {"rows_accepted": 0, "rows_rejected": 0, "amount_accepted": Decimal(0)}
    return tuple({**row, **nothing, "outcome": FAILED, "reason": reason, "detail": detail}.values())
