"""Every code in the ledger has a remedy of its own, which fits it and says what to do."""

import re

import pytest
from typer.main import get_command

import extract.rules
import load.rules
import transform.rules
from cafe.answers.remedies import PIPELINES_FAULTS, UNKNOWN, remedies, remedy_about, remedy_for
from cafe.cli import app

# What a remedy asks for. Each begins a sentence or follows "or", "and" or a comma.
ACTIONS = (
    "Add", "Export", "Fix", "Keep", "Name", "Put", "Remove", "Rename", "Save", "Send", "Split", "Type", "Write",
    "cafe cafes add", "call the data team", "let head office", "send",
)  # fmt: skip
ACTION = re.compile(rf"(?:[.:,`] ?|\b(?:and|or) |^)(?:{'|'.join(ACTIONS)})\b")
FILE_REASONS = (*extract.rules.FileReason, *load.rules.FileReason)


@pytest.mark.parametrize("code", sorted(remedies()))
def test_every_rule_says_what_to_do(code: str) -> None:
    cause, *actions = re.split(r"(?<=\.) ", remedy_for(code))

    assert remedy_for(code).endswith(".")
    assert ACTION.search(" ".join(actions)), "no action follows the cause"
    assert not ACTION.match(cause), "the cause comes first"


def test_no_two_codes_share_a_remedy() -> None:
    assert len({*remedies().values()}) == len(remedies())


@pytest.mark.parametrize("code", sorted(remedies()))
def test_a_command_in_a_remedy_is_one_of_the_command_line(code: str) -> None:
    named = get_command(app).commands  # type: ignore[attr-defined]  # a group has commands

    assert {*re.findall(r"\bcafe ([a-z]+)", remedy_for(code))} <= {*named}


@pytest.mark.parametrize("code", sorted(remedies()))
def test_a_command_in_a_remedy_can_be_copied_without_the_sentence_around_it(code: str) -> None:
    quoted = re.sub(r"`[^`]*`", "", remedy_for(code))

    assert not re.search(r"\bcafe [a-z]+", quoted), "the full stop or the comma after it would be copied too"


def test_the_branch_is_not_asked_to_repair_a_fault_of_the_pipeline() -> None:
    faults = {reason for reason in FILE_REASONS if "data team" in reason.remedy}

    assert faults == PIPELINES_FAULTS


@pytest.mark.parametrize("code", [*load.rules.FailureReason, *transform.rules.FailureReason])
def test_what_failed_is_no_task_of_the_branch(code: str) -> None:
    """A file that failed is right, and is sent again by the person on call."""
    assert re.search(r"cafe replay KEY|call the data team", remedy_for(code))


def test_a_remedy_has_the_key_of_its_file_in_the_command() -> None:
    assert "cafe approve 'a b.csv'" in remedy_about("removes_much", "a b.csv")


def test_a_rule_of_another_version_points_to_the_documentation() -> None:
    assert remedy_for("a_rule_of_tomorrow") == UNKNOWN
