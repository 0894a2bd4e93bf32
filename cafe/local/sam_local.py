"""What `sam local` must be given to run a stage in a container against the local twin.

Rules only: nothing is read or written here. Left to itself, SAM takes the processor from the template's default, makes
up the values of !Ref and !GetAtt, lets the shell's variables win over the template's, drops every variable that the
template does not declare, and passes the user's own credentials on. So the template made here holds the functions as
they are deployed and declares every variable, and a file gives each its value, which wins over the shell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cafe.local import emulator
from cafe.local.certificates import CONTAINER_HOST
from cafe.local.keys import RootKeys

# A layer's files are in /opt. This file has a layer of its own, outside the build output: what is in there is deployed.
AUTHORITY_FILE = "twin-authority/ca.pem"

# SAM writes the id of a new container behind it.
CONTAINER_MARK = "SAM_CONTAINER_ID: "


@dataclass(frozen=True)
class DeployedFunction:
    """A stage's function as it is deployed: the template's references are resolved."""

    stage: str
    runtime: str
    handler: str
    timeout_seconds: int
    memory_mb: int
    variables: Mapping[str, str]

    @property
    def logical_id(self) -> str:
        """Its name in the template, and in the build output."""
        return logical_id(self.stage)


@dataclass(frozen=True)
class Reach:
    """The ports of host.docker.internal at which a container finds the emulator and the warehouse."""

    endpoint_port: int
    warehouse_port: int


def logical_id(stage: str) -> str:
    """Name the function of a stage as the template does."""
    return f"{stage.capitalize()}Function"


def image(runtime: str, architecture: str) -> str:
    """Name the image of AWS in which SAM runs a function of a runtime such as python3.13."""
    return f"public.ecr.aws/lambda/python:{runtime.removeprefix('python')}-{architecture}"


def container_variables(function: DeployedFunction, reach: Reach, root_keys: RootKeys) -> dict[str, str]:
    """Give all variables of a function in a container: the deployed ones, and the twin's addresses as seen from there.

    The credentials are the twin's, and the token of a session is empty, so that SAM passes on nothing of the user's.
    """
    variables = {
        **function.variables,
        **emulator.client_environment(f"http://{CONTAINER_HOST}:{reach.endpoint_port}", root_keys),
        "AWS_SESSION_TOKEN": "",
    }
    if "WAREHOUSE_HOST" in variables:
        variables |= {
            "WAREHOUSE_HOST": CONTAINER_HOST,
            "WAREHOUSE_PORT": str(reach.warehouse_port),
            "SSL_CERT_FILE": f"/opt/{AUTHORITY_FILE}",
        }
    return variables


def values(functions: Iterable[DeployedFunction], reach: Reach, root_keys: RootKeys) -> dict[str, dict[str, str]]:
    """Give the content of SAM's --env-vars: the variables by function."""
    return {function.logical_id: container_variables(function, reach, root_keys) for function in functions}


def template(
    functions: Iterable[DeployedFunction],
    reach: Reach,
    root_keys: RootKeys,
    *,
    architecture: str,
    build: Path,
    authority: Path,
) -> dict[str, Any]:
    """Build the template: the functions and their layer from the build output, for this machine's processor.

    ``authority`` is the folder of the layer with the certificate that the warehouse's is signed with.
    """
    layers = {"SharedLayer": build / "SharedLayer", "AuthorityLayer": authority}
    resources = {name: _resource("LayerVersion", ContentUri=str(folder)) for name, folder in layers.items()}
    for function in functions:
        resources[function.logical_id] = _resource(
            "Function",
            CodeUri=str(build / function.logical_id),
            Handler=function.handler,
            Runtime=function.runtime,
            Architectures=[architecture],
            Timeout=function.timeout_seconds,
            MemorySize=function.memory_mb,
            Layers=[{"Ref": name} for name in layers],
            LoggingConfig={"LogFormat": "JSON"},
            Environment={"Variables": container_variables(function, reach, root_keys)},
        )
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": "The functions as they are deployed in the local stack, for sam local.",
        "Resources": resources,
    }


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::Serverless::{kind}", "Properties": properties}


def command(stage: str, event: str) -> list[str]:
    """Give the command that a person types in the checkout, where samconfig.toml holds the rest."""
    return ["sam", "local", "invoke", logical_id(stage), "-e", event]


def whole_command(
    stage: str, event: str, *, config: Path, template_file: Path, values_file: Path, profile: str
) -> list[str]:
    """Give the command as it runs in any folder, and for a twin that keeps its files in another one."""
    options = {
        "--config-file": config,
        "--template-file": template_file,
        "--env-vars": values_file,
        "--profile": profile,
    }
    return [*command(stage, event), *(part for name, path in options.items() for part in (name, str(path)))]


def container_id(log: str) -> str:
    """Find the id of the container in what SAM wrote to standard error; "" if it has made none yet."""
    return log.rpartition(CONTAINER_MARK)[2].split("\n")[0].strip() if CONTAINER_MARK in log else ""


def function_log(log: str) -> str:
    """Take the function's lines out of what SAM wrote to standard error.

    SAM's own lines come first. When it stops the container, the runtime reports that no other invocation came.
    """
    _, marker, after = log.rpartition(CONTAINER_MARK)
    lines = after.rstrip().split("\n")[1:] if marker else log.rstrip().split("\n")
    return "\n".join(line for line in lines if "Failed to get next invocation" not in line)
