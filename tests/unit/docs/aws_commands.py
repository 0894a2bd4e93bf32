"""The commands of AWS that pages name, compared with what the AWS SDK knows. Makes no AWS calls."""

import re
import shlex
from collections.abc import Iterator

import boto3
from botocore.exceptions import UnknownServiceError

# Options of the command line itself, and the commands that it adds to the API's.
GLOBAL_OPTIONS = {"--region", "--query", "--output", "--profile", "--max-items", "--no-cli-pager"}
ADDED_COMMANDS = {
    ("s3", "rm"): {"--recursive"},
    ("s3", "ls"): {"--recursive"},
    ("s3", "cp"): set(),
    ("logs", "tail"): {"--since", "--follow"},
    ("cloudformation", "deploy"): {
        "--template-file",
        "--stack-name",
        "--parameter-overrides",
        "--capabilities",
    },
}
SERVICES = {"s3api": "s3"}
_INNER = re.compile(r"\$\((aws .*)\)")


def unknown_parts(command: str) -> list[str]:
    """Return the first part of the command that does not exist, then of a command inside ``$(…)``."""
    inner = _INNER.search(command)
    outer = _INNER.sub("VALUE", command)
    return [*_unknown(outer), *(unknown_parts(inner[1]) if inner else [])]


def _unknown(command: str) -> Iterator[str]:
    _, service, operation, *words = shlex.split(command)
    options = {word for word in words if word.startswith("--")} - GLOBAL_OPTIONS
    if (service, operation) in ADDED_COMMANDS:
        yield from sorted(options - ADDED_COMMANDS[service, operation])
        return
    try:
        client = boto3.client(SERVICES.get(service, service), "eu-west-2")  # type: ignore[call-overload]  # any service
    except UnknownServiceError:
        yield service
        return
    model = client.meta.service_model
    names = {_kebab(name): name for name in model.operation_names}
    if operation not in names:
        yield operation
        return
    shape = model.operation_model(names[operation]).input_shape
    known = {f"--{_kebab(member)}" for member in (shape.members if shape else [])}
    yield from sorted(
        option for option in options if option not in known and option.replace("--no-", "--") not in known
    )


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).replace("IDs", "Ids").lower()
