"""An emulator for the tests of this folder, with a Redshift endpoint that only records what it receives."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest

from cafe.local import emulator, keys, processes
from cafe.local.layout import Layout, checkout


@dataclass
class ControlPort:
    """A fake Redshift endpoint: it records the administrators that it receives, and reports its use."""

    port: int
    administrators: list[dict[str, Any]] = field(default_factory=list)
    use: dict[str, float] = field(default_factory=lambda: {"busy_seconds": 0.0, "storage_megabytes": 0.0})


@dataclass(frozen=True)
class Emulator:
    """A running emulator, and the clients of its root user."""

    url: str
    layout: Layout
    control: ControlPort

    def client(self, service: str) -> Any:
        make_client: Any = boto3.client
        root_keys = keys.read(self.layout)
        return make_client(
            service,
            endpoint_url=self.url,
            region_name=emulator.REGION,
            aws_access_key_id=root_keys.access_key_id,
            aws_secret_access_key=root_keys.secret_access_key,
        )


@pytest.fixture(scope="session")
def control_port() -> Iterator[ControlPort]:
    class Recorder(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            control.administrators.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def do_GET(self) -> None:
            body = json.dumps(control.use).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer((emulator.HOST, 0), Recorder) as server:
        control = ControlPort(server.server_port)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield control
        server.shutdown()
        thread.join()


def start_emulator(folder: Path, control: ControlPort) -> Emulator:
    """Start an emulator with its state in a folder of the test."""
    layout = Layout(checkout().root, folder)
    keys.make(layout)
    ready_file = folder / "redshift.ready"
    ready_file.write_text(json.dumps({"port": 5439, "control_port": control.port}))
    return Emulator(emulator.start(layout, folder / "ca.pem", ready_file), layout, control)


@pytest.fixture(scope="session")
def running_emulator(tmp_path_factory: pytest.TempPathFactory, control_port: ControlPort) -> Iterator[Emulator]:
    aws = start_emulator(tmp_path_factory.mktemp("emulator"), control_port)
    yield aws
    processes.stop_all(aws.layout.run)
