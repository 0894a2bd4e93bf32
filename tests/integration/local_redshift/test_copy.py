"""COPY from objects: manifests, transactions, what is told of lines that fail, and clients that leave meanwhile."""

import gzip
import json
import threading
from collections.abc import Iterator
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
from local_redshift import wire
from local_redshift.s3_source import S3Access
from local_redshift.server import RedshiftEndpoint
from local_redshift.upstream import PostgresAddress

CARD = "4111111111111111"


@pytest.fixture
def session(empty_warehouse: Warehouse) -> Connection:
    """A session with a table to load into."""
    connection = empty_warehouse.connect()
    run(connection, "create table t (name varchar(5), number integer not null)")
    connection.commit()
    return connection


def manifest(warehouse: Warehouse, *urls: str, mandatory: bool | None = True) -> str:
    """Put a manifest of objects, and give its address."""
    said = {} if mandatory is None else {"mandatory": mandatory}
    content = json.dumps({"entries": [{"url": url, **said} for url in urls]})
    return warehouse.objects.put("b", "manifest.json", content.encode())


def copy(source: str, options: str = "csv", table: str = "t", role: str = COPY_ROLE) -> str:
    """Write a COPY."""
    return f"copy {table} from '{source}' iam_role '{role}' {options}"


def loaded(connection: Connection) -> Rows:
    """Give the rows that were loaded."""
    return run(connection, "select name, number from t order by number, name")


def load_errors(connection: Connection) -> Rows:
    """Give what is told of lines that failed."""
    return run(
        connection,
        "select file_name, line_number, column_name, error_message from sys_load_error_detail order by line_number",
    )


def test_a_manifest_names_the_objects(empty_warehouse: Warehouse, session: Connection) -> None:
    urls = [
        empty_warehouse.objects.put("b", f"part/{number}.gz", gzip.compress(f"x,{number}\n".encode()))
        for number in range(30)
    ]

    run(session, copy(manifest(empty_warehouse, *urls), "format as csv gzip manifest"))

    assert loaded(session) == tuple(("x", number) for number in range(30))
    assert run(session, "select pg_last_copy_count()") == ((30,),)


def test_a_prefix_names_the_objects(empty_warehouse: Warehouse, session: Connection) -> None:
    empty_warehouse.objects.put("b", "day/1", b"x,1\n")
    empty_warehouse.objects.put("b", "day/2", b"x,2\n")
    empty_warehouse.objects.put("b", "night", b"x,3\n")

    run(session, copy("s3://b/day/"))

    assert loaded(session) == (("x", 1), ("x", 2))


def test_a_prefix_without_objects_is_an_error(session: Connection) -> None:
    with pytest.raises(ProgrammingError, match="prefix 'day/' does not exist"):
        run(session, copy("s3://b/day/"))


def test_a_missing_manifest_is_an_error(session: Connection) -> None:
    with pytest.raises(ProgrammingError, match=r"Problem reading manifest file.*NoSuchKey"):
        run(session, copy("s3://b/none.json", "csv manifest"))


def test_a_missing_object_that_is_mandatory_is_an_error(empty_warehouse: Warehouse, session: Connection) -> None:
    there = empty_warehouse.objects.put("b", "there", b"x,1\n")

    with pytest.raises(ProgrammingError, match="Mandatory"):
        run(session, copy(manifest(empty_warehouse, there, "s3://b/gone"), "csv manifest"))

    session.rollback()
    assert loaded(session) == ()


def test_a_missing_object_that_nobody_called_mandatory_is_passed_over(
    empty_warehouse: Warehouse, session: Connection
) -> None:
    there = empty_warehouse.objects.put("b", "there", b"x,1\n")

    run(session, copy(manifest(empty_warehouse, "s3://b/gone", there, mandatory=None), "csv manifest"))

    assert loaded(session) == (("x", 1),)


def test_an_object_that_is_not_packed_as_said_is_an_error(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "plain", b"x,1\n")

    with pytest.raises(ProgrammingError, match="could not be unpacked") as error:
        run(session, copy(url, "csv gzip"))

    assert url in str(error.value)


def test_a_role_that_is_not_attached_is_refused(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"x,1\n")

    with pytest.raises(ProgrammingError, match="not authorized to assume IAM Role"):
        run(session, copy(url, role="arn:aws:iam::123456789012:role/other"))


def test_a_load_belongs_to_its_transaction(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"x,1\n")
    run(session, copy(url))
    inside = loaded(session)

    session.rollback()

    assert inside == (("x", 1),)
    assert loaded(session) == ()
    assert run(session, "select pg_last_copy_count()") == ((0,),)


def test_a_failed_load_aborts_its_transaction(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"x,1\nx,one\n")
    run(session, "insert into t values ('y', 7)")

    with pytest.raises(ProgrammingError, match="Load into table 't' failed"):
        run(session, copy(url))
    with pytest.raises(ProgrammingError, match="aborted"):
        run(session, "select 1")

    session.rollback()
    assert loaded(session) == ()


def test_load_errors_outlive_the_load(empty_warehouse: Warehouse, session: Connection) -> None:
    first = empty_warehouse.objects.put("b", "first", b"x,1\n")
    second = empty_warehouse.objects.put("b", "second", b'"a\nb",2\nx,three\n')

    with pytest.raises(ProgrammingError) as error:
        run(session, copy(manifest(empty_warehouse, first, second), "csv manifest"))
    session.rollback()

    assert error.value.args[0]["C"] == "XX000"
    assert load_errors(session) == ((second, 3, "number", "Invalid digit, Type: Integer"),)


