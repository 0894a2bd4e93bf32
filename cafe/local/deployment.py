"""Build the real template and deploy it to the emulator, with the make targets that deploy it on AWS."""

import fcntl
import hashlib
import os
import platform
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cafe.local import emulator, processes
from cafe.local.errors import LocalStackError
from cafe.local.keys import RootKeys
from cafe.local.layout import Layout
from cafe.local.private_files import make_private

# Shows a step's progress: takes the step's name, and gives a context that lasts as long as the step.
type Progress = Callable[[str], AbstractContextManager[object]]

BUILT_FROM = "built-from"
WAIT = "Wait for another command to build and deploy"
ENVIRONMENT = "dev"
STACK_NAME = f"cafe-{ENVIRONMENT}"
# Everything that a deployment is made from. No other file of the checkout changes it.
SOURCES = ("src", "template.yaml", "samconfig.toml", "Makefile")
ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}
# What the state of a stack starts with while its resources are there.
LIVE_STATES = ("CREATE_COMPLETE", "UPDATE_", "IMPORT_COMPLETE")
# Variables of the user that would lead SAM away from the emulator, or change what it builds.
WITHHELD_PREFIXES = ("AWS_", "SAM_", "MAKE", "MFLAGS", "PYTHON")


def architecture() -> str:
    """Name this machine's processor as Lambda does."""
    return ARCHITECTURES[platform.machine().lower()]


def local_parameters() -> dict[str, str]:
    """Give the template parameters that differ locally: this machine's processor, and no wait for more files."""
    return {
        "Environment": ENVIRONMENT,
        "Architecture": architecture(),
        "LoadBatchingWindowSeconds": "0",
    }


@contextmanager
def alone_in(layout: Layout, progress: Progress) -> Iterator[int]:
    """Wait until no other command builds or deploys the checkout, and keep the others from it meanwhile.

    All workspaces and `make build` build into one folder, for different processors. Yields the descriptor of the lock,
    which a program that takes this one's place may inherit.
    """
    checkout = os.open(layout.root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(checkout, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress(WAIT):
                fcntl.flock(checkout, fcntl.LOCK_EX)
        yield checkout
    finally:
        os.close(checkout)


def build(layout: Layout, parameters: Mapping[str, str]) -> None:
    """Build the functions and their layer for the processor that the parameters name, with bytecode.

    Nothing happens if these sources are built already, for another workspace or an earlier deployment.
    """
    # In the folder that `sam build` empties, so a build by hand removes it.
    mark = layout.build / BUILT_FROM
    # Of the parameters, only this one changes the build.
    built_from = f"{fingerprint(layout, {'Architecture': parameters['Architecture']})} {version('aws-sam-cli')}"
    if mark.exists() and mark.read_text(encoding="utf-8") == built_from:
        return
    mark.unlink(missing_ok=True)
    environment = {**_environment(layout), "PARAMETERS": parameter_overrides(parameters)}
    _make(layout, "sam-build", environment, remedy="Fix what the lines above report, then run: cafe up")
    mark.write_text(built_from, encoding="utf-8")


def deploy(layout: Layout, endpoint_url: str, root_keys: RootKeys, parameters: Mapping[str, str]) -> None:
    """Run the second half of `make deploy`: deploy what is built in a checkout, then migrate the warehouse."""
    environment = {
        **_environment(layout),
        **emulator.client_environment(endpoint_url, root_keys),
        "PARAMETERS": parameter_overrides(parameters),
        "SAM_CLI_POLL_DELAY": "0.5",  # seconds between polls of the stack; SAM's default of 5 suits AWS
    }
    _make(
        layout,
        "sam-deploy",
        environment,
        remedy="The first failed event above gives the reason. Fix it, then run: cafe up",
    )


def stack_id(endpoint_url: str, root_keys: RootKeys) -> str | None:
    """Return the id of the stack in the emulator; None if it was deleted, or if creating it failed.

    A stack that was deleted and created again has another id.
    """
    # Imported here because it takes longer than everything else that `cafe up` does when nothing has changed.
    import boto3
    from botocore.exceptions import ClientError

    make_client: Any = boto3.client
    cloudformation = make_client(
        "cloudformation",
        endpoint_url=endpoint_url,
        region_name=emulator.REGION,
        aws_access_key_id=root_keys.access_key_id,
        aws_secret_access_key=root_keys.secret_access_key,
    )
    try:
        [stack] = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # CloudFormation's answer if there is no such stack
            raise
        return None
    return str(stack["StackId"]) if stack["StackStatus"].startswith(LIVE_STATES) else None


def parameter_overrides(parameters: Mapping[str, str]) -> str:
    """Quote parameters for make, its shell and SAM, each of which removes one level of quotes.

    SAM splits a value at its spaces unless it has quotes of its own: CheckSchedule="rate(1 minute)".
    """
    for name, value in parameters.items():
        if not name.isalnum() or any(sign in value for sign in "\"'$\\\n"):
            raise LocalStackError(
                f"The template parameter {name} has a value that make cannot pass on.",
                remedy="Remove quotes, $, backslashes and line breaks from it.",
            )
    return " ".join(
        shlex.quote(f'{name}="{value}"' if " " in value else f"{name}={value}") for name, value in parameters.items()
    )


def fingerprint(layout: Layout, parameters: Mapping[str, str]) -> str:
    """Hash everything that a deployment is made from. While the hash is the same, there is nothing to deploy."""
    digest = hashlib.sha256(repr(sorted(parameters.items())).encode())
    for source in SOURCES:
        path = layout.root / source
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if _is_source(file))
        for file in files:
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(layout.root)} {content}\n".encode())
    return digest.hexdigest()


def _is_source(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts


def _environment(layout: Layout) -> dict[str, str]:
    """Give the environment for make: the user's, which pip may need to reach its index, without AWS settings.

    SAM leaves an empty folder behind for each zip file that it makes. They go with the run folder.
    """
    make_private(layout.temporary)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(WITHHELD_PREFIXES)}
    return {**kept, "TMPDIR": str(layout.temporary)}


def _make(layout: Layout, target: str, environment: Mapping[str, str], remedy: str) -> None:
    log_file = layout.log(target)
    exit_code = processes.run(
        target,
        ["make", "--no-print-directory", "-C", layout.root, target, f"ENV={ENVIRONMENT}"],
        environment=environment,
        log_file=log_file,
        run_folder=layout.run,
    )
    if exit_code != 0:
        raise LocalStackError(f"`make {target}` failed.", remedy=remedy, log_file=log_file)
