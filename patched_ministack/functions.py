"""Run the Lambda functions as AWS does: under AWS's runtime interface client, in the runtime's Python."""

import contextlib
import hmac
import http
import os
import secrets
import shlex
from pathlib import Path
from typing import Any

from patched_ministack import seams
from patched_ministack.output import output_of

# The variables of the emulator that its functions get too. The rest (ports, paths, switches) is for the emulator only.
HANDED_ON = frozenset({"AWS_ENDPOINT_URL", "LANG", "PATH", "SSL_CERT_FILE", "TMPDIR"})
RUNTIME_CLIENT = Path(__file__).with_name("runtime_client.py")
# The developer's AWS settings must not reach a function: on Lambda there are none.
NO_PROFILE = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def run_under_runtime_client(python: str, bootstrap: str) -> None:
    """Run Python functions under the runtime client, with the interpreter `python`, through the script `bootstrap`.

    Unpatched, ministack runs them in its own interpreter, whatever their Runtime, in a loop that differs from Lambda:
    it has no real context object, loses `logging.info`, and invents error types. But ministack also serves AWS's Lambda
    Runtime API to functions with `Runtime: provided.*`, each of which has a program `bootstrap` that polls for events.
    This patch runs every Python function as one of those, with the runtime client as its bootstrap.

    Each function's Runtime API has a port, and every user of this machine can connect to it: he could take an event, or
    answer one. So the path of every request begins with a token, which the function finds in its environment.
    """
    token = secrets.token_urlsafe(32)
    script = Path(bootstrap)
    script.write_text(
        # -P: the folder of the client's script is not a place to import from.
        f'#!/bin/sh\nexec {shlex.quote(python)} -P {shlex.quote(str(RUNTIME_CLIENT))} "$_HANDLER"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)

    worker = guarded(seams.PROVIDED_WORKER.value, token)
    stock_worker_class = seams.WORKER_CLASS.value
    stock_code_directory = seams.CODE_DIRECTORY.value
    stock_environment = seams.WORKER_ENVIRONMENT.value

    def worker_class(config: dict[str, Any]) -> Any:
        return worker if is_python(config) else stock_worker_class(config)

    def code_directory(code_zip: bytes) -> str:
        """Extract a function's package once, and put the bootstrap where ministack looks for it.

        A link, not a copy: a file cannot be executed while a child of another thread holds it open for writing.
        """
        directory: str = stock_code_directory(code_zip)
        with contextlib.suppress(FileExistsError):
            Path(directory, "bootstrap").symlink_to(script)
        return directory

    def environment(config: dict[str, Any], code_directory: str, port: int) -> dict[str, str]:
        variables: dict[str, str] = stock_environment(config, code_directory, port)
        if not is_python(config):
            return variables
        variables["AWS_LAMBDA_RUNTIME_API"] += f"/{token}"
        return function_environment(config, variables, layer_directories(config))

    seams.WORKER_CLASS.replace(worker_class)
    seams.CODE_DIRECTORY.replace(code_directory)
    seams.WORKER_ENVIRONMENT.replace(environment)
    seams.EXECUTE_WARM.replace(seams.EXECUTE_PROVIDED_WARM.value)


def guarded(worker: Any, token: str) -> Any:
    """Make a class of workers whose Runtime API answers only requests with the token, and whose output is whole."""

    class GuardedWorker(worker):  # type: ignore[misc]  # ministack has no types
        def invoke(self, event: dict[str, Any], request_id: str, **more: Any) -> Any:
            """Run one invocation. A worker has one at a time."""
            self._invocation = request_id
            return super().invoke(event, request_id, **more)

        def _drain_stderr_bounded(self, **waits: float) -> str:
            # With other waits than usual, it is the output of a start.
            if waits:
                return str(super()._drain_stderr_bounded(**waits))
            process = self._proc
            return output_of(
                self._invocation, self._stderr_queue, lambda: process is not None and process.poll() is None
            )

        def _build_handler_class(self, *arguments: Any) -> Any:
            handler: Any = super()._build_handler_class(*arguments)

            class Handler(handler):  # type: ignore[misc]
                def parse_request(self) -> bool:
                    """Read the request's first line and headers; False if it has been answered."""
                    if not super().parse_request():
                        return False
                    if has_token(self.path, token):
                        return True
                    self.close_connection = True  # the body was not read
                    self.send_error(http.HTTPStatus.FORBIDDEN)
                    return False

            return Handler

    return GuardedWorker


def has_token(path: str, token: str) -> bool:
    """Whether a path begins with the token. The time does not depend on how much of it is right."""
    return hmac.compare_digest(path.split("/")[1].encode() if "/" in path else b"", token.encode())


def is_python(config: dict[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def layer_directories(config: dict[str, Any]) -> list[str]:
    """Extract the function's layers, each version once for all workers, and give their folders.

    ministack removes a folder together with its layer version. What is left when it exits goes with its TMPDIR.
    """
    packages = [seams.LAYER_ZIP(layer) for layer in config.get("Layers") or []]
    return [seams.EXTRACTED_DIRECTORY(package, "layer") for package in packages if package]


def function_environment(config: dict[str, Any], variables: dict[str, str], layers: list[str]) -> dict[str, str]:
    """Make a function's environment: what Lambda sets and what the template sets.

    `variables` is what ministack would pass: all of that, and its own environment too.
    """
    runtime = config["Runtime"]
    own = (config.get("Environment") or {}).get("Variables") or {}
    logging = config.get("LoggingConfig") or {}
    set_by_lambda = {name: value for name, value in variables.items() if os.environ.get(name) != value}
    inherited = {name: variables[name] for name in HANDED_ON if name in variables}
    search_path = [variables["LAMBDA_TASK_ROOT"]]
    for layer in layers:
        search_path += [f"{layer}/python/lib/{runtime}/site-packages", f"{layer}/python"]
    return {
        "LANG": "en_US.UTF-8",
        **set_by_lambda,
        **inherited,
        **NO_PROFILE,
        **own,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat", "Text"),
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
        "AWS_LAMBDA_LOG_LEVEL": logging.get("ApplicationLogLevel", ""),
        "AWS_REGION": variables["AWS_REGION"],
        "AWS_DEFAULT_REGION": variables["AWS_DEFAULT_REGION"],
        "PYTHONPATH": os.pathsep.join(search_path),
        "PYTHONUNBUFFERED": "1",
        "TZ": ":UTC",
    }
