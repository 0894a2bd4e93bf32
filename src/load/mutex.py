"""The lock that every load takes first, and how a waiting load terminates a session that holds it for too long."""

from load.statements import statement
from load.warehouse import Session, StatementFailed
from shared.errors import TransientError

# Above the function's own limit of 300 s: the function that began this transaction was killed and cannot end it.
STALE_AFTER_SECONDS = 315
# Each wait ends at the session's own limit (LOCK_TIMEOUT_SECONDS), so four are 80 s of the function's time.
MOST_WAITS = 4


class MutexHeld(TransientError):
    """Another load held the mutex the whole time."""

    def __init__(self) -> None:
        super().__init__(
            "another load held the mutex for too long. The load is tried again when the messages are delivered again."
        )


def take_mutex(
    session: Session, *, stale_after_seconds: float = STALE_AFTER_SECONDS, most_waits: int = MOST_WAITS
) -> None:
    """Begin a transaction behind the mutex. Raises MutexHeld.

    A killed function may leave a session that holds the mutex, because the warehouse does not know that it died. A load
    that waits too long looks for a transaction older than any function can be, and terminates its session.
    """
    for _ in range(most_waits):
        try:
            # Must be the first statement of the transaction (see the SQL file).
            session.execute(statement("load/lock"))
        except StatementFailed as failure:
            if not failure.is_timeout:
                raise
            session.rollback()
            terminate_stale_holders(session, stale_after_seconds)
        else:
            session.execute(statement("load/work_timeout"))
            return
    raise MutexHeld


def terminate_stale_holders(session: Session, stale_after_seconds: float = STALE_AFTER_SECONDS) -> None:
    """Terminate the sessions that hold the mutex for longer than any function lives, in a transaction of its own."""
    session.execute(statement("load/work_timeout"))
    for (process,) in session.execute(statement("load/find_stale_holders"), (stale_after_seconds,)):
        session.execute(statement("load/terminate_session"), (process,))
    session.commit()
