"""A client that builds the protocol's messages, to send what the driver never sends."""

import socket
import struct
from collections.abc import Iterable
from contextlib import suppress

from fixtures.warehouse import Warehouse
from local_redshift.wire import messages


class LoginRefused(Exception):
    """A login failed; `fields` are the fields of the error."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields["M"])
        self.fields = fields


class RawClient:
    """An unencrypted session, logged in; `key` is for a cancel request."""

    def __init__(self, warehouse: Warehouse, **parameters: str) -> None:
        self.channel = messages.Channel(socket.create_connection((warehouse.host, warehouse.port)))
        self.key = b""
        start = {"user": warehouse.user, "database": warehouse.database, **parameters}
        self.channel.send(messages.encode_startup(messages.PROTOCOL_VERSION, messages.encode_parameters(start)))
        try:
            self._log_in(warehouse.password)
        except BaseException:
            self.close()
            raise

    def _log_in(self, password: str) -> None:
        while (message := self.channel.receive()).kind != b"Z":
            if message.kind == b"R" and message.body == struct.pack("!i", 3):
                self.channel.send(messages.encode(b"p", password.encode() + b"\0"))
            if message.kind == b"K":
                self.key = message.body
            if message.kind == b"E":
                raise LoginRefused(messages.decode_fields(message.body))

    def ask(self, *sent: bytes) -> list[messages.Message]:
        """Send messages together, and return the whole answer, with the ReadyForQuery at its end."""
        self.channel.send(b"".join(sent))
        answer = [self.channel.receive()]
        while answer[-1].kind != b"Z":
            answer.append(self.channel.receive())
        return answer

    def query(self, sql: str) -> list[messages.Message]:
        """Send a text with the simple protocol."""
        return self.ask(messages.encode(b"Q", sql.encode() + b"\0"))

    def receive_until_closed(self) -> list[messages.Message]:
        """Read what is left until the endpoint closes the connection."""
        received: list[messages.Message] = []
        with suppress(messages.ConnectionLost):
            while True:
                received.append(self.channel.receive())
        return received

    def close(self) -> None:
        """Close the socket without ending the session."""
        self.channel.close()


def parse(sql: str, name: str = "") -> bytes:
    """Build a Parse without parameter types."""
    return messages.encode(b"P", f"{name}\0{sql}\0".encode() + b"\0\0")


def bind(name: str = "", portal: str = "") -> bytes:
    """Build a Bind without parameters."""
    return messages.encode(b"B", f"{portal}\0{name}\0".encode() + b"\0\0" * 3)


def describe_statement(name: str = "") -> bytes:
    """Build a Describe of a statement."""
    return messages.encode(b"D", f"S{name}\0".encode())


def describe_portal(portal: str = "") -> bytes:
    """Build a Describe of a portal."""
    return messages.encode(b"D", f"P{portal}\0".encode())


def execute(portal: str = "", rows: int = 0) -> bytes:
    """Build an Execute of all rows, or of the first ones."""
    return messages.encode(b"E", f"{portal}\0".encode() + struct.pack("!i", rows))


def close_statement(name: str = "") -> bytes:
    """Build a Close of a statement."""
    return messages.encode(b"C", f"S{name}\0".encode())


SYNC = messages.encode(b"S")
FLUSH = messages.encode(b"H")


def kinds(answer: Iterable[messages.Message]) -> str:
    """Return the kinds of the messages, one letter each."""
    return "".join(message.kind.decode() for message in answer)


def errors(answer: Iterable[messages.Message]) -> list[str]:
    """Return the SQLSTATEs of the errors in an answer."""
    return [messages.decode_fields(message.body)["C"] for message in answer if message.kind == b"E"]
