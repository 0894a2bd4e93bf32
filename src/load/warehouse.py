"""Load's only access to the warehouse: sessions, statements, and translation of the driver's errors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import redshift_connector
from redshift_connector.core import Connection
from redshift_connector.error import Error

from load.credentials import Credentials
from load.settings import Settings
from shared.errors import TransientError

# The driver's one time-out, for connecting and for each answer. It is longer than any statement may take, so that the
# warehouse cancels the statement first and reports it, and shorter than the function's own 300 s.
SOCKET_TIMEOUT_SECONDS = 270
# A peer that vanished without closing the connection is noticed after about 25 s. TCP alone would need hours.
KEEPALIVE_IDLE_SECONDS = 10
KEEPALIVE_INTERVAL_SECONDS = 5
KEEPALIVE_PROBES = 3
# How long one wait for the mutex may take. A transaction that does not begin with LOCK begins with the longer limit of
# sql/load/work_timeout.sql: while the warehouse wakes, even its first small statement may take half a minute.
LOCK_TIMEOUT_SECONDS = 20
_UNDEFINED_TABLE_STATES = ("42P01", "3F000")
# SQLSTATE classes that a value of a row can cause: data, constraints.
_ROW_CLASSES = ("22", "23")
# Redshift's code for whatever has no code of its own: a COPY that failed, a plan that it cannot run, a conflict.
_INTERNAL = "XX000"
_LOGIN_CLASS = "28"
_TIMED_OUT = "57014"
# Connection, transaction rollback, session terminated from outside: the next try may succeed at once.
_PASSING = ("08", "40", "57P")
# These too, but as XX000. 1023, the isolation violation, is the whole text; the others continue with a number or a name
# (docs/decisions/load.md).
_ISOLATION_VIOLATION = "1023"
_CONFLICTS = ("could not complete because of conflict with concurrent transaction", "could not open relation with OID")
_ROLE_REFUSED = "is not authorized to assume IAM Role"


class WarehouseUnavailable(TransientError):
    """The warehouse could not be reached, or the connection broke."""

    def __init__(self, doing: str, problem: str) -> None:
        super().__init__(f"warehouse: {doing} failed: {problem}. It is retried. If it continues, check the workgroup.")


class LoginRefused(WarehouseUnavailable):
    """The warehouse refused the user or the password."""


class StatementFailed(TransientError):
    """The warehouse refused a statement. ``sqlstate`` is its code. The batch is rolled back and tried again."""

    def __init__(self, sqlstate: str, problem: str, *, was_copying: bool = False) -> None:
        super().__init__(f"warehouse refused a statement: {sqlstate} {problem}")
        self.sqlstate = sqlstate
        self.problem = problem
        self.was_copying = was_copying

    @property
    def is_undefined_table(self) -> bool:
        """Whether a table or schema is missing, as in a warehouse that was never migrated."""
        return self.sqlstate in _UNDEFINED_TABLE_STATES

    @property
    def is_timeout(self) -> bool:
        """Whether the statement took longer than it may, or was cancelled."""
        return self.sqlstate == _TIMED_OUT

    @property
    def is_conflict(self) -> bool:
        """Whether another transaction was in the way. Redshift gives such an error no code of its own."""
        is_one = self.problem == _ISOLATION_VIOLATION or self.problem.startswith(_CONFLICTS)
        return self.sqlstate == _INTERNAL and is_one


class TimedOutBeforeWriting(StatementFailed):
    """A statement timed out, or was cancelled, before the load wrote anything."""


@contextmanager
def before_writing() -> Iterator[None]:
    """Raise TimedOutBeforeWriting for a time-out in the block."""
    try:
        yield
    except StatementFailed as failure:
        if failure.is_timeout:
            raise TimedOutBeforeWriting(failure.sqlstate, failure.problem) from failure
        raise


def may_be_one_files_fault(error: Exception) -> bool:
    """Return whether the other files of a batch may load without the one at fault.

    XX000 is a file's fault only if COPY raised it. From any other statement it is a plan that Redshift refuses.
    """
    if isinstance(error, StatementFailed):
        is_copys = error.was_copying and error.sqlstate == _INTERNAL and _ROLE_REFUSED not in error.problem
        return (is_copys and not error.is_conflict) or error.sqlstate.startswith(_ROW_CLASSES)
    return not isinstance(error, TransientError)


def may_pass_at_once(error: Exception) -> bool:
    """Return whether a try within seconds may succeed: lost connections, conflicts, early time-outs."""
    if isinstance(error, StatementFailed):
        is_early = isinstance(error, TimedOutBeforeWriting)
        return is_early or error.is_conflict or error.sqlstate.startswith(_PASSING)
    return isinstance(error, WarehouseUnavailable) and not isinstance(error, LoginRefused)


class Session(Protocol):
    """One connection, with at most one transaction open."""

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows, if it has any. Raises WarehouseUnavailable or StatementFailed."""

    def execute_alone(self, sql: str) -> None:
        """Run a statement outside any transaction, while none is open. Raises what `execute` raises."""

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
                raise StatementFailed(sqlstate, problem, was_copying=sql.startswith("copy ")) from error
            raise WarehouseUnavailable("running a statement", problem) from error

    def execute_alone(self, sql: str) -> None:
        """See Session."""
        self._connection.autocommit = True
        try:
            self.execute(sql)
        finally:
            self._connection.autocommit = False

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
