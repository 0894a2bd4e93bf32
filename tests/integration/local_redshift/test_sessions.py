"""Sessions: login, isolation of transactions as on Redshift, and clients that disconnect."""

import datetime
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redshift_connector
from redshift_connector.error import ProgrammingError

from cafe.local.certificates import Certificates, provide
from cafe.local.postgres import PostgresServer
from fixtures.warehouse import ADMIN_USER, COPY_ROLE, MemoryObjects, Warehouse
from integration.local_redshift.conftest import Observer
from integration.local_redshift.raw_client import LoginRefused, RawClient, errors
from integration.local_redshift.sessions import run
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire import messages
from local_redshift.wire.upstream import PostgresAddress, send_cancel_request, superuser_session


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return provide(tmp_path_factory.mktemp("tls"), datetime.datetime.now(datetime.UTC))


@pytest.fixture
def tls_warehouse(
    postgres_server: PostgresServer, empty_warehouse: Warehouse, certificates: Certificates
) -> Iterator[Warehouse]:
    """The empty warehouse behind a second endpoint, which accepts only TLS."""
    server = postgres_server
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate_file, certificates.key_file)
    address = PostgresAddress(server.host, server.port, server.superuser, server.password)
    with RedshiftEndpoint(address, MemoryObjects(), tls=context, roles=[COPY_ROLE]) as endpoint:
        yield Warehouse("localhost", endpoint.port, empty_warehouse.database, empty_warehouse.objects)


