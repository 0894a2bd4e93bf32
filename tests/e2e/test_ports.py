"""Every port that the running stack opens is on the page that says what guards it, and refuses a stranger."""

import re
import socket
import ssl
import struct
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from cafe.local import emulator, forwarder, processes
from cafe.local.layout import checkout
from cafe.local.postgres import PostgresServer
from e2e.pipeline import Pipeline
from integration.local.sockets import GONE, listening_sockets

PAGE = checkout().root / "docs/architecture.md"
pytestmark = pytest.mark.e2e

EMULATOR, RUNTIME_API = "the emulator", "the Runtime API of a function"
WAREHOUSE, CONTROL, POSTGRES = "the warehouse", "the control port of the local Redshift", "PostgreSQL"
FORWARDER = "the forwarder"
ALWAYS = {EMULATOR, RUNTIME_API, WAREHOUSE, CONTROL, POSTGRES}
TIMEOUT_SECONDS = 20
# Of PostgreSQL's protocol: the request for TLS, and version 3.0.
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
PROTOCOL = 196608


def ports_on_the_page() -> set[str]:
    """Give what the table names in its first column."""
    section = PAGE.read_text("utf-8").partition("## Who may connect to the local stack")[2].partition("\n## ")[0]
    return {row.group(1) for row in re.finditer(r"^\| ([^|]+) \|", section, re.MULTILINE)} - {"port", "---"}


def descendants(pid: int) -> set[int]:
    """Give a process and all that it started, as far as they still run."""
    found = {pid}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(*GONE):
            found.update(*(descendants(int(child)) for child in children.read_text().split()))
    return found


def open_ports(pipeline: Pipeline) -> dict[tuple[str, int], str]:
    """Give what listens, by address and port, as the page names it."""
    layout, stack = pipeline.layout, pipeline.stack
    pids = stack.processes | {process.name: process.pid for process in processes.recorded(layout.run)}
    # A test of outages may have started the database again.
    database = PostgresServer(layout.postgres, layout.log("postgres")).pid
    assert database is not None
    pids["postgres"] = database
    main_ports = {int(stack.endpoint_url.rpartition(":")[2]): EMULATOR, stack.warehouse_port: WAREHOUSE}
    others = {
        emulator.NAME: RUNTIME_API,
        "redshift": CONTROL,
        "postgres": POSTGRES,
        forwarder.NAME: FORWARDER,
    }
    return {
        (address, port): main_ports.get(port, others.get(name, name))
        for name, pid in pids.items()
        for process in descendants(pid)
        for address, port in listening_sockets(process)
    }


def test_every_open_port_is_on_the_page_and_on_loopback(pipeline: Pipeline) -> None:
    found = open_ports(pipeline)

    assert ALWAYS <= set(found.values()) <= ports_on_the_page()
    assert {address for (address, _), name in found.items() if name != FORWARDER} == {"127.0.0.1"}


def test_every_port_that_speaks_http_refuses_a_request_without_a_key(pipeline: Pipeline) -> None:
    ports = [port for (_, port), name in open_ports(pipeline).items() if name in {EMULATOR, RUNTIME_API, CONTROL}]

    assert {status_of(f"http://127.0.0.1:{port}/2018-06-01/runtime/invocation/next") for port in ports} == {401, 403}


def test_both_databases_refuse_a_user_without_the_password(pipeline: Pipeline) -> None:
    found = {name: port for (_, port), name in open_ports(pipeline).items()}
    tls = ssl.create_default_context(cafile=pipeline.stack.ca_file)

    answers = {
        sign_in(port, user, password, context)
        for port, context in ((found[WAREHOUSE], tls), (found[POSTGRES], None))
        for user in ("postgres", "cafe_admin", "mart_reader")
        for password in ("", "test")
    }

    assert answers <= {"28000", "28P01"}, "the codes of a refused user and of a wrong password"
    assert sign_in(found[WAREHOUSE], "cafe_admin", "", None) == "28000", "who does not encrypt is refused too"


def sign_in(port: int, user: str, password: str, tls: ssl.SSLContext | None) -> str:
    """Sign in as PostgreSQL's clients do, which a driver that fails would not close; give the code of the refusal."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
        if tls is not None:
            connection.sendall(SSL_REQUEST)
            assert connection.recv(1) == b"S"
            connection = tls.wrap_socket(connection, server_hostname="localhost")
        with connection:
            startup = f"user\0{user}\0database\0cafe\0\0".encode()
            connection.sendall(struct.pack("!ii", len(startup) + 8, PROTOCOL) + startup)
            answer = read_message(connection)
            if answer.startswith(b"R"):  # asked for the password
                connection.sendall(b"p" + struct.pack("!i", len(password) + 5) + password.encode() + b"\0")
                answer = read_message(connection)
    assert answer.startswith(b"E"), answer
    [code] = [field[1:].decode() for field in answer[1:].split(b"\0") if field.startswith(b"C")]
    return code


def read_message(connection: socket.socket) -> bytes:
    """Read one message of PostgreSQL's protocol: its kind and its content."""
    reader = connection.makefile("rb")
    kind, length = struct.unpack("!ci", reader.read(5))
    return bytes(kind) + bytes(reader.read(length - 4))


def status_of(url: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS)  # noqa: S310
    with refused.value as answer:
        return answer.code
