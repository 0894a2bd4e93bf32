"""Run the Lambda functions as AWS does: under AWS's runtime interface client, in the runtime's Python."""

import contextlib
import os
import shlex
from pathlib import Path
from typing import Any

from patched_ministack import seams

# The variables of the emulator that its functions get too. The rest (ports, paths, switches) is for the emulator only.
HANDED_ON = frozenset({"AWS_ENDPOINT_URL", "LANG", "PATH", "SSL_CERT_FILE", "TMPDIR"})
# The developer's AWS settings must not reach a function: on Lambda there are none.
NO_PROFILE = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def run_under_runtime_client(python: str, bootstrap: str) -> None:
    """Run Python functions under the runtime client, with the interpreter `python`, through the script `bootstrap`.

    Unpatched, ministack runs them in its own interpreter, whatever their Runtime, in a loop that differs from Lambda:
    it has no real context object, loses `logging.info`, and invents error types. But ministack also serves AWS's Lambda
    Runtime API to functions with `Runtime: provided.*`, each of which has a program `bootstrap` that polls for events.
    This patch runs every Python function as one of those, with the runtime client as its bootstrap.
    """
    script = Path(bootstrap)
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} -m awslambdaric "$_HANDLER"\n', encoding="utf-8")
    script.chmod(0o755)

    stock_worker_class = seams.WORKER_CLASS.value
    stock_code_directory = seams.CODE_DIRECTORY.value
    stock_environment = seams.WORKER_ENVIRONMENT.value

    def worker_class(config: dict[str, Any]) -> Any:
        return seams.PROVIDED_WORKER.value if is_python(config) else stock_worker_class(config)

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
        return function_environment(config, variables, layer_directories(config)) if is_python(config) else variables

    seams.WORKER_CLASS.replace(worker_class)
    seams.CODE_DIRECTORY.replace(code_directory)
    seams.WORKER_ENVIRONMENT.replace(environment)
    seams.EXECUTE_WARM.replace(seams.EXECUTE_PROVIDED_WARM.value)


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
