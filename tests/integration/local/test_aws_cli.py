"""The AWS CLI with `cafe env`'s variables: it reaches the twin, or it trusts no server."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import botocore.session
import pytest
from cryptography import x509

from cafe.local import aws_clients, certificates
from cafe.local.layout import Layout

AWS = Path(sys.executable).with_name("aws")


class Twin(HTTPServer):
    """Answers every request as an SQS without queues, and counts them."""

    def __init__(self) -> None:
        self.requests = 0
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    """Says that there are no queues."""

    def do_POST(self) -> None:
        assert isinstance(self.server, Twin)
        self.server.requests += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_arguments: object) -> None:
        """Write nothing."""


@pytest.fixture
def twin() -> Iterator[Twin]:
    with Twin() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    certificates.provide(layout.tls, datetime.now(UTC))
    return layout


def test_a_command_with_the_address_reaches_the_twin(twin: Twin, layout: Layout) -> None:
    address = f"http://127.0.0.1:{twin.server_port}"
    variables = aws_clients.client_variables(address, layout)

    done = subprocess.run(
        aws_clients.with_address([str(AWS), "sqs", "list-queues"], address),
        env=aws_clients.point_at_twin(os.environ, variables),
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr, twin.requests) == (0, "", 1)


def test_a_command_without_the_address_trusts_no_server_of_aws(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS CLI and the SDKs read the same setting. The twin's own authority has never signed for AWS."""
    for name, value in aws_clients.client_variables("http://127.0.0.1:1", layout).items():
        monkeypatch.setenv(name, value)

    trusted = Path(botocore.session.get_session().get_config_variable("ca_bundle"))

    (authority,) = x509.load_pem_x509_certificates(trusted.read_bytes())
    assert authority.subject.rfc4514_string() == "CN=cafe\\, this checkout only"
