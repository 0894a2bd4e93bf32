"""The template that lets GitHub deploy keeps its rules, and every rule notices when it is broken."""

import fnmatch
import inspect
import json

import pytest
from cfnlint.api import lint

from template.breakage import Breakage, Rule
from template.github_breakages import BREAKAGES
from template.rules import github
from template.stack import GITHUB_FILE, REGION, Stack, read_source

INSTALLATION = {"GitHubRepository": "owner/cafe.sales", "Environment": "dev"}
SOUND = Stack(read_source(GITHUB_FILE), INSTALLATION)
SECOND = Stack(read_source(GITHUB_FILE), INSTALLATION | {"OidcProviderArn": "arn:aws:iam::1:oidc-provider/github"})
RULES: list[Rule] = [
    function
    for name, function in inspect.getmembers(github, inspect.isfunction)
    if function.__module__ == github.__name__ and not name.startswith("_")
]


def test_cfn_lint_finds_nothing() -> None:
    findings = lint(GITHUB_FILE.read_text(encoding="utf-8"), regions=[REGION])

    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize("stack", [SOUND, SECOND], ids=["first environment", "second environment"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_keeps_the_rule(rule: Rule, stack: Stack) -> None:
    assert list(rule(stack)) == []


@pytest.mark.parametrize("breakage", BREAKAGES, ids=str)
def test_the_rule_names_what_breaks_it(breakage: Breakage) -> None:
    source = read_source(GITHUB_FILE)
    breakage.apply(source)

    violations = list(breakage.rule(Stack(source, INSTALLATION)))

    assert any(violation.startswith(breakage.culprit) for violation in violations), violations


def test_every_rule_has_a_breakage_that_it_notices() -> None:
    assert {breakage.rule.__name__ for breakage in BREAKAGES} == {rule.__name__ for rule in RULES}


def test_the_second_environment_of_an_account_uses_the_provider_of_the_first() -> None:
    assert "GitHubProvider" in SOUND.resources
    assert "GitHubProvider" not in SECOND.resources


def test_every_exception_is_still_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is for an action that the role has, or that no type of the template calls."""
    patterns = set(github.NOT_NEEDED)
    monkeypatch.setattr(github, "NOT_NEEDED", {})

    refused = [line.split()[1] for line in github.the_role_can_deploy_every_type(SOUND)]

    assert {pattern for pattern in patterns if not fnmatch.filter(refused, pattern)} == set()


def test_the_stack_has_no_role_that_the_deploy_role_could_not_create() -> None:
    """CloudFormation names a role after the stack and its logical id, unless the template names it."""
    roles = Stack(read_source()).of_type("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::InstanceProfile")

    named = [
        json.dumps(role.properties) for role in roles if {"RoleName", "ManagedPolicyName"} & role.properties.keys()
    ]

    assert named == []
