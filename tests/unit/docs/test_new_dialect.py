"""docs/dialects.md: a stranger's export is loaded by following the page, with one document and no Python."""

import subprocess
from pathlib import Path

import pytest

from copied_checkout import copy_checkout, environment_of
from unit.docs.pages import blocks, page, sections

STEPS = sections(page("dialects"), 2)["From an export to loaded rows"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with the export in it, in which the page is followed."""
    copy = tmp_path_factory.mktemp("checkout")
    copy_checkout(copy)
    (export,) = blocks(STEPS, "export")
    (copy / "export.csv").write_text(export, encoding="utf-8")
    return copy


def test_the_page_is_followed_from_an_export_to_loaded_rows(folder: Path) -> None:
    (questions,), (answers,), (shown,) = (blocks(STEPS, kind) for kind in ("questions", "diff", "answer"))
    propose, try_it, bring_in = blocks(STEPS, "sh")

    before = run("cafe try export.csv", folder)
    drafted = run(propose, folder)
    draft = (folder / "new.toml").read_text(encoding="utf-8")
    answered = run("git apply -", folder, answers)
    tried = run(try_it, folder)
    brought_in = run(f"set -e\n{bring_in}", folder)

    assert before.returncode == 1
    assert "unknown_dialect" in before.stdout
    assert (drafted.returncode, answered.returncode) == (0, 0), drafted.stderr + answered.stderr
    assert [line.removeprefix("# ") for line in draft.splitlines() if "QUESTION: " in line] == questions.splitlines()
    assert "Invented" not in draft
    for line in shown.splitlines():
        assert line in tried.stdout
        assert line in brought_in.stdout
    assert " passed" in brought_in.stdout


def run(command: str, folder: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    # Without a width, a table is as wide as its rows. A worker of pytest has a width.
    environment = {name: value for name, value in environment_of(folder).items() if name != "COLUMNS"}
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**environment, "PYTEST_ADDOPTS": "-p no:cacheprovider"},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
