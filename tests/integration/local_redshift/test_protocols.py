"""What clients other than the driver send: texts of several statements, and batches of every shape."""

import socket

import pytest

from fixtures.warehouse import Warehouse
from integration.local_redshift.raw_client import (
    FLUSH,
    SYNC,
    RawClient,
    bind,
    close_statement,
    describe_portal,
    describe_statement,
    errors,
    execute,
    kinds,
    parse,
)
from local_redshift.wire import messages


def test_a_text_of_several_statements_is_answered_in_turn(raw_client: RawClient) -> None:
    answer = raw_client.query("create temp table t (a integer); insert into t values (1), (2); select a from t;")

    assert kinds(answer) == "CCTDDCZ"


def test_an_empty_text_is_answered(raw_client: RawClient) -> None:
    assert kinds(raw_client.query("-- nothing")) == "IZ"


def test_nothing_of_a_text_is_run_when_one_statement_is_refused(raw_client: RawClient) -> None:
    raw_client.query("create table t (a integer)")

    answer = raw_client.query("insert into t values (1); create index i on t (a)")

    assert errors(answer) == ["0A000"]
    assert raw_client.query("select count(*) from t")[1].body.endswith(b"0")


@pytest.mark.parametrize(
    "statement",
    [
        "truncate t",
        "copy t from 's3://b/k' iam_role 'arn:aws:iam::1:role/r' csv gzip manifest",
        "create table t (a integer) sortkey (a)",
    ],
)
def test_a_statement_that_the_endpoint_runs_itself_must_be_alone(raw_client: RawClient, statement: str) -> None:
    assert errors(raw_client.query(f"select 1; {statement}")) == ["0A000"]


def test_a_table_with_a_sort_key_is_one_statement(raw_client: RawClient) -> None:
    assert kinds(raw_client.query("create table t (a integer) sortkey (a)")) == "CZ"
    assert kinds(raw_client.query("insert into t values (2), (1); select a from t")) == "CTDDCZ"


def test_a_text_that_is_not_utf8_is_refused(raw_client: RawClient) -> None:
    assert errors(raw_client.ask(messages.encode(b"Q", b"select '\xff'\0"))) == ["22021"]


def test_a_batch_is_answered_at_its_sync_and_not_before(raw_client: RawClient) -> None:
    answer = raw_client.ask(parse("select 1"), FLUSH, bind(), FLUSH, describe_portal(), FLUSH, execute(), FLUSH, SYNC)

    assert kinds(answer) == "12TDCZ"


def test_a_batch_goes_on_in_order_around_what_the_endpoint_runs_itself(raw_client: RawClient) -> None:
    raw_client.query("create table t (a integer)")

    answer = raw_client.ask(
        *(parse("insert into t values (1)"), bind(), execute()),
        *(parse("truncate t", "own"), describe_statement("own"), bind("own"), describe_portal(), execute()),
        *(close_statement("own"), parse("select count(*) from t"), bind(), execute(), SYNC),
    )

    assert kinds(answer) == "12C" + "1tn2nC" + "312DCZ"
    assert answer[-3].body.endswith(b"0")


def test_a_batch_stops_at_its_first_error(raw_client: RawClient) -> None:
    raw_client.query("create table t (a integer)")

    answer = raw_client.ask(
        *(parse("select nothing"), bind(), execute()),
        *(parse("truncate missing", "own"), bind("own"), execute(), parse("select 1"), bind(), execute(), SYNC),
    )

    assert errors(answer) == ["42703"]
    assert kinds(raw_client.query("select 1")) == "TDCZ"


def test_a_batch_stops_when_the_endpoints_own_statement_fails(raw_client: RawClient) -> None:
    answer = raw_client.ask(
        *(parse("select 1"), bind(), execute(), parse("truncate missing", "own"), bind("own"), execute()),
        *(parse("select 2"), bind(), execute(), SYNC),
    )

    assert kinds(answer) == "12DC12EZ"
    assert kinds(raw_client.query("select 1")) == "TDCZ"


