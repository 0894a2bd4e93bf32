"""The lock that every load takes first, and what a waiter does about a session that holds it for too long."""

from load.statements import statement
from load.warehouse import Session, StatementFailed
from shared.errors import TransientError

# Beyond the function's own limit of 120 s: whoever began that transaction was killed and cannot end it any more.
STALE_AFTER_SECONDS = 130
# Each wait ends by the session's own time-out (LOCK_TIMEOUT_SECONDS), so this is 80 s of the function's time.
MOST_WAITS = 4


class MutexHeld(TransientError):
    """Another load held the mutex all the time."""

    def __init__(self) -> None:
        super().__init__("another load held the mutex for too long. It is tried again when the messages come again.")


def take_mutex(
    session: Session, *, stale_after_seconds: float = STALE_AFTER_SECONDS, most_waits: int = MOST_WAITS
) -> None:
    """Begin a transaction behind the mutex. Raises MutexHeld.

    A function that was killed may leave a session that holds the mutex, since nobody told the warehouse. Whoever
    waits in vain looks for a transaction older than any function can live, and terminates its session.
    """
    for _ in range(most_waits):
        try:
            # The first statement of the transaction, whatever else is to be said to the session.
            session.execute(statement("load/lock"))
        except StatementFailed as failure:
            if not failure.is_timeout:
                raise
            session.rollback()
            _terminate_stale_holders(session, stale_after_seconds)
        else:
            session.execute(statement("load/work_timeout"))
            return
    raise MutexHeld


def _terminate_stale_holders(session: Session, stale_after_seconds: float) -> None:
    for (process,) in session.execute(statement("load/find_stale_holders"), (stale_after_seconds,)):
        session.execute(statement("load/terminate_session"), (process,))
    session.commit()
