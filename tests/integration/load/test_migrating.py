"""Bringing the schema up to date, at any time and by several functions at once."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from redshift_connector.error import Error

from fixtures.warehouse import Warehouse
from integration.load.conftest import Loader
from load.checks import run_checks
from load.schema import migrate, repair_derived_tables
from load.statements import Migration, mart_names, mart_revisions, migrations, statement, statements
from load.warehouse import RedshiftSession, StatementFailed
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire.upstream import superuser_session

ALL = [*(f"{migration.version:04d}_{migration.name}" for migration in migrations()), "marts"]


def to_unnamed_marts(session: RedshiftSession) -> None:
    """Make ops.marts as it was before it had names."""
    session.execute("drop table ops.marts")
    (create,) = (sql for sql in migrations()[0].statements if "ops.marts" in sql)
    session.execute(create)


def test_an_empty_warehouse_gets_every_migration_once(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())

    assert migrate(session) == ALL
    assert migrate(session) == []


def test_a_session_that_a_killed_function_left_open_ends_after_five_minutes(
    empty_warehouse: Warehouse, redshift_endpoint: RedshiftEndpoint
) -> None:
    migrate(RedshiftSession(empty_warehouse.connect()))

    with superuser_session(redshift_endpoint.databases.address, empty_warehouse.database) as postgres:
        limits = postgres.query("select unnest(rolconfig) from pg_roles where rolname = 'cafe_admin'").rows

    assert {str(limit) for (limit,) in limits} >= {
        "idle_session_timeout=300000",
        "idle_in_transaction_session_timeout=300000",
    }


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [migration.version for migration in migrations()] == list(range(1, len(migrations()) + 1))


def test_functions_that_migrate_at_once_apply_each_migration_once(empty_warehouse: Warehouse) -> None:
    migrate(RedshiftSession(empty_warehouse.connect()))
    session = RedshiftSession(empty_warehouse.connect())
    session.execute("drop schema mart cascade")
    session.execute("drop table fact.items_sold")
    session.execute("drop table ops.rejects")
    session.execute("drop table ops.order_claims")
    session.execute("drop table ops.files")
    session.execute("drop table ops.file_parts")
    session.execute("drop table ops.file_days")
    session.execute("drop table ops.check_runs")
    for table in ("order_items", "orders", "products", "branches"):
        session.execute(f"drop table core.{table}")
    to_unnamed_marts(session)
    session.execute("delete from ops.schema_migrations where version >= 2")
    session.commit()
    sessions = [RedshiftSession(empty_warehouse.connect()) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, sessions))

    assert sorted(applied) == [
        [],
        [],
        [],
        [*(f"{step.version:04d}_{step.name}" for step in migrations() if step.version >= 2), "marts"],
    ]


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Migration(
        len(migrations()) + 1, "broken", ("create table core.half (a integer)", "create table core.half (a integer)")
    )
    monkeypatch.setattr("load.schema.migrations", lambda: (*migrations(), broken))
    session = RedshiftSession(empty_warehouse.connect())

    with pytest.raises(StatementFailed):
        migrate(session)
    session.rollback()
    monkeypatch.undo()

    assert migrate(session) == ALL


def marts_by_number(session: RedshiftSession) -> dict[str, object]:
    """List the views, each with a number that a view has for as long as it exists."""
    sql = "select relname, oid from pg_class where relkind = 'v' and relname in ({})"
    rows = session.execute(sql.format(", ".join(f"'{name}'" for name in (*mart_names(), "gone"))))
    session.rollback()
    return dict(rows)


def test_only_the_marts_that_changed_are_created_again(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    before = marts_by_number(session)
    session.execute("create view mart.gone as select 1 as one")
    session.execute("insert into ops.marts (name, revision) values ('gone', '')")
    session.execute("update ops.marts set revision = '' where name in ('nights', 'files')")
    session.commit()

    assert migrate(session) == ["marts"]

    after = marts_by_number(session)
    assert {name for name in after if after[name] != before[name]} == {"nights", "files"}
    assert after.keys() == before.keys()
    assert migrate(session) == []


def test_a_change_of_a_mart_is_a_change_of_those_that_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = mart_revisions()
    monkeypatch.setattr(
        "load.statements.statement", lambda name: statement(name) + (" " if name == "marts/files" else "")
    )

    after = mart_revisions.__wrapped__()

    assert {name for name in after if after[name] != before[name]} == {"files", "nights"}


def test_marts_that_the_previous_version_created_once_more_are_replaced(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    session.execute("drop schema mart cascade")
    session.execute("create schema mart")
    session.execute("create view mart.files as select 1 as one")
    session.execute("delete from ops.marts")
    session.execute("insert into ops.marts (revision) values ('of the previous version')")
    session.commit()

    assert migrate(session) == ["marts"]

    assert marts_by_number(session).keys() == set(mart_names())
    assert migrate(session) == []


def test_a_changed_grant_is_given_without_touching_a_mart(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    before = marts_by_number(session)
    session.execute("update ops.marts set revision = '' where name = '_grant'")
    session.commit()

    assert migrate(session) == ["marts"]

    assert marts_by_number(session) == before


class ConflictingOnce:
    """A session in which the first statement of a kind meets somebody who reads a mart."""

    def __init__(self, session: RedshiftSession, kind: str) -> None:
        self._session = session
        self._kind = kind
        self.execute_alone = session.execute_alone
        self.commit, self.rollback, self.close = session.commit, session.rollback, session.close

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, or fail once."""
        if self._kind and sql.startswith(self._kind):
            self._kind = ""
            raise StatementFailed("XX000", "could not complete because of conflict with concurrent transaction")
        return self._session.execute(sql, values)


