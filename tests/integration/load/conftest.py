"""A loader on an empty warehouse: branch files go through the real stages, rows come out through the real SQL."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from redshift_connector.core import Connection

from fixtures.warehouse import Warehouse
from load.plan import one_version_at_a_time
from load.stage import FileOutcome, LoadOptions, approve_file, create_stage_tables, load_in_one_transaction
from load.warehouse import RedshiftSession
from shared.contracts import TransformedPart
from staging import BUCKET, MOST_REMOVED_PERCENT, stage_file


@dataclass
class Loader:
    """One session of load, and the staging bucket that its COPY reads."""

    warehouse: Warehouse
    session: RedshiftSession
    _batches: "count[int]" = field(default_factory=count)
    _reader: Connection | None = None
    bucket: str = BUCKET

    def put(self, key: str, body: bytes) -> None:
        """Write a manifest where COPY reads it: load's own port to S3."""
        self.warehouse.objects.put(BUCKET, key, body)

    def stage(
        self,
        body: bytes,
        key: str = "2026/11/20/leeds.csv",
        version_id: str = "v1",
        re_extract: str = "",
        *,
        may_carry: bool = True,
    ) -> list[TransformedPart]:
        """Extract and transform a branch file; return the messages that load would get."""
        return stage_file(body, self.put, key=key, version_id=version_id, re_extract=re_extract, may_carry=may_carry)

    def load(self, parts: list[TransformedPart]) -> list[FileOutcome]:
        """Load a batch as a delivery of messages is loaded."""
        return [
            outcome
            for some in one_version_at_a_time(parts, lambda part: part)
            for outcome in load_in_one_transaction(some, self.session, self.options, f"batch-{next(self._batches)}")
        ]

    def approve(self, file_id: str) -> list[FileOutcome]:
        """Approve a held file."""
        return approve_file(file_id, self.session, self.options, f"batch-{next(self._batches)}")

    @property
    def options(self) -> LoadOptions:
        """What load copies from."""
        return LoadOptions(self, self.warehouse.copy_role, MOST_REMOVED_PERCENT)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the warehouse in another session, which sees what is committed."""
        self._reader = self._reader or self.warehouse.connect(autocommit=True)
        cursor = self._reader.cursor()
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        return int(self.rows(f"select count(*) from {table}")[0][0])  # noqa: S608


@pytest.fixture
def new_loader(migrated_warehouse: Warehouse) -> Callable[[], Loader]:
    """Create another loader on the same warehouse."""

    def make() -> Loader:
        session = RedshiftSession(migrated_warehouse.connect())
        create_stage_tables(session)
        return Loader(migrated_warehouse, session)

    return make


@pytest.fixture
def loader(new_loader: Callable[[], Loader]) -> Loader:
    return new_loader()
