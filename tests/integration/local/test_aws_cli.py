"""The AWS CLI with `cafe env`'s variables: it reaches the twin, or it trusts no server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import botocore.session
import pytest
from cryptography import x509

from cafe.local import aws_clients, certificates, keys
from cafe.local.layout import Layout
from integration.local.recorder import Recorder, recording

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture
def twin() -> Iterator[Recorder]:
    """An SQS without queues."""
    with recording(200) as server:
        yield server


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    certificates.provide(layout.tls, datetime.now(UTC))
    return layout


def test_a_command_with_the_address_reaches_the_twin(twin: Recorder, layout: Layout) -> None:
    address = f"http://127.0.0.1:{twin.server_port}"
    variables = aws_clients.client_variables(address, keys.make(layout), layout)

    done = subprocess.run(
        aws_clients.with_address([str(AWS), "sqs", "list-queues"], address),
        env=aws_clients.point_at_twin(os.environ, variables),
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr, len(twin.asked_by)) == (0, "", 1)


def test_a_command_without_the_address_trusts_no_server_of_aws(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS CLI and the SDKs read the same setting. The twin's own authority has never signed for AWS."""
    for name, value in aws_clients.client_variables("http://127.0.0.1:1", keys.make(layout), layout).items():
        monkeypatch.setenv(name, value)

    trusted = Path(botocore.session.get_session().get_config_variable("ca_bundle"))

    (authority,) = x509.load_pem_x509_certificates(trusted.read_bytes())
    assert authority.subject.rfc4514_string() == "CN=cafe\\, this checkout only"
