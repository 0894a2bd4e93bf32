"""Mistakes of other stand-ins for Redshift: each test shows that this one does not make it."""

import gzip

import pytest
from redshift_connector.error import ProgrammingError

from fixtures.warehouse import COPY_ROLE, Warehouse
from integration.local_redshift.sessions import run
from warehouse_contract.copy_cases import manifest_of


def put(warehouse: Warehouse, content: bytes) -> str:
    """Put a gzipped object and its manifest, and give the manifest's address."""
    url = warehouse.objects.put("b", "k", gzip.compress(content))
    return warehouse.objects.put("b", "m", manifest_of(url))


def copy(manifest: str) -> str:
    """Write a COPY into the table t."""
    return f"copy t from '{manifest}' iam_role '{COPY_ROLE}' csv gzip manifest"


def test_a_refused_object_is_not_reported_as_missing(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (a varchar(5))")
    manifest = put(empty_warehouse, b"x\n")
    empty_warehouse.objects.refused.add(("b", "k"))

    with pytest.raises(ProgrammingError, match="S3ServiceException:Access Denied,Status 403"):
        run(connection, copy(manifest))


def test_an_option_of_copy_is_never_ignored(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (a varchar(5))")
    manifest = put(empty_warehouse, b"abcdefgh\n")

    with pytest.raises(ProgrammingError, match="COPY's option TRUNCATECOLUMNS is not imitated"):
        run(connection, f"{copy(manifest)} truncatecolumns")


def test_varchar_counts_bytes(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "create table t (a varchar(5))")
    manifest = put(empty_warehouse, "ééé\n".encode())

    with pytest.raises(ProgrammingError, match=r"value too long for type character varying\(5\)"):
        run(connection, "insert into t values (%s)", ("ééé",))
    with pytest.raises(ProgrammingError, match="Load into table 't' failed"):
        run(connection, copy(manifest))

    assert run(connection, "select count(*) from t") == ((0,),)


@pytest.mark.parametrize("comment", ["-- a line\n", "/* a block */", "/* one /* in */ another */ "])
def test_a_comment_before_copy_does_not_hide_it(empty_warehouse: Warehouse, comment: str) -> None:
    connection = empty_warehouse.connect()
    run(connection, "create table t (a varchar(5))")
    manifest = put(empty_warehouse, b"x\n")

    run(connection, f"{comment}{copy(manifest)}")

    assert run(connection, "select a from t") == (("x",),)


def test_a_failed_copy_in_autocommit_leaves_the_session_usable(empty_warehouse: Warehouse) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "create table t (a integer)")
    manifest = put(empty_warehouse, b"1\ntwo\n")

    with pytest.raises(ProgrammingError, match="Load into table 't' failed"):
        run(connection, copy(manifest))

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


@pytest.mark.parametrize(
    ("literal", "meant"),
    [(r"'a\\b'", r"a\b"), (r"'it\'s'", "it's"), (r"'A\', '", "A', "), (r"'x\') or 1=1 --'", "x') or 1=1 --")],
)
def test_a_backslash_in_a_string_is_an_escape(empty_warehouse: Warehouse, literal: str, meant: str) -> None:
    """PostgreSQL's own default ends 'A\\' at its second quote; Redshift goes on."""
    connection = empty_warehouse.connect(autocommit=True)

    assert run(connection, f"select {literal} as said") == ((meant,),)
    assert run(connection, "select %s || '' as said", (literal,)) == ((literal,),)


@pytest.mark.parametrize("value", ["A\\", "x\\') or 1=1 --", "\\N", "\\\\", "'; drop"])
def test_a_bound_value_keeps_its_backslashes(empty_warehouse: Warehouse, value: str) -> None:
    connection = empty_warehouse.connect(autocommit=True)
    run(connection, "create table t (a varchar(40))")
    run(connection, "insert into t values (%s)", (value,))

    assert run(connection, "select a from t where a = %s", (value,)) == ((value,),)
