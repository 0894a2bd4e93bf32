"""Run one stage's handler as Lambda does, without Docker: AWS's runtime interface emulator and runtime client.

The emulator is the program that `sam local` puts into its containers. The wheel of aws-sam-cli has it for Linux. The
handler comes from the build output, with package and layer in two folders, like /var/task and /opt on Lambda.
"""

import http.client
import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cafe.local import processes
from cafe.local.deployment import architecture
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout, checkout
from cafe.local.sam_local import logical_id

HOST = "127.0.0.1"
INVOKE_PATH = "/2015-03-31/functions/function/invocations"
# As in the template, by stage. The function sees the memory limit, but nothing enforces it.
TIMEOUT_SECONDS = {"extract": 120, "transform": 120, "load": 300}
MEMORY_MB = 1769
START_TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Invocation:
    """The function's answer, its log, and whether it failed. If it failed, the answer describes the error."""

    answer: Any
    log: str
    failed: bool


def invoke(
    stage: str, event: Mapping[str, Any], environment: Mapping[str, str], layout: Layout | None = None
) -> Invocation:
    """Call `<stage>.handler.lambda_handler` from the build output with an event, in a fresh environment.

    The function gets `environment` and the variables that Lambda sets, and no others. Raises LocalStackError if the
    stage is not built, or if the runtime does not start.
    """
    layout = layout or checkout()
    package, layer = layout.build / logical_id(stage), layout.build / "SharedLayer"
    if not (package / stage / "handler.py").exists():
        raise LocalStackError(f"The stage {stage!r} is not built.", remedy="Run: make build")
    name = f"invoke-{stage}-{os.getpid()}"
    log_file = layout.log(name)
    port = processes.free_port()
    process = processes.start(
        name,
        [
            *(_runtime_emulator(), "--log-level", "error"),
            *("--runtime-interface-emulator-address", f"{HOST}:{port}"),
            *("--runtime-api-address", f"{HOST}:{processes.free_port()}"),
            *(layout.runtime_python, "-m", "awslambdaric", f"{stage}.handler.lambda_handler"),
        ],
        environment={
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": stage,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(TIMEOUT_SECONDS[stage]),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
            "LAMBDA_TASK_ROOT": str(package),
            "LANG": "en_US.UTF-8",
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join([str(package), str(layer / "python")]),
            "TZ": ":UTC",
            **environment,
        },
        log_file=log_file,
        run_folder=layout.run,
    )
    try:
        answer, failed = _post(event, TIMEOUT_SECONDS[stage] + START_TIMEOUT_SECONDS, port, process, log_file)
    finally:
        processes.stop(process, layout.run)
        log = log_file.read_text(encoding="utf-8", errors="replace")
        log_file.unlink()
    return Invocation(answer, log, failed)


def _post(
    event: Mapping[str, Any], answer_seconds: float, port: int, process: processes.BackgroundProcess, log_file: Path
) -> tuple[Any, bool]:
    """Post the event as soon as the runtime listens; give the answer, and whether it is an error."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.is_running:
        connection = http.client.HTTPConnection(HOST, port, timeout=answer_seconds)
        try:
            connection.request("POST", INVOKE_PATH, json.dumps(event), {"Content-Type": "application/json"})
        except ConnectionRefusedError:
            time.sleep(POLL_SECONDS)
        else:
            answer = connection.getresponse()
            value, failed = judge(answer.read().decode(errors="replace"))
            return value, failed or answer.status != http.client.OK
        finally:
            connection.close()
    raise LocalStackError(
        "The Lambda runtime did not start.",
        remedy="If its environment is damaged, delete .venv-lambda and run: make install",
        log_file=log_file,
    )


def judge(text: str) -> tuple[Any, bool]:
    """Read the emulator's answer, and whether the function failed: its error, or plain text if it took too long."""
    try:
        answer = json.loads(text)
    except ValueError:
        return {"errorMessage": text.strip()}, True
    return answer, isinstance(answer, dict) and answer.keys() >= {"errorMessage", "errorType", "stackTrace"}


def _runtime_emulator() -> Path:
    """Find this machine's runtime interface emulator in the wheel of aws-sam-cli."""
    wheel = find_spec("samcli")
    if wheel is None or wheel.origin is None:
        raise LocalStackError("aws-sam-cli is not installed.", remedy="Run: make install")
    if platform.system() != "Linux":
        raise LocalStackError(
            "Without a container, a stage runs on Linux only.",
            remedy="Run it in a container, which needs Docker or another engine: cafe invoke STAGE FILE --container",
        )
    return Path(wheel.origin).parent / "local" / "rapid" / f"aws-lambda-rie-{architecture()}"
