"""The endpoint as the local stack runs it: a separate process that gets its administrator over HTTP and reads S3."""

import datetime
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import redshift_connector

from cafe.local.certificates import Certificates, provide
from cafe.local.postgres import PostgresServer
from integration.local_redshift.sessions import run, wait_until

DATABASE = "cafe_process"
ROLE_KEY = "ASIAROLE"
ASSUMED = f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>{ROLE_KEY}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-west-2"}


@dataclass
class Process:
    """A running endpoint."""

    running: subprocess.Popen[bytes]
    port: int
    control_port: int
    certificates: Certificates
    token: str

    def use(self) -> dict[str, float]:
        """Ask the control port what the endpoint used."""
        with urllib.request.urlopen(self.request()) as answer:  # noqa: S310
            use: dict[str, float] = json.loads(answer.read())
        return use

    def request(self, content: bytes | None = None) -> urllib.request.Request:
        """Give a request to the control port with the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return urllib.request.Request(f"http://127.0.0.1:{self.control_port}/", content, headers)

    def post(self, content: object) -> int:
        """Post to the control port; return the status."""
        return status_of(self.request(json.dumps(content).encode()))


def status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.fixture(scope="module")
def objects() -> dict[str, bytes]:
    """The objects in S3, by the path of their request: /bucket/key."""
    return {}


@pytest.fixture(scope="module")
def aws_url(objects: dict[str, bytes]) -> Iterator[str]:
    """An AWS that can do two things: assume a role, and get an object under it."""

    class Aws(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200 if b"Action=AssumeRole" in request else 400, ASSUMED.encode())

        def do_GET(self) -> None:
            under_role = f"Credential={ROLE_KEY}/" in self.headers["Authorization"]
            self._answer(200 if under_role and self.path in objects else 403, objects.get(self.path, b""))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Aws)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def process(
    postgres_server: PostgresServer, aws_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("endpoint")
    certificates = provide(folder, datetime.datetime.now(datetime.UTC))
    ready_file = folder / "ready.json"
    token_file = folder / "token"
    token_file.write_text("made-up-for-tests\n")
    running = subprocess.Popen(
        [
            *(sys.executable, "-m", "local_redshift", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"),
            *("--postgres", f"{postgres_server.host}:{postgres_server.port}"),
            *("--postgres-password-file", postgres_server.password_file, "--database", DATABASE),
            *("--certificate", certificates.certificate_file, "--key", certificates.key_file),
            *("--control-token-file", token_file, "--ready-file", ready_file),
        ],
        env={"PATH": os.defpath, "AWS_ENDPOINT_URL": aws_url, **AWS},
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: ready_file.exists() or running.poll() is not None)
    yield Process(running, **json.loads(ready_file.read_text()), certificates=certificates, token="made-up-for-tests")
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == 0


def test_the_administrator_that_the_namespace_names_loads_from_s3(
    process: Process, objects: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(process.certificates.ca_file))
    entries = {"entries": [{"url": "s3://staging/part", "mandatory": True}]}
    objects |= {"/staging/part": gzip.compress(b"1\n2\n"), "/staging/manifest": json.dumps(entries).encode()}
    role = "arn:aws:iam::123456789012:role/copy"
    administrator = {"user": "someone", "password": "first", "database": DATABASE, "roles": [role]}

    assert process.post(administrator) == 200
    assert process.post({**administrator, "password": "second"}) == 200
    with redshift_connector.connect(
        host="localhost", port=process.port, database=DATABASE, user="someone", password="second", sslmode="verify-full"
    ) as connection:
        run(connection, "create schema core")
        run(connection, "create table core.t (a integer)")
        run(connection, f"copy core.t from 's3://staging/manifest' iam_role '{role}' csv gzip manifest")

        assert run(connection, "select sum(a) from core.t") == ((3,),)

    used = process.use()
    assert 0 < used["busy_seconds"] < 60
    assert used["storage_megabytes"] > 1
    assert process.use()["busy_seconds"] == used["busy_seconds"], "no work, no busy seconds"


@pytest.mark.parametrize(
    "content",
    [{}, [], {"user": "a", "password": "b", "database": "c", "roles": "all"}, {"user": "a", "password": 1}],
    ids=["nothing", "a list", "roles that are not a list", "an incomplete object"],
)
def test_the_control_port_refuses_what_it_does_not_understand(process: Process, content: object) -> None:
    assert process.post(content) == 400


def test_the_control_port_refuses_everybody_without_the_token(process: Process) -> None:
    def statuses(authorization: str | None) -> list[int]:
        """Ask what is used, and try to become the administrator."""
        requests = [process.request(), process.request(b'{"user": "intruder"}')]
        for request in requests:
            request.remove_header("Authorization")
            if authorization is not None:
                request.add_header("Authorization", authorization)
        return [status_of(request) for request in requests]

    wrong = [None, "", "Bearer", "Bearer ", f"Bearer {process.token}x", f"Basic {process.token}", process.token, "\xe9"]

    assert {tuple(statuses(authorization)) for authorization in wrong} == {(401, 401)}
    assert statuses(f"Bearer {process.token}") == [200, 400]


def test_an_endpoint_does_not_start_with_an_empty_token(postgres_server: PostgresServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")

    ended = subprocess.run(
        [
            *(sys.executable, "-m", "local_redshift", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"),
            *("--postgres", f"{postgres_server.host}:{postgres_server.port}"),
            *("--postgres-password-file", postgres_server.password_file, "--database", DATABASE),
            *("--control-token-file", tmp_path / "token"),
        ],
        env={"PATH": os.defpath, **AWS},
        capture_output=True,
        check=False,
    )

    assert ended.returncode == 1
    assert b"token of the control port is empty" in ended.stderr


def test_an_endpoint_without_its_database_reports_it_and_exits(tmp_path: Path) -> None:
    for file in ("password", "token"):
        (tmp_path / file).write_text("x")

    ended = subprocess.run(
        [
            *(sys.executable, "-m", "local_redshift", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"),
            *("--postgres", "127.0.0.1:1", "--postgres-password-file", tmp_path / "password"),
            *("--control-token-file", tmp_path / "token"),
        ],
        env={"PATH": os.defpath, **AWS},
        capture_output=True,
        check=False,
    )

    assert ended.returncode == 1
    assert b"does not answer" in ended.stderr
