"""Six ways in which a stand-in for Redshift deceives those who trust it, each shut by a test."""

import json

import pytest
from redshift_connector.error import ProgrammingError

from fixtures.warehouse import COPY_ROLE, Warehouse
from integration.local_redshift.sessions import run


def test_a_refused_object_is_not_reported_as_missing(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (a varchar(5))")
    url = empty_warehouse.objects.put("b", "k", b"x\n")
    empty_warehouse.objects.refused.add(("b", "k"))
    entries = {"entries": [{"url": url, "mandatory": True}]}
    manifest = empty_warehouse.objects.put("b", "m", json.dumps(entries).encode())

    with pytest.raises(ProgrammingError, match="S3ServiceException:Access Denied,Status 403"):
        run(connection, f"copy t from '{manifest}' iam_role '{COPY_ROLE}' csv manifest")


def test_truncatecolumns_is_carried_out(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (a varchar(5))")
    url = empty_warehouse.objects.put("b", "k", "abcdefgh\nabcdéf\n".encode())

    run(connection, f"copy t from '{url}' iam_role '{COPY_ROLE}' csv truncatecolumns")

    assert run(connection, "select a from t order by a") == (("abcd",), ("abcde",))


def test_varchar_counts_bytes(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "create table t (a varchar(5))")
    url = empty_warehouse.objects.put("b", "k", "ééé\n".encode())

    with pytest.raises(ProgrammingError, match=r"value too long for type character varying\(5\)"):
        run(connection, "insert into t values (%s)", ("ééé",))
    with pytest.raises(ProgrammingError, match="Load into table 't' failed"):
        run(connection, f"copy t from '{url}' iam_role '{COPY_ROLE}' csv")

    assert run(connection, "select count(*) from t") == ((0,),)


@pytest.mark.parametrize("comment", ["-- a line\n", "/* a block */", "/* one /* in */ another */ "])
def test_a_comment_before_copy_does_not_hide_it(empty_warehouse: Warehouse, comment: str) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (a varchar(5))")
    url = empty_warehouse.objects.put("b", "k", b"x\n")

    run(connection, f"{comment}copy t from '{url}' iam_role '{COPY_ROLE}' csv")

    assert run(connection, "select a from t") == (("x",),)


def test_a_failed_copy_in_autocommit_leaves_the_session_usable(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "create table t (a integer)")
    url = empty_warehouse.objects.put("b", "k", b"1\ntwo\n")

    with pytest.raises(ProgrammingError, match="Load into table 't' failed"):
        run(connection, f"copy t from '{url}' iam_role '{COPY_ROLE}' csv")

    assert run(connection, "select count(*) from t") == ((0,),)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t values (1) on conflict do nothing",
        "insert into t values (1) returning a",
        "create index i on t (a)",
        "select distinct on (a) a from t",
        "select '{}'::jsonb",
        "select string_agg('a', ',') from t",
    ],
)
def test_sql_of_postgresql_alone_is_refused(empty_warehouse: Warehouse, statement: str) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "create table t (a integer)")

    with pytest.raises(ProgrammingError, match=r"not supported by Amazon Redshift|does not exist"):
        run(connection, statement)
