"""Run a statement in a session of the driver, and wait for another session."""

import time
from collections.abc import Callable

from redshift_connector.core import Connection

Rows = tuple[tuple[object, ...], ...]
TIMEOUT_SECONDS = 60


def run(connection: Connection, statement: str, values: tuple[object, ...] | None = None) -> Rows:
    """Run a statement and return its rows, if it has any."""
    cursor = connection.cursor()
    cursor.execute(statement, values)
    return tuple(tuple(row) for row in cursor.fetchall()) if cursor.description else ()


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; fail after a minute."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.01)
