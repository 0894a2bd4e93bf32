"""The one session that a warm function keeps between batches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from load.warehouse import Session
from shared.errors import TransientError

# A session idle for longer may have been closed from the other side: it is asked before it is trusted with a batch.
TRUSTED_IDLE_SECONDS = 30


class Connection:
    """Opens a session when one is needed, keeps it while it works, lets it go at the first error."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open_session = open_session
        self._session: Session | None = None
        self._used_at = 0.0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Lend the session; whatever is raised inside closes it, which rolls its transaction back."""
        session = self._session = self._live_session() or self._open_session()
        try:
            yield session
        except BaseException:
            self._session = None
            session.close()
            raise
        self._used_at = monotonic()

    def _live_session(self) -> Session | None:
        session = self._session
        if session is None or monotonic() - self._used_at < TRUSTED_IDLE_SECONDS:
            return session
        try:
            session.execute("select 1")
            session.rollback()
        except TransientError:
            session.close()
            return None
        return session
