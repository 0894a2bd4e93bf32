"""A session with the PostgreSQL behind the endpoint: start-up, queries, COPY FROM STDIN. It knows no Redshift."""

import contextlib
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from local_redshift.errors import INTERNAL_ERROR, RedshiftError
from local_redshift.wire import messages

CONNECT_TIMEOUT_SECONDS = 10.0
# The name of a statement that is parsed to see whether it can be, with its final zero.
PARSED = b"parsed_by_the_local_redshift\0"
# The name of a query that the endpoint itself asks.
ASKED = b"asked_by_the_local_redshift\0"
AUTHENTICATION_OK = 0
AUTHENTICATION_CLEARTEXT = 3


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where PostgreSQL listens, and the superuser whom the endpoint uses for its own tables."""

    host: str
    port: int
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query as text, and its command tag."""

    rows: list[list[str | None]]
    tag: str


class UpstreamError(RedshiftError):
    """An error that PostgreSQL sent, with the fields of its message."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields.get("C", INTERNAL_ERROR), fields.get("M", ""))
        self.fields = fields


class Upstream:
    """One session with PostgreSQL; `transaction_status` is the state that its last answer reported."""

    def __init__(self, address: PostgresAddress, parameters: dict[str, str], password: str) -> None:
        self._address = address
        self.transaction_status = messages.IDLE
        self.backend_key = b""
        self.announced: list[messages.Message] = []
        try:
            connection = socket.create_connection((address.host, address.port), CONNECT_TIMEOUT_SECONDS)
        except OSError as error:
            raise RedshiftError("08006", "the database behind the local Redshift does not answer") from error
        connection.settimeout(None)
        self.channel = messages.Channel(connection)
        try:
            self._log_in(parameters, password)
        except BaseException:
            self.close()
            raise

    def _log_in(self, parameters: dict[str, str], password: str) -> None:
        self.channel.send(messages.encode_startup(messages.PROTOCOL_VERSION, messages.encode_parameters(parameters)))
        while True:
            message = self.channel.receive()
            match message.kind:
                case b"R":
                    self._authenticate(message.body, password)
                case b"K":
                    self.backend_key = message.body
                case b"S":
                    self.announced.append(message)
                case b"E":
                    raise UpstreamError(messages.decode_fields(message.body))
                case b"Z":
                    return

    def _authenticate(self, request: bytes, password: str) -> None:
        (method,) = struct.unpack_from("!i", request)
        if method == AUTHENTICATION_CLEARTEXT:
            self.channel.send(messages.encode(b"p", password.encode() + b"\0"))
        elif method != AUTHENTICATION_OK:
            raise RedshiftError("08004", "PostgreSQL must ask for passwords with the method `password` in pg_hba.conf")

    def query(self, sql: str) -> QueryResult:
        """Run one statement or a script with the simple protocol. Raises UpstreamError with PostgreSQL's error."""
        self.channel.send(messages.encode(b"Q", sql.encode() + b"\0"))
        return self._finish()

    def parse(self, sql: str) -> None:
        """Let PostgreSQL parse a statement and forget it, within messages that a Sync ends. Raises UpstreamError."""
        parse = messages.encode(b"P", PARSED + sql.encode() + b"\0\0\0")
        self.channel.send(parse + messages.encode(b"C", b"S" + PARSED) + messages.encode(b"H"))
        while (message := self.channel.receive()).kind != b"3":
            if message.kind == b"E":
                raise UpstreamError(messages.decode_fields(message.body))

    def ask(self, sql: str) -> str | None:
        """Run a query with one value, within messages that a Sync ends. Raises UpstreamError."""
        close = messages.encode(b"C", b"S" + ASKED)
        run = (
            close,  # one that failed is still there
            messages.encode(b"P", ASKED + sql.encode() + b"\0\0\0"),
            messages.encode(b"B", b"\0" + ASKED + b"\0" * 6),
            messages.encode(b"E", b"\0" * 5),
            close,
            messages.encode(b"H"),
        )
        self.channel.send(b"".join(run))
        value = None
        closed = 0
        while closed < 2:
            message = self.channel.receive()
            closed += message.kind == b"3"
            if message.kind == b"E":
                raise UpstreamError(messages.decode_fields(message.body))
            if message.kind == b"D":
                (value,) = messages.decode_row(message.body)
        return value

    def sync(self) -> None:
        """End the messages since the last Sync."""
        self.channel.send(messages.encode(b"S"))
        self._finish()

    def copy_in(self, sql: str, chunks: Iterable[bytes]) -> QueryResult:
        """Run COPY … FROM STDIN with rows in chunks. An exception from `chunks` fails the COPY and is raised again."""
        self.channel.send(messages.encode(b"Q", sql.encode() + b"\0"))
        while (message := self.channel.receive()).kind != b"G":
            if message.kind == b"E":
                with contextlib.suppress(UpstreamError):
                    self._finish()
                raise UpstreamError(messages.decode_fields(message.body))
        try:
            for chunk in chunks:
                self.channel.send(messages.encode(b"d", chunk))
        except messages.ConnectionLost:
            raise
        except BaseException:
            self.channel.send(messages.encode(b"f", b"the load failed\0"))
            with contextlib.suppress(UpstreamError):
                self._finish()
            raise
        self.channel.send(messages.encode(b"c"))
        return self._finish()

    def _finish(self) -> QueryResult:
        rows: list[list[str | None]] = []
        tag = ""
        failure: UpstreamError | None = None
        for message in self._answer():
            match message.kind:
                case b"D":
                    rows.append(messages.decode_row(message.body))
                case b"C":
                    tag = message.body[:-1].decode()
                case b"E":
                    failure = UpstreamError(messages.decode_fields(message.body))
        if failure is not None:
            raise failure
        return QueryResult(rows, tag)

    def _answer(self) -> Iterator[messages.Message]:
        while (message := self.channel.receive()).kind != b"Z":
            yield message
        self.transaction_status = message.body

    def cancel(self) -> None:
        """Ask PostgreSQL to cancel the statement that this session runs."""
        send_cancel_request(self._address, self.backend_key)

    def close(self) -> None:
        """Close the connection; PostgreSQL rolls back an open transaction."""
        self.channel.close()


def send_cancel_request(address: PostgresAddress, backend_key: bytes) -> None:
    """Send a cancel request for the session that the key names; PostgreSQL does not answer."""
    with (
        contextlib.suppress(OSError),
        socket.create_connection((address.host, address.port), CONNECT_TIMEOUT_SECONDS) as connection,
    ):
        connection.sendall(messages.encode_startup(messages.CANCEL_REQUEST, backend_key))
        connection.recv(1)  # PostgreSQL closes once it has passed the request on


@contextlib.contextmanager
def superuser_session(address: PostgresAddress, database: str) -> Iterator[Upstream]:
    """Open a session as the superuser, who may add to the system catalogue."""
    parameters = {"user": address.user, "database": database, "allow_system_table_mods": "on"}
    upstream = Upstream(address, parameters, address.password)
    try:
        yield upstream
    finally:
        upstream.close()
