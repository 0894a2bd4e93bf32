"""The runbooks: one for every alarm of the template, under four headings, with commands that can be typed."""

import re

import pytest

from template.stack import Stack, read_source
from unit.docs.aws_commands import unknown_parts
from unit.docs.pages import page, sections, table_rows
from unit.docs.runbooks import RunbookCommand, installation_commands, runbook_commands

RUNBOOKS = sections(sections(page("operations"), 1)["Runbooks"], 2)
COMMANDS = list(runbook_commands())
# The commands that only AWS can answer. The e2e test of the runbooks skips these and no others.
AWS_ONLY = [command for command in COMMANDS if command.is_aws_only]
HEADINGS = ["**Meaning.**", "**Likely causes**", "**What to do.**", "**Resolved when**", "**Whom to wake.**"]


def anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def alarms() -> dict[str, str]:
    """Return the runbook's anchor of each alarm in the template, by the alarm's name without its prefix."""
    found = {}
    for alarm in Stack(read_source()).of_type("AWS::CloudWatch::Alarm"):
        properties = alarm.properties
        name = str(
            properties["AlarmName"]["Fn::Sub"] if isinstance(properties["AlarmName"], dict) else properties["AlarmName"]
        )
        description = str(properties["AlarmDescription"])
        runbook = re.search(r"Runbook: \S*?#([a-z-]+)", description)
        assert runbook, f"{name} names no runbook"
        found[re.sub(r"^cafe-[^-]+-", "", name)] = runbook[1]
    return found


def test_every_alarm_has_a_runbook_and_every_runbook_an_alarm() -> None:
    assert set(alarms().values()) == {anchor(heading) for heading in RUNBOOKS}


def test_the_table_links_every_alarm_to_the_runbook_in_its_description() -> None:
    rows = table_rows(page("operations").split("\n# Runbooks")[0])

    listed = {name: row["runbook"] for row in rows for name in row["alarm"].split(", ")}

    assert {name: re.sub(r".*\(#(.*)\)", r"\1", link) for name, link in listed.items()} == alarms()


@pytest.mark.parametrize("heading", RUNBOOKS)
def test_a_runbook_begins_with_its_commands(heading: str) -> None:
    assert RUNBOOKS[heading].lstrip().startswith("```\n")


@pytest.mark.parametrize("heading", RUNBOOKS)
def test_a_runbook_says_meaning_causes_what_to_do_when_resolved_and_whom_to_wake(heading: str) -> None:
    found = re.findall(r"^\*\*[^*]+\*\*", RUNBOOKS[heading], re.MULTILINE)

    assert found == HEADINGS


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.text)
def test_every_line_of_a_block_is_a_command_of_cafe_or_aws(command: RunbookCommand) -> None:
    program = command.text.split()[0]

    assert program in {"cafe", "aws"}


def test_only_one_command_needs_aws() -> None:
    """It needs AWS's Session Manager plugin, which no Python package contains."""
    assert [command.text.split()[:3] for command in AWS_ONLY] == [["aws", "ssm", "start-session"]]


AWS_COMMANDS = [command.text for command in (*AWS_ONLY, *installation_commands()) if command.text.startswith("aws ")]


@pytest.mark.parametrize("command", AWS_COMMANDS)
def test_a_command_that_no_runbook_test_runs_names_an_operation_and_options_that_exist(command: str) -> None:
    assert unknown_parts(command) == []


def test_a_wrong_command_of_aws_is_noticed() -> None:
    assert unknown_parts("aws s3api delete-bucket --name x") == ["--name"]
    assert unknown_parts("aws s3api remove-bucket --bucket x") == ["remove-bucket"]
    assert unknown_parts("aws s4 ls") == ["s4"]
