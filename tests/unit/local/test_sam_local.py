"""What `sam local` is given: a template without references, a value for every variable, and the line to type."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cafe.local import sam_local
from cafe.local.keys import RootKeys
from cafe.local.sam_local import DeployedFunction, Reach

ROOT_KEYS = RootKeys("AKIAMADEUP", "made-up")
REACH = Reach(endpoint_port=40001, warehouse_port=40002)
EXTRACT = DeployedFunction(
    "extract", "python3.13", "extract.handler.lambda_handler", 120, 1769, {"STAGING_BUCKET": "cafe-dev-staging-0"}
)
LOAD = DeployedFunction(
    "load",
    "python3.13",
    "load.handler.lambda_handler",
    300,
    1769,
    {"WAREHOUSE_HOST": "localhost", "WAREHOUSE_PORT": "5439", "COPY_ROLE_ARN": "arn:aws:iam::000000000000:role/copy"},
)


def made(architecture: str = "x86_64") -> Any:
    return sam_local.template(
        [EXTRACT, LOAD], REACH, ROOT_KEYS, architecture=architecture, build=Path("/build"), authority=Path("/authority")
    )


def references(node: Any) -> Iterator[str]:
    """Find what SAM would have to resolve, except references to the template's own layers."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key.startswith("Fn::") or (key == "Ref" and not str(value).endswith("Layer")):
                yield f"{key}: {value}"
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_function_runs_from_the_build_output_on_this_machines_processor(architecture: str) -> None:
    function = made(architecture)["Resources"]["LoadFunction"]["Properties"]

    assert function["Architectures"] == [architecture]
    assert function["CodeUri"] == "/build/LoadFunction"
    assert (function["Handler"], function["Timeout"], function["MemorySize"]) == (LOAD.handler, 300, 1769)
    assert function["Layers"] == [{"Ref": "SharedLayer"}, {"Ref": "AuthorityLayer"}]
    assert made()["Resources"]["SharedLayer"]["Properties"] == {"ContentUri": "/build/SharedLayer"}
    assert made()["Resources"]["AuthorityLayer"]["Properties"] == {"ContentUri": "/authority"}


def test_nothing_is_left_for_sam_to_resolve() -> None:
    assert list(references(made())) == []


def test_every_variable_is_declared_and_has_a_value_that_wins_over_the_shell() -> None:
    values = sam_local.values([EXTRACT, LOAD], REACH, ROOT_KEYS)

    declared = {
        name: resource["Properties"]["Environment"]["Variables"]
        for name, resource in made()["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert declared == values


def test_a_container_gets_the_deployed_values_and_the_twin_as_it_is_seen_from_there() -> None:
    extract, load = (sam_local.container_variables(function, REACH, ROOT_KEYS) for function in (EXTRACT, LOAD))

    assert extract["STAGING_BUCKET"] == "cafe-dev-staging-0"
    assert extract["AWS_ENDPOINT_URL"] == "http://host.docker.internal:40001"
    assert "SSL_CERT_FILE" not in extract
    assert (load["WAREHOUSE_HOST"], load["WAREHOUSE_PORT"]) == ("host.docker.internal", "40002")
    assert load["COPY_ROLE_ARN"] == "arn:aws:iam::000000000000:role/copy"
    assert load["SSL_CERT_FILE"] == "/opt/twin-authority/ca.pem"


@pytest.mark.parametrize("function", [EXTRACT, LOAD], ids=["extract", "load"])
def test_every_credential_that_sam_would_pass_on_is_replaced(function: DeployedFunction) -> None:
    variables = sam_local.container_variables(function, REACH, ROOT_KEYS)

    assert {name: variables[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")} == {
        "AWS_ACCESS_KEY_ID": ROOT_KEYS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEYS.secret_access_key,
        "AWS_SESSION_TOKEN": "",
    }
    assert variables["AWS_CONFIG_FILE"] == variables["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert variables["AWS_EC2_METADATA_DISABLED"] == "true"


def test_the_image_is_the_one_that_sam_looks_for() -> None:
    assert sam_local.image("python3.13", "arm64") == "public.ecr.aws/lambda/python:3.13-arm64"


def test_outside_the_checkout_the_command_names_its_files() -> None:
    command = sam_local.whole_command(
        "load",
        "event.json",
        config=Path("/c/samconfig.toml"),
        template_file=Path("/s/t.json"),
        values_file=Path("/s/v.json"),
        profile="cafe workspace x",
    )

    assert command[:6] == ["sam", "local", "invoke", "LoadFunction", "-e", "event.json"]
    assert command[6:] == [
        *("--config-file", "/c/samconfig.toml"),
        *("--template-file", "/s/t.json"),
        *("--env-vars", "/s/v.json"),
        *("--profile", "cafe workspace x"),
    ]


LOG = """\
Invoking extract.handler.lambda_handler (python3.13)
Building image......
SAM_CONTAINER_ID: e271ad982c46
{"level":"INFO","message":"file.extracted"}
[ERROR] [1795710817399] LAMBDA_RUNTIME Failed to get next invocation. No Response from endpoint
END RequestId: 1
"""


def test_the_functions_own_lines_are_taken_out_of_sams() -> None:
    assert sam_local.function_log(LOG).splitlines() == [
        '{"level":"INFO","message":"file.extracted"}',
        "END RequestId: 1",
    ]


def test_all_lines_are_kept_if_no_container_was_made() -> None:
    assert (
        sam_local.function_log("Building image...\nError: no space left") == "Building image...\nError: no space left"
    )


@pytest.mark.parametrize(
    ("log", "container"), [(LOG, "e271ad982c46"), ("Building image...", "")], ids=["made", "not made yet"]
)
def test_the_container_is_found_by_what_sam_writes(log: str, container: str) -> None:
    assert sam_local.container_id(log) == container