def test_the_endpoint_reports_redshifts_version(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()

    assert (b"server_version", b"8.0.2") in connection.parameter_statuses


def test_a_wrong_password_is_refused_as_redshift_refuses_it(empty_warehouse: Warehouse) -> None:
    mistaken = replace(empty_warehouse, password="wrong")

    with pytest.raises(LoginRefused) as refusal:
        RawClient(mistaken)

    assert refusal.value.fields["C"] == "28000"


def test_a_database_that_is_not_there_is_refused(empty_warehouse: Warehouse) -> None:
    with pytest.raises(LoginRefused, match="nowhere"):
        RawClient(replace(empty_warehouse, database="nowhere"))


def test_a_user_with_temporary_credentials_is_known_by_name(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect(user=f"IAM:{ADMIN_USER}")

    assert run(connection, "select current_user") == ((ADMIN_USER,),)


def test_settings_at_the_start_of_a_session_are_refused(empty_warehouse: Warehouse) -> None:
    with pytest.raises(LoginRefused, match="options"):
        RawClient(empty_warehouse, options="-c work_mem=1MB")


def test_a_client_that_verifies_the_certificate_is_served(
    tls_warehouse: Warehouse, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))

    with redshift_connector.connect(
        host=tls_warehouse.host,
        port=tls_warehouse.port,
        database=tls_warehouse.database,
        user=tls_warehouse.user,
        password=tls_warehouse.password,
        sslmode="verify-full",
    ) as connection:
        # More than one TLS record each way.
        assert run(connection, "select len(%s)", ("x" * 100_000,)) == ((100_000,),)


def test_an_unencrypted_client_is_refused_when_the_endpoint_has_tls(tls_warehouse: Warehouse) -> None:
    with pytest.raises(LoginRefused, match="SSL"):
        RawClient(tls_warehouse)


def test_a_client_that_breaks_off_the_handshake_does_not_affect_others(
    tls_warehouse: Warehouse, certificates: Certificates
) -> None:
    for first_bytes in (b"", b"not a handshake"):
        with socket.create_connection((tls_warehouse.host, tls_warehouse.port)) as connection:
            connection.sendall(messages.encode_startup(messages.SSL_REQUEST))
            assert connection.recv(1) == b"S"
            connection.sendall(first_bytes)

    trusting = ssl.create_default_context(cafile=str(certificates.ca_file))
    with socket.create_connection((tls_warehouse.host, tls_warehouse.port)) as connection:
        connection.sendall(messages.encode_startup(messages.SSL_REQUEST))
        assert connection.recv(1) == b"S"
        with trusting.wrap_socket(connection, server_hostname="localhost") as secured:
            assert secured.version() in ("TLSv1.2", "TLSv1.3")


def test_a_transaction_reads_one_snapshot(empty_warehouse: Warehouse) -> None:
    reader, writer = empty_warehouse.connect(), empty_warehouse.connect(autocommit=True)
    run(writer, "create table t (a integer)")
    before = run(reader, "select count(*) from t")

    run(writer, "insert into t values (1)")

    assert run(reader, "select count(*) from t") == before
    reader.commit()
    assert run(reader, "select count(*) from t") == ((1,),)


def test_a_lock_is_taken_before_the_snapshot(empty_warehouse: Warehouse, observer: Observer) -> None:
    first, second = empty_warehouse.connect(), empty_warehouse.connect()
    run(first, "create table mutex (a integer)")
    run(first, "create table t (a integer)")
    first.commit()
    run(first, "lock mutex")
    run(first, "insert into t values (1)")

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(run, second, "lock mutex")
        observer.wait_for_lock_waiter()
        first.commit()
        waiting.result()

    assert run(second, "select count(*) from t") == ((1,),)


@pytest.mark.parametrize(
    ("first_write", "second_write"),
    [
        ("insert into t values (3)", "insert into t values (4)"),
        ("update t set a = 5 where a = 1", "update t set a = 6 where a = 2"),
        ("delete from t where a = 1", "insert into t values (4)"),
    ],
)
def test_one_session_at_a_time_writes_a_table(
    empty_warehouse: Warehouse, observer: Observer, first_write: str, second_write: str
) -> None:
    first, second, reader = (empty_warehouse.connect() for _ in range(3))
    run(first, "create table t (a integer)")
    run(first, "insert into t values (1), (2)")
    first.commit()
    run(first, first_write)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(run, second, second_write)
        observer.wait_for_lock_waiter()
        read = run(reader, "select a from t order by a")
        locks = run(
            reader,
            "select transactions.granted from svv_transactions as transactions"
            " join pg_class as tables on tables.oid = transactions.relation"
            " where tables.relname = 't' and transactions.lock_mode = 'ShareRowExclusiveLock' order by 1",
        )
        first.commit()
        waiting.result()
    second.commit()

    assert read == ((1,), (2,))
    assert locks == ((False,), (True,))


def test_two_sessions_write_two_tables(empty_warehouse: Warehouse) -> None:
    first, second = empty_warehouse.connect(), empty_warehouse.connect(autocommit=True)
    for table in ("t", "u"):
        run(second, f"create table {table} (a integer)")

    run(first, "insert into t values (1)")
    run(second, "insert into u values (1)")
    first.commit()

    assert run(second, "select count(*) from t") == run(second, "select count(*) from u") == ((1,),)


def test_a_conflict_of_writers_is_redshifts_error_1023(empty_warehouse: Warehouse) -> None:
    first, second = empty_warehouse.connect(), empty_warehouse.connect()
    run(first, "create table t (a integer)")
    run(first, "insert into t values (1)")
    first.commit()
    run(second, "select count(*) from t")
    run(first, "update t set a = 2")
    first.commit()

    with pytest.raises(ProgrammingError) as conflict:
        run(second, "update t set a = 3")

    fields = conflict.value.args[0]
    assert (fields["C"], fields["M"]) == ("XX000", "1023")
    assert "Serializable isolation violation" in fields["D"]


def test_a_client_that_leaves_in_a_transaction_leaves_no_lock(
    raw_client: RawClient, empty_warehouse: Warehouse, observer: Observer
) -> None:
    other = empty_warehouse.connect()
    for statement in ("create table mutex (a integer)", "begin", "lock mutex", "insert into mutex values (1)"):
        raw_client.query(statement)

    raw_client.close()

    run(other, "lock mutex")
    assert run(other, "select count(*) from mutex") == ((0,),)
    observer.wait_for_sessions(1)


def test_a_client_that_leaves_while_it_waits_stops_waiting(
    raw_client: RawClient, empty_warehouse: Warehouse, observer: Observer
) -> None:
    holder = empty_warehouse.connect()
    run(holder, "create table mutex (a integer)")
    holder.commit()
    run(holder, "lock mutex")
    raw_client.query("begin")
    raw_client.channel.send(messages.encode(b"Q", b"lock mutex\0"))
    observer.wait_for_lock_waiter()

    raw_client.close()

    observer.wait_for_sessions(1)


def test_a_waiting_statement_can_be_cancelled(
    empty_warehouse: Warehouse, observer: Observer, redshift_endpoint: RedshiftEndpoint
) -> None:
    first, second = empty_warehouse.connect(), empty_warehouse.connect()
    run(first, "create table mutex (a integer)")
    first.commit()
    run(first, "lock mutex")

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(run, second, "lock mutex")
        observer.wait_for_lock_waiter()
        endpoint = PostgresAddress(redshift_endpoint.host, redshift_endpoint.port, "", "")
        send_cancel_request(endpoint, second._backend_key_data or b"")
        error = waiting.exception()

    assert isinstance(error, ProgrammingError)
    assert error.args[0]["C"] == "57014"
    second.rollback()
    assert run(second, "select 1") == ((1,),)


def test_a_statement_timeout_is_kept(empty_warehouse: Warehouse) -> None:
    first, second = empty_warehouse.connect(), empty_warehouse.connect()
    run(first, "create table mutex (a integer)")
    first.commit()
    run(first, "lock mutex")
    run(second, "set statement_timeout to 50")

    with pytest.raises(ProgrammingError) as timeout:
        run(second, "lock mutex")

    assert timeout.value.args[0]["C"] == "57014"


def test_who_holds_a_lock_can_be_found_and_ended(raw_client: RawClient, empty_warehouse: Warehouse) -> None:
    other = empty_warehouse.connect(autocommit=True)
    for statement in ("create schema ops", "create table ops.mutex (a integer)", "begin", "lock ops.mutex"):
        raw_client.query(statement)

    holders = run(
        other,
        "select pid from svv_transactions where lock_mode = 'AccessExclusiveLock' and granted and txn_owner = %s",
        (ADMIN_USER,),
    )
    assert {run(other, "select pg_terminate_backend(%s)", holder) for holder in set(holders)} == {((True,),)}

    run(other, "truncate ops.mutex")
    assert errors(raw_client.receive_until_closed()) == ["57P01"]


def test_truncate_commits(empty_warehouse: Warehouse) -> None:
    connection, other = empty_warehouse.connect(), empty_warehouse.connect()
    run(connection, "create table t (a integer)")
    run(connection, "create table kept (a integer)")
    connection.commit()
    run(connection, "insert into kept values (1)")

    run(connection, "truncate t")
    connection.rollback()

    assert run(other, "select count(*) from kept") == ((1,),)


def test_a_sort_key_comes_and_goes_with_its_table(
    empty_warehouse: Warehouse, redshift_endpoint: RedshiftEndpoint
) -> None:
    connection = empty_warehouse.connect()

    def indexes() -> int:
        with superuser_session(redshift_endpoint.databases.address, empty_warehouse.database) as session:
            rows = session.query(
                "select count(*) from pg_indexes where tablename = 't' and indexdef like '%brin%'"
            ).rows
        return int(str(rows[0][0]))

    run(connection, "create table t (a integer, b timestamp) sortkey (b)")
    connection.rollback()
    assert indexes() == 0

    run(connection, "create table t (a integer, b timestamp) sortkey (b)")
    connection.commit()
    assert indexes() == 1

    run(connection, "drop table t")
    connection.commit()
    assert indexes() == 0


def test_a_refused_statement_aborts_its_transaction(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (a integer)")
    connection.commit()
    run(connection, "insert into t values (1)")

    with pytest.raises(ProgrammingError, match="RETURNING"):
        run(connection, "insert into t values (2) returning a")
    with pytest.raises(ProgrammingError, match="aborted"):
        run(connection, "select 1")
    with pytest.raises(ProgrammingError, match="aborted"):
        run(connection, "truncate t")

    connection.rollback()
    assert run(connection, "select count(*) from t") == ((0,),)


def test_an_error_does_not_repeat_the_row(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (name varchar(20), card varchar(16) not null)")

    with pytest.raises(ProgrammingError) as error:
        run(connection, "insert into t values (%s, null)", ("Ada Tester",))

    assert error.value.args[0]["C"] == "23502"
    assert "Ada" not in str(error.value)


def test_names_in_quotes_are_folded_to_lower_case(empty_warehouse: Warehouse) -> None:
    cursor = empty_warehouse.connect().cursor()

    cursor.execute('select 1 as "Value"')

    assert cursor.description[0][0] == "value"


def test_a_repeated_statement_takes_new_values(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create temp table t (a integer, b varchar(9), c decimal(8, 2), d timestamp, e boolean)")
    at = datetime.datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as the column has it

    for number in range(3):
        run(connection, "insert into t values (%s, %s, %s, %s, %s)", (number, None, "1.50", at, True))

    assert run(connection, "select sum(a), count(b), sum(c), min(d), bool_and(e) from t")[0][0::3] == (3, at)


def test_many_rows_arrive(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    digits = " union all ".join(f"select {digit} as digit" for digit in range(10))
    joins = " ".join(f"cross join digits as d{place}" for place in range(4))

    rows = run(connection, f"with digits as ({digits}) select d0.digit, 'x' from digits {joins} where digits.digit < 5")  # noqa: S608

    assert len(rows) == 50_000


def test_a_correlated_subquery_is_refused_whatever_its_columns_are_called(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "create table t (a integer, b integer)")
    run(connection, "create table u (c integer)")

    for query in (
        "select a from t where exists (select 1 from u where c = b)",
        "select a from t where a in (select b from u)",
        "with w as (select c from u) select (select max(c) from w where c < t.b) from t",
        "delete from t where a = (select max(c) from u where c <> a)",
        "create view v as select a from t where a > (select min(c) from u where c = b)",
    ):
        with pytest.raises(ProgrammingError, match="correlated subquery is not imitated"):
            run(connection, query)
    assert run(connection, "select a from t where a in (select c from u where c = %s)", (1,)) == ()


def test_a_refused_subquery_fails_its_transaction(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create temp table t (a integer)")

    assert run(connection, "select a from t where a = (select max(a) from t)") == ()
    with pytest.raises(ProgrammingError, match="correlated subquery"):
        run(connection, "select a from t where exists (select 1 from (select 1 as b) as u where b = a)")
    with pytest.raises(ProgrammingError, match="current transaction is aborted"):
        run(connection, "select 1")

    connection.rollback()
    with pytest.raises(ProgrammingError, match='relation "t" does not exist'):
        run(connection, "select 1 where 1 in (select a from t)")


def test_a_role_is_created_outside_a_transaction_only(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "begin")

    with pytest.raises(ProgrammingError, match="CREATE ROLE inside a transaction is not imitated"):
        run(connection, "create role nobody")


def test_users_of_a_role_read_what_it_may_read(empty_warehouse: Warehouse) -> None:
    admin = empty_warehouse.connect(autocommit=True)
    role, user = f"reader_{empty_warehouse.database}", f"analyst_{empty_warehouse.database}"
    for statement in (
        "create schema mart",
        "create table mart.t (a integer)",
        "create table hidden (a integer)",
        f"create role {role}",
        f"create user {user} password 'Made-up-1'",
        f"grant usage on schema mart to role {role}",
        f"grant select on all tables in schema mart to role {role}",
        f"grant role {role} to {user}",
    ):
        run(admin, statement)
    reader = empty_warehouse.connect(user=user, password="Made-up-1", autocommit=True)

    assert run(reader, "select count(*) from mart.t") == ((0,),)
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(reader, "select * from hidden")

    reader.close()
    run(admin, "drop schema mart cascade")
    run(admin, f"drop user {user}")
    run(admin, f"drop role {role}")


def test_stopping_the_endpoint_ends_its_sessions(
    postgres_server: PostgresServer, empty_warehouse: Warehouse, observer: Observer
) -> None:
    server = postgres_server
    address = PostgresAddress(server.host, server.port, server.superuser, server.password)
    with RedshiftEndpoint(address, MemoryObjects()) as endpoint:
        client = RawClient(replace(empty_warehouse, port=endpoint.port))
        client.query("begin")
        observer.wait_for_sessions(1)

    assert client.receive_until_closed() == []
    observer.wait_for_sessions(0)
    client.close()


def test_the_log_of_the_database_holds_no_row(empty_warehouse: Warehouse, postgres_server: PostgresServer) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (card varchar(5))")

    with pytest.raises(ProgrammingError):
        run(connection, "insert into t values ('4111111111111111')")

    assert "4111111111111111" not in postgres_server.log_file.read_text(errors="replace")
