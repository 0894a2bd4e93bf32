"""The endpoint as a server: it listens, and serves each client in a separate thread."""

import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from local_redshift.copy.s3_objects import ObjectReader
from local_redshift.databases import Databases
from local_redshift.protocols import serve
from local_redshift.session import SNAPSHOT, Session, SharedState
from local_redshift.wire.upstream import PostgresAddress

LOOPBACK = "127.0.0.1"
BACKLOG = 64
STOP_TIMEOUT_SECONDS = 10.0


class RedshiftEndpoint:
    """A local Redshift in front of a PostgreSQL. As a context manager it listens while it is open.

    Port 0 takes a free port, which is then in `port`. With `tls` every client must encrypt; without it none can.
    """

    def __init__(
        self,
        upstream: PostgresAddress,
        reader: ObjectReader,
        *,
        tls: ssl.SSLContext | None = None,
        roles: Iterable[str] = (),
        host: str = LOOPBACK,
        port: int = 0,
        isolation: str = SNAPSHOT,
        limits_lock_waits: bool = True,
    ) -> None:
        self.host = host
        self.port = port
        self.databases = Databases(upstream)
        self._roles = frozenset(roles)
        self._shared = SharedState(self.databases, reader, tls, lambda: self._roles, isolation, limits_lock_waits)
        self.activity = self._shared.activity
        self._listener: socket.socket | None = None
        self._sessions: dict[Session, threading.Thread] = {}
        self._lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, name="redshift-acceptor", daemon=True)

    def set_administrator(self, user: str, password: str, database: str, roles: Iterable[str]) -> None:
        """Create the namespace's administrator, and set the attached roles: COPY may name only these."""
        self.databases.create(database)
        self.databases.set_administrator(user, password, database)
        self._roles = frozenset(roles)

    def start(self) -> Self:
        """Listen."""
        self._listener = socket.create_server((self.host, self.port), backlog=BACKLOG)
        self.port = self._listener.getsockname()[1]
        self._acceptor.start()
        return self

    def stop(self) -> None:
        """Stop listening and end every session; open transactions are rolled back."""
        if self._listener is None:
            return
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the acceptor
        self._listener.close()
        self._acceptor.join(STOP_TIMEOUT_SECONDS)
        with self._lock:
            sessions = dict(self._sessions)
        for session in sessions:
            session.abort()
        for thread in sessions.values():
            thread.join(STOP_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        while self._listener is not None:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            session = Session(connection, self._shared)
            thread = threading.Thread(target=self._serve, args=(session,), name="redshift-session", daemon=True)
            with self._lock:
                self._sessions[session] = thread
            thread.start()

    def _serve(self, session: Session) -> None:
        try:
            session.run(serve)
        finally:
            with self._lock:
                self._sessions.pop(session, None)
