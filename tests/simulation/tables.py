"""Tables in memory with snapshot isolation and, as in Redshift, no key that is enforced."""

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
    """What was committed. A table is never changed in place, so a reader keeps what it read."""

    def __init__(self) -> None:
        self.committed: dict[str, Rows] = {name: {} for name in PERMANENT}
        self.row_numbers = count()

    def rows(self, table: str) -> list[Row]:
        """Read a committed table."""
        return list(self.committed[table].values())


class Tables:
    """What one session sees: a snapshot from its transaction's first statement, its changes, its temporary tables."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._snapshot: dict[str, Rows] | None = None
        self._changed: dict[str, Rows] = {}
        self._own: dict[str, list[Row]] = {}
        self._own_before: dict[str, list[Row]] | None = None

    # --- transactions

    def begin(self) -> None:
        """Take the snapshot, unless the transaction has one."""
        if self._snapshot is None:
            self._snapshot = dict(self._database.committed)
            self._own_before = {name: list(rows) for name, rows in self._own.items()}

    def commit(self) -> None:
        """Make the changes visible to all. Raises Conflict if another transaction changed one of the rows meanwhile."""
        committed = self._database.committed
        if self._snapshot:
            merged = {name: self._merged(name, rows) for name, rows in self._changed.items()}
            committed.update(merged)
        self._forget()

    def rollback(self) -> None:
        """Discard the changes."""
        if self._own_before is not None:
            self._own = self._own_before
        self._forget()

    def _forget(self) -> None:
        self._snapshot, self._own_before = None, None
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
        """Create a temporary table of the session."""
        self._own[table] = []

    def read(self, table: str) -> Iterable[Row]:
        """Return the rows of a table."""
        return self._own[table] if table in self._own else self._permanent(table).values()

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows."""
        if table in self._own:
            self._own[table].extend(rows)
        elif rows := list(rows):
            self._writable(table).update((next(self._database.row_numbers), row) for row in rows)

    def delete(self, table: str, is_meant: Callable[[Row], bool] = lambda _: True) -> None:
        """Remove rows."""
        if table in self._own:
            self._own[table] = [row for row in self._own[table] if not is_meant(row)]
        elif numbers := [number for number, row in self._permanent(table).items() if is_meant(row)]:
            rows = self._writable(table)
            for number in numbers:
                del rows[number]

    def update(self, table: str, change: Callable[[Row], Row | None]) -> None:
        """Change the rows for which ``change`` returns new values."""
        if table in self._own:
            self._own[table] = [row | (change(row) or {}) for row in self._own[table]]
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
