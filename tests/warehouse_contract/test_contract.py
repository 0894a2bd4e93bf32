"""Check the contract of the warehouse's dialect on the local Redshift or on a real one (README.md)."""

import gzip
import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import boto3
import pytest
import redshift_connector
from redshift_connector.core import Connection
from redshift_connector.error import ProgrammingError

from fixtures.warehouse import COPY_ROLE, MemoryObjects, Warehouse, new_warehouse
from local_redshift.server import RedshiftEndpoint
from warehouse_contract.cases import ANSWERS, SALES, Answer
from warehouse_contract.copy_cases import LOADED, NOT_LOADED, CopyCase, manifest_of
from warehouse_contract.refusals import NOT_IMITATED, REFUSALS, Refusal
from warehouse_contract.warehouses import RedshiftAddress, redshift_address

REDSHIFT = redshift_address(os.environ)
# On a real Redshift, COPY can be checked only with a bucket on AWS.
COPY_CASES = LOADED + NOT_LOADED if REDSHIFT is None or (REDSHIFT.bucket and REDSHIFT.role) else ()
PutObject = Callable[[str, bytes], str]


def redshift_session(address: RedshiftAddress) -> Connection:
    return redshift_connector.connect(
        host=address.host,
        port=address.port,
        database=address.database,
        user=address.user,
        password=address.password,
        sslmode="verify-full",
    )


@pytest.fixture(scope="module")
def local_warehouse(redshift_endpoint: RedshiftEndpoint, warehouse_objects: MemoryObjects) -> Iterator[Warehouse]:
    """One database for all cases; each case works in its own schema."""
    with new_warehouse(redshift_endpoint, warehouse_objects) as warehouse:
        yield warehouse


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A session whose unqualified tables go into a new schema."""
    connection = redshift_session(REDSHIFT) if REDSHIFT else request.getfixturevalue("local_warehouse").connect()
    connection.autocommit = True
    schema = f"contract_{uuid4().hex}"
    run(connection, f"create schema {schema}")
    run(connection, f"set search_path to {schema}")
    yield connection
    run(connection, "rollback")  # a case may leave a transaction open
    run(connection, f"drop schema {schema} cascade")
    connection.close()


@pytest.fixture
def put_object(request: pytest.FixtureRequest) -> Iterator[PutObject]:
    """A function that puts an object where COPY can read it, and gives its address."""
    if REDSHIFT is None:
        warehouse: Warehouse = request.getfixturevalue("local_warehouse")
        yield lambda name, content: warehouse.objects.put("contract", f"{uuid4().hex}/{name}", content)
        return
    s3 = boto3.client("s3")
    folder = f"warehouse-contract/{uuid4().hex}"
    keys: list[str] = []

    def put(name: str, content: bytes) -> str:
        keys.append(f"{folder}/{name}")
        s3.put_object(Bucket=REDSHIFT.bucket, Key=keys[-1], Body=content)
        return f"s3://{REDSHIFT.bucket}/{keys[-1]}"

    yield put
    for key in keys:
        s3.delete_object(Bucket=REDSHIFT.bucket, Key=key)


@pytest.fixture
def copy_role() -> str:
    """The role under which COPY reads."""
    return REDSHIFT.role if REDSHIFT else COPY_ROLE


def run(connection: Connection, statement: str) -> tuple[tuple[object, ...], ...]:
    """Run a statement and give its rows, if it has any."""
    cursor = connection.cursor()
    cursor.execute(statement)
    return tuple(tuple(row) for row in cursor.fetchall()) if cursor.description else ()


def set_up(connection: Connection, *statements: str) -> None:
    """Create the table `sales` if a statement names it."""
    if any("sales" in statement for statement in statements):
        for statement in SALES:
            run(connection, statement)


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case.name)
def test_a_statement_of_the_dialect_is_answered(case: Answer, session: Connection) -> None:
    set_up(session, *case.statements)

    answers = [run(session, statement) for statement in case.statements]

    assert case.rows is None or answers[-1] == case.rows


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.name)
def test_a_statement_outside_the_dialect_is_refused(case: Refusal, session: Connection) -> None:
    set_up(session, case.statement, *case.setup)
    for statement in case.setup:
        run(session, statement)

    with pytest.raises(ProgrammingError):
        run(session, case.statement)

    run(session, "rollback")  # a case may begin a transaction
    assert run(session, "select 1") == ((1,),)


@pytest.mark.skipif(REDSHIFT is not None, reason="Redshift accepts these statements; only the local one refuses them")
@pytest.mark.parametrize("case", NOT_IMITATED, ids=lambda case: case.name)
def test_what_the_project_does_not_use_is_not_imitated(case: Refusal, session: Connection) -> None:
    set_up(session, case.statement)

    with pytest.raises(ProgrammingError, match="is not imitated by the local Redshift"):
        run(session, case.statement)


@pytest.mark.parametrize("case", COPY_CASES, ids=lambda case: case.name)
def test_copy_loads_a_file_or_reports_what_is_wrong(
    case: CopyCase, session: Connection, put_object: PutObject, copy_role: str
) -> None:
    address = put_object("file.gz", gzip.compress(case.content))
    manifest = put_object("manifest", manifest_of(address))
    run(session, f"create table target ({case.columns})")
    copy = f"copy target from '{manifest}' iam_role '{copy_role}' {case.options}"

    if case.rows is not None:
        run(session, copy)

        assert run(session, "select * from target order by 1") == case.rows
    else:
        with pytest.raises(ProgrammingError, match="Load into table 'target' failed"):
            run(session, copy)

        assert run(session, "select count(*) from target") == ((0,),)
        errors = run(session, f"select trim(column_name) from sys_load_error_detail where file_name = '{address}'")  # noqa: S608
        assert {name for (name,) in errors} == {case.wrong_column}
