"""The template keeps every house rule, and every rule notices when it is broken."""

import inspect
from functools import cache

import pytest

from template import (
    access_log_breakages,
    alarm_breakages,
    branch_breakages,
    breakages,
    creation_breakages,
    environment_breakages,
    host_breakages,
    kept_breakages,
    key_breakages,
    reach_breakages,
    region_breakages,
    schedule_breakages,
)
from template.breakage import Breakage, Rule
from template.host_breakages import WITH_A_BALANCER
from template.reach_breakages import WITH_THE_MAIL
from template.rules import (
    access,
    access_log,
    alarms,
    branches,
    creation,
    environments,
    functions,
    hosts,
    kept,
    keys,
    network,
    queues,
    reach,
    regions,
    schedules,
    storage,
    texts,
)
from template.stack import Stack, read_source

RULES: list[Rule] = [
    function
    for module in (
        queues,
        alarms,
        creation,
        environments,
        schedules,
        functions,
        access,
        branches,
        storage,
        kept,
        keys,
        access_log,
        network,
        reach,
        hosts,
        regions,
        texts,
    )
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]

BREAKAGES = [
    *breakages.BREAKAGES,
    *alarm_breakages.BREAKAGES,
    *branch_breakages.BREAKAGES,
    *creation_breakages.BREAKAGES,
    *environment_breakages.BREAKAGES,
    *host_breakages.BREAKAGES,
    *kept_breakages.BREAKAGES,
    *key_breakages.BREAKAGES,
    *access_log_breakages.BREAKAGES,
    *reach_breakages.BREAKAGES,
    *region_breakages.BREAKAGES,
    *schedule_breakages.BREAKAGES,
]

# Parameter values that change what is deployed. Shorter visibility, as tests use it, would break rules.
INSTALLATIONS = {
    "defaults": {},
    "in production": {"Environment": "prod", "AlarmEmail": "on-call@example.com"},
    "load without waiting": {"LoadBatchingWindowSeconds": "0"},
    "with a balancer": WITH_A_BALANCER,
    "with the morning mail": WITH_THE_MAIL,
    "on the other processor": {"Architecture": "x86_64"},
    "by GitHub": {"PermissionsBoundary": "github-cafe-dev-boundary"},
    "with a larger warehouse": {"BaseCapacity": "32", "MaxCapacity": "64"},
}


@cache
def installed(installation: str) -> Stack:
    """Expand the template once for all rules. They only read it."""
    return Stack(read_source(), INSTALLATIONS[installation])


@pytest.mark.parametrize("installation", INSTALLATIONS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_template_keeps_the_rule(rule: Rule, installation: str) -> None:
    violations = list(rule(installed(installation)))

    assert violations == []


@pytest.mark.parametrize("breakage", BREAKAGES, ids=str)
def test_the_rule_names_the_resource_that_breaks_it(breakage: Breakage) -> None:
    source = read_source()
    breakage.apply(source)

    violations = list(breakage.rule(Stack(source, breakage.overrides)))

    assert any(violation.startswith(breakage.culprit) for violation in violations), violations


def test_every_rule_has_a_breakage_that_it_notices() -> None:
    noticed = {breakage.rule.__name__ for breakage in BREAKAGES}

    assert noticed == {rule.__name__ for rule in RULES}


def test_every_exception_to_the_wildcard_rule_is_still_needed() -> None:
    wildcards = {
        (statement.owner.logical_id, statement.sid)
        for statement in Stack(read_source()).statements()
        if statement.effect == "Allow" and "*" in statement.resources
    }

    assert wildcards == set(access.WILDCARD_RESOURCES)
    assert all(
        document.startswith("https://docs.aws.amazon.com/") for _, document in access.WILDCARD_RESOURCES.values()
    )
