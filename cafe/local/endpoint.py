"""Start the local Redshift endpoint and wait until it listens. The endpoint itself is in `local_redshift`."""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from cafe.local import emulator, keys, processes
from cafe.local.certificates import Certificates
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout
from cafe.local.postgres import PostgresServer

NAME = "redshift"
# A name, as on AWS. Clients verify that the certificate is for it.
HOST = "localhost"
DATABASE = "cafe"
START_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Ports:
    """Where the endpoint listens: for clients, and for the emulator, which sets its administrator."""

    port: int
    control_port: int


def ready_file(layout: Layout) -> Path:
    """Give the path of the file that the endpoint writes once it listens."""
    return layout.run / "redshift.ready"


def start(layout: Layout, database: PostgresServer, certificates: Certificates, emulator_url: str) -> Ports:
    """Start the endpoint in front of a running PostgreSQL, on free ports. COPY reads from the emulator's S3."""
    ready = ready_file(layout)
    ready.unlink(missing_ok=True)
    loopback = f"{emulator.HOST}:0"
    process = processes.start(
        NAME,
        [
            *(sys.executable, "-m", "local_redshift"),
            *("--listen", loopback),
            *("--control", loopback),
            *("--control-token-file", layout.control_token),
            *("--postgres", f"{database.host}:{database.port}"),
            *("--postgres-password-file", database.password_file),
            *("--database", DATABASE),
            *("--certificate", certificates.certificate_file),
            *("--key", certificates.key_file),
            *("--ready-file", ready),
        ],
        environment={
            **emulator.client_environment(emulator_url, keys.read(layout)),
            "PATH": os.defpath,
            "HOME": str(layout.run),
            "TMPDIR": str(layout.run),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
        },
        log_file=layout.log(NAME),
        run_folder=layout.run,
    )
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.is_running:
        try:
            return Ports(**json.loads(ready.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):  # not there yet, or half written
            time.sleep(POLL_SECONDS)
    processes.stop(process, layout.run)
    raise LocalStackError(
        "The local Redshift endpoint did not start.",
        remedy="The lines above give the reason. To start with an empty warehouse, run: cafe reset",
        log_file=layout.log(NAME),
    )
