"""Query through redshift_connector, the driver that the load function uses; for the local twin."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import redshift_connector
from redshift_connector.core import Connection
from redshift_connector.error import Error, InterfaceError

from cafe.warehouse.port import (
    Column,
    Parameters,
    QueryResult,
    ResultStream,
    Value,
    WarehouseError,
    is_query,
    refuse_changes,
    statement_refused,
    text_to_send,
)

# PostgreSQL's numbers for the types that Redshift has.
TYPE_NAMES = {
    16: "bool",
    20: "int8",
    21: "int2",
    23: "int4",
    700: "float4",
    701: "float8",
    1042: "bpchar",
    1043: "varchar",
    1082: "date",
    1083: "time",
    1114: "timestamp",
    1184: "timestamptz",
    1700: "numeric",
}
CONNECT_TIMEOUT_SECONDS = 30
CURSOR = "cafe_result"
# Some 2 MB of wide rows at a time. Redshift advises at least 4,000 for each round trip.
ROWS_A_FETCH = 4_000


@dataclass(frozen=True, slots=True)
class Credentials:
    """A warehouse user; a repr does not show the password."""

    username: str
    password: str = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> Self:
        """Read the JSON of the stack's secret in Secrets Manager."""
        fields = json.loads(secret)
        return cls(username=fields["username"], password=fields["password"])


class DriverWarehouse:
    """The warehouse behind one TLS connection, opened at the first statement and checked against ``ca_file``."""

    def __init__(self, *, host: str, port: int, database: str, credentials: Credentials, ca_file: Path) -> None:
        self._host = host
        self._port = port
        self._database = database
        self._credentials = credentials
        self._ca_file = ca_file
        self._connection: Connection | None = None

    def query(self, sql: str, parameters: Parameters | None = None) -> QueryResult:
        """Run one statement and commit it; see `Warehouse.query`."""
        text = text_to_send(sql, parameters)
        if self._connection is None:
            self._connection = self._connect()
        cursor = self._connection.cursor()
        # Without parameters, the text must be sent as it is: with "named" the driver would search it for parameters.
        cursor.paramstyle = "named" if parameters else "qmark"
        try:
            cursor.execute(text, dict(parameters) if parameters else ())
            columns = tuple(column_of(entry) for entry in cursor.description or ())
            return QueryResult(columns, [tuple(row) for row in cursor.fetchall()] if columns else [])
        except InterfaceError as error:
            self._connection = None
            raise WarehouseError(f"The connection to the warehouse was lost: {error}", "Try again.") from error
        except Error as error:
            raise _refusal(error) from error

    @contextmanager
    def stream(self, sql: str, *, may_write: bool = False) -> Iterator[ResultStream]:
        """Run one statement in a read-only transaction, and read a query with a cursor; see `Warehouse.stream`.

        The driver keeps the whole result of a statement in memory, so a query is read some rows at a time.
        """
        text = text_to_send(sql, None)
        if not may_write:
            refuse_changes(text)
        elif not is_query(text):
            result = self.query(text)
            yield ResultStream(result.columns, iter(result.rows))
            return
        session_id = None
        try:
            ((session_id,),) = self.query("select pg_backend_pid()").rows
            self.query("begin" if may_write else "begin read only")
            yield self._read(text)
            self.query("commit")
        except KeyboardInterrupt:
            # The statement would run on: the warehouse does not look whether its client is still there.
            self._disconnect()
            if session_id is not None:
                self.query(f"select pg_terminate_backend({session_id})")
            raise
        except BaseException:
            self._disconnect()
            raise

    def _read(self, text: str) -> ResultStream:
        if not is_query(text):
            result = self.query(text)
            return ResultStream(result.columns, iter(result.rows))
        self.query(f"declare {CURSOR} cursor for {text}")
        fetch = f"fetch forward {ROWS_A_FETCH} from {CURSOR}"
        first = self.query(fetch)

        def rows() -> Iterator[tuple[Value, ...]]:
            some = first.rows
            while some:
                yield from some
                some = self.query(fetch).rows if len(some) == ROWS_A_FETCH else []

        return ResultStream(first.columns, rows())

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(Error, OSError):
                self._connection.close()
        self._connection = None

    def _connect(self) -> Connection:
        # The driver asks for it too, in a try that swallows every exception, Ctrl-C too. The first answer takes 40 ms
        # and is remembered.
        platform.platform()
        try:
            with _trusting(self._ca_file):
                connection = redshift_connector.connect(
                    host=self._host,
                    port=self._port,
                    database=self._database,
                    user=self._credentials.username,
                    password=self._credentials.password,
                    ssl=True,
                    sslmode="verify-full",
                    timeout=CONNECT_TIMEOUT_SECONDS,
                    application_name="cafe",  # without it, the driver looks for the caller's, for 10 ms
                )
        except (Error, OSError) as error:
            raise WarehouseError(
                f"Cannot connect to the warehouse at {self._host}:{self._port}: {error}",
                "Check with `cafe status` that the stack is up; `cafe up` starts it.",
            ) from error
        connection.autocommit = True
        return connection


@contextmanager
def _trusting(ca_file: Path) -> Iterator[None]:
    """Make OpenSSL trust an authority while a connection is opened, because the driver has no setting for it."""
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(ca_file)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SSL_CERT_FILE"]
        else:
            os.environ["SSL_CERT_FILE"] = before


def column_of(description: tuple[Any, ...]) -> Column:
    """Read a column's name and type from the description of the driver's cursor."""
    name, oid, *_ = description
    # The driver returns names as bytes until it knows the server's encoding.
    text = name.decode() if isinstance(name, bytes) else str(name)
    return Column(text, TYPE_NAMES.get(oid, "varchar"))


def _refusal(error: Error) -> WarehouseError:
    """Read the server's error fields: M the message, D the detail, H the hint."""
    fields = error.args[0] if error.args else None
    if not isinstance(fields, dict):
        return statement_refused(str(error))
    message = ". ".join(str(fields[key]) for key in ("M", "D") if fields.get(key))
    return statement_refused(message or str(error), str(fields.get("H", "")))