def test_what_is_told_of_a_line_holds_nothing_of_it(
    empty_warehouse: Warehouse, session: Connection, postgres_server: PostgresServer
) -> None:
    url = empty_warehouse.objects.put("b", "k", f"Ada Tester,1\nx,{CARD}\nx,1,{CARD}\n".encode())

    with pytest.raises(ProgrammingError) as error:
        run(session, copy(url, "csv maxerror 2"))
    session.rollback()

    told = [
        str(error.value),
        str(run(session, "select * from sys_load_error_detail")),
        str(run(session, "select * from stl_load_errors")),
        postgres_server.log_file.read_text(errors="replace"),
    ]
    assert len(load_errors(session)) == 3
    assert not any("Ada" in text or CARD in text for text in told)


def test_what_was_left_out_is_told_in_a_notice(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"x,1\nx,one\n")

    run(session, copy(url, "csv maxerror 5"))
    session.commit()

    notices = [fields[b"M"].decode() for fields in session.notices]
    assert "1 record(s) loaded successfully" in notices[-2]
    assert "1 record(s) could not be loaded" in notices[-1]
    assert len(load_errors(session)) == 1


def test_columns_that_are_not_named_get_their_defaults(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"1\n2\n")
    run(session, "create table d (id bigint identity(1, 1), word varchar(5) default 'none', number integer)")

    run(session, copy(url, table="d (number)"))

    assert run(session, "select number, word from d order by id") == ((1, "none"), (2, "none"))


def test_an_identity_column_is_not_loaded(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"a\nb\n")
    run(session, "create table d (id bigint identity(1, 1), word varchar(5))")

    run(session, copy(url, table="d"))

    assert run(session, "select word from d order by id") == (("a",), ("b",))
    with pytest.raises(ProgrammingError, match="identity"):
        run(session, copy(url, table="d (id)"))


@pytest.mark.parametrize(
    ("table", "problem"), [("missing", "nonexistent table missing"), ("t (nowhere)", 'column "nowhere"')]
)
def test_a_target_that_is_not_there_is_an_error(session: Connection, table: str, problem: str) -> None:
    with pytest.raises(ProgrammingError, match=problem):
        run(session, copy("s3://b/k", table=table))


def test_a_column_type_that_copy_does_not_read_is_refused(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"10:00\n")
    run(session, "create table d (at time)")

    with pytest.raises(ProgrammingError, match="column of type time"):
        run(session, copy(url, table="d"))


def test_the_number_of_rows_is_not_in_rowcount(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"x,1\n")
    cursor = session.cursor()

    cursor.execute(copy(url))

    assert cursor.rowcount == -1


def test_a_large_object_is_streamed(empty_warehouse: Warehouse, session: Connection) -> None:
    content = b"".join(b"name,%d\n" % number for number in range(200_000))
    url = empty_warehouse.objects.put("b", "k", gzip.compress(content, 1))

    run(session, copy(url, "csv gzip"))

    assert run(session, "select count(*), sum(number) from t") == ((200_000, 19_999_900_000),)


@dataclass
class SlowObjects(MemoryObjects):
    """Objects that are not opened before the test says so."""

    asked: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def open(self, access: S3Access, bucket: str, key: str) -> BinaryIO:
        self.asked.set()
        assert self.go_on.wait(60)
        return super().open(access, bucket, key)


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
    """Start a load of 100,000 rows on a session of its own, and leave as soon as it reads."""
    assert isinstance(warehouse.objects, SlowObjects)
    url = warehouse.objects.put("b", "k", b"".join(b"x,%d\n" % number for number in range(100_000)))
    client = RawClient(warehouse)
    for statement in before:
        assert errors(client.query(statement)) == []
    client.channel.send(wire.encode(b"Q", f"{copy(url)}\0".encode()))
    assert warehouse.objects.asked.wait(60)
    client.close()
    warehouse.objects.go_on.set()
    return client


def test_a_load_outside_a_transaction_goes_on_when_its_client_is_gone(
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
    url = empty_warehouse.objects.put("b", "k", b"x,1\n")

    answer = raw_client.query(f"-- a comment\n{copy(url)};")

    assert kinds(answer) == "NCZ"
    assert loaded(session) == (("x", 1),)


def test_two_sessions_load_at_once(empty_warehouse: Warehouse, session: Connection) -> None:
    other = empty_warehouse.connect()
    url = empty_warehouse.objects.put("b", "k", b"x,1\n")

    run(session, copy(url))
    run(other, copy(url))
    session.commit()
    other.commit()

    assert loaded(session) == (("x", 1), ("x", 1))


def test_a_load_needs_the_right_to_insert(empty_warehouse: Warehouse, session: Connection) -> None:
    url = empty_warehouse.objects.put("b", "k", b"x,1\n")
    user = f"reader_{empty_warehouse.database}"
    run(session, f"create user {user} password 'Made-up-1'")
    session.commit()
    reader = empty_warehouse.connect(user=user, password="Made-up-1")

    with pytest.raises(ProgrammingError, match="permission denied"):
        run(reader, copy(url))

    reader.close()
    run(session, f"drop user {user}")
    session.commit()
