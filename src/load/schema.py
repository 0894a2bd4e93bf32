"""Bring the warehouse's schema up to date: numbered migrations, each applied once, and the marts when they change."""

from collections.abc import Iterable

from load.marts import FaultyMart, definition_of, faulty_marts
from load.mutex import take_mutex
from load.statements import (
    GRANTS,
    Migration,
    drop_key_statement,
    drop_mart_statement,
    mart_names,
    mart_revisions,
    marts_read,
    migrations,
    statement,
    statements,
)
from load.warehouse import Session, StatementFailed, may_pass_at_once

_MARTS = "marts"
# What a function of a version before 8, which may run once more while a deploy replaces it, records.
_UNNAMED = ""
_DERIVED = ("items_sold", "file_days", "documents")
MOST_TRIES = 3
_DUPLICATE_OBJECT = "42710"


def migrate(session: Session) -> list[str]:
    """Apply the migrations that are missing, and create the marts again that changed; return the names of both.

    One transaction behind the load's own mutex does all of it, so that no load sees half a schema and no reader half of
    the marts. Safe to run at any time, and by several functions at once. A conflict, as with somebody who reads a mart
    that is dropped, is tried again at once.
    """
    if _is_current(session):
        return []
    # The first migration creates the mutex itself. Each of its statements may be repeated.
    bootstrap, *_ = migrations()
    session.execute(statement("load/work_timeout"))
    for sql in bootstrap.statements:
        session.execute(sql)
    session.commit()
    _create_reader(session)
    return _migrate_with_retries(session)


def restore_marts(session: Session) -> list[str]:
    """Create the marts again that are missing or differ from what load created; return their names.

    Not part of `migrate`, which every new session runs: a mart that somebody dropped must be noticed, not come back
    unseen.
    """
    faulty = find_faulty_marts(session)
    session.rollback()
    if faulty:
        _migrate_with_retries(session)
    return [mart.name for mart in faulty]


def find_faulty_marts(session: Session) -> list[FaultyMart]:
    """Compare the marts with what this version has created. Leaves the transaction open."""
    session.execute(statement("load/work_timeout"))
    recorded = dict(session.execute(statement("schema/mart_definitions")))
    views = dict(session.execute(statement("schema/mart_views")))
    return faulty_marts(mart_names(), recorded, views)


def _migrate_with_retries(session: Session) -> list[str]:
    for tries in range(1, MOST_TRIES + 1):
        try:
            return _migrate_once(session)
        except StatementFailed as failure:
            if tries == MOST_TRIES or not may_pass_at_once(failure):
                raise
            session.rollback()
    raise AssertionError("the last try returns or raises")


def _is_current(session: Session) -> bool:
    known = {migration.version for migration in migrations()}
    if known - _column_if_any("schema/applied_migrations", session):
        return False
    try:
        session.execute(statement("load/work_timeout"))
        return not _outdated(session)
    finally:
        session.rollback()


def _migrate_once(session: Session) -> list[str]:
    take_mutex(session)
    applied = _column("schema/applied_migrations", session)
    missing = [migration for migration in migrations() if migration.version not in applied]
    # Redshift does not change a table that a view reads. Of marts without a name, none is known to be current.
    if missing or _UNNAMED in dict(session.execute(statement("schema/marts"))):
        _drop_all_marts(session)
    if missing:
        _apply(missing, session)
    outdated = _with_readers({*_outdated(session), *(mart.name for mart in find_faulty_marts(session))})
    if outdated:
        _create_marts(outdated, session)
    session.commit()
    return [*(f"{step.version:04d}_{step.name}" for step in missing), *([_MARTS] if outdated else [])]


def _drop_all_marts(session: Session) -> None:
    if session.execute(statement("schema/any_marts")):
        # Somebody may have dropped the schema before.
        session.execute(statement("marts/_create"))
        session.execute(statement("marts/_drop"))
        session.execute(statement("schema/forget_marts"))


def _apply(missing: list[Migration], session: Session) -> None:
    bootstrap, *_ = migrations()
    for migration in missing:
        if migration is not bootstrap:
            for sql in migration.statements:
                session.execute(sql)
        session.execute(statement("schema/record_migration"), (migration.version, migration.name))
    for names in session.execute(statement("schema/declared_keys")):
        session.execute(drop_key_statement(*names))
    _repair_derived_tables(session)


def _outdated(session: Session) -> list[str]:
    """List the marts that were created from another statement or are no longer wanted, and GRANTS if they changed."""
    created = dict(session.execute(statement("schema/marts")))
    wanted = mart_revisions()
    return [
        *(name for name in created if name not in wanted),
        *(name for name, revision in wanted.items() if created.get(name) != revision),
    ]


def _with_readers(marts: Iterable[str]) -> list[str]:
    """Add the marts that read one of these, which go when it is dropped; in the order of creation."""
    chosen = {*marts}
    for name in mart_names():
        if chosen.intersection(marts_read(name)):
            chosen.add(name)
    return [*sorted(chosen - {*mart_revisions()}), *(name for name in mart_revisions() if name in chosen)]


def _create_marts(outdated: list[str], session: Session) -> None:
    # Somebody may have dropped the schema, with all that ops.marts says is there.
    session.execute(statement("marts/_create"))
    for name in reversed(outdated):
        if name != GRANTS:
            session.execute(drop_mart_statement(name))
        session.execute(statement("schema/forget_mart"), (name,))
    for name in mart_names():
        if name in outdated:
            session.execute(statement(f"marts/{name}"))
    for sql in statements(f"marts/{GRANTS}"):
        session.execute(sql)
    session.execute(statement("schema/limit_sessions"))
    views = {name: definition_of(text) for name, text in session.execute(statement("schema/mart_views"))}
    for name in outdated:
        if name in mart_revisions():
            session.execute(statement("schema/record_mart"), (name, mart_revisions()[name], views.get(name, "")))


def _create_reader(session: Session) -> None:
    session.execute(statement("load/work_timeout"))
    exists = session.execute(statement("schema/find_reader"))
    session.rollback()
    if exists:
        return
    try:
        session.execute_alone(statement("schema/create_reader"))
    except StatementFailed as failure:
        # Another function that migrates was faster.
        if failure.sqlstate != _DUPLICATE_OBJECT:
            raise


def repair_derived_tables(session: Session) -> None:
    """Fill the tables and columns that repeat others again where they differ, behind the load's mutex.

    A function of the previous version may load a file while this version migrates. It does not fill what is newest.
    """
    take_mutex(session)
    _repair_derived_tables(session)
    session.execute(statement("schema/forget_check_runs"))
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
    for name in _DERIVED:
        if session.execute(statement(f"checks/{name}_agree")):
            for sql in statements(f"repair/{name}"):
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
