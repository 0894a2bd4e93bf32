"""The Redshift Data API adapter, on botocore's stubs: its calls are valid, and its answers become Python values."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ParamValidationError
from botocore.stub import Stubber

from cafe.warehouse.data_api import DataApiWarehouse, StatementTimedOut
from cafe.warehouse.port import MissingRelation, WarehouseError

SECRET = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse-abcdef"
ID = "11111111-2222-3333-4444-555555555555"
TARGET = {"WorkgroupName": "cafe-dev", "Database": "cafe", "SecretArn": SECRET}


class Clock:
    """A clock that moves only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client() -> Any:
    return boto3.client("redshift-data", "eu-west-2", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def api(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def warehouse(client: Any, clock: Clock) -> DataApiWarehouse:
    return DataApiWarehouse(
        client,
        workgroup="cafe-dev",
        database="cafe",
        secret_arn=SECRET,
        timeout_seconds=60,
        clock=lambda: clock.now,
        sleep=clock.sleep,
    )


def started(api: Stubber, sql: str, **more: Any) -> None:
    api.add_response("execute_statement", {"Id": ID}, {"Sql": sql, **TARGET, **more})


def described(api: Stubber, status: str, **more: Any) -> None:
    api.add_response("describe_statement", {"Id": ID, "Status": status, **more}, {"Id": ID})


def column(name: str, type_name: str) -> dict[str, Any]:
    return {"name": name, "label": name, "typeName": type_name}


COLUMNS = [
    column("orders", "int8"),
    column("total", "numeric"),
    column("day", "date"),
    column("at", "timestamp"),
    column("name", "varchar"),
    column("live", "bool"),
    column("share", "float8"),
    column("nothing", "numeric"),
]
RECORD = [
    {"longValue": 12345},
    {"stringValue": "9.10"},
    {"stringValue": "2021-02-23"},
    {"stringValue": "2021-02-23 09:00:48"},
    {"stringValue": "Café"},
    {"booleanValue": False},
    {"doubleValue": 0.5},
    {"isNull": True},
]


def test_values_get_python_types(warehouse: DataApiWarehouse, api: Stubber) -> None:
    started(api, "select 1")
    described(api, "FINISHED", HasResultSet=True)
    api.add_response("get_statement_result", {"ColumnMetadata": COLUMNS, "Records": [RECORD]}, {"Id": ID})

    result = warehouse.query("select 1")

    assert result.rows == [
        (
            12345,
            Decimal("9.10"),
            date(2021, 2, 23),
            datetime(2021, 2, 23, 9, 0, 48),  # noqa: DTZ001  till times have no zone
            "Café",
            False,
            0.5,
            None,
        )
    ]
    assert [column.is_numeric for column in result.columns] == [True, True, False, False, False, False, True, True]


def test_all_pages_of_a_result_are_read(warehouse: DataApiWarehouse, api: Stubber) -> None:
    started(api, "select n")
    described(api, "FINISHED", HasResultSet=True)
    page = {"ColumnMetadata": [column("n", "int4")]}
    api.add_response("get_statement_result", {**page, "Records": [[{"longValue": 1}]], "NextToken": "more"}, {"Id": ID})
    api.add_response("get_statement_result", {**page, "Records": [[{"longValue": 2}]]}, {"Id": ID, "NextToken": "more"})

    assert warehouse.query("select n").rows == [(1,), (2,)]


def test_an_empty_result_still_has_its_columns(warehouse: DataApiWarehouse, api: Stubber) -> None:
    started(api, "select n")
    described(api, "FINISHED", HasResultSet=True)
    api.add_response("get_statement_result", {"ColumnMetadata": [column("n", "int4")], "Records": []}, {"Id": ID})

    result = warehouse.query("select n")

    assert [column.name for column in result.columns] == ["n"]
    assert result.rows == []


def test_parameters_are_sent_by_name_as_text(warehouse: DataApiWarehouse, api: Stubber) -> None:
    sql = "select :file, :most"
    bound = [{"name": "file", "value": "o'brien.csv"}, {"name": "most", "value": "5"}]
    started(api, sql, Parameters=bound)
    described(api, "FINISHED", HasResultSet=False)

    result = warehouse.query(sql, {"file": "o'brien.csv", "most": 5})

    assert result.columns == ()


def test_without_a_secret_the_callers_own_identity_is_used(client: Any, api: Stubber, clock: Clock) -> None:
    warehouse = DataApiWarehouse(
        client, workgroup="cafe-dev", database="cafe", secret_arn=None, clock=lambda: clock.now, sleep=clock.sleep
    )
    api.add_response(
        "execute_statement", {"Id": ID}, {"Sql": "select 1", "WorkgroupName": "cafe-dev", "Database": "cafe"}
    )
    described(api, "FINISHED", HasResultSet=False)

    assert warehouse.query("select 1").rows == []


def test_a_slow_statement_is_polled_with_growing_pauses(
    warehouse: DataApiWarehouse, api: Stubber, clock: Clock
) -> None:
    started(api, "select 1")
    for status in ["SUBMITTED", "PICKED", *["STARTED"] * 8]:
        described(api, status)
    described(api, "FINISHED", HasResultSet=False)

    warehouse.query("select 1")

    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[0] < 0.2
    assert clock.pauses[-1] == 2.0


def test_comments_are_not_sent(warehouse: DataApiWarehouse, api: Stubber) -> None:
    started(api, "select ' -- :kept', \"/*kept*/\",   1", Parameters=[{"name": "day", "value": "2026-11-20"}])
    described(api, "FINISHED", HasResultSet=False)

    warehouse.query(
        "-- :file is a file\nselect ' -- :kept', \"/*kept*/\", /* :most */ 1 -- :last", {"day": "2026-11-20"}
    )


def test_an_empty_parameter_is_refused_before_it_is_sent(warehouse: DataApiWarehouse) -> None:
    with pytest.raises(WarehouseError, match="The value of file is empty"):
        warehouse.query("select :file", {"file": ""})


def test_what_the_client_itself_refuses_is_an_error_of_the_warehouse(
    client: Any, warehouse: DataApiWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise ParamValidationError(report="Invalid length for parameter Sql")

    monkeypatch.setattr(client, "execute_statement", refuse)

    with pytest.raises(WarehouseError, match="Invalid length for parameter Sql"):
        warehouse.query("select 1")


def test_a_failed_statement_gives_the_warehouses_message(warehouse: DataApiWarehouse, api: Stubber) -> None:
    started(api, "selec 1")
    described(api, "FAILED", Error='ERROR: syntax error at or near "selec"')

    with pytest.raises(WarehouseError, match='syntax error at or near "selec"'):
        warehouse.query("selec 1")


@pytest.mark.parametrize(
    "message",
    ['ERROR: relation "ops.files" does not exist', 'ERROR: schema "ops" does not exist'],
    ids=["table", "schema"],
)
def test_a_missing_table_is_an_error_of_its_own(warehouse: DataApiWarehouse, api: Stubber, message: str) -> None:
    started(api, "select * from ops.files")
    described(api, "FAILED", Error=message)

    with pytest.raises(MissingRelation):
        warehouse.query("select * from ops.files")


def test_an_aborted_statement_is_an_error(warehouse: DataApiWarehouse, api: Stubber) -> None:
    started(api, "select 1")
    described(api, "ABORTED")

    with pytest.raises(WarehouseError, match="ended as ABORTED"):
        warehouse.query("select 1")


def test_a_statement_that_the_api_refuses_is_an_error(warehouse: DataApiWarehouse, api: Stubber) -> None:
    api.add_client_error("execute_statement", "ValidationException", "Cannot execute: the statement is too long")

    with pytest.raises(WarehouseError, match="the statement is too long"):
        warehouse.query("select 1")


def test_a_statement_that_takes_too_long_is_cancelled(client: Any, api: Stubber, clock: Clock) -> None:
    warehouse = DataApiWarehouse(
        client,
        workgroup="cafe-dev",
        database="cafe",
        secret_arn=SECRET,
        timeout_seconds=0.2,
        clock=lambda: clock.now,
        sleep=clock.sleep,
    )
    started(api, "select 1")
    for _ in range(3):
        described(api, "STARTED")
    api.add_response("cancel_statement", {"Status": True}, {"Id": ID})

    with pytest.raises(StatementTimedOut):
        warehouse.query("select 1")


def test_an_interrupted_statement_is_cancelled(client: Any, api: Stubber) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    warehouse = DataApiWarehouse(
        client, workgroup="cafe-dev", database="cafe", secret_arn=SECRET, clock=lambda: 0.0, sleep=interrupt
    )
    started(api, "select 1")
    described(api, "STARTED")
    api.add_response("cancel_statement", {"Status": True}, {"Id": ID})

    with pytest.raises(KeyboardInterrupt):
        warehouse.query("select 1")
