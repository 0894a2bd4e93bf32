"""`sam build && sam deploy --config-env …` needs only samconfig.toml, and cannot deploy to the wrong environment."""

import tomllib
from typing import Any

import pytest

from cafe.local import aws_clients
from cafe.local.layout import Layout
from template.rules import regions
from template.stack import REGION, TEMPLATE_FILE, Stack, read_source

CONFIG_FILE = TEMPLATE_FILE.with_name("samconfig.toml")


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return tomllib.loads(CONFIG_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_deploys_its_own_stack(config: dict[str, Any], environment: str) -> None:
    everywhere = config[environment]["global"]["parameters"]
    deploy = config[environment]["deploy"]["parameters"]

    assert everywhere == {"stack_name": f"cafe-{environment}", "region": REGION}
    assert f"Environment={environment}" in deploy["parameter_overrides"]
    assert deploy["resolve_s3"] is True
    assert deploy["capabilities"] == ["CAPABILITY_IAM"]


def test_only_production_asks_before_it_changes_anything(config: dict[str, Any]) -> None:
    asks = {name: config[name]["deploy"]["parameters"]["confirm_changeset"] for name in ("dev", "prod")}

    assert asks == {"dev": False, "prod": True}


def test_nothing_is_deployed_without_naming_an_environment(config: dict[str, Any]) -> None:
    assert "deploy" not in config["default"]
    assert "global" not in config["default"]


@pytest.mark.parametrize("environment", ["default", "dev", "prod"])
def test_every_environment_builds_with_the_cache(config: dict[str, Any], environment: str) -> None:
    assert config[environment]["build"]["parameters"] == {"cached": True, "parallel": True}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_overrides_name_parameters_that_the_template_has(config: dict[str, Any], environment: str) -> None:
    overrides = dict(pair.split("=", 1) for pair in config[environment]["deploy"]["parameters"]["parameter_overrides"])

    assert overrides.keys() <= Stack(read_source()).parameters.keys()


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_templates_rules_admit_an_environment_in_its_region(config: dict[str, Any], environment: str) -> None:
    region = config[environment]["global"]["parameters"]["region"]
    overrides = dict(pair.split("=", 1) for pair in config[environment]["deploy"]["parameters"]["parameter_overrides"])
    stack = Stack(read_source(), overrides)

    assert list(stack.refusals(region)) == []
    assert list(regions.the_warehouse_fits_the_region(stack)) == []


@pytest.mark.parametrize("command", ["local_invoke", "local_start_lambda", "local_start_api"])
@pytest.mark.parametrize("environment", ["default", "dev", "prod"])
def test_sam_local_has_a_profile_that_no_user_has(config: dict[str, Any], environment: str, command: str) -> None:
    assert config[environment][command]["parameters"]["profile"] == aws_clients.PROFILE


@pytest.mark.parametrize("command", ["local_invoke", "local_start_lambda"])
def test_sam_local_runs_the_functions_of_the_local_stack(config: dict[str, Any], command: str) -> None:
    root = TEMPLATE_FILE.parent
    layout = Layout(root)

    assert config["default"][command]["parameters"] == {
        "profile": aws_clients.PROFILE,
        "template_file": layout.sam_template.relative_to(root).as_posix(),
        "env_vars": layout.sam_values.relative_to(root).as_posix(),
        "add_host": ["host.docker.internal:host-gateway"],
        "skip_pull_image": True,
    }
