"""Bringing the schema up to date, at any time and by several functions at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from redshift_connector.error import Error

from fixtures.warehouse import Warehouse
from integration.load.conftest import Loader
from load.checks import run_checks
from load.schema import migrate, repair_derived_tables
from load.statements import Migration, mart_names, mart_statements, migrations, statement
from load.warehouse import RedshiftSession, StatementFailed
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire.upstream import superuser_session

ALL = [*(f"{migration.version:04d}_{migration.name}" for migration in migrations()), "marts"]


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
    session.execute("delete from ops.marts")
    session.execute("drop table fact.items_sold")
    session.execute("drop table ops.rejects")
    session.execute("drop table ops.order_claims")
    session.execute("drop table ops.files")
    session.execute("drop table ops.file_parts")
    session.execute("drop table ops.file_days")
    session.execute("delete from ops.schema_migrations where version >= 3")
    session.commit()
    sessions = [RedshiftSession(empty_warehouse.connect()) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, sessions))

    assert sorted(applied) == [
        [],
        [],
        [],
        [*(f"{step.version:04d}_{step.name}" for step in migrations() if step.version >= 3), "marts"],
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


def test_marts_are_created_again_only_when_one_changes(
    empty_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    changed = (*mart_statements()[:-1], "create view mart.other as select 1 as one")
    monkeypatch.setattr("load.schema.mart_statements", lambda: changed)
    monkeypatch.setattr("load.schema.marts_revision", lambda: "0" * 32)

    assert migrate(session) == ["marts"]
    assert migrate(session) == []
    assert session.execute("select one from mart.other") == [(1,)]


def test_items_that_the_previous_version_loaded_during_a_deploy_reach_the_marts(loader: Loader) -> None:
    """The previous version does not fill the table that marts read."""
    loader.load(loader.stage(b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"))
    loader.session.execute("delete from fact.items_sold")
    loader.session.execute("insert into fact.items_sold values ('0', 1, '2026-11-20', 1, 1.00, 1)")
    loader.session.execute("delete from ops.file_days")
    loader.session.commit()

    repair_derived_tables(loader.session)

    assert loader.rows("select product, sold, revenue from mart.product_day_sales") == [("Latte", 1, Decimal("2.45"))]
    assert loader.rows("select orders from ops.file_days") == [(1,)]
    assert not any(check.faults for check in run_checks(loader.session))


def test_a_warehouse_from_before_the_table_gets_its_items_with_it(loader: Loader) -> None:
    loader.load(loader.stage(b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"))
    for sql in (
        "drop schema mart cascade",
        "drop table fact.items_sold",
        "drop table ops.file_days",
        "delete from ops.marts",
        "delete from ops.schema_migrations where version >= 6",
    ):
        loader.session.execute(sql)
    loader.session.commit()

    migrate(loader.session)

    assert loader.rows("select product, sold from mart.product_day_sales") == [("Latte", 1)]


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


def test_a_mart_comes_after_those_that_it_reads() -> None:
    names = mart_names()

    for place, name in enumerate(names):
        read = set(re.findall(r"(?:from|join) mart\.(\w+)", statement(f"marts/{name}")))
        assert read <= set(names[:place])
    assert any("mart." in statement(f"marts/{name}").partition(" as\n")[2] for name in names)
