"""COPY from objects: manifests, transactions, reports of lines that fail, and clients that leave during a load."""

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import pytest
from redshift_connector.core import Connection
from redshift_connector.error import ProgrammingError

from cafe.local.postgres import PostgresServer
from fixtures.warehouse import COPY_ROLE, MemoryObjects, Warehouse
from integration.local_redshift.conftest import Observer
from integration.local_redshift.raw_client import RawClient, errors, kinds
from integration.local_redshift.sessions import Rows, run, wait_until
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire import messages
from local_redshift.wire.upstream import PostgresAddress
from warehouse_contract.copy_cases import manifest_of

CARD = "4111111111111111"


@pytest.fixture
def session(empty_warehouse: Warehouse) -> Connection:
    """A session with a table to load into."""
    connection = empty_warehouse.connect()
    run(connection, "create table t (name varchar(5), number integer not null)")
    connection.commit()
    return connection


def put(warehouse: Warehouse, *contents: bytes) -> str:
    """Put gzipped objects and their manifest, and give the manifest's address."""
    urls = [warehouse.objects.put("b", f"part/{n}.gz", gzip.compress(text, 1)) for n, text in enumerate(contents)]
    return warehouse.objects.put("b", "manifest.json", manifest_of(*urls))


def copy(manifest: str, table: str = "t", role: str = COPY_ROLE) -> str:
    """Write a COPY."""
    return f"copy {table} from '{manifest}' iam_role '{role}' format as csv gzip manifest"


def loaded(connection: Connection) -> Rows:
    """Return the rows that were loaded."""
    return run(connection, "select name, number from t order by number, name")


def load_errors(connection: Connection) -> Rows:
    """Return what is reported of lines that failed."""
    return run(
        connection,
        "select file_name, line_number, column_name, error_message from sys_load_error_detail order by line_number",
    )


def test_a_manifest_names_the_objects(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, *(f"x,{number}\n".encode() for number in range(30)))

    run(session, copy(manifest))

    assert loaded(session) == tuple(("x", number) for number in range(30))


def test_a_missing_manifest_is_an_error(session: Connection) -> None:
    with pytest.raises(ProgrammingError, match=r"Problem reading manifest file.*NoSuchKey"):
        run(session, copy("s3://b/none.json"))


