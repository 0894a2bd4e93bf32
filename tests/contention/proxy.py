"""A TCP proxy between loader and warehouse that breaks connections as a bad network does."""

import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

CHUNK = 65_536
# How long the warehouse does not notice that the other end of a half-open connection is gone. Longer than the loader's
# own timeout.
UNNOTICED_SECONDS = 1.3
# The driver sends this to commit, in a simple or a prepared statement.
COMMIT = b"commit"


@dataclass(frozen=True, slots=True)
class Cut:
    """What happens to one connection.

    ``kind``: "reset" and "close" end it on both sides; "half-open" silently stops passing data on until the loader
    gives up. ``at``: "bytes" after ``after_bytes`` bytes from the loader; "before commit" instead of passing COMMIT on;
    "with commit" as soon as COMMIT was passed on; "after commit" once the warehouse has answered it.
    """

    kind: str
    at: str
    after_bytes: int = 0
    delay_seconds: float = 0.0


class Proxy:
    """Passes connections on to a port. Each new connection gets the next planned cut, or none if all are used."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._cuts: list[Cut] = []
        self.made: Counter[str] = Counter()
        self._listener = socket.create_server((host, 0), backlog=16)
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def plan(self, cuts: list[Cut]) -> None:
        """Set the cuts of the next connections."""
        self._cuts = list(cuts)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            cut = self._cuts.pop(0) if self._cuts else None
            cable = _Cable(client, socket.create_connection(self._target), cut, self.made)
            for end in (cable.from_loader, cable.from_warehouse):
                thread = threading.Thread(target=end, daemon=True)
                thread.start()
                self._threads.append(thread)


class _Cable:
    """One connection and its cut."""

    def __init__(self, client: socket.socket, server: socket.socket, cut: Cut | None, made: Counter[str]) -> None:
        self._client = client
        self._server = server
        self._cut = cut
        self._made = made
        self._passed = 0
        self._commit_passed = False
        self._is_dead = threading.Event()

    def from_loader(self) -> None:
        """Pass on the data from the loader."""
        while chunk := self._receive(self._client):
            cut = self._cut
            is_commit = COMMIT in chunk.lower()
            if cut and cut.at == "bytes" and self._passed + len(chunk) > cut.after_bytes:
                self._send(self._server, chunk[: max(0, cut.after_bytes - self._passed)])
                return self._make_cut(cut)
            if cut and is_commit and cut.at == "before commit":
                return self._make_cut(cut)
            self._passed += len(chunk)
            self._commit_passed |= is_commit
            self._send(self._server, chunk)
            if cut and is_commit and cut.at == "with commit":
                return self._make_cut(cut)
        return self._end()

    def from_warehouse(self) -> None:
        """Pass on the answers of the warehouse."""
        while chunk := self._receive(self._server):
            cut = self._cut
            if self._is_dead.is_set():
                continue
            if cut and cut.at == "after commit" and self._commit_passed:
                return self._make_cut(cut)
            if cut and cut.delay_seconds:
                self._is_dead.wait(cut.delay_seconds)
            self._send(self._client, chunk)
        return self._end()

    def _make_cut(self, cut: Cut) -> None:
        if self._is_dead.is_set():
            return
        self._is_dead.set()
        self._made[f"{cut.kind}, {'at a random byte' if cut.at == 'bytes' else cut.at}"] += 1
        if cut.kind == "half-open":
            # No side is notified. The loader's own timeout must end it; later the warehouse's keepalive notices too.
            self._client.settimeout(UNNOTICED_SECONDS)
            while self._receive(self._client):
                pass
        if cut.kind == "reset":
            for end in (self._client, self._server):
                with suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._end()

    def _end(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    @staticmethod
    def _receive(end: socket.socket) -> bytes:
        try:
            return end.recv(CHUNK)
        except OSError:
            return b""

    @staticmethod
    def _send(end: socket.socket, chunk: bytes) -> None:
        with suppress(OSError):
            end.sendall(chunk)
