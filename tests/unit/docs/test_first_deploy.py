"""The checklist of the first deploy: each step has a command, what is right, and what to do otherwise."""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from template.stack import Stack, read_source
from unit.docs.aws_commands import unknown_parts
from unit.docs.pages import ROOT, blocks, page, sections, table_rows, without_blocks

PAGE = page("first-deploy")
STEPS = {heading: text for heading, text in sections(PAGE, 2).items() if re.match(r"\d+\. ", heading)}
COMMANDS = [(heading, line) for heading, text in STEPS.items() for line in "".join(blocks(text, "sh")).splitlines()]
# `cafe` and `make` are compared with the command line and the Makefile by test_references.py.
PROGRAMS = {"aws", "cafe", "curl", "docker", "make", "sam", "sudo"}


@cache
def sam_options(command: str) -> set[str]:
    """Return the options that `sam COMMAND` takes."""
    sam = Path(sys.executable).with_name("sam")
    shown = subprocess.run([sam, command, "--help"], capture_output=True, check=True, text=True, timeout=120).stdout
    return set(re.findall(r"--[a-z][a-z-]+", shown))


def test_the_page_says_first_that_it_was_never_run_on_aws() -> None:
    assert "**Nobody who wrote this has run any of it on AWS.**" in PAGE.split("\n## ")[0]


def test_the_steps_are_numbered_in_order() -> None:
    assert [int(heading.split(".")[0]) for heading in STEPS] == list(range(1, len(STEPS) + 1))
    assert len(STEPS) > 10


@pytest.mark.parametrize("heading", STEPS)
def test_a_step_says_what_to_type_what_is_right_and_what_to_do_otherwise(heading: str) -> None:
    parts = re.findall(r"^(```sh|\*\*Right\.\*\*|\*\*Otherwise\.\*\*) ?(.?)", STEPS[heading], re.MULTILINE)

    assert [part for part, _ in parts if part != "```sh"] == ["**Right.**", "**Otherwise.**"]
    assert parts[0][0] == "```sh"
    assert all(text for part, text in parts if part != "```sh"), "a part is empty"


@pytest.mark.parametrize(("heading", "command"), COMMANDS)
def test_a_command_begins_with_a_program_that_the_page_introduces(heading: str, command: str) -> None:
    assert command.split()[0] in PROGRAMS, heading


@pytest.mark.parametrize("command", [command for _, command in COMMANDS if command.startswith("aws ")])
def test_a_command_of_aws_names_an_operation_and_options_that_exist(command: str) -> None:
    assert unknown_parts(command) == []


@pytest.mark.parametrize("command", [command for _, command in COMMANDS if command.startswith("sam ")])
def test_a_command_of_sam_names_options_that_exist(command: str) -> None:
    _, operation, *words = shlex.split(command)

    assert {word for word in words if word.startswith("--")} <= sam_options(operation)


def test_the_parameters_exist() -> None:
    listed = {name for row in table_rows(STEPS["2. The parameters"]) for name in row["parameter"].split(", ")}
    assigned = set(re.findall(r'"([A-Z]\w+)=', PAGE)) | set(re.findall(r"(?<=overrides )([A-Z]\w+)=", PAGE))

    assert listed | assigned <= Stack(read_source()).parameters.keys()
    assert "MaxCapacity" in assigned


def test_the_outputs_exist() -> None:
    right = re.search(r"prints the outputs (.*?)\. TOPIC", without_blocks(STEPS["6. The mails"]), re.DOTALL)
    assert right

    assert set(re.findall(r"`(\w+)`", right[1])) == read_source()["Outputs"].keys() - {"BalancerAddress"}


def test_resources_that_the_page_names_exist() -> None:
    resources = Stack(read_source()).resources.keys()

    named = set(re.findall(r"`(Warehouse(?:Workgroup|SnapshotRole)|BranchUploadPolicy)`", PAGE))

    assert named == {"WarehouseWorkgroup", "WarehouseSnapshotRole", "BranchUploadPolicy"}
    assert named <= resources


def test_the_image_of_grafana_and_its_units_are_those_of_the_host() -> None:
    step = STEPS["10. Grafana's host"]
    versions = (ROOT / "grafana/host/versions.env").read_text(encoding="utf-8")
    host = read_source()["Resources"]["GrafanaHost"]["Properties"]["UserData"]["Fn::Base64"]["Fn::Sub"][0]
    boot = (ROOT / "grafana/host/boot.sh").read_text(encoding="utf-8")

    (image,) = re.findall(r"inspect (\S+)", step)
    units = set(re.findall(r"journalctl -u ([\w-]+)", step))
    messages = [row["it says"].strip("`") for row in table_rows(step)] + ["Grafana answers"]

    assert f"GRAFANA_IMAGE={image}@sha256:" in versions
    assert units == {"cafe-dashboards", "cafe-grafana"}
    assert all(f"{unit}.service" in host + boot for unit in units)
    assert [message for message in messages if message not in host + boot] == []


def test_every_open_question_names_a_step() -> None:
    rows = table_rows(PAGE.split("# What only AWS can show")[1])

    numbers = {heading.split(".")[0] for heading in STEPS}
    assert len(rows) > 8
    assert {row["step"] for row in rows} <= numbers


def test_nine_resources_come_back_as_the_page_says() -> None:
    rows = table_rows(sections(page("operations"), 2)["What a deleted stack keeps"])

    adopted = [row for row in rows if row["comes back"].startswith("cafe adopt")]

    assert len(adopted) == 9
    assert "lists nine resources" in PAGE
