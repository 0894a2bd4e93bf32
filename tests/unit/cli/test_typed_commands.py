"""The commands that messages print carry the workspace of the command that prints them."""

import json
from pathlib import Path

import pytest
from typer.main import get_command

from cafe.cli import app
from cafe.local.layout import STATE_VARIABLE, WORKSPACE_VARIABLE, using
from cafe.terminal.presentation import cell, plain
from cafe.terminal.typed_commands import NAMES, WITHOUT_WORKSPACE, in_workspace
from unit.cli.conftest import Run

OPTION = "--workspace tills"


def test_every_command_either_uses_a_workspace_or_does_not() -> None:
    assert {*NAMES, *WITHOUT_WORKSPACE} == set(get_command(app).commands)  # type: ignore[attr-defined]  # it is a group
    assert not {*NAMES} & {*WITHOUT_WORKSPACE}


@pytest.mark.parametrize("name", NAMES)
def test_each_command_that_uses_a_workspace_gets_it(name: str) -> None:
    assert in_workspace(f"Type: cafe {name}", OPTION) == f"Type: cafe {OPTION} {name}"


@pytest.mark.parametrize("name", WITHOUT_WORKSPACE)
def test_a_command_that_uses_none_stays_as_it_is(name: str) -> None:
    assert in_workspace(f"Type: cafe {name}", OPTION) == f"Type: cafe {name}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run `cafe up` first.", f"Run `cafe {OPTION} up` first."),
        ("cafe replay KEY --again", f"cafe {OPTION} replay KEY --again"),
        ('type: eval "$(cafe env)"', f'type: eval "$(cafe {OPTION} env)"'),
        ("`cafe status`, `cafe up`", f"`cafe {OPTION} status`, `cafe {OPTION} up`"),
        ("cafe cafes add Leeds.", f"cafe {OPTION} cafes add Leeds."),
        (".venv/bin/cafe check", f".venv/bin/cafe {OPTION} check"),
        ("cafe status.", f"cafe {OPTION} status."),
        (f"cafe {OPTION} up", f"cafe {OPTION} up"),
        ("2026/11/24/cafe up.csv", "2026/11/24/cafe up.csv"),
        ("cafe up.csv", "cafe up.csv"),
        ("the cafe uplands", "the cafe uplands"),
        ("netcafe up", "netcafe up"),
    ],
)
def test_only_commands_get_it(text: str, shown: str) -> None:
    assert in_workspace(text, OPTION) == shown
    assert in_workspace(text, "") == text


def test_values_of_the_warehouse_are_shown_exactly() -> None:
    with using("tills"):
        assert plain("cafe up").plain == f"cafe {OPTION} up"
        assert cell("cafe up").plain == "cafe up"


@pytest.fixture
def no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path))


@pytest.mark.usefixtures("no_stack")
def test_the_remedy_of_an_error_works_as_it_is_typed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    by_option = run("--workspace", "tills", "status", "--json")
    monkeypatch.setenv(WORKSPACE_VARIABLE, "tills")
    by_variable = run("status", "--json")

    for result, command in ((by_option, f"cafe {OPTION} up"), (by_variable, "cafe up")):
        assert result.exit_code == 2
        assert "The local stack of the workspace tills is not up." in result.stderr
        assert f"Run `{command}` first" in result.stderr
        assert f"Run `{command}` first" in json.loads(result.stdout)["error"]["remedy"]


@pytest.mark.parametrize("name", ["../etc", "No", "postgres"])
def test_a_bad_name_is_an_error(run: Run, name: str) -> None:
    result = run("--workspace", name, "status")

    assert result.exit_code == 2
    assert f"A workspace cannot be called '{name}'" in result.stderr
