"""docs/adding-things.md: each worked example is red with its test alone, and green with the rest of it.

The first diff of an example is its test, and the last command runs it. The other commands write files.
"""

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
    first, *rest = blocks(EXAMPLES[title], "diff")
    commands = "".join(blocks(EXAMPLES[title], "sh")).splitlines()
    copy_checkout(tmp_path)

    apply(first, tmp_path)
    before = run(f"{commands[-1]} --exitfirst", tmp_path)
    for block in rest:
        apply(block, tmp_path)
    after = [run(command, tmp_path) for command in commands]

    assert before.returncode == 1, f"{commands[-1]} is not red without the example:\n{before.stdout}{before.stderr}"
    assert [result.stdout + result.stderr for result in after if result.returncode] == []
    assert PASSED.search(after[-1].stdout)


def test_every_example_has_a_test_a_change_and_commands() -> None:
    lacking = [
        title for title, section in EXAMPLES.items() if len(blocks(section, "diff")) < 2 or not blocks(section, "sh")
    ]

    assert lacking == []


def apply(diff: str, folder: Path) -> None:
    """Apply a diff as the page says. The lines may have moved since it was written."""
    done = subprocess.run(["git", "apply", "-"], cwd=folder, input=diff, text=True, capture_output=True, check=False)
    assert done.returncode == 0, f"docs/adding-things.md quotes lines that were changed: {done.stderr}"


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {**environment_of(folder), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    return subprocess.run(["sh", "-c", command], cwd=folder, env=variables, capture_output=True, text=True, check=False)
