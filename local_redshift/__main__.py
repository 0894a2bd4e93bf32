"""Run the local Redshift endpoint as a process: python -m local_redshift --help."""

import argparse
import json
import signal
import ssl
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from local_redshift.control import ControlServer
from local_redshift.copy.s3_objects import S3ObjectReader
from local_redshift.errors import RedshiftError
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire.upstream import PostgresAddress

EPILOG = """
Clients connect with redshift_connector, as to Redshift: TLS, user and password, the extended protocol.
COPY reads S3 under the role that it names: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
AWS_DEFAULT_REGION say where S3 and STS are. Post to the control port who may log in and which roles COPY may name.
The control port answers only who sends the token of --control-token-file:

  curl -H "Authorization: Bearer $TOKEN" \\
       -d '{"user": "cafe_admin", "password": "…", "database": "cafe", "roles": ["arn:aws:iam::…"]}' CONTROL

Port 0 takes a free port, which is then in the ready file: {"port": 5439, "control_port": 5440}.
SIGTERM or Ctrl-C ends every session and stops the endpoint.
"""


def parse_address(text: str) -> tuple[str, int]:
    """Read HOST:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m local_redshift",
        description="Serve a PostgreSQL as a local Amazon Redshift, for development and tests.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option, meaning in (
        ("--listen", "where clients connect"),
        ("--control", "where the administrator is set, over HTTP"),
        ("--postgres", "the PostgreSQL to serve"),
    ):
        parser.add_argument(option, type=parse_address, required=True, metavar="HOST:PORT", help=meaning)
    parser.add_argument("--postgres-user", default="postgres", metavar="NAME", help="its superuser (%(default)s)")
    parser.add_argument(
        "--postgres-password-file", type=Path, required=True, metavar="FILE", help="holds the superuser's password"
    )
    parser.add_argument(
        "--control-token-file", type=Path, required=True, metavar="FILE", help="holds the token of the control port"
    )
    parser.add_argument("--database", default="cafe", metavar="NAME", help="is created if missing (%(default)s)")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="the certificate for TLS, with its chain")
    parser.add_argument("--key", type=Path, metavar="FILE", help="its private key")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="is written once the endpoint listens")
    parsed = parser.parse_args(arguments)
    if (parsed.certificate is None) != (parsed.key is None):
        parser.error("--certificate and --key belong together; without both, connections are not encrypted")
    return parsed


def write_ready_file(path: Path, content: dict[str, int]) -> None:
    """Write the ready file in one step, so that a process that waits for it never reads half of it."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(path)


def main(arguments: list[str]) -> int:
    """Serve until a signal asks to stop."""
    options = parse_arguments(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    password = options.postgres_password_file.read_text(encoding="utf-8").strip()
    token = options.control_token_file.read_text(encoding="utf-8").strip()
    postgres_host, postgres_port = options.postgres
    upstream = PostgresAddress(postgres_host, postgres_port, options.postgres_user, password)
    tls = None
    if options.certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.key)
    host, port = options.listen
    try:
        with ExitStack() as stack:
            endpoint = RedshiftEndpoint(upstream, S3ObjectReader(), tls=tls, host=host, port=port)
            endpoint.databases.create(options.database)
            stack.enter_context(endpoint)
            control = stack.enter_context(ControlServer(endpoint, token, *options.control))
            print(f"listening on {host}:{endpoint.port}, control port {control.port}", flush=True)  # noqa: T201
            if options.ready_file is not None:
                write_ready_file(options.ready_file, {"port": endpoint.port, "control_port": control.port})
            stopping.wait()
    except (RedshiftError, OSError) as error:
        print(f"the local Redshift cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
