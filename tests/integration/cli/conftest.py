"""A connection to an empty warehouse, and rows of the ledger written by hand."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import redshift_connector

from cafe.warehouse.driver import Credentials, DriverWarehouse
from fixtures.warehouse import Warehouse


@pytest.fixture
def asked(empty_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> DriverWarehouse:
    """A connection to a warehouse without a ledger. The endpoint of the tests uses no TLS."""
    session = empty_warehouse.connect()
    monkeypatch.setattr(redshift_connector, "connect", lambda **_settings: session)
    return DriverWarehouse(
        host=empty_warehouse.host,
        port=empty_warehouse.port,
        database=empty_warehouse.database,
        credentials=Credentials(empty_warehouse.user, empty_warehouse.password),
        ca_file=Path("unused"),
    )


def record_file(
    asked: DriverWarehouse,
    file_id: str,
    *,
    key: str,
    version: str,
    recorded_at: datetime,
    is_live: bool = True,
    **more: Any,
) -> None:
    """Write a row of the ledger: a loaded file of three orders; ``more`` overrides fields."""
    row: dict[str, Any] = {
        "file_id": file_id,
        "plan_id": "v2-r100000",
        "source_bucket": "drop",
        "source_key": key,
        "version_id": version,
        "last_modified": recorded_at.isoformat(sep=" "),
        "outcome": "loaded",
        "reason": "",
        "detail": "",
        "dialect": "feed-b",
        "amount_loaded": "12.35",
        "recorded_at": recorded_at.isoformat(sep=" "),
        **dict.fromkeys(COUNTS, 0),
        "rows_in": 3,
        "rows_loaded": 3,
        **more,
    }
    names = ", ".join(row)
    # The warehouse takes no empty value.
    values = ", ".join("''" if value == "" else f":{name}" for name, value in row.items())
    bound = {name: value for name, value in row.items() if value != ""}
    live = str(is_live).lower()
    asked.query(f"insert into ops.files (is_live, {names}) values ({live}, {values})", bound)  # noqa: S608  names from this module


COUNTS = (
    "size_bytes", "parts", "lines_in", "order_lines", "continuation_lines", "header_lines", "blank_lines",
    "rejected_lines", "rows_in", "rows_loaded", "rows_duplicate", "rows_superseded", "rows_rejected",
    "amount_accepted", "amount_duplicate",
)  # fmt: skip
