"""The help of every command has an example and the exit codes."""

from typing import Any

import pytest
import typer
from typer.main import get_command

from cafe.cli import app
from unit.cli.conftest import Run

# These either succeed or fail: they never report an unhealthy pipeline.
OF_THE_STACK = {"demo", "up", "down", "reset", "migrate", "generate"}


def names_of(group: Any) -> list[str]:
    """List a group's commands as they are typed, with those of its subgroups."""
    return [
        name
        for command, found in sorted(getattr(group, "commands", {}).items())
        for name in (command, *(f"{command} {below}" for below in names_of(found)))
    ]


COMMANDS = names_of(get_command(app))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(run: Run, command: str) -> None:
    result = run(*command.split(), "--help")

    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"cafe {command}" in result.stdout


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in OF_THE_STACK])
def test_the_help_lists_the_exit_codes(run: Run, command: str) -> None:
    shown = run(*command.split(), "--help").stdout

    assert "Exit codes" in shown
    assert "130" in shown


def test_the_help_names_every_command(run: Run) -> None:
    shown = run("--help").stdout

    assert all(command in shown for command in COMMANDS if " " not in command)


def test_the_version_is_the_packages(run: Run) -> None:
    assert run("--version").stdout == "cafe 1.0.0\n"


def test_an_unknown_environment_lists_the_known_ones(run: Run) -> None:
    result = run("status", "--env", "staging")

    assert result.exit_code == 2
    assert "'local', 'dev', 'prod'" in result.stderr


def test_the_environment_can_be_set_in_a_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(name: str) -> None:
        asked.append(name)
        raise typer.Exit

    monkeypatch.setattr("cafe.commands.status.open_environment", note)
    monkeypatch.setenv("CAFE_ENV", "prod")

    run("status")

    assert asked == ["prod"]


def test_an_interrupted_command_writes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cafe.commands.status.open_environment", interrupt)

    result = run("status")

    assert result.exit_code == 130
    assert result.output == ""
