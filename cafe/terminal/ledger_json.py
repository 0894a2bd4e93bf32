"""The ledger's entries as scripts get them."""

from dataclasses import asdict
from typing import Any

from cafe.warehouse.ledger import LedgerEntry

OUTCOME_FIELDS = (
    "file_id", "source_key", "version_id", "outcome", "reason", "detail",
    "rows_in", "rows_loaded", "rows_duplicate", "rows_superseded", "rows_rejected",
    "amount_loaded", "recorded_at", "rows_taken_away", "amount_taken_away",
)  # fmt: skip


def outcome_json(entry: LedgerEntry) -> dict[str, Any]:
    """Return the outcome of a file, without the rules."""
    fields = asdict(entry)
    return {name: fields[name] for name in OUTCOME_FIELDS}


def outcome_with_rules_json(entry: LedgerEntry | None) -> dict[str, Any] | None:
    """Return the outcome of a file for which somebody waited; None if it came too late."""
    return None if entry is None else outcome_json(entry) | {"rules": entry.rules}


def entry_json(entry: LedgerEntry) -> dict[str, Any]:
    """Return everything that the ledger's row says, without the rules."""
    return {name: value for name, value in asdict(entry).items() if name != "rules"}
