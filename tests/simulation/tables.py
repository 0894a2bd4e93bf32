"""Tables in memory with snapshot isolation. As in Redshift, keys are not enforced."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

type Row = dict[str, Any]
type Rows = dict[int, Row]

PERMANENT = (
    "core.branches",
    "core.products",
    "core.orders",
    "core.order_items",
    "fact.items_sold",
    "ops.files",
    "ops.file_parts",
    "ops.file_days",
    "ops.order_claims",
    "ops.rejects",
)


class Conflict(Exception):
    """Two transactions changed the same row."""


class Database:
    """The committed tables. A table is never changed in place, so a snapshot keeps the rows that it read."""

    def __init__(self) -> None:
        self.committed: dict[str, Rows] = {name: {} for name in PERMANENT}
        self.row_numbers = count()

    def rows(self, table: str) -> list[Row]:
        """Read a committed table."""
        return list(self.committed[table].values())


class Tables:
    """The tables that one session sees: the snapshot of its transaction, its own changes and its temporary tables.

    The first statement of a transaction takes the snapshot.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._snapshot: dict[str, Rows] | None = None
        self._changed: dict[str, Rows] = {}
        self._temporary: dict[str, list[Row]] = {}
        self._temporary_before: dict[str, list[Row]] | None = None

    # --- transactions

    def begin(self) -> None:
        """Take the snapshot, unless the transaction already has one."""
        if self._snapshot is None:
            self._snapshot = dict(self._database.committed)
            self._temporary_before = {name: list(rows) for name, rows in self._temporary.items()}

    def commit(self) -> None:
        """Commit the changes. Raises Conflict if another transaction changed one of the same rows meanwhile."""
        committed = self._database.committed
        if self._snapshot:
            merged = {name: self._merged(name, rows) for name, rows in self._changed.items()}
            committed.update(merged)
        self._end_transaction()

    def rollback(self) -> None:
        """Discard the changes."""
        if self._temporary_before is not None:
            self._temporary = self._temporary_before
        self._end_transaction()

    def _end_transaction(self) -> None:
        self._snapshot, self._temporary_before = None, None
        self._changed = {}

    def _merged(self, name: str, changed: Rows) -> Rows:
        assert self._snapshot
        before, now = self._snapshot[name], self._database.committed[name]
        if now is before:
            return changed
        merged = dict(now)
        for number, row in before.items():
            after = changed.get(number)
            if after is not row:
                if now.get(number) is not row:
                    raise Conflict
                if after is None:
                    del merged[number]
                else:
                    merged[number] = after
        merged.update((number, row) for number, row in changed.items() if number not in before)
        return merged

    # --- rows

    def create(self, table: str) -> None:
        """Create a temporary table."""
        self._temporary[table] = []

    def read(self, table: str) -> Iterable[Row]:
        """Return the rows of a table."""
        return self._temporary[table] if table in self._temporary else self._permanent(table).values()

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows."""
        if table in self._temporary:
            self._temporary[table].extend(rows)
        elif rows := list(rows):
            self._writable(table).update((next(self._database.row_numbers), row) for row in rows)

    def delete(self, table: str, matches: Callable[[Row], bool] = lambda _: True) -> None:
        """Delete the rows for which ``matches`` is true."""
        if table in self._temporary:
            self._temporary[table] = [row for row in self._temporary[table] if not matches(row)]
        elif numbers := [number for number, row in self._permanent(table).items() if matches(row)]:
            rows = self._writable(table)
            for number in numbers:
                del rows[number]

    def update(self, table: str, change: Callable[[Row], Row | None]) -> None:
        """Set the values that ``change`` returns for a row; None leaves the row unchanged."""
        if table in self._temporary:
            self._temporary[table] = [row | (change(row) or {}) for row in self._temporary[table]]
        elif changes := {n: row | new for n, row in self._permanent(table).items() if (new := change(row))}:
            self._writable(table).update(changes)

    def _permanent(self, table: str) -> Rows:
        assert self._snapshot is not None
        return self._changed.get(table) or self._snapshot[table] if table not in self._changed else self._changed[table]

    def _writable(self, table: str) -> Rows:
        if table not in self._changed:
            assert self._snapshot is not None
            self._changed[table] = dict(self._snapshot[table])
        return self._changed[table]
