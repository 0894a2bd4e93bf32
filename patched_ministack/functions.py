"""Run the Lambda functions as AWS does: under AWS's runtime interface client, in the runtime's own Python."""

import contextlib
import os
import shlex
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

# What a function may see of the environment that the emulator runs in. The rest (ports, paths, switches) is our own.
HANDED_ON = frozenset({"AWS_ENDPOINT_URL", "LANG", "PATH", "SSL_CERT_FILE", "TMPDIR"})
# The developer's own AWS settings must not reach a function: on Lambda there are none.
NO_PROFILE = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def run_under_runtime_client(python: str, bootstrap: str) -> None:
    """Give Python functions the runtime client, run by the interpreter `python` through the script `bootstrap`.

    By itself ministack runs them in its own interpreter, whatever their Runtime, under a loop of its own: no real
    context object, `logging.info` lost, error types of its making. But it also serves AWS's Lambda Runtime API, to
    functions with `Runtime: provided.*`, each of which brings a program `bootstrap` that polls for events. So a Python
    function is run as one of those, and the runtime client is its bootstrap.
    """
    script = Path(bootstrap)
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} -m awslambdaric "$_HANDLER"\n', encoding="utf-8")
    script.chmod(0o755)

    stock_worker_class = lambda_runtime._worker_class_for
    stock_code_directory = lambda_svc._provided_runtime_code_dir
    stock_environment = lambda_svc._provided_worker_env

    def worker_class(config: dict[str, Any]) -> Any:
        return lambda_runtime.ProvidedWorker if is_python(config) else stock_worker_class(config)

    def code_directory(code_zip: bytes) -> str:
        """Extract a function's package once, and put the bootstrap where ministack looks for it.

        A link, not a copy: executing a file that another thread's child still holds open for writing fails.
        """
        directory: str = stock_code_directory(code_zip)
        with contextlib.suppress(FileExistsError):
            Path(directory, "bootstrap").symlink_to(script)
        return directory

    def environment(config: dict[str, Any], code_directory: str, port: int) -> dict[str, str]:
        variables: dict[str, str] = stock_environment(config, code_directory, port)
        return function_environment(config, variables, layer_directories(config)) if is_python(config) else variables

    lambda_runtime._worker_class_for = worker_class
    lambda_svc._provided_runtime_code_dir = code_directory
    lambda_svc._provided_worker_env = environment
    lambda_svc._execute_function_warm = lambda_svc._execute_function_provided_warm


def is_python(config: dict[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def layer_directories(config: dict[str, Any]) -> list[str]:
    """Extract the function's layers, each version once however many workers there are, and say where.

    ministack removes the folders itself when the layer versions go; what is left at its end goes with its TMPDIR.
    """
    packages = [lambda_svc._resolve_layer_zip(layer) for layer in config.get("Layers") or []]
    return [lambda_svc._docker_extracted_dir(package, "layer") for package in packages if package]


def function_environment(config: dict[str, Any], variables: dict[str, str], layers: list[str]) -> dict[str, str]:
    """Make a function's environment: what Lambda sets, what the template sets, and nothing of the emulator's own.

    `variables` is what ministack would give it: all of that, and its own environment too.
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
