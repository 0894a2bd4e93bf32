"""Why LOCK comes first, under both isolation levels that a database of Redshift may have."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from redshift_connector.core import Connection
from redshift_connector.error import ProgrammingError

from cafe.local.postgres import PostgresServer
from fixtures.warehouse import COPY_ROLE, MemoryObjects, Warehouse, new_warehouse
from local_redshift.server import RedshiftEndpoint
from local_redshift.session import SERIALIZABLE, SNAPSHOT
from local_redshift.wire.upstream import PostgresAddress
from warehouse_contract.test_contract import REDSHIFT, redshift_session, run

LEVELS = {"Snapshot Isolation": SNAPSHOT, "Serializable": SERIALIZABLE}
FIND_LEVEL = "select trim(isolation_level) from stv_db_isolation_level where trim(db_name) = '{}'"
ENTER_ONCE = ("select count(*) from entries", "insert into entries values (1)")


@pytest.fixture(params=LEVELS)
def new_session(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, warehouse_objects: MemoryObjects
) -> Iterator[Callable[[], Connection]]:
    """A function that opens a session on a database of this level, with a mutex and an empty table."""
    with ExitStack() as stack:
        if REDSHIFT is None:
            server = postgres_server
            address = PostgresAddress(server.host, server.port, server.superuser, server.password)
            endpoint = RedshiftEndpoint(address, warehouse_objects, roles=[COPY_ROLE], isolation=LEVELS[request.param])
            warehouse: Warehouse = stack.enter_context(new_warehouse(stack.enter_context(endpoint), warehouse_objects))
            open_session: Callable[[], Connection] = warehouse.connect
            database = warehouse.database
        else:
            open_session, database = partial(redshift_session, REDSHIFT), REDSHIFT.database
        first = open_session()
        first.autocommit = True
        if run(first, FIND_LEVEL.format(database)) != ((request.param,),):
            pytest.skip("the database has the other level")
        run(first, "create table mutex (holder integer)")
        run(first, "create table entries (entry integer)")
        yield open_session
        run(first, "drop table mutex")
        run(first, "drop table entries")


def enter_at_once(new_session: Callable[[], Connection], *before_the_wait: str) -> tuple[int, list[str]]:
    """Let a session wait for the mutex, after these statements, while another enters; return entries and errors.

    Each enters only if it sees no entry.
    """
    holder, waiter, errors = new_session(), new_session(), []
    run(holder, "lock mutex")
    for sql in before_the_wait:
        run(waiter, sql)

    def wait_and_enter() -> None:
        try:
            run(waiter, "lock mutex")
            enter(waiter)
        except ProgrammingError as error:
            errors.append(str(error))

    thread = threading.Thread(target=wait_and_enter)
    thread.start()
    enter(holder)
    thread.join()
    reader = new_session()
    ((entries,),) = run(reader, "select count(*) from entries")
    reader.rollback()
    return int(str(entries)), errors


def enter(session: Connection) -> None:
    count, insert = ENTER_ONCE
    if run(session, count) == ((0,),):
        run(session, insert)
    session.commit()


def test_what_is_read_after_a_lock_that_came_first_is_what_the_last_holder_left(
    new_session: Callable[[], Connection],
) -> None:
    assert enter_at_once(new_session) == (1, [])


def test_what_was_read_before_the_lock_is_out_of_date_after_it(new_session: Callable[[], Connection]) -> None:
    entries, errors = enter_at_once(new_session, "select count(*) from entries")

    # The waiter still sees no entry: it enters too, or the warehouse refuses it.
    assert entries + len(errors) == 2