@pytest.mark.parametrize("kind", ["drop view", "create view", "grant"])
def test_a_conflict_with_a_reader_of_a_mart_is_tried_again(empty_warehouse: Warehouse, kind: str) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    session.execute("update ops.marts set revision = '' where name = 'files'")
    session.commit()

    assert migrate(ConflictingOnce(session, kind)) == ["marts"]
    assert migrate(session) == []


def test_another_function_may_create_the_role_first(
    empty_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    session.execute("delete from ops.marts where name = '_grant'")
    session.commit()
    monkeypatch.setattr(
        "load.schema.statement",
        lambda name: "select 1 from svv_roles limit 0" if name == "schema/find_reader" else statement(name),
    )

    assert migrate(session) == ["marts"]


def test_items_that_the_previous_version_loaded_during_a_deploy_reach_the_marts(loader: Loader) -> None:
    """The previous version does not fill the table that marts read."""
    loader.load(loader.stage(b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"))
    loader.session.execute("delete from fact.items_sold")
    loader.session.execute("insert into fact.items_sold values ('0', 1, '2026-11-20', 1, 1.00, 1)")
    loader.session.execute("delete from ops.file_days")
    loader.session.execute("update ops.files set document = '', source_key = 'head-office/2026/11/20/leeds.csv'")
    loader.session.commit()

    repair_derived_tables(loader.session)

    assert loader.rows("select product, sold, revenue from mart.product_day_sales") == [("Latte", 1, Decimal("2.45"))]
    assert loader.rows("select orders from ops.file_days") == [(1,)]
    assert loader.rows("select document from ops.files") == [("2026/11/20/leeds.csv",)]
    assert not any(check.faults for check in run_checks(loader.session))


def test_a_warehouse_from_before_the_table_gets_its_items_with_it(loader: Loader) -> None:
    loader.load(loader.stage(b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"))
    for sql in (
        "drop schema mart cascade",
        "drop table fact.items_sold",
        "drop table ops.file_days",
        "drop table ops.check_runs",
        "delete from ops.schema_migrations where version between 6 and 8 or version = 10",
    ):
        loader.session.execute(sql)
    to_unnamed_marts(loader.session)
    loader.session.commit()

    migrate(loader.session)

    assert loader.rows("select product, sold from mart.product_day_sales") == [("Latte", 1)]
    assert not any(check.faults for check in run_checks(loader.session))


def test_the_reader_of_marts_reads_marts_and_nothing_else(loader: Loader) -> None:
    loader.session.execute("create user manager password 'Made-up-for-tests-1'")
    loader.session.execute("grant role mart_reader to manager")
    loader.session.commit()
    cursor = loader.warehouse.connect(autocommit=True, user="manager", password="Made-up-for-tests-1").cursor()

    try:
        for mart in mart_names():
            cursor.execute(f"select count(*) from mart.{mart}")  # noqa: S608
            assert cursor.fetchall() == ([0],)
        for forbidden in (
            "select count(*) from core.branches",
            "select * from core.orders",
            "select * from fact.items_sold",
            "select * from ops.rejects",
            "create view mart.mine as select 1 as one",
            "delete from mart.files",
        ):
            with pytest.raises(Error):
                cursor.execute(forbidden)
    finally:
        loader.session.execute("drop user manager")
        loader.session.commit()


def test_the_reader_of_marts_gets_usage_of_the_schemas_behind_them() -> None:
    """Redshift may want it. Without this grant every board would fail there."""
    behind = {
        schema for name in mart_names() for schema in re.findall(r"\b(core|fact|ops)\.", statement(f"marts/{name}"))
    }

    granted = re.findall(r"grant usage on schema (\w+)", "\n".join(statements("marts/_grant")))

    assert {*granted} == {"mart", *behind}


def test_a_mart_comes_after_those_that_it_reads() -> None:
    names = mart_names()

    for place, name in enumerate(names):
        read = set(re.findall(r"(?:from|join) mart\.(\w+)", statement(f"marts/{name}")))
        assert read <= set(names[:place])
    assert any("mart." in statement(f"marts/{name}").partition(" as\n")[2] for name in names)


def test_a_schema_of_marts_that_somebody_dropped_does_not_stop_a_migration(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    session.execute("drop schema mart cascade")
    session.execute("drop table ops.check_runs")
    to_unnamed_marts(session)
    session.execute("insert into ops.marts (revision) values ('of the previous version')")
    session.execute("delete from ops.schema_migrations where version in (8, 10)")
    session.commit()

    migrate(session)

    assert marts_by_number(session).keys() == set(mart_names())
