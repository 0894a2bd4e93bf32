"""The driver reads a result bit by bit, in a transaction that cannot write, and Ctrl-C leaves nothing behind."""

import os
import signal
import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from cafe.warehouse import driver
from cafe.warehouse.driver import ROWS_A_FETCH, Credentials, DriverWarehouse
from cafe.warehouse.port import Column, QueryResult, ReadOnly, WarehouseError
from cafe.warehouse.sql import statement
from fixtures.warehouse import Warehouse
from integration.local_redshift.sessions import wait_until
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire.upstream import superuser_session

# More than two fetches.
ROWS = 2**14


@pytest.fixture
def numbers(empty_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> DriverWarehouse:
    """A warehouse with a table of the numbers from 0. The endpoint of the tests uses no TLS."""
    monkeypatch.setattr(DriverWarehouse, "_connect", lambda _self: empty_warehouse.connect(autocommit=True))
    credentials = Credentials(empty_warehouse.user, empty_warehouse.password)
    warehouse = DriverWarehouse(host="", port=0, database="", credentials=credentials, ca_file=Path("unused"))
    warehouse.query("create table numbers (n bigint)")
    warehouse.query("insert into numbers values (0)")
    for doubled in range(14):
        warehouse.query("insert into numbers select n + :more from numbers", {"more": 2**doubled})
    return warehouse


@pytest.fixture
def sessions_at_work(redshift_endpoint: RedshiftEndpoint, empty_warehouse: Warehouse) -> Callable[[], int]:
    """Count the sessions that run a statement on the warehouse, or have a transaction open."""

    def count() -> int:
        with superuser_session(redshift_endpoint.databases.address, "postgres") as session:
            rows = session.query("select datname from pg_stat_activity where state <> 'idle'").rows
        return [name for (name,) in rows].count(empty_warehouse.database)

    return count


def test_a_large_result_is_read_a_fetch_at_a_time(numbers: DriverWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    query = DriverWarehouse.query

    def note(self: DriverWarehouse, sql: str) -> QueryResult:
        asked.append(sql)
        return query(self, sql)

    monkeypatch.setattr(DriverWarehouse, "query", note)

    with numbers.stream("select n, 'x' as name from numbers order by n") as result:
        first = next(result.rows)
        fetches = sum(sql.startswith("fetch") for sql in asked)
        rest = list(result.rows)

    assert result.columns == (Column("n", "int8"), Column("name", "varchar"))
    assert first == (0, "x")
    assert fetches == 1
    assert [row[0] for row in rest] == list(range(1, ROWS))
    assert sum(sql.startswith("fetch") for sql in asked) == ROWS // ROWS_A_FETCH + 1


@pytest.mark.parametrize("rows", [0, 1, ROWS_A_FETCH, ROWS_A_FETCH + 1])
def test_a_result_of_any_size_is_whole(numbers: DriverWarehouse, rows: int) -> None:
    few = f"with few as (select n from numbers limit {rows}) select n from few order by n"  # noqa: S608  a number

    with numbers.stream(few) as result:
        assert [column.name for column in result.columns] == ["n"]
        assert len(list(result.rows)) == rows


def test_who_leaves_early_leaves_no_transaction(numbers: DriverWarehouse, sessions_at_work: Callable[[], int]) -> None:
    with numbers.stream("select n from numbers order by n") as result:
        assert len(list(islice(result.rows, 10))) == 10

    assert sessions_at_work() == 0
    assert numbers.query("select count(*) from numbers").rows == [(ROWS,)]


@pytest.mark.parametrize(
    "change",
    ["delete from numbers", "truncate numbers", "drop table numbers", "create table other (n bigint)",
     "insert into numbers select 1"],
)  # fmt: skip
def test_the_transaction_itself_cannot_write(
    numbers: DriverWarehouse, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    with pytest.raises(ReadOnly), numbers.stream(change):
        pass
    # The second guard, if the first one were wrong about a statement.
    monkeypatch.setattr(driver, "refuse_changes", lambda _sql: None)

    with pytest.raises(WarehouseError, match="read-only transaction"), numbers.stream(change):
        pass

    assert numbers.query("select count(*) from numbers").rows == [(ROWS,)]


def test_a_change_that_is_wanted_is_committed(numbers: DriverWarehouse) -> None:
    with numbers.stream("delete from numbers where n > 4", may_write=True) as result:
        assert (result.columns, list(result.rows)) == ((), [])
    with numbers.stream("select n from numbers order by n", may_write=True) as result:
        assert len(list(result.rows)) == 5


def test_a_refused_query_gives_the_warehouses_message(numbers: DriverWarehouse) -> None:
    with pytest.raises(WarehouseError, match="nowhere"), numbers.stream("select * from nowhere"):
        pass

    with numbers.stream("show search_path") as result:
        assert len(list(result.rows)) == 1


def test_ctrl_c_ends_a_long_statement(numbers: DriverWarehouse, sessions_at_work: Callable[[], int]) -> None:
    def press() -> None:
        wait_until(lambda: sessions_at_work() == 1)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    long = "select count(*) from numbers as a cross join numbers as b cross join numbers as c where a.n + b.n = c.n"

    pressing.start()
    with pytest.raises(KeyboardInterrupt), numbers.stream(long) as result:
        list(result.rows)
    pressing.join()

    wait_until(lambda: sessions_at_work() == 0)


@pytest.mark.parametrize("statement", ["select pg_backend_pid", "begin", "declare", "fetch", "commit"])
def test_ctrl_c_leaves_no_transaction_whatever_it_interrupts(
    numbers: DriverWarehouse,
    sessions_at_work: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
) -> None:
    query = DriverWarehouse.query

    def press(self: DriverWarehouse, sql: str) -> QueryResult:
        result = query(self, sql)
        if sql.startswith(statement):
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(DriverWarehouse, "query", press)
    with pytest.raises(KeyboardInterrupt), numbers.stream("select n from numbers") as result:
        list(result.rows)

    wait_until(lambda: sessions_at_work() == 0)
    assert query(numbers, "select count(*) from numbers").rows == [(ROWS,)]


def test_the_tables_and_their_columns_are_listed(asked: DriverWarehouse) -> None:
    asked.query("create schema core")
    asked.query("create schema mart")
    asked.query("create table core.orders (order_id char(32) not null, total decimal(10, 2), items bigint)")
    asked.query("create view mart.totals as select total from core.orders")

    tables = asked.query(statement("tables")).rows
    columns = asked.query(statement("columns"), {"table": "core.orders"}).as_dicts()
    of_view = asked.query(statement("columns"), {"table": "totals"}).as_dicts()

    assert tables == [("core", "orders", "table"), ("mart", "totals", "view")]
    assert [(one["column"], one["type"], one["size"], one["scale"], one["nullable"]) for one in columns] == [
        ("order_id", "character", 32, None, "NO"),
        ("total", "numeric", 10, 2, "YES"),
        ("items", "bigint", None, None, "YES"),
    ]
    assert [one["column"] for one in of_view] == ["total"]
