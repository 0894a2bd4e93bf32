"""The one session that a warm function keeps between batches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from load.warehouse import Session
from shared.errors import TransientError

# A session idle for longer may have been closed from the other side: it is asked before it is trusted with a batch.
TRUSTED_IDLE_SECONDS = 30
# After so long the network may have forgotten the connection without a word (350 s in AWS's own load balancers and
# gateways): asking would wait for the socket's time-out, a new session takes a moment.
LONGEST_IDLE_SECONDS = 300
# The session's temporary tables are emptied by DELETE, and no vacuum ever reaches the rows that it leaves behind: after
# 2,000 batches a load took twice as long as over a fresh session (docs/decisions/load.md).
MOST_USES = 200


class Connection:
    """Opens a session when one is needed, keeps it for MOST_USES uses, lets it go at the first error.

    ``prepare`` makes a new session ready; if it fails, the session is let go, with whatever it had locked.
    """

    def __init__(self, connect: Callable[[], Session], prepare: Callable[[Session], None]) -> None:
        self._connect = connect
        self._prepare = prepare
        self._session: Session | None = None
        self._used_at = 0.0
        self._uses = 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Lend the session; whatever is raised inside closes it, which rolls its transaction back."""
        session = self._live_session()
        is_new = session is None
        session = self._session = session or self._connect()
        try:
            if is_new:
                self._uses = 0
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
            session.execute("select 1")
            session.rollback()
        except TransientError:
            session.close()
            return None
        return session
