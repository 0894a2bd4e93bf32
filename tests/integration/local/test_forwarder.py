"""The forwarder between containers and the twin, with loopback in the place of the engine's bridge."""

import errno
import platform
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cafe.local import forwarder, processes
from cafe.local.engine import Bridge
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux", reason="only Linux needs a forwarder, and has more than one loopback address"
)

# Any address of 127.0.0.0/8 is this machine's. The twin listens on 127.0.0.1.
OPEN = Bridge("127.0.0.2", "127.0.0.0/8")
CLOSED = Bridge("127.0.0.2", "10.9.0.0/16")


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    layout = Layout(tmp_path)
    layout.run.mkdir(parents=True)
    yield layout
    processes.stop_all(layout.run)


@pytest.fixture
def twin_port() -> Iterator[int]:
    """A part of the twin: it answers each connection with all that it got, once the client has said all."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    received = b""
                    while part := connection.recv(65536):
                        received += part
                    connection.sendall(received)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def say(port: int, text: bytes) -> bytes:
    """Send a text, then read until the connection ends."""
    with socket.create_connection((OPEN.gateway, port), timeout=60) as connection:
        try:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except OSError as error:
            # A connection that was turned away between the two calls is "not connected", which is no ConnectionError.
            if isinstance(error, ConnectionError) or error.errno == errno.ENOTCONN:
                return b""
            raise


def test_a_connection_is_passed_on_in_both_directions(layout: Layout, twin_port: int) -> None:
    [port] = forwarder.provide(layout, OPEN, [twin_port])
    text = b"orders " * 100_000

    assert say(port, text) == text


def test_an_address_outside_the_bridges_network_is_turned_away(layout: Layout, twin_port: int) -> None:
    [port] = forwarder.provide(layout, CLOSED, [twin_port])

    assert say(port, b"orders") == b""


def test_it_listens_on_the_bridge_only(layout: Layout, twin_port: int) -> None:
    [port] = forwarder.provide(layout, OPEN, [twin_port])

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=60)


def test_one_forwarder_serves_every_command(layout: Layout, twin_port: int) -> None:
    first = forwarder.provide(layout, OPEN, [twin_port])

    assert forwarder.provide(layout, OPEN, [twin_port]) == first
    assert [process.name for process in processes.recorded(layout.run)] == ["forwarder"]


def test_a_twin_on_other_ports_gets_a_new_one(layout: Layout, twin_port: int) -> None:
    forwarder.provide(layout, OPEN, [1])

    [port] = forwarder.provide(layout, OPEN, [twin_port])

    assert say(port, b"orders") == b"orders"
    assert len(processes.recorded(layout.run)) == 1


def test_it_is_stopped_with_the_twin(layout: Layout, twin_port: int) -> None:
    [port] = forwarder.provide(layout, OPEN, [twin_port])

    assert processes.stop_all(layout.run) == ["forwarder"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((OPEN.gateway, port), timeout=60)


def test_a_forwarder_that_cannot_listen_says_why(layout: Layout, twin_port: int) -> None:
    with pytest.raises(LocalStackError, match=r"(?s)did not start.*OSError"):
        forwarder.provide(layout, Bridge("192.0.2.1", "192.0.2.0/24"), [twin_port])
