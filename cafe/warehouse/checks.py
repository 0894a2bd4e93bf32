"""Read what the checks found when they ran last, and whether the marts are as load created them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from cafe.warehouse.port import MissingRelation, Warehouse
from cafe.warehouse.sql import statement
from load.marts import FaultyMart, faulty_marts


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What the checks found at a moment in UTC: faulty rows by check, without the checks that found none.

    ``files_since`` counts the files that the ledger got since, which no check has seen.
    """

    checked_at: datetime
    checks: int
    found: Mapping[str, int]
    files_since: int = 0

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row, whose time has no zone. A failed file may leave the ledger, so a count is never below 0."""
        since = max(int(row["files_since"]), 0)
        return cls(row["checked_at"].replace(tzinfo=UTC), int(row["checks"]), json.loads(row["found"]), since)

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], moment: datetime) -> Self:
        """Read load's answer to a check that has just ended."""
        faults: Mapping[str, int] = answer["faults"]
        return cls(moment, len(faults), {name: count for name, count in faults.items() if count})


def last_check_run(warehouse: Warehouse) -> CheckRun | None:
    """Return the newest run that is recorded; None if there is none, or if the warehouse has no record of runs."""
    try:
        rows = warehouse.query(statement("last_check_run")).as_dicts()
    except MissingRelation:
        return None
    return CheckRun.from_row(rows[0]) if rows else None


def find_faulty_marts(warehouse: Warehouse) -> list[FaultyMart]:
    """Return the marts that are missing or differ from what load created. None is known before the first migration."""
    try:
        recorded = warehouse.query(statement("mart_definitions")).rows
    except MissingRelation:
        return []
    views = warehouse.query(statement("mart_views")).rows
    return faulty_marts(
        (), {str(name): str(text) for name, text in recorded}, {str(name): str(text) for name, text in views}
    )
