"""Bring the warehouse's schema up to date: numbered migrations, each once, and the marts, anew when they change."""

from load.mutex import take_mutex
from load.statements import mart_statements, marts_revision, migrations, statement, statements
from load.warehouse import Session, StatementFailed

_APPLIED = "select version from ops.schema_migrations"
_MADE = "select revision from ops.marts"
_MARTS = "marts"
_DERIVED = ("items_sold", "file_days")
_READER_KNOWN = "select role_name from svv_roles where role_name = 'mart_reader'"


def migrate(session: Session) -> list[str]:
    """Apply the migrations that are missing, each whole or not at all, and make changed marts anew; give their names.

    All is done in one transaction behind the load's own mutex, so that no load meets half a schema and no reader half
    of the marts. Safe to run at any time and by many at once.
    """
    known = {migration.version for migration in migrations()}
    if not known - _column_if_any(_APPLIED, session) and marts_revision() in _column_if_any(_MADE, session):
        return []
    # The first migration makes the mutex itself, and nothing in it minds being repeated.
    bootstrap, *_ = migrations()
    for sql in bootstrap.statements:
        session.execute(sql)
    session.commit()
    take_mutex(session)
    applied, made = _column(_APPLIED, session), _column(_MADE, session)
    missing = [migration for migration in migrations() if migration.version not in applied]
    if not missing and marts_revision() in made:
        session.commit()
        return []
    # Before the migrations: a table cannot be changed under a view that reads it.
    if made:
        session.execute(statement("marts/_drop"))
    for migration in missing:
        if migration is not bootstrap:
            for sql in migration.statements:
                session.execute(sql)
        session.execute(
            "insert into ops.schema_migrations (version, name) values (%s, %s)", (migration.version, migration.name)
        )
    if missing:
        _mend_derived_tables(session)
    for sql in mart_statements():
        session.execute(sql)
    # CREATE ROLE knows no IF NOT EXISTS, and roles outlive the schema that they may read.
    if not session.execute(_READER_KNOWN):
        session.execute("create role mart_reader")
    for sql in statements("marts/_grant"):
        session.execute(sql)
    session.execute("delete from ops.marts")
    session.execute("insert into ops.marts (revision) values (%s)", (marts_revision(),))
    session.commit()
    return [*(f"{migration.version:04d}_{migration.name}" for migration in missing), _MARTS]


def mend_derived_tables(session: Session) -> None:
    """Make the tables that only repeat others what those say, where they do not, behind the load's mutex.

    A function of the version before may load a file while this version migrates: it does not know the newest tables.
    """
    take_mutex(session)
    _mend_derived_tables(session)
    session.commit()


def _mend_derived_tables(session: Session) -> None:
    for table in _DERIVED:
        if session.execute(statement(f"checks/{table}_agree")):
            for sql in statements(f"mend/{table}"):
                session.execute(sql)


def _column(sql: str, session: Session) -> set[object]:
    return {value for (value,) in session.execute(sql)}


def _column_if_any(sql: str, session: Session) -> set[object]:
    """Ask in a transaction of its own; nothing where the table is missing."""
    try:
        return _column(sql, session)
    except StatementFailed as failure:
        if not failure.is_undefined_table:
            raise
        return set()
    finally:
        session.rollback()
