"""Messages of PostgreSQL's protocol, version 3, to bytes and back. It knows no SQL and no session."""

import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from typing import NamedTuple

PROTOCOL_VERSION = 196608
CANCEL_REQUEST = 80877102
SSL_REQUEST = 80877103
GSS_ENCRYPTION_REQUEST = 80877104

# Redshift's limit for one statement; a larger message is a mistake or an attack.
MAX_CLIENT_MESSAGE_BYTES = 16 * 1024 * 1024
MAX_STARTUP_BYTES = 10_000
RECEIVE_BYTES = 65_536
KEEPALIVE_IDLE_SECONDS = 30
KEEPALIVE_INTERVAL_SECONDS = 10
KEEPALIVE_PROBES = 3

IDLE, IN_TRANSACTION, FAILED_TRANSACTION = b"I", b"T", b"E"


class ConnectionLost(Exception):
    """The other side has left, or does not speak the protocol."""


class Message(NamedTuple):
    """One message after the start-up: its kind, which is a single byte, and its body without the length."""

    kind: bytes
    body: bytes

    def encode(self) -> bytes:
        """Encode the message."""
        return encode(self.kind, self.body)


def encode(kind: bytes, body: bytes = b"") -> bytes:
    """Encode a message."""
    return kind + struct.pack("!i", len(body) + 4) + body


def encode_startup(code: int, body: bytes = b"") -> bytes:
    """Encode a start-up packet, which has a code where other messages have a kind."""
    return struct.pack("!ii", len(body) + 8, code) + body


def encode_parameters(parameters: Mapping[str, str]) -> bytes:
    """Encode the body of a start-up packet: names and values, with a zero byte after each."""
    return b"".join(f"{name}\0{value}\0".encode() for name, value in parameters.items()) + b"\0"


def decode_parameters(body: bytes) -> dict[str, str]:
    """Read the names and values of a start-up packet."""
    parts = body.decode(errors="replace").split("\0")
    return {name: value for name, value in zip(parts[::2], parts[1::2], strict=False) if name}


def encode_fields(kind: bytes, fields: Mapping[str, str]) -> bytes:
    """Encode an ErrorResponse (E) or NoticeResponse (N) from its fields; a letter names each field."""
    return encode(kind, b"".join(f"{letter}{text}\0".encode() for letter, text in fields.items() if text) + b"\0")


def decode_fields(body: bytes) -> dict[str, str]:
    """Read the fields of an ErrorResponse or a NoticeResponse."""
    return {part[:1].decode(): part[1:].decode(errors="replace") for part in body.split(b"\0") if part}


def decode_row(body: bytes) -> list[str | None]:
    """Read a DataRow in text format."""
    (columns,) = struct.unpack_from("!h", body)
    row: list[str | None] = []
    position = 2
    for _ in range(columns):
        (length,) = struct.unpack_from("!i", body, position)
        position += 4
        row.append(None if length < 0 else body[position : position + length].decode())
        position += max(length, 0)
    return row


def ready_for_query(status: bytes) -> bytes:
    """Encode the message that ends an answer and reports the state of the transaction."""
    return encode(b"Z", status)


class Channel:
    """A socket with a buffer, read message by message.

    `before_waiting` is called each time the buffer is empty, before the socket is read.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.before_waiting: Callable[[], None] | None = None
        self._buffer = bytearray()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            ("TCP_KEEPIDLE", KEEPALIVE_IDLE_SECONDS),
            ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL_SECONDS),
            ("TCP_KEEPCNT", KEEPALIVE_PROBES),
        ):
            if hasattr(socket, option):  # macOS has another name for the first one
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    @property
    def buffered(self) -> int:
        """The number of bytes that have arrived and are not read yet, and that polling the socket would not show."""
        decrypted = self.connection.pending() if isinstance(self.connection, ssl.SSLSocket) else 0
        return len(self._buffer) + decrypted

    def fill(self, size: int = RECEIVE_BYTES) -> None:
        """Receive once into the buffer. Raises ConnectionLost at the end of the stream."""
        try:
            received = self.connection.recv(size)
        except OSError as error:
            raise ConnectionLost("the connection broke") from error
        if not received:
            raise ConnectionLost("the connection was closed")
        self._buffer += received

    def receive_bytes(self, count: int) -> bytes:
        """Read exactly `count` bytes."""
        while len(self._buffer) < count:
            if self.before_waiting is not None:
                self.before_waiting()
            self.fill(max(RECEIVE_BYTES, count - len(self._buffer)))
        received = bytes(self._buffer[:count])
        del self._buffer[:count]
        return received

    def receive(self, limit: int | None = None) -> Message:
        """Read one message. Raises ConnectionLost when its body is longer than the limit."""
        header = self.receive_bytes(5)
        (length,) = struct.unpack_from("!i", header, 1)
        if length < 4 or (limit is not None and length > limit):
            raise ConnectionLost(f"a message of {length} bytes")
        return Message(header[:1], self.receive_bytes(length - 4))

    def receive_startup(self) -> tuple[int, bytes]:
        """Read a start-up packet: its code and its body."""
        length, code = struct.unpack("!ii", self.receive_bytes(8))
        if not 8 <= length <= MAX_STARTUP_BYTES:
            raise ConnectionLost(f"a start-up packet of {length} bytes")
        return code, self.receive_bytes(length - 8)

    def send(self, data: bytes | bytearray) -> None:
        """Send everything. Raises ConnectionLost when the other side has left."""
        try:
            self.connection.sendall(data)
        except OSError as error:
            raise ConnectionLost("the connection broke") from error

    def abort(self) -> None:
        """End the connection from another thread: a thread that reads or writes gets ConnectionLost."""
        try:
            # Not the TLS socket's shutdown: it destroys the TLS state that another thread is reading with.
            socket.socket.shutdown(self.connection, socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        """Close the socket."""
        self.connection.close()
