"""The one session that a warm function keeps between batches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from load.statements import statement
from load.warehouse import Session, before_writing
from shared.errors import TransientError

# The warehouse may have closed a session that was idle for longer: ping it before it gets a batch.
TRUSTED_IDLE_SECONDS = 30
# After this time the network may have dropped the connection silently (350 s in AWS's load balancers and gateways). A
# ping would then wait for the socket's time-out, and a new session takes a moment.
LONGEST_IDLE_SECONDS = 300
# DELETE empties the session's temporary tables, and no vacuum removes the deleted rows: after 2,000 batches a load took
# twice as long as over a new session (docs/decisions/load.md).
MOST_USES = 200


class Connection:
    """Opens a session when one is needed, keeps it for MOST_USES uses, closes it at the first error.

    ``prepare`` prepares a new session; if it fails, the session is closed, which frees its locks.
    """

    def __init__(self, connect: Callable[[], Session], prepare: Callable[[Session], None]) -> None:
        self._connect = connect
        self._prepare = prepare
        self._session: Session | None = None
        self._used_at = 0.0
        self._uses = 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Lend the session; any exception inside closes it, which rolls its transaction back."""
        session = self._live_session()
        is_new = session is None
        session = self._session = session or self._connect()
        try:
            if is_new:
                self._uses = 0
                with before_writing():
                    self._prepare(session)
            yield session
        except BaseException:
            self._session = None
            session.close()
            raise
        self._used_at = monotonic()
        self._uses += 1

    def _live_session(self) -> Session | None:
        session, idle_seconds = self._session, monotonic() - self._used_at
        if session is None:
            return None
        if self._uses >= MOST_USES or idle_seconds >= LONGEST_IDLE_SECONDS:
            session.close()
            return None
        if idle_seconds < TRUSTED_IDLE_SECONDS:
            return session
        try:
            session.execute(statement("load/work_timeout"))
            session.execute(statement("schema/ping"))
            session.rollback()
        except TransientError:
            session.close()
            return None
        return session
