"""Rows, results and a fake warehouse for the tests of the command line."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from cafe.answers.tonight import night_of
from cafe.warehouse.port import (
    Column,
    MissingRelation,
    Parameters,
    QueryResult,
    ResultStream,
    WarehouseError,
    refuse_changes,
)
from cafe.warehouse.sql import statement

STAGES = ("extract", "transform", "load")
DROP_BUCKET = "cafe-dev-drop-123456789012"
STAGING_BUCKET = "cafe-dev-staging-123456789012"
FILE_ID = "5d41402abc4b2a76b9719d911017c592"
REGION: Final = "eu-west-2"
NO_LEDGER = MissingRelation('relation "ops.files" does not exist')


def answer(*rows: Mapping[str, Any], types: Mapping[str, str] | None = None) -> QueryResult:
    """Build a result from rows by column name."""
    names = list(rows[0]) if rows else []
    columns = tuple(Column(name, (types or {}).get(name, "varchar")) for name in names)
    return QueryResult(columns, [tuple(row.values()) for row in rows])


def ledger_row(**overrides: Any) -> dict[str, Any]:
    """Build a row of the ledger: a loaded file of three orders."""
    return {
        "file_id": FILE_ID,
        "source_key": "2021/2/23/isle-of-wight.csv",
        "sent_by": "",
        "version_id": "v1",
        "last_modified": datetime(2026, 11, 25, 1, 0, 0),  # noqa: DTZ001  the warehouse's timestamps have no zone
        "size_bytes": 109,
        "outcome": "loaded",
        "reason": "",
        "detail": "",
        "dialect": "feed-b",
        "is_live": True,
        "replaced_by": " " * 32,
        "rows_in": 3,
        "rows_loaded": 3,
        "rows_duplicate": 0,
        "rows_superseded": 0,
        "rows_rejected": 0,
        "rows_removed": 0,
        "amount_accepted": Decimal("12.35"),
        "amount_loaded": Decimal("12.35"),
        "recorded_at": datetime(2026, 11, 25, 1, 0, 3),  # noqa: DTZ001  the warehouse's timestamps have no zone
        "rows_taken_away": 0,
        "amount_taken_away": Decimal(),
    } | overrides


def nights_row(**overrides: Any) -> dict[str, Any]:
    """Build the row of the nights statement: two nights of 18 cafés, each with nine loads in half an hour."""
    return {
        "nights": 2,
        "files": 36,
        "bytes": 1_440_000,
        "rows_in": 10_800,
        "loads": 18,
        "minutes": 60,
        "cafes": 18,
    } | overrides


def cafe_day_row(cafe: str, *, nights_ago: int = 0, orders: int = 0, is_due: bool = True) -> dict[str, Any]:
    """Build a row of a café's expected day, which is due and has no orders."""
    day = datetime.combine(night_of(datetime.now(UTC)) - timedelta(days=nights_ago), time())
    return {
        "cafe": cafe,
        "last_sale_at": day - timedelta(hours=6),
        "day": day,
        "usual_orders": Decimal("310.25"),
        "orders": orders,
        "is_due": is_due,
    }


def check_run_row(*, minutes_ago: float = 1, files_since: int = 0, **found: int) -> dict[str, Any]:
    """Build a row of the newest run of the checks, which found nothing a minute ago."""
    return {
        "checked_at": datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=minutes_ago),
        "checks": 19,
        "found": json.dumps(found),
        "files_since": files_since,
    }


def reject_row(**overrides: Any) -> dict[str, Any]:
    """Build a row of the rejects statement."""
    return {
        "source_key": "2021/2/23/isle-of-wight.csv",
        "file_id": "0" * 32,
        "line_number": 7,
        "stage": "extract",
        "rule": "bad_total",
        "detail": "",
    } | overrides


type Answer = QueryResult | WarehouseError | list[QueryResult | WarehouseError]


@dataclass
class FakeWarehouse:
    """Answers by the statement's name or text. The answers of a list come in turn; the last one is repeated."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str | int]]] = field(default_factory=list)

    def query(self, sql: str, parameters: Parameters | None = None) -> QueryResult:
        """See Warehouse."""
        self.asked.append((sql, dict(parameters or {})))
        named = {statement(name): reply for name, reply in self.answers.items() if " " not in name}
        reply = named.get(sql) or self.answers.get(sql) or answer()
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if isinstance(reply, WarehouseError):
            raise reply
        return reply

    @contextmanager
    def stream(self, sql: str, *, may_write: bool = False) -> Iterator[ResultStream]:
        """See StreamingWarehouse."""
        if not may_write:
            refuse_changes(sql)
        result = self.query(sql)
        yield ResultStream(result.columns, iter(result.rows))
