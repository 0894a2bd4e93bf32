"""Start the AWS emulator and wait until it answers. The emulator itself is in `patched_ministack`."""

import http.client
import os
import shutil
import time
from importlib.util import find_spec
from pathlib import Path

from cafe.local import keys, processes
from cafe.local.errors import LocalStackError
from cafe.local.keys import RootKeys
from cafe.local.layout import Layout

NAME = "emulator"
HOST = "127.0.0.1"
REGION = "eu-west-2"
# ministack's default, written out because bucket names depend on it.
ACCOUNT_ID = "000000000000"
START_ATTEMPTS = 3
START_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.02


def start(layout: Layout, ca_file: Path, warehouse_ready_file: Path) -> str:
    """Start the emulator on a free port and give its URL, once it answers.

    The functions will trust `ca_file`. The template's warehouse will be the endpoint that the ready file describes.
    The keys must have been made.
    """
    for _ in range(START_ATTEMPTS):
        port = processes.free_port()
        process = processes.start(
            NAME,
            [layout.emulator_python, "-m", "patched_ministack"],
            environment=_environment(layout, ca_file, warehouse_ready_file, port),
            log_file=layout.log(NAME),
            run_folder=layout.run,
        )
        if _answers(port, process, keys.read_token(layout)):
            return f"http://{HOST}:{port}"
        # Another process may have taken the port before the emulator did; then the next attempt succeeds.
        processes.stop(process, layout.run)
    raise LocalStackError(
        "The AWS emulator did not start.",
        remedy="If its environment is damaged, delete .venv-emulator and run: make install",
        log_file=layout.log(NAME),
    )


def client_environment(endpoint_url: str, root_keys: RootKeys) -> dict[str, str]:
    """Give the variables that point an AWS client (boto3, SAM) at the emulator and away from the user's account."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": root_keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": root_keys.secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _environment(layout: Layout, ca_file: Path, warehouse_ready_file: Path, port: int) -> dict[str, str]:
    temporary = layout.run / "emulator"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    return {
        # The emulator takes the keys that it finds here as its root user's.
        **client_environment(f"http://{HOST}:{port}", keys.read(layout)),
        "PATH": os.defpath,
        "HOME": str(temporary),
        "TMPDIR": str(temporary),  # extracted packages and layers: gone with the run folder
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(layout.root),
        "PYTHONUNBUFFERED": "1",
        # Settings of ministack. By default it listens on every interface and opens an MQTT broker.
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": REGION,
        # What the patches need.
        "CONTROL_TOKEN": keys.read_token(layout),
        "LAMBDA_BOOTSTRAP": str(temporary / "bootstrap"),
        "LAMBDA_RUNTIME_PYTHON": str(layout.runtime_python),
        "RESOURCE_SCHEMAS": str(resource_schemas()),
        "WAREHOUSE_READY_FILE": str(warehouse_ready_file),
        # Passed on to the functions, whose driver verifies the endpoint's certificate. Nothing else there uses TLS: the
        # emulator serves plain HTTP.
        "SSL_CERT_FILE": str(ca_file),
    }


def resource_schemas() -> Path:
    """Find the resource schemas in cfn-lint's package without importing it, which takes seconds."""
    wheel = find_spec("cfnlint")
    if wheel is None or wheel.origin is None:
        raise LocalStackError("cfn-lint is not installed.", remedy="Run: make install")
    return Path(wheel.origin).parent / "data" / "schemas"


def _answers(port: int, process: processes.BackgroundProcess, token: str) -> bool:
    """Wait until the emulator answers; False if it exited or took too long."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.is_running:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health", headers={"Authorization": f"Bearer {token}"})
            if connection.getresponse().status == http.client.OK:
                return process.is_running
        except OSError:
            time.sleep(POLL_SECONDS)
        finally:
            connection.close()
    return False
