"""docs/adding-things.md: each worked example is red with its test alone, and green with the rest of it."""

import re
import subprocess
from pathlib import Path

import pytest

from copied_checkout import copy_checkout, environment_of
from unit.docs.pages import blocks, page, sections

EXAMPLES = {title: section for title, section in sections(page("adding-things"), 2).items() if "**Example: " in section}
PASSED = re.compile(r"^\d+ passed", re.MULTILINE)


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_works_as_it_stands_on_the_page(title: str, tmp_path: Path) -> None:
    test, *rest = blocks(EXAMPLES[title], "diff")
    commands = [line for block in blocks(EXAMPLES[title], "sh") for line in block.splitlines()]
    copy_checkout(tmp_path)

    apply(test, tmp_path)
    before = run(commands[0], tmp_path)
    for block in rest:
        apply(block, tmp_path)
    after = [run(command, tmp_path) for command in commands]

    assert before.returncode == 1, f"{commands[0]} is not red without the example"
    assert [result.stdout for result in after if result.returncode or not PASSED.search(result.stdout)] == []


def test_every_example_has_a_test_a_change_and_commands() -> None:
    lacking = [
        title for title, section in EXAMPLES.items() if len(blocks(section, "diff")) < 2 or not blocks(section, "sh")
    ]

    assert lacking == []


def apply(diff: str, folder: Path) -> None:
    """Apply a diff as the page says. The lines may have moved since it was written."""
    done = subprocess.run(["git", "apply", "-"], cwd=folder, input=diff, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = ["python", "-m", "pytest", "-p", "no:cacheprovider", *command.removeprefix("pytest ").split()]
    return subprocess.run(words, cwd=folder, env=environment_of(folder), capture_output=True, text=True, check=False)
