"""Read the pipeline's ledger: the outcome of each file, and which of its rows were rejected."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import batched
from types import MappingProxyType
from typing import Any, Self

from cafe.waiting import growing_pauses
from cafe.warehouse.port import MissingRelation, Warehouse
from cafe.warehouse.sql import statement
from shared.personal_text import mask_key
from shared.senders import document_of, sender_of

EVERY_FILE = "*"
FAILED = "failed"
HELD = "held"
REJECTED = "rejected"
RETRACTED = "retracted"
# Keeps a list of ids below the 65,535 bytes of Redshift's longest varchar.
IDS_A_QUERY = 500
FIRST_PAUSE_SECONDS = 0.1
# Each look is a query, which is billed on AWS.
LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A version of a file as the ledger names it: the key as recorded, and S3's version id."""

    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many rows of a file a rule rejected."""

    rule: str
    rejects: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The ledger's row of a file. Rows are orders, amounts are pounds, times are UTC.

    ``rows_removed`` are orders of this file that left the warehouse when it stopped being live; ``rows_taken_away`` are
    those of earlier versions that left because this file replaced them.
    ``sent_by`` is the principal that S3 names as the sender; "" if it is not known.
    ``rules`` is empty until `Ledger.with_rules` adds them.
    """

    file_id: str
    source_key: str
    sent_by: str
    version_id: str
    last_modified: datetime
    size_bytes: int
    outcome: str
    reason: str
    detail: str
    dialect: str
    is_live: bool
    replaced_by: str
    rows_in: int
    rows_loaded: int
    rows_duplicate: int
    rows_superseded: int
    rows_rejected: int
    rows_removed: int
    amount_accepted: Decimal
    amount_loaded: Decimal
    recorded_at: datetime
    rows_taken_away: int
    amount_taken_away: Decimal
    rules: tuple[RuleCount, ...] = ()

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row, whose timestamps have no zone and whose ``replaced_by`` is padded with blanks."""
        times = {name: row[name].replace(tzinfo=UTC) for name in ("last_modified", "recorded_at")}
        return cls(**(dict(row) | times | {"replaced_by": row["replaced_by"].strip()}))

    @property
    def version(self) -> FileVersion:
        """The version that this entry is about."""
        return FileVersion(self.source_key, self.version_id)

    @property
    def sender(self) -> str:
        """Who sent it, as its key shows: head office, a café as the key spells it, or "" for nobody."""
        return sender_of(self.source_key)

    @property
    def document(self) -> str:
        """The document of which this is a version."""
        return document_of(self.source_key)

    @property
    def orders(self) -> int:
        """The orders that were accepted, whether they are in the warehouse or not."""
        return self.rows_in - self.rows_rejected

    @property
    def why(self) -> str:
        """Why the whole file was rejected, failed or is held: the reason and its detail; "" if it is loaded."""
        return ": ".join(text for text in (self.reason, self.detail) if text)

    @property
    def needs_attention(self) -> bool:
        """Whether the whole file is missing from the warehouse: rejected, failed for good, or held for a person."""
        return self.outcome in {REJECTED, FAILED, HELD}


type Outcomes = Mapping[FileVersion, LedgerEntry]


@dataclass(frozen=True, slots=True)
class RetractableFile:
    """A live file, or one that is held: its accepted orders, and their total in pounds.

    No order of a held file counts.
    """

    file_id: str
    is_held: bool
    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected row, or a file that was rejected as a whole or is held (``line_number`` is None)."""

    source_key: str
    file_id: str
    line_number: int | None
    stage: str
    rule: str
    detail: str

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read a row of the result, in which only the line number can be NULL."""
        return cls(**row)


class Ledger:
    """The ledger in a warehouse. Before the first load it does not exist, and counts as empty."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def outcomes(self, versions: Iterable[FileVersion]) -> dict[FileVersion, LedgerEntry]:
        """Return the entry of each file version that has one, without the rules (see `with_rules`).

        A version that was extracted again has several: the newest counts, unless only the newest failed.
        """
        found: dict[FileVersion, LedgerEntry] = {}
        for some in batched(versions, IDS_A_QUERY, strict=False):
            recorded: dict[FileVersion, LedgerEntry] = {}
            for entry in self._entries("outcomes", versions=_between_bars(version.version_id for version in some)):
                if entry.outcome != FAILED or entry.version not in recorded:
                    recorded[entry.version] = entry
            found |= {version: recorded[version] for version in some if version in recorded}
        return found

    def with_rules(self, entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
        """Add to each entry the rules that rejected rows of the file, the most frequent first."""
        entries = list(entries)
        rules: dict[str, list[RuleCount]] = defaultdict(list)
        with_rejects = (entry.file_id for entry in entries if entry.rows_rejected)
        for some in batched(with_rejects, IDS_A_QUERY, strict=False):
            for row in self._rows("rule_counts", files=_between_bars(some)):
                rules[row["file_id"]].append(RuleCount(row["rule"], row["rejects"]))
        return [replace(entry, rules=tuple(rules[entry.file_id])) for entry in entries]

    def recorded_since(self, moment: datetime) -> list[LedgerEntry]:
        """Return every entry recorded since a moment in UTC, oldest first, without the rules."""
        return self._entries("recent_files", since=f"{moment:%Y-%m-%d %H:%M:%S}")

    def held(self) -> list[LedgerEntry]:
        """Return the files that wait for a person, the longest first, without the rules."""
        return newest_of_each_version(self._entries("held_files"))

    def of_file(self, file: str) -> list[LedgerEntry]:
        """Return every version and re-extract of a file, newest first, by its id, its key or the end of its key."""
        return self._entries("ledger_of_file", file=mask_key(file))

    def parts_at_load(self, file_id: str) -> int:
        """Count the parts of a file that load has received and not loaded yet."""
        return max((int(row["here"]) for row in self._rows("parts_at_load", file=file_id)), default=0)

    def rejects(self, file: str = EVERY_FILE, *, most: int) -> list[Reject]:
        """Return the rejects in the newest version of a file (by its id or a part of its key), or of every file.

        A file that is held is one of them.
        """
        return [Reject.from_row(row) for row in self._rows("rejects", file=mask_key(file), most=most)]

    def with_rule(self, rule: str) -> set[FileVersion]:
        """Return the file versions that have rows which a rule rejected, or that were rejected for this reason."""
        return {FileVersion(row["source_key"], row["version_id"]) for row in self._rows("files_with_rule", rule=rule)}

    def retractable_files(self, key: str) -> list[RetractableFile]:
        """Return the live and the held files of a key."""
        return [RetractableFile(**row) for row in self._rows("retractable_files", key=mask_key(key))]

    def retractable_below(self, prefix: str, *, before: datetime) -> list[str]:
        """Return the keys below a prefix of files that are live or held, and were recorded before a moment in UTC."""
        rows = self._rows("retractable_below", prefix=prefix, before=f"{before:%Y-%m-%d %H:%M:%S}")
        return [str(row["source_key"]) for row in rows]

    def nights(self, moment: datetime) -> dict[str, Any] | None:
        """Return what was recorded since a moment in UTC, as nights.sql describes it; None if there is nothing."""
        found = self._rows("nights", since=f"{moment:%Y-%m-%d %H:%M:%S}")
        return found[0] if found and found[0]["files"] else None

    def _entries(self, name: str, **parameters: str | int) -> list[LedgerEntry]:
        return [LedgerEntry.from_row(row) for row in self._rows(name, **parameters)]

    def _rows(self, name: str, **parameters: str | int) -> list[dict[str, Any]]:
        try:
            return self._warehouse.query(statement(name), parameters).as_dicts()
        except MissingRelation:
            return []


def _between_bars(ids: Iterable[str]) -> str:
    return f"|{'|'.join(ids)}|"


def newest_of_each_version(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Keep one entry of each file version, the last: a file that was extracted again has several."""
    return list({entry.version: entry for entry in sorted(entries, key=lambda entry: entry.recorded_at)}.values())


def still_at(outcome: str, files: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Pick the files whose newest entry has this outcome: a later version that loaded settles an older failure.

    A version is a later one of the same document: head office may correct a café's file.
    """
    newest = {file.document: file for file in sorted(files, key=lambda file: file.recorded_at)}
    return [file for file in newest.values() if file.outcome == outcome]


def wait_for_outcomes(
    ledger: Ledger,
    versions: Collection[FileVersion],
    *,
    timeout_seconds: float,
    on_progress: Callable[[int], None],
    earlier: Outcomes = MappingProxyType({}),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[FileVersion, LedgerEntry]:
    """Look into the ledger until each file version has its outcome, or the time is over.

    Returns the outcomes found by then, with the rules. ``on_progress`` is called with their number after each look.
    Entries that are still as in ``earlier`` do not count: a file that is sent again gets another.
    """
    deadline = clock() + timeout_seconds
    found: dict[FileVersion, LedgerEntry] = {}
    for pause in growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
        seen = ledger.outcomes(version for version in versions if version not in found)
        found |= {version: entry for version, entry in seen.items() if entry != earlier.get(version)}
        on_progress(len(found))
        if len(found) == len(versions) or clock() >= deadline:
            break
        sleep(pause)
    return dict(zip(found, ledger.with_rules(found.values()), strict=True))