@pytest.mark.parametrize("refused", ["create index i on t (a)", "select 1; select 2"])
def test_a_refusal_in_a_transaction_fails_it(raw_client: RawClient, refused: str) -> None:
    raw_client.query("begin")

    answer = raw_client.ask(parse("select 1"), parse(refused, "x"), bind("x"), execute(), SYNC)

    assert kinds(answer) == "1EZ"
    assert answer[-1].body == messages.FAILED_TRANSACTION
    assert raw_client.query("rollback")[-1].body == messages.IDLE


CORRELATED = "select a from t where exists (select 1 from (select 1 as b) as u where b = a)"


def test_a_batch_goes_on_in_order_around_a_subquery(raw_client: RawClient) -> None:
    raw_client.query("create table t (a integer)")

    answer = raw_client.ask(
        *(parse("insert into t values (1)"), bind(), execute()),
        *(parse("select a from t where a in (select a from t)"), bind(), describe_portal(), execute(), SYNC),
    )

    assert kinds(answer) == "12C12TDCZ"


def test_a_correlated_subquery_ends_its_batch(raw_client: RawClient) -> None:
    raw_client.query("create table t (a integer)")

    answer = raw_client.ask(parse("select 1"), parse(CORRELATED), bind(), execute(), SYNC)

    assert kinds(answer) == "1EZ"
    assert kinds(raw_client.query("select 1 where 1 in (select 1)")) == "TDCZ"


def test_a_correlated_subquery_in_a_text_fails_its_transaction(raw_client: RawClient) -> None:
    raw_client.query("create table t (a integer)")
    raw_client.query("begin")

    answer = raw_client.query(CORRELATED)

    assert errors(answer) == ["0A000"]
    assert answer[-1].body == messages.FAILED_TRANSACTION


def test_a_subquery_must_be_in_a_text_of_its_own(raw_client: RawClient) -> None:
    assert errors(raw_client.query("create temp table t (a integer); select 1 where 1 in (select a from t)")) == [
        "0A000"
    ]


def test_a_statement_that_the_endpoint_runs_itself_takes_no_parameters(raw_client: RawClient) -> None:
    with_type = messages.encode(b"P", b"\0truncate t\0" + b"\0\x01" + b"\0\0\0\x17")

    assert errors(raw_client.ask(with_type, SYNC)) == ["0A000"]


def test_a_prepared_statement_that_the_endpoint_runs_itself_can_be_run_again(raw_client: RawClient) -> None:
    raw_client.query("create table t (a integer)")
    raw_client.ask(parse("truncate t", "own"), SYNC)

    for _ in range(2):
        assert kinds(raw_client.ask(bind("own"), execute(), SYNC)) == "2CZ"


def test_a_sync_alone_is_answered(raw_client: RawClient) -> None:
    assert kinds(raw_client.ask(SYNC)) == "Z"


def test_a_huge_batch_is_passed_on_in_pieces(raw_client: RawClient) -> None:
    long_text = "x" * 700_000

    answer = raw_client.ask(*(parse(f"select '{long_text}'", f"s{number}") for number in range(5)), SYNC)

    assert kinds(answer) == "11111Z"


@pytest.mark.parametrize(
    "malformed",
    [b"?\0\0\0\4", b"Q\0\0\0\0", b"Q\x7f\0\0\0", b"P\0\0\0\5x", b"B\0\0\0\4", b"E\0\0\0\4"],
    ids=["unknown kind", "impossible length", "too long", "half a Parse", "half a Bind", "half an Execute"],
)
def test_a_malformed_message_ends_the_session(raw_client: RawClient, malformed: bytes) -> None:
    raw_client.channel.send(malformed)

    assert raw_client.receive_until_closed() == []


@pytest.mark.parametrize(
    "start",
    [
        b"\0\0\0\1\0\0\0\0",
        messages.encode_startup(12345),
        messages.encode_startup(messages.PROTOCOL_VERSION, b"user\0"),
    ],
    ids=["impossible length", "unknown protocol", "half a parameter"],
)
def test_a_malformed_start_does_not_affect_others(
    empty_warehouse: Warehouse, raw_client: RawClient, start: bytes
) -> None:
    with socket.create_connection((empty_warehouse.host, empty_warehouse.port)) as connection:
        connection.sendall(start)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1024):
            continue

    assert kinds(raw_client.query("select 1")) == "TDCZ"
