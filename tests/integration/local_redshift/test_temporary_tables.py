"""DELETE of all rows of a table: what the client sees is the same, whatever the endpoint runs for it."""

import pytest
from redshift_connector.core import Connection

from fixtures.warehouse import Warehouse
from integration.local_redshift.conftest import Observer
from integration.local_redshift.raw_client import SYNC, RawClient, bind, execute, parse
from integration.local_redshift.sessions import run

KINDS = pytest.mark.parametrize("kind", ["", "temp"])


def deleted(connection: Connection, statement: str = "delete from t") -> int:
    """Run a DELETE and return how many rows it reports."""
    cursor = connection.cursor()
    cursor.execute(statement)
    return int(cursor.rowcount)


def filled(warehouse: Warehouse, kind: str) -> Connection:
    """Open a session, with a table of three rows that is committed."""
    connection = warehouse.connect()
    run(connection, f"create {kind} table t (a integer)")
    run(connection, "insert into t values (1), (2), (3)")
    connection.commit()
    return connection


def bytes_of(observer: Observer) -> int:
    """Read the size of the table t."""
    with observer.session() as session:
        ((size,),) = session.query("select pg_relation_size(oid) from pg_class where relname = 't'").rows
    return int(str(size))


@KINDS
def test_it_reports_the_rows_and_deletes_them(empty_warehouse: Warehouse, kind: str) -> None:
    connection = filled(empty_warehouse, kind)

    assert (deleted(connection), deleted(connection)) == (3, 0)
    assert run(connection, "select count(*) from t") == ((0,),)
    run(connection, "insert into t values (4)")
    connection.commit()
    assert (run(connection, "select a from t"), deleted(connection, "delete t")) == (((4,),), 1)


@KINDS
def test_it_belongs_to_its_transaction(empty_warehouse: Warehouse, kind: str) -> None:
    connection = filled(empty_warehouse, kind)

    deleted(connection)
    run(connection, "insert into t values (4)")
    connection.rollback()

    assert run(connection, "select a from t order by a") == ((1,), (2,), (3,))


@KINDS
def test_a_condition_is_kept(empty_warehouse: Warehouse, kind: str) -> None:
    connection = filled(empty_warehouse, kind)

    assert deleted(connection, "delete from t where a < 3") == 2
    assert run(connection, "select a from t") == ((3,),)


def test_no_row_of_a_temporary_table_stays_in_its_file(empty_warehouse: Warehouse, observer: Observer) -> None:
    connection = filled(empty_warehouse, "temp")
    size = bytes_of(observer)

    deleted(connection)
    connection.commit()

    assert (size, bytes_of(observer)) == (8192, 0)


def test_another_session_still_reads_what_is_being_deleted(empty_warehouse: Warehouse) -> None:
    deleting, reading = filled(empty_warehouse, ""), empty_warehouse.connect()
    run(reading, "select 1")

    deleted(deleting)
    deleting.commit()

    assert run(reading, "select count(*) from t") == ((3,),)


def test_a_table_that_a_cursor_reads(empty_warehouse: Warehouse) -> None:
    connection = filled(empty_warehouse, "temp")
    run(connection, "declare c cursor for select a from t")

    assert deleted(connection) == 3
    assert run(connection, "fetch forward 5 from c") == ((1,), (2,), (3,))


def test_a_table_that_a_suspended_portal_reads(raw_client: RawClient) -> None:
    """PostgreSQL refuses TRUNCATE of it."""
    raw_client.query("create temp table t (a integer); insert into t values (1), (2), (3)")
    raw_client.query("begin")
    raw_client.ask(parse("select a from t"), bind(portal="reading"), execute("reading", rows=1), SYNC)

    answer = raw_client.query("delete from t")

    assert [message.body for message in answer if message.kind == b"C"] == [b"DELETE 3\0"]


def test_a_transaction_that_only_reads(empty_warehouse: Warehouse) -> None:
    """PostgreSQL lets it write temporary tables, and refuses TRUNCATE."""
    connection = filled(empty_warehouse, "temp")
    run(connection, "begin read only")

    assert deleted(connection) == 3


def test_among_other_statements(raw_client: RawClient) -> None:
    answer = raw_client.query(
        "create temp table t (a integer); insert into t values (1); delete from t; select a from t"
    )

    assert [message.body for message in answer if message.kind == b"C"][2:] == [b"DELETE 1\0", b"SELECT 0\0"]


def test_a_table_that_is_not_there(empty_warehouse: Warehouse) -> None:
    with pytest.raises(Exception, match='relation "t" does not exist'):
        deleted(empty_warehouse.connect())
