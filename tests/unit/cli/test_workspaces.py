"""`cafe workspaces` and `cafe reset`: what they show, what they ask, and what they delete."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cafe.answers.contents import Contents
from cafe.commands.dashboards import preview
from cafe.local import stack, state
from cafe.local.layout import STATE_VARIABLE, WORKSPACE_VARIABLE, Layout, checkout, using
from unit.cli.conftest import Run
from unit.local.test_stack_commands import FACTS
from unit.local.test_state import STACK


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The workspace main, without any file."""
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "home"))
    return checkout()


@pytest.fixture
def filled(main: Layout) -> Layout:
    """The workspace main, with a warehouse whose database is down."""
    main.postgres.mkdir(parents=True)
    (main.postgres / "base").write_bytes(b"x" * 5_000_000)
    return main


@pytest.fixture
def restarts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The workspaces that were reset."""
    seen: list[str] = []

    def reset(*_arguments: object) -> Any:
        seen.append(checkout().workspace)
        return FACTS

    monkeypatch.setattr(stack, "reset", reset)
    return seen


def answering(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    """Sit at a terminal, and answer every question."""
    monkeypatch.setattr("cafe.terminal.deletion.require_answer_or_yes", lambda _is_yes: None)
    monkeypatch.setattr("cafe.terminal.deletion.confirm", lambda _question: answer)


def test_reset_says_how_much_goes_and_refuses_if_nobody_can_answer(
    run: Run, filled: Layout, restarts: list[str]
) -> None:
    result = run("reset")

    assert result.exit_code == 2
    assert "The workspace main has 5 MB on disk" in result.stderr
    assert "Add --yes." in result.stderr
    assert restarts == []
    assert filled.postgres.exists()


@pytest.mark.usefixtures("filled")
def test_no_deletes_nothing(run: Run, restarts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, answer=False)

    result = run("reset")

    assert result.exit_code == 1
    assert "Nothing was deleted." in result.stderr
    assert restarts == []


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("arguments", [["--yes"], ["--yes", "--json"], []], ids=["--yes", "a script", "answered yes"])
def test_yes_resets_the_workspace(
    run: Run, restarts: list[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    if not arguments:
        answering(monkeypatch, answer=True)

    result = run("--workspace", "main", "reset", *arguments)

    assert result.exit_code == 0
    assert restarts == ["main"]


@pytest.mark.usefixtures("filled")
def test_a_script_is_not_asked(run: Run, restarts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, answer=True)

    result = run("reset", "--json")

    assert (result.exit_code, restarts) == (2, [])
    assert json.loads(result.stdout)["error"]["remedy"] == "Add --yes."


@pytest.mark.usefixtures("main")
def test_where_nothing_can_be_lost_nobody_is_asked(run: Run, restarts: list[str]) -> None:
    assert run("reset").exit_code == 0
    assert restarts == ["main"]


def test_what_an_earlier_version_kept_counts_as_data(run: Run, main: Layout, restarts: list[str]) -> None:
    data = main.home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "base").write_bytes(b"x" * 5_000_000)

    result = run("reset")

    assert result.exit_code == 2
    assert "5 MB on disk" in result.stderr
    assert restarts == []
    assert (main.postgres / "base").exists()


def test_a_running_workspace_is_described_by_what_its_stores_hold() -> None:
    contents = Contents("main", 52_000_000, files=20, orders=6_120, items=9_000, raw_files=1)

    assert not contents.is_empty
    assert contents.described() == (
        "The warehouse of the workspace main has 20 files, 6,120 orders and 9,000 items; its drop bucket has "
        "1 raw file; 52 MB on disk."
    )
    assert replace(contents, files=0, orders=0, items=0, raw_files=0).is_empty
    assert not replace(contents, files=0, orders=0, items=0).is_empty, "the raw file is not loaded yet"


def test_the_list_shows_what_runs_where_and_since_when(run: Run, filled: Layout) -> None:
    tills = replace(filled, workspace="tills")
    tills.run.mkdir(parents=True)
    tills.root_keys.touch()
    state.write(STACK, tills)
    state.mark_used(tills)
    os.utime(tills.used_file, (1_795_000_000, 1_795_000_000))

    shown = run("workspaces", "list").stdout
    answer = json.loads(run("workspaces", "list", "--json").stdout)["data"]

    assert [line.split()[:2] for line in shown.splitlines()[1:]] == [["main", "down"], ["tills", "running"]]
    assert f"emulator 4566, warehouse {STACK.warehouse_port}" in shown
    assert "2026-11-18 11:06" in shown
    assert [(one["name"], one["is_running"]) for one in answer["workspaces"]] == [("main", False), ("tills", True)]
    assert answer["workspaces"][1]["ports"] == {"emulator": 4566, "warehouse": STACK.warehouse_port}
    assert answer["workspaces"][0]["last_used"] is None


@pytest.mark.usefixtures("main")
def test_without_a_workspace_the_list_says_how_to_make_one(run: Run) -> None:
    assert "`cafe up` makes the workspace main." in run("workspaces", "list").stderr


def test_remove_asks_and_deletes_one_workspace(run: Run, filled: Layout) -> None:
    other = replace(filled, workspace="other")
    other.warehouse.mkdir(parents=True)

    refused = run("workspaces", "remove", "main")
    removed = run("workspaces", "remove", "main", "--yes", "--json")

    assert (refused.exit_code, removed.exit_code) == (2, 0)
    assert json.loads(removed.stdout)["data"] == {"removed": "main", "stopped": []}
    assert not filled.state.exists()
    assert other.state.exists()


@pytest.mark.usefixtures("main")
def test_a_workspace_that_is_not_there_is_not_removed(run: Run) -> None:
    result = run("workspaces", "remove", "tills", "--yes")

    assert result.exit_code == 2
    assert "There is no workspace tills." in result.stderr


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, main: Layout) -> list[str]:
    """The workspaces that a command that invents data has started. It goes no further."""
    assert not main.home.exists()
    seen: list[str] = []

    def start(*_arguments: object) -> None:
        seen.append(checkout().workspace)
        raise KeyboardInterrupt

    for name in ("reset", "up"):
        monkeypatch.setattr(stack, name, start)
    return seen


INVENTING = {"demo": ["demo"], "preview": ["dashboards", "preview", "--fill"]}


@pytest.mark.parametrize("variable", ["", "tills"])
@pytest.mark.parametrize(("workspace", "command"), INVENTING.items(), ids=INVENTING)
def test_invented_data_goes_into_a_workspace_of_its_own(
    run: Run, started: list[str], monkeypatch: pytest.MonkeyPatch, workspace: str, command: list[str], variable: str
) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, variable)

    assert run(*command).exit_code == 130
    assert started == [workspace]


@pytest.mark.parametrize(("workspace", "command"), INVENTING.items(), ids=INVENTING)
def test_invented_data_is_refused_in_any_other_workspace(
    run: Run, started: list[str], workspace: str, command: list[str]
) -> None:
    result = run("--workspace", "tills", *command)

    assert result.exit_code == 2
    assert f"works in the workspace {workspace} and in no other" in result.stderr
    assert started == []


@pytest.mark.parametrize(("workspace", "command"), INVENTING.items(), ids=INVENTING)
def test_a_workspace_is_not_filled_twice_at_once(
    run: Run, started: list[str], main: Layout, workspace: str, command: list[str]
) -> None:
    with stack.reserved(replace(main, workspace=workspace)):
        result = run(*command)

    assert result.exit_code == 2
    assert f"Another command is filling the warehouse of the workspace {workspace}." in result.stderr
    assert started == []


class Local:
    """A local environment."""

    is_local = True


@pytest.mark.parametrize(
    ("workspace", "said"),
    [
        ("preview", "The figures are invented."),
        ("demo", "The figures are invented."),
        ("main", "The figures come from the local workspace main"),
    ],
)
def test_the_preview_says_whose_figures_it_shows(workspace: str, said: str) -> None:
    source: Callable[[Any], str] = preview._source

    with using(workspace):
        assert source(Local()).startswith(said)
