"""No check trusts a declared key: Redshift believes it and finds no fault."""

import pytest

from fixtures.warehouse import Warehouse
from load.checks import run_checks
from load.schema import migrate
from load.statements import migrations, statement
from load.warehouse import RedshiftSession

# What the migrations declared once. Each key is believed, so none of the checks below can find what is wrong.
ONCE_DECLARED = {
    "core.branches": "primary key (branch_id), unique (branch_name)",
    "core.products": "primary key (product_id), unique (product_name, size, flavour)",
    "core.orders": "primary key (order_id), foreign key (branch_id) references core.branches (branch_id)",
    "core.order_items": """primary key (order_id, product_id, unit_price),
        foreign key (order_id) references core.orders (order_id),
        foreign key (product_id) references core.products""",
    "ops.files": "primary key (file_id)",
    "ops.marts": "primary key (revision)",
}
BLIND = {"dimensions_unique", "files_unique", "order_items_unique", "orders_unique", "references_hold"}
FILE = "'f', 'p', 'b', 'k', 'v', sysdate, 1, 'loaded', '', '', '', true" + ", 1" * 15
DOUBLED = (
    "insert into core.branches values (1, 'Leeds'), (1, 'Leeds')",
    "insert into core.products values (1, 'Latte', '', ''), (1, 'Latte', '', '')",
    "insert into core.orders values ('o', 1, sysdate, 'CASH', 1.00), ('o', 1, sysdate, 'CASH', 1.00)",
    "insert into core.order_items values ('o', 1, 1.00, 1), ('o', 1, 1.00, 1)",
    f"insert into ops.files values ({FILE}), ({FILE})",  # noqa: S608
)
ORPHANS = (
    "insert into core.orders values ('without branch', 2, sysdate, 'CASH', 1.00)",
    "insert into core.order_items values ('without order', 1, 1.00, 1), ('o', 2, 1.00, 1)",
)


def create_statement(table: str) -> str:
    (found,) = (
        sql
        for migration in migrations()
        for sql in migration.statements
        if sql.startswith("create table") and f" {table} (" in sql
    )
    return found


@pytest.fixture
def declaring(empty_warehouse: Warehouse) -> RedshiftSession:
    """A warehouse from before version 8, whose tables declare keys, with a fault of each kind."""
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    session.execute("drop schema mart cascade")
    session.execute("drop table ops.check_runs")
    for table in reversed(ONCE_DECLARED):
        session.execute(f"drop table {table}")
    for table, keys in ONCE_DECLARED.items():
        session.execute(create_statement(table).replace("\n)", f",\n{keys}\n)"))
    for migration in migrations():
        for sql in migration.statements:
            if sql.startswith("alter table ops.files") and migration.version < 8:
                session.execute(sql)
    session.execute("delete from ops.schema_migrations where version >= 8")
    for sql in (*DOUBLED, *ORPHANS):
        session.execute(sql.replace("ops.files values", f"ops.files ({files_columns()}) values"))
    session.commit()
    return session


def files_columns() -> str:
    lines = create_statement("ops.files").splitlines()
    return ", ".join(line.split()[0] for line in lines if line.startswith("    ") and "recorded_at" not in line)


def found(session: RedshiftSession) -> set[str]:
    return {check.name for check in run_checks(session) if check.faults}


def test_a_check_is_blind_where_a_key_is_declared(declaring: RedshiftSession) -> None:
    rows = {name: declaring.execute(statement(f"checks/{name}")) for name in BLIND}

    assert not any(rows.values())


def test_a_migrated_warehouse_declares_no_key_and_its_checks_see(declaring: RedshiftSession) -> None:
    migrate(declaring)

    assert declaring.execute(statement("schema/declared_keys")) == []
    assert found(declaring) >= BLIND
    assert len(declaring.execute(statement("checks/references_hold"))) == 3


def test_a_new_warehouse_declares_no_key(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())

    migrate(session)

    assert session.execute("select constraint_name from information_schema.table_constraints") == []
