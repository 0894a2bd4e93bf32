"""Read the pipeline's ledger: what became of each file, and what was refused of it."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import batched
from typing import Any, Self

from cafe.waiting import growing_pauses
from cafe.warehouse.port import MissingRelation, Warehouse
from cafe.warehouse.sql import statement

EVERY_FILE = "*"
FAILED = "failed"
REJECTED = "rejected"
RETRACTED = "retracted"
# Keeps a list of ids below the 65,535 bytes of Redshift's longest varchar.
IDS_A_QUERY = 500
FIRST_PAUSE_SECONDS = 0.1
# Each look is a query that the warehouse bills on AWS.
LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of one object in the drop bucket."""

    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many rows of a file a rule refused."""

    rule: str
    rejects: int


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file version. Rows are orders; amounts are pounds; ``recorded_at`` is UTC."""

    file_id: str
    source_key: str
    version_id: str
    outcome: str
    reason: str
    detail: str
    rows_in: int
    rows_loaded: int
    rows_duplicate: int
    rows_superseded: int
    rows_rejected: int
    amount_loaded: Decimal
    recorded_at: datetime
    rules: tuple[RuleCount, ...] = ()

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read a row of the ledger, in which nothing is NULL."""
        return cls(**row)

    @property
    def needs_attention(self) -> bool:
        """Whether the whole file is missing from the warehouse: refused, or failed for good."""
        return self.outcome in {REJECTED, FAILED}


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A file whose sales count: its orders, and their pounds."""

    file_id: str
    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused row, or a file refused whole (``line_number`` None)."""

    source_key: str
    file_id: str
    line_number: int | None
    stage: str
    rule: str
    detail: str

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read a row of the answer, in which only the line can be NULL."""
        return cls(**row)


class Ledger:
    """The ledger in a warehouse. Before the first load it does not exist yet, and is read as empty."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def outcomes(self, versions: Iterable[FileVersion]) -> dict[FileVersion, FileOutcome]:
        """Give the outcome of each file version that has one yet, without the rules (see `with_rules`).

        Of a version that was read anew it is the newest reading's; one that failed does not undo an earlier one's end.
        """
        found: dict[FileVersion, FileOutcome] = {}
        for some in batched(versions, IDS_A_QUERY, strict=False):
            bars = _between_bars(version.version_id for version in some)
            recorded: dict[FileVersion, FileOutcome] = {}
            for outcome in (FileOutcome.from_row(row) for row in self._rows("outcomes", versions=bars)):
                version = FileVersion(outcome.source_key, outcome.version_id)
                if outcome.outcome != FAILED or version not in recorded:
                    recorded[version] = outcome
            found |= {version: recorded[version] for version in some if version in recorded}
        return found

    def with_rules(self, outcomes: Iterable[FileOutcome]) -> list[FileOutcome]:
        """Add to each outcome which rules refused rows of the file, the most frequent first."""
        outcomes = list(outcomes)
        rules: dict[str, list[RuleCount]] = defaultdict(list)
        refused = (outcome.file_id for outcome in outcomes if outcome.rows_rejected)
        for some in batched(refused, IDS_A_QUERY, strict=False):
            for row in self._rows("rule_counts", files=_between_bars(some)):
                rules[row["file_id"]].append(RuleCount(row["rule"], row["rejects"]))
        return [replace(outcome, rules=tuple(rules[outcome.file_id])) for outcome in outcomes]

    def recorded_since(self, moment: datetime) -> list[FileOutcome]:
        """Give every file version recorded since a moment in UTC, oldest first, without the rules."""
        return [FileOutcome.from_row(row) for row in self._rows("recent_files", since=f"{moment:%Y-%m-%d %H:%M:%S}")]

    def refusals(self, file: str = EVERY_FILE, *, most: int) -> list[Refusal]:
        """Give what was refused of the newest version of a file: by its id, a piece of its key, or of every file."""
        return [Refusal.from_row(row) for row in self._rows("rejects", file=file, most=most)]

    def with_rule(self, rule: str) -> set[FileVersion]:
        """Give the file versions of which a rule refused rows, or that were refused whole for this reason."""
        return {FileVersion(row["source_key"], row["version_id"]) for row in self._rows("files_with_rule", rule=rule)}

    def live_files(self, key: str) -> list[LiveFile]:
        """Give the live files of a key."""
        return [LiveFile(**row) for row in self._rows("live_files_of_key", key=key)]

    def _rows(self, name: str, **parameters: str | int) -> list[dict[str, Any]]:
        try:
            return self._warehouse.query(statement(name), parameters).as_dicts()
        except MissingRelation:
            return []


def _between_bars(ids: Iterable[str]) -> str:
    return f"|{'|'.join(ids)}|"


def still_at(outcome: str, files: Iterable[FileOutcome]) -> list[FileOutcome]:
    """Pick the files whose newest recorded version ended so: a later version that loaded settles an older failure."""
    newest = {file.source_key: file for file in sorted(files, key=lambda file: file.recorded_at)}
    return [file for file in newest.values() if file.outcome == outcome]


def wait_for_outcomes(
    ledger: Ledger,
    versions: Collection[FileVersion],
    *,
    timeout_seconds: float,
    on_progress: Callable[[int], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[FileVersion, FileOutcome]:
    """Look into the ledger until each file version has its outcome, or the time is over.

    Gives what there is by then, with the rules; versions without an outcome are left out. ``on_progress`` is told
    how many have theirs.
    """
    deadline = clock() + timeout_seconds
    found: dict[FileVersion, FileOutcome] = {}
    for pause in growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
        found |= ledger.outcomes(version for version in versions if version not in found)
        on_progress(len(found))
        if len(found) == len(versions) or clock() >= deadline:
            break
        sleep(pause)
    return dict(zip(found, ledger.with_rules(found.values()), strict=True))
