"""Parameters of the template on the command line: what CloudFormation would refuse is one line, before a start."""

from itertools import product

import pytest

from cafe.answers.parameters import conditions_of, fill_in
from cafe.deployed.template import read_template
from cafe.errors import Misused
from template.stack import Stack, read_source
from unit.cli.conftest import Run

TEMPLATE = read_template()
DECLARED = TEMPLATE["Parameters"]
REFUSED = [
    ("Nope=1", "The template has no parameter Nope"),
    ("LoadBatchingWindowSeconds=banana", "it must be a number"),
    ("LoadBatchingWindowSeconds=nan", "it must be a number"),
    ("LoadBatchingWindowSeconds=-5", "the least is 0"),
    ("LoadBatchingWindowSeconds=500", "the most is 300"),
    ("BaseCapacity=5", "it must be one of 4, 8, 16, 32"),
    ("Environment=Prod", "it must be one of dev, prod"),
    ("MorningMail1=nobody", "must be one address, or empty"),
    ("BaseCapacity=16", "MaxCapacity must be more than BaseCapacity"),
    ("BalancerDomainName=sales.example.com", "One needs the other"),
]


@pytest.mark.parametrize(("pair", "problem"), REFUSED, ids=[pair for pair, _ in REFUSED])
@pytest.mark.parametrize("command", ["cost", "up"])
def test_a_parameter_that_a_deploy_would_refuse_is_one_line(run: Run, command: str, pair: str, problem: str) -> None:
    result = run(command, "--parameter", pair)

    assert result.exit_code == 2
    assert problem in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_capacity_that_the_local_region_does_not_offer_is_refused_there_only(run: Run) -> None:
    assert "not offered in this region" in " ".join(run("up", "--parameter", "BaseCapacity=4").stderr.split())
    assert run("cost", "--parameter", "BaseCapacity=4").exit_code == 0


def test_every_default_is_a_value_that_its_parameter_takes() -> None:
    defaults = {name: str(declared["Default"]) for name, declared in DECLARED.items()}

    assert fill_in(TEMPLATE, defaults, "eu-west-2") == defaults


@pytest.mark.parametrize("region", ["eu-west-1", "eu-west-2", "us-west-1"])
def test_the_rules_refuse_what_they_refuse_in_the_tests_of_the_template(region: str) -> None:
    stack = Stack(read_source())
    refused = {}
    for base, most in product(DECLARED["BaseCapacity"]["AllowedValues"], DECLARED["MaxCapacity"]["AllowedValues"]):
        capacity = {"BaseCapacity": str(base), "MaxCapacity": str(most)}
        expected = next(stack.refusals(region, **capacity), "")
        try:
            fill_in(TEMPLATE, capacity, region)
            refused[base, most] = ("", expected)
        except Misused as problem:
            refused[base, most] = (problem.message, expected)

    assert {pair: found for pair, found in refused.items() if found[0] != found[1]} == {}
    assert any(expected for _, expected in refused.values())


def test_the_conditions_follow_the_values() -> None:
    values = fill_in(TEMPLATE, {"Architecture": "x86_64", "AlarmEmail": "on-call@example.com"})

    before, after = conditions_of(TEMPLATE, fill_in(TEMPLATE, {})), conditions_of(TEMPLATE, values)
    assert {name for name in after if after[name] != before[name]} == {"AlarmsAreMailed", "HostIsArm"}
