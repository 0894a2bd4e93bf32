"""Load's only access to the warehouse: sessions, statements, and translation of the driver's errors."""

from collections.abc import Sequence
from typing import Any, Protocol

import redshift_connector
from redshift_connector.core import Connection
from redshift_connector.error import Error

from load.credentials import Credentials
from load.settings import Settings
from shared.errors import TransientError

# The driver's one time-out, for connecting and for each answer. It is longer than any statement may take, so that the
# warehouse cancels the statement first and reports it, and shorter than the function's own 120 s.
SOCKET_TIMEOUT_SECONDS = 100
# A peer that vanished without closing the connection is noticed after about 25 s. TCP alone would need hours.
KEEPALIVE_IDLE_SECONDS = 10
KEEPALIVE_INTERVAL_SECONDS = 5
KEEPALIVE_PROBES = 3
# How long one wait for the mutex may take. The statements after it may take longer (sql/load/work_timeout.sql).
LOCK_TIMEOUT_SECONDS = 20
_UNDEFINED_TABLE_STATES = ("42P01", "3F000")
# SQLSTATE classes that are the warehouse's fault, not the rows': connection, transaction, resources, locks, operator,
# system.
_WAREHOUSE_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
# Redshift's serializable isolation violation, which has no SQLSTATE of its own.
_ISOLATION_VIOLATION = "1023"
# Statements that do not fit the current schema: a deploy is half done, and no file is at fault.
_SCHEMA_CLASS = "42"
_LOGIN_CLASS = "28"
_TIMED_OUT = "57014"
# Connection, transaction rollback, session terminated from outside: the next try may succeed at once.
_PASSING = ("08", "40", "57P")


class WarehouseUnavailable(TransientError):
    """The warehouse could not be reached, or the connection broke."""

    def __init__(self, doing: str, problem: str) -> None:
        super().__init__(f"warehouse: {doing} failed: {problem}. It is retried. If it continues, check the workgroup.")


class LoginRefused(WarehouseUnavailable):
    """The warehouse refused the user or the password."""


class StatementFailed(TransientError):
    """The warehouse refused a statement. ``sqlstate`` is its code. The batch is rolled back and tried again."""

    def __init__(self, sqlstate: str, problem: str) -> None:
        super().__init__(f"warehouse refused a statement: {sqlstate} {problem}")
        self.sqlstate = sqlstate
        self.problem = problem

    @property
    def is_undefined_table(self) -> bool:
        """Whether a table or schema is missing, as in a warehouse that was never migrated."""
        return self.sqlstate in _UNDEFINED_TABLE_STATES

    @property
    def is_timeout(self) -> bool:
        """Whether the statement took longer than it may, or was cancelled."""
        return self.sqlstate == _TIMED_OUT


def may_be_one_files_fault(error: Exception) -> bool:
    """Return whether the other files of a batch may load without the one at fault."""
    if isinstance(error, StatementFailed):
        is_warehouses = error.sqlstate.startswith((*_WAREHOUSE_CLASSES, _SCHEMA_CLASS))
        return not is_warehouses and _ISOLATION_VIOLATION not in error.problem
    return not isinstance(error, TransientError)


def may_pass_at_once(error: Exception) -> bool:
    """Return whether a try within seconds may succeed: lost connections, deadlocks, isolation violations."""
    if isinstance(error, StatementFailed):
        return error.sqlstate.startswith(_PASSING) or _ISOLATION_VIOLATION in error.problem
    return isinstance(error, WarehouseUnavailable) and not isinstance(error, LoginRefused)


class Session(Protocol):
    """One connection, with at most one transaction open."""

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows, if it has any. Raises WarehouseUnavailable or StatementFailed."""

    def commit(self) -> None:
        """Commit the transaction."""

    def rollback(self) -> None:
        """Roll the transaction back."""

    def close(self) -> None:
        """Close the connection; never raises."""


def connect(settings: Settings, credentials: Credentials) -> "RedshiftSession":
    """Open a session. Raises WarehouseUnavailable, or LoginRefused if the password was rotated."""
    try:
        connection = redshift_connector.connect(
            host=settings.warehouse_host,
            port=settings.warehouse_port,
            database=settings.warehouse_database,
            user=credentials.username,
            password=credentials.password,
            ssl=True,
            sslmode="verify-full",
            timeout=SOCKET_TIMEOUT_SECONDS,
            tcp_keepalive=True,
            tcp_keepalive_idle=KEEPALIVE_IDLE_SECONDS,
            tcp_keepalive_interval=KEEPALIVE_INTERVAL_SECONDS,
            tcp_keepalive_count=KEEPALIVE_PROBES,
            application_name="cafe-load",
        )
    except (Error, OSError) as error:
        sqlstate, problem = _problem(error)
        refusal = LoginRefused if sqlstate.startswith(_LOGIN_CLASS) else WarehouseUnavailable
        raise refusal("connecting", problem) from error
    session = RedshiftSession(connection)
    session.execute(f"set statement_timeout to {LOCK_TIMEOUT_SECONDS * 1000}")
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
            return  # It is closed already.


def _problem(error: Exception) -> tuple[str, str]:
    """Read the SQLSTATE and the start of the message from the driver's error, whose argument is a dict of fields."""
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return str(fields.get("C", "")), str(fields.get("M", type(error).__name__))[:200]
