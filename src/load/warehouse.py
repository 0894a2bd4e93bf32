"""Load's only door to the warehouse: sessions, statements, and the driver's errors translated."""

from collections.abc import Sequence
from typing import Any, Protocol

import redshift_connector
from redshift_connector.core import Connection
from redshift_connector.error import Error

from load.credentials import Credentials
from load.settings import Settings
from shared.errors import TransientError

CONNECT_TIMEOUT_SECONDS = 30
# Below the socket's patience and the function's own limit: the warehouse gives up first, and says so.
STATEMENT_TIMEOUT_SECONDS = 90
_UNDEFINED_TABLE_STATES = ("42P01", "3F000")
# SQLSTATE classes that tell of the warehouse and not of the rows: connection, transaction, resources, locks, operator,
# system.
_WAREHOUSE_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
# Redshift's serializable isolation violation, which has no SQLSTATE of its own.
_ISOLATION_VIOLATION = "1023"


class WarehouseUnavailable(TransientError):
    """The warehouse could not be reached, or broke off."""

    def __init__(self, doing: str, problem: str) -> None:
        super().__init__(
            f"warehouse: {doing} failed: {problem}. It is retried; if that goes on, look at the workgroup."
        )


class StatementFailed(TransientError):
    """The warehouse refused a statement. ``sqlstate`` is its code; the batch is rolled back and tried again."""

    def __init__(self, sqlstate: str, problem: str) -> None:
        super().__init__(f"warehouse refused a statement: {sqlstate} {problem}")
        self.sqlstate = sqlstate
        self.problem = problem

    @property
    def is_undefined_table(self) -> bool:
        """Whether a table or schema is missing, as in a warehouse that was never migrated."""
        return self.sqlstate in _UNDEFINED_TABLE_STATES


def may_be_one_files_fault(error: Exception) -> bool:
    """Tell whether the other files of a batch may load without the one at fault."""
    if isinstance(error, StatementFailed):
        return not error.sqlstate.startswith(_WAREHOUSE_CLASSES) and _ISOLATION_VIOLATION not in error.problem
    return not isinstance(error, TransientError)


class Session(Protocol):
    """One connection, with at most one transaction open."""

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and give its rows, if it has any. Raises WarehouseUnavailable or StatementFailed."""

    def commit(self) -> None:
        """End the transaction and keep it."""

    def rollback(self) -> None:
        """End the transaction and drop it."""

    def close(self) -> None:
        """Let the connection go; never raises."""


def connect(settings: Settings, credentials: Credentials) -> "RedshiftSession":
    """Open a session. Raises WarehouseUnavailable."""
    try:
        connection = redshift_connector.connect(
            host=settings.warehouse_host,
            port=settings.warehouse_port,
            database=settings.warehouse_database,
            user=credentials.username,
            password=credentials.password,
            ssl=True,
            sslmode="verify-full",
            timeout=CONNECT_TIMEOUT_SECONDS,
            tcp_keepalive=True,
            application_name="cafe-load",
        )
    except (Error, OSError) as error:
        raise WarehouseUnavailable("connecting", _problem(error)[1]) from error
    session = RedshiftSession(connection)
    session.execute(f"set statement_timeout to {STATEMENT_TIMEOUT_SECONDS * 1000}")
    session.commit()
    return session


class RedshiftSession:
    """A session of Amazon Redshift, over a connection of its driver."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See Session."""
        try:
            self._cursor.execute(sql, tuple(values) or None)
            return [tuple(row) for row in self._cursor.fetchall()] if self._cursor.description else []
        except (Error, OSError) as error:
            sqlstate, problem = _problem(error)
            if sqlstate:
                raise StatementFailed(sqlstate, problem) from error
            raise WarehouseUnavailable("running a statement", problem) from error

    def commit(self) -> None:
        """See Session."""
        try:
            self._connection.commit()
        except (Error, OSError) as error:
            raise WarehouseUnavailable("committing", _problem(error)[1]) from error

    def rollback(self) -> None:
        """See Session."""
        try:
            self._connection.rollback()
        except (Error, OSError) as error:
            raise WarehouseUnavailable("rolling back", _problem(error)[1]) from error

    def close(self) -> None:
        """See Session."""
        try:
            self._connection.close()
        except (Error, OSError):
            return  # It is gone already, which is what was wanted.


def _problem(error: Exception) -> tuple[str, str]:
    """Take the SQLSTATE and the first words out of the driver's error, whose one argument is a dict of fields."""
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return str(fields.get("C", "")), str(fields.get("M", type(error).__name__))[:200]
