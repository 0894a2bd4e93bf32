"""Bring the warehouse's schema up to date: numbered migrations, each applied once, and the marts when they change."""

from load.mutex import take_mutex
from load.statements import mart_statements, marts_revision, migrations, statement, statements
from load.warehouse import Session, StatementFailed

_MARTS = "marts"
_DERIVED_TABLES = ("items_sold", "file_days")


def migrate(session: Session) -> list[str]:
    """Apply the migrations that are missing, and create the marts again if they changed; return the names of both.

    One transaction behind the load's own mutex does all of it, so that no load sees half a schema and no reader half of
    the marts. Safe to run at any time, and by several functions at once.
    """
    known = {migration.version for migration in migrations()}
    if not known - _column_if_any("schema/applied_migrations", session) and marts_revision() in _column_if_any(
        "schema/marts_revision", session
    ):
        return []
    # The first migration creates the mutex itself. Each of its statements may be repeated.
    bootstrap, *_ = migrations()
    session.execute(statement("load/work_timeout"))
    for sql in bootstrap.statements:
        session.execute(sql)
    session.commit()
    take_mutex(session)
    applied, created = _column("schema/applied_migrations", session), _column("schema/marts_revision", session)
    missing = [migration for migration in migrations() if migration.version not in applied]
    if not missing and marts_revision() in created:
        session.commit()
        return []
    # Before the migrations: Redshift does not change a table that a view reads.
    if created:
        session.execute(statement("marts/_drop"))
    for migration in missing:
        if migration is not bootstrap:
            for sql in migration.statements:
                session.execute(sql)
        session.execute(statement("schema/record_migration"), (migration.version, migration.name))
    if missing:
        _repair_derived_tables(session)
    for sql in mart_statements():
        session.execute(sql)
    if not session.execute(statement("schema/find_reader")):
        session.execute(statement("schema/create_reader"))
    for sql in statements("marts/_grant"):
        session.execute(sql)
    session.execute(statement("schema/limit_sessions"))
    session.execute(statement("schema/forget_marts"))
    session.execute(statement("schema/record_marts"), (marts_revision(),))
    session.commit()
    return [*(f"{migration.version:04d}_{migration.name}" for migration in missing), _MARTS]


def repair_derived_tables(session: Session) -> None:
    """Fill the tables that repeat others again where they differ, behind the load's mutex.

    A function of the previous version may load a file while this version migrates. It does not fill the newest tables.
    """
    take_mutex(session)
    _repair_derived_tables(session)
    session.commit()


def isolation_level(session: Session, database: str) -> str:
    """Read the database's isolation level; "unknown" if the warehouse does not show it to this user.

    Load is right under both levels (docs/decisions/load.md), so an unknown level stops nothing.
    """
    session.execute(statement("load/work_timeout"))
    try:
        rows = session.execute(statement("schema/isolation_level"), (database,))
    except StatementFailed:
        rows = []
    session.rollback()
    return str(rows[0][0]) if rows else "unknown"


def _repair_derived_tables(session: Session) -> None:
    for table in _DERIVED_TABLES:
        if session.execute(statement(f"checks/{table}_agree")):
            for sql in statements(f"repair/{table}"):
                session.execute(sql)


def _column(name: str, session: Session) -> set[object]:
    return {value for (value,) in session.execute(statement(name))}


def _column_if_any(name: str, session: Session) -> set[object]:
    """Read a column in a transaction of its own; an empty set if the table is missing."""
    try:
        session.execute(statement("load/work_timeout"))
        return _column(name, session)
    except StatementFailed as failure:
        if not failure.is_undefined_table:
            raise
        return set()
    finally:
        session.rollback()
