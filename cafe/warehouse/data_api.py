"""Query through the Redshift Data API: HTTPS and an IAM identity, with no port of the warehouse open to people."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from cafe.waiting import growing_pauses
from cafe.warehouse.port import (
    Column,
    Parameters,
    QueryResult,
    ResultStream,
    Value,
    WarehouseError,
    refuse_changes,
    statement_refused,
    text_to_send,
)

if TYPE_CHECKING:
    from mypy_boto3_redshift_data import RedshiftDataAPIServiceClient
    from mypy_boto3_redshift_data.type_defs import DescribeStatementResponseTypeDef

# A warehouse that is awake answers fast; one that resumes takes longer.
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
DEFAULT_TIMEOUT_SECONDS = 600.0

READERS: dict[str, Callable[[str], Value]] = {
    "numeric": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamptz": datetime.fromisoformat,
}


class StatementTimedOut(WarehouseError):
    """The warehouse did not finish a statement in time; it was cancelled."""

    code = "timed_out"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The warehouse did not finish the statement within {seconds:.0f} s; it was cancelled.",
            "It may be resuming, or busy. Try again, or query less data.",
        )


class DataApiWarehouse:
    """The warehouse behind the Data API. Without ``secret_arn``, the caller's own IAM identity is used."""

    def __init__(
        self,
        client: "RedshiftDataAPIServiceClient",
        *,
        workgroup: str,
        database: str,
        secret_arn: str | None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._target: dict[str, Any] = {"WorkgroupName": workgroup, "Database": database}
        if secret_arn is not None:
            self._target["SecretArn"] = secret_arn
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._sleep = sleep

    def query(self, sql: str, parameters: Parameters | None = None) -> QueryResult:
        """Run one statement and read its whole result; see `Warehouse.query`."""
        with self._run(sql, parameters) as result:
            return QueryResult(result.columns, list(result.rows))

    @contextmanager
    def stream(self, sql: str, *, may_write: bool = False) -> Iterator[ResultStream]:
        """Run one statement and read its result page by page; see `Warehouse.stream`.

        No document says that a session of the Data API may begin a transaction, so none is begun that is read-only. The
        API takes one statement at a time, and that one must be a query.
        """
        if not may_write:
            refuse_changes(text_to_send(sql, None))
        with self._run(sql, None) as result:
            yield result

    @contextmanager
    def _run(self, sql: str, parameters: Parameters | None) -> Iterator[ResultStream]:
        text = text_to_send(sql, parameters)
        bound = [{"name": name, "value": str(value)} for name, value in (parameters or {}).items()]
        optional: dict[str, Any] = {"Parameters": bound} if bound else {}
        try:
            started = self._client.execute_statement(Sql=text, **self._target, **optional)
        except ParamValidationError as error:
            raise WarehouseError(
                f"The Redshift Data API does not take this statement: {error}",
                "Check the statement and the values given.",
            ) from error
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ValidationException":
                raise statement_refused(error.response["Error"].get("Message", str(error))) from error
            raise
        if not self._finished(started["Id"]).get("HasResultSet"):
            yield ResultStream((), iter(()))
            return
        yield self._result(started["Id"])

    def _finished(self, statement_id: str) -> "DescribeStatementResponseTypeDef":
        deadline = self._clock() + self._timeout_seconds
        try:
            for pause in growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
                statement = self._client.describe_statement(Id=statement_id)
                match statement["Status"]:
                    case "FINISHED":
                        return statement
                    case "FAILED" | "ABORTED" as status:
                        raise statement_refused(statement.get("Error") or f"The statement ended as {status}.")
                if self._clock() >= deadline:
                    raise StatementTimedOut(self._timeout_seconds)
                self._sleep(pause)
        except (KeyboardInterrupt, StatementTimedOut):
            # Nobody waits for the result any more, and the warehouse is billed by the second.
            self._client.cancel_statement(Id=statement_id)
            raise
        raise AssertionError("the pauses have no end")

    def _result(self, statement_id: str) -> ResultStream:
        pages = iter(self._client.get_paginator("get_statement_result").paginate(Id=statement_id))
        first = next(pages)
        columns = tuple(
            Column(entry.get("label") or entry["name"], entry["typeName"]) for entry in first["ColumnMetadata"]
        )
        rows = (
            tuple(_value(cell, column.type) for cell, column in zip(record, columns, strict=True))
            for page in chain([first], pages)
            for record in page["Records"]
        )
        return ResultStream(columns, rows)


def _value(cell: Mapping[str, Any], type_name: str) -> Value:
    """Read a cell. The API sends each as an object with one entry; values that JSON cannot hold exactly are text."""
    if cell.get("isNull"):
        return None
    kind, value = next(iter(cell.items()))
    if kind == "stringValue" and type_name in READERS:
        return READERS[type_name](value)
    return bool(value) if kind == "booleanValue" else value
