"""Bring the warehouse's schema up to date."""

from load.mutex import take_mutex
from load.statements import migrations
from load.warehouse import Session, StatementFailed

_APPLIED = "select version from ops.schema_migrations"


def migrate(session: Session) -> list[str]:
    """Apply the migrations that are missing, each whole or not at all; give their names.

    All are applied in one transaction behind the load's own mutex, so that no load meets half a schema. Safe to run
    at any time and by many at once.
    """
    known = [migration.version for migration in migrations()]
    if not set(known) - _applied(session):
        return []
    # The first migration makes the mutex itself, and nothing in it minds being repeated.
    bootstrap, *_ = migrations()
    for sql in bootstrap.statements:
        session.execute(sql)
    session.commit()
    take_mutex(session)
    applied = {version for (version,) in session.execute(_APPLIED)}
    missing = [migration for migration in migrations() if migration.version not in applied]
    for migration in missing:
        if migration is not bootstrap:
            for sql in migration.statements:
                session.execute(sql)
        session.execute(
            "insert into ops.schema_migrations (version, name) values (%s, %s)", (migration.version, migration.name)
        )
    session.commit()
    return [f"{migration.version:04d}_{migration.name}" for migration in missing]


def _applied(session: Session) -> set[int]:
    try:
        return {version for (version,) in session.execute(_APPLIED)}
    except StatementFailed as failure:
        if not failure.is_undefined_table:
            raise
        return set()
    finally:
        session.rollback()