def test_a_missing_object_is_an_error(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\n", b"x,2\n")
    del empty_warehouse.objects.contents["b", "part/1.gz"]

    with pytest.raises(ProgrammingError, match="Mandatory"):
        run(session, copy(manifest))

    session.rollback()
    assert loaded(session) == ()


def test_an_object_that_is_not_gzip_is_an_error(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "plain", b"x,1\n")
    manifest = empty_warehouse.objects.put("b", "manifest.json", manifest_of(url))

    with pytest.raises(ProgrammingError, match="could not be unpacked") as error:
        run(session, copy(manifest))

    assert url in str(error.value)


def test_a_role_that_is_not_attached_is_refused(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\n")

    with pytest.raises(ProgrammingError, match="not authorized to assume IAM Role"):
        run(session, copy(manifest, role="arn:aws:iam::123456789012:role/other"))


def test_a_load_belongs_to_its_transaction(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\n")
    run(session, copy(manifest))
    inside = loaded(session)

    session.rollback()

    assert inside == (("x", 1),)
    assert loaded(session) == ()


def test_a_failed_load_aborts_its_transaction(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\nx,one\n")
    run(session, "insert into t values ('y', 7)")

    with pytest.raises(ProgrammingError, match="Load into table 't' failed"):
        run(session, copy(manifest))
    with pytest.raises(ProgrammingError, match="aborted"):
        run(session, "select 1")

    session.rollback()
    assert loaded(session) == ()


def test_a_load_error_outlives_the_load(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\n", b'"a\nb",2\nx,three\nx,four\n')

    with pytest.raises(ProgrammingError) as error:
        run(session, copy(manifest))
    session.rollback()

    assert error.value.args[0]["C"] == "XX000"
    assert load_errors(session) == (("s3://b/part/1.gz", 3, "number", "Invalid digit, Type: Integer"),)


@pytest.mark.parametrize("line", ["Ada Tester,1", f"x,{CARD}", f"x,1,{CARD}"])
def test_what_is_reported_of_a_line_holds_nothing_of_it(
    line: str, empty_warehouse: Warehouse, session: Connection, postgres_server: PostgresServer
) -> None:
    manifest = put(empty_warehouse, f"{line}\n".encode())

    with pytest.raises(ProgrammingError) as error:
        run(session, copy(manifest))
    session.rollback()

    reported = [
        str(error.value),
        str(run(session, "select * from sys_load_error_detail")),
        postgres_server.log_file.read_text(errors="replace"),
    ]
    assert len(load_errors(session)) == 1
    assert not any("Ada" in text or CARD in text for text in reported)


def test_a_notice_reports_how_many_rows_were_loaded(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\nx,2\n")

    run(session, copy(manifest))

    assert "2 record(s) loaded successfully" in session.notices[-1][b"M"].decode()


def test_columns_that_are_not_named_get_their_defaults(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"1\n2\n")
    run(session, "create table d (word varchar(5) default 'none', number integer)")

    run(session, copy(manifest, table="d (number)"))

    assert run(session, "select number, word from d order by number") == ((1, "none"), (2, "none"))


@pytest.mark.parametrize(
    ("table", "problem"), [("missing", "nonexistent table missing"), ("t (nowhere)", 'column "nowhere"')]
)
def test_a_target_that_is_not_there_is_an_error(session: Connection, table: str, problem: str) -> None:
    with pytest.raises(ProgrammingError, match=problem):
        run(session, copy("s3://b/k", table=table))


def test_a_column_type_that_copy_does_not_read_is_refused(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"10:00\n")
    run(session, "create table d (at time)")

    with pytest.raises(ProgrammingError, match="column of type time"):
        run(session, copy(manifest, table="d"))


def test_the_number_of_rows_is_not_in_rowcount(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\n")
    cursor = session.cursor()

    cursor.execute(copy(manifest))

    assert cursor.rowcount == -1


def test_a_large_object_is_streamed(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"".join(b"name,%d\n" % number for number in range(200_000)))

    run(session, copy(manifest))

    assert run(session, "select count(*), sum(number) from t") == ((200_000, 19_999_900_000),)


@dataclass
class SlowObjects(MemoryObjects):
    """Objects that are opened only when the test allows it."""

    opening: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def open(self, role: str, bucket: str, key: str) -> BinaryIO:
        self.opening.set()
        assert self.go_on.wait(60)
        return super().open(role, bucket, key)


@pytest.fixture
def slow_warehouse(empty_warehouse: Warehouse, postgres_server: PostgresServer) -> Iterator[Warehouse]:
    """The empty warehouse behind an endpoint whose objects are slow."""
    server = postgres_server
    objects = SlowObjects()
    address = PostgresAddress(server.host, server.port, server.superuser, server.password)
    with RedshiftEndpoint(address, objects, roles=[COPY_ROLE]) as endpoint:
        yield replace(empty_warehouse, port=endpoint.port, objects=objects)
        objects.go_on.set()


def start_load(warehouse: Warehouse, *before: str) -> RawClient:
    """Start a load of 100,000 rows in a new session, and disconnect as soon as it reads."""
    assert isinstance(warehouse.objects, SlowObjects)
    manifest = put(warehouse, b"".join(b"x,%d\n" % number for number in range(100_000)))
    client = RawClient(warehouse)
    for statement in before:
        assert errors(client.query(statement)) == []
    client.channel.send(messages.encode(b"Q", f"{copy(manifest)}\0".encode()))
    assert warehouse.objects.opening.wait(60)
    client.close()
    warehouse.objects.go_on.set()
    return client


def test_a_load_outside_a_transaction_continues_when_its_client_has_left(
    slow_warehouse: Warehouse, session: Connection
) -> None:
    session.autocommit = True

    start_load(slow_warehouse)

    wait_until(lambda: run(session, "select count(*) from t") == ((100_000,),))


def test_a_load_in_a_transaction_ends_with_its_client(
    slow_warehouse: Warehouse, session: Connection, observer: Observer
) -> None:
    start_load(slow_warehouse, "begin", "lock t")

    observer.wait_for_sessions(1)
    assert loaded(session) == ()


def test_a_load_by_the_simple_protocol(empty_warehouse: Warehouse, raw_client: RawClient, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\n")

    answer = raw_client.query(f"-- a comment\n{copy(manifest)};")

    assert kinds(answer) == "NCZ"
    assert loaded(session) == (("x", 1),)


def test_a_load_waits_for_the_transaction_that_loaded_the_table_before(
    empty_warehouse: Warehouse, session: Connection, observer: Observer
) -> None:
    other = empty_warehouse.connect()
    manifest = put(empty_warehouse, b"x,1\n")
    run(session, copy(manifest))

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(run, other, copy(manifest))
        observer.wait_for_lock_waiter()
        session.commit()
        waiting.result()
    other.commit()

    assert loaded(session) == (("x", 1), ("x", 1))


def test_a_load_needs_the_right_to_insert(empty_warehouse: Warehouse, session: Connection) -> None:
    manifest = put(empty_warehouse, b"x,1\n")
    user = f"reader_{empty_warehouse.database}"
    run(session, f"create user {user} password 'Made-up-1'")
    session.commit()
    reader = empty_warehouse.connect(user=user, password="Made-up-1")

    with pytest.raises(ProgrammingError, match="permission denied"):
        run(reader, copy(manifest))

    reader.close()
    run(session, f"drop user {user}")
    session.commit()
