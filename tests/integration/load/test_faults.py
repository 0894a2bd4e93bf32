"""Whose fault an error is, as the warehouse reports it, and which errors are tried again at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from fixtures.warehouse import Warehouse
from integration.load.conftest import Loader
from load.checks import run_checks
from load.connection import TRUSTED_IDLE_SECONDS, Connection
from load.loader import Loader as LoaderWithRetries
from load.measures import take_measures
from load.mutex import take_mutex
from load.schema import migrate, repair_derived_tables
from load.stage import create_stage_tables, record_failed, retract_files
from load.statements import copy_statement, statement
from load.warehouse import RedshiftSession, Session, StatementFailed, may_be_one_files_fault, may_pass_at_once

LATTE = b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
KEY = "2026/11/20/leeds.csv"
SHORT_LIMIT = "set statement_timeout to 200"


def new_session(warehouse: Warehouse) -> RedshiftSession:
    """Open a session as load does, with a shorter limit for the lock."""
    session = RedshiftSession(warehouse.connect())
    session.execute(SHORT_LIMIT)
    session.commit()
    return session


class LimitsRecorded:
    """A session that records the limit under which each statement ran."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.limits: dict[str, set[str]] = {}
        self.execute_alone = session.execute_alone
        self.commit, self.rollback, self.close = session.commit, session.rollback, session.close

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and read its limit."""
        rows = self._session.execute(sql, values)
        ((limit,),) = self._session.execute("show statement_timeout")
        self.limits.setdefault(limit, set()).add(sql)
        return rows


def test_only_the_wait_for_the_lock_has_the_short_limit(
    empty_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    session: Any = LimitsRecorded(new_session(empty_warehouse))
    migrate(session)
    migrate(session)
    create_stage_tables(session)
    loader = Loader(empty_warehouse, session)
    parts = loader.stage(LATTE)
    holder = RedshiftSession(empty_warehouse.connect())
    holder.execute(statement("load/lock"))
    take_mutex(session, stale_after_seconds=-1)
    session.commit()

    loader.load(parts)
    record_failed(parts[0], "not_copied", "22001", session)
    retract_files(KEY, session)
    repair_derived_tables(session)
    run_checks(session)
    take_measures(session)
    connection = Connection(lambda: session, lambda _: None)
    for seconds in (0.0, TRUSTED_IDLE_SECONDS):
        monkeypatch.setattr("load.connection.monotonic", partial(float, seconds))
        with connection.session():
            pass

    assert session.limits.keys() == {"200ms", "4min"}
    assert session.limits["200ms"] == {statement("load/lock")}
    assert {statement(name) for name in ("schema/ping", "load/find_stale_holders")} <= session.limits["4min"]


@dataclass
class Busy:
    """A loader with a short limit for its work, and a session that holds a table until the loader's first pause."""

    loader: Loader
    holder: RedshiftSession
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        """Release the table."""
        self.pauses.append(seconds)
        self.holder.rollback()

    def load(self) -> list[str]:
        """Load a file; return its outcome."""
        warehouse = self.loader.warehouse
        connection = Connection(lambda: new_session(warehouse), self._prepare)
        loader = LoaderWithRetries(connection, self.loader.options, pause=self.pause)
        return [file.outcome for file in loader.load_with_retries(self.loader.stage(LATTE), "batch", 30.0)]

    def _prepare(self, session: Session) -> None:
        migrate(session)
        create_stage_tables(session)


@pytest.fixture
def busy(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> Busy:
    short = {"load/work_timeout": "set local statement_timeout to 200"}
    for module in ("load.schema", "load.mutex"):
        monkeypatch.setattr(f"{module}.statement", lambda name: short.get(name) or statement(name))
    return Busy(loader, RedshiftSession(loader.warehouse.connect()))


@pytest.mark.parametrize("table", ["ops.schema_migrations", "ops.file_parts"], ids=["preparing", "the first write"])
def test_F55_a_time_out_before_anything_was_written_is_tried_again_at_once(busy: Busy, table: str) -> None:
    busy.holder.execute(f"lock {table}")

    assert busy.load() == ["loaded"]
    assert len(busy.pauses) == 1


def test_F55_a_time_out_after_that_is_left_to_the_queue(busy: Busy) -> None:
    busy.holder.execute("lock core.orders")

    with pytest.raises(StatementFailed):
        busy.load()

    assert busy.pauses == []


# --- whose fault


def refused(session: Session, sql: str) -> StatementFailed:
    with pytest.raises(StatementFailed) as failed:
        session.execute(sql)
    return failed.value


def conflict(loader: Loader, session: RedshiftSession) -> StatementFailed:
    loader.load(loader.stage(LATTE))
    session.execute("select count(*) from ops.files")
    loader.session.execute("update ops.files set reason = 'a'")
    loader.session.commit()
    return refused(session, "update ops.files set reason = 'b'")


def cancelled(loader: Loader, session: RedshiftSession) -> StatementFailed:
    loader.session.execute(statement("load/lock"))
    return refused(session, statement("load/lock"))


def no_plan(loader: Loader, session: RedshiftSession) -> StatementFailed:
    del loader
    return refused(session, "select array[1]")


def no_schema(loader: Loader, session: RedshiftSession) -> StatementFailed:
    del loader
    return refused(session, "create table nowhere.t (a integer)")


def lost_object(loader: Loader, session: RedshiftSession) -> StatementFailed:
    create_stage_tables(session)
    return refused(session, copy_statement("stage_orders", "s3://staging/none.json", loader.warehouse.copy_role))


def unknown_role(loader: Loader, session: RedshiftSession) -> StatementFailed:
    create_stage_tables(session)
    role = "arn:aws:iam::123456789012:role/unknown"
    return refused(session, copy_statement("stage_orders", f"s3://{loader.bucket}/none.json", role))


@pytest.mark.parametrize(
    ("meet", "sqlstate", "is_one_files_fault", "passes"),
    [
        (conflict, "XX000", False, True),
        (cancelled, "57014", False, False),
        (no_plan, "0A000", False, False),
        (no_schema, "3F000", False, False),
        (lost_object, "XX000", True, False),
        (unknown_role, "XX000", False, False),
    ],
    ids=["a conflict", "a time-out", "refused SQL", "no schema", "a lost object", "a role that is not associated"],
)
def test_F55_an_error_of_the_warehouse_is_a_files_fault_only_if_copy_failed_on_the_file(
    loader: Loader,
    migrated_warehouse: Warehouse,
    meet: Callable[[Loader, RedshiftSession], StatementFailed],
    sqlstate: str,
    is_one_files_fault: bool,
    passes: bool,
) -> None:
    error = meet(loader, new_session(migrated_warehouse))

    assert error.sqlstate == sqlstate
    assert may_be_one_files_fault(error) is is_one_files_fault
    assert may_pass_at_once(error) is passes
