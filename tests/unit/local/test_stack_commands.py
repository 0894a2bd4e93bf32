"""The commands that start and stop the stack, with a fake stack that records its calls."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cafe.commands import stack as commands
from cafe.errors import CafeError
from cafe.local import stack
from cafe.local.state import Stack
from json_page import check_answers

FACTS = Stack("dev", "cafe-dev", "eu-west-2", "http://127.0.0.1:1", "/tmp/ca.pem", "localhost", 2, {"emulator": 3})


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    commands.register(app)
    return app


def bring_up(steps: list[str], given: dict[str, str]) -> Callable[..., Stack]:
    def up(progress: Callable[[str], AbstractContextManager[Any]], parameters: Mapping[str, str]) -> Stack:
        given.update(parameters)
        for step in steps:
            with progress(step):
                pass
        return FACTS

    return up


@pytest.mark.parametrize("command", ["up", "reset"])
def test_the_steps_are_shown_and_the_parameters_passed_on(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    given: dict[str, str] = {}
    monkeypatch.setattr(stack, command, bring_up(["Start PostgreSQL"], given))

    result = CliRunner().invoke(app, [command, "--parameter", "CheckSchedule=rate(1 minute)"])

    assert result.exit_code == 0
    assert "✓ Start PostgreSQL" in result.stderr
    assert given == {"CheckSchedule": "rate(1 minute)"}


def test_a_stack_that_is_up_already_is_reported(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "up", bring_up([], {}))

    assert "up already" in CliRunner().invoke(app, ["up"]).stderr


@pytest.mark.parametrize("command", ["up", "reset"])
def test_json_says_where_everything_listens(app: typer.Typer, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(stack, command, bring_up(["Start PostgreSQL"], {}))

    stdout = CliRunner().invoke(app, [command, "--json"]).stdout

    check_answers(stdout)
    facts = json.loads(stdout)["data"]
    assert facts["endpoint_url"] == "http://127.0.0.1:1"
    assert facts["processes"] == {"emulator": 3}


@pytest.mark.parametrize("pair", ["CheckSchedule", "=5", ""])
def test_a_parameter_that_is_no_pair_is_refused(app: typer.Typer, pair: str) -> None:
    result = CliRunner().invoke(app, ["up", "--parameter", pair])

    assert isinstance(result.exception, CafeError)
    assert "NAME=VALUE" in str(result.exception)


def test_an_interrupted_start_reports_that_nothing_keeps_running(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> Stack:
        raise KeyboardInterrupt

    monkeypatch.setattr(stack, "up", interrupted)

    result = CliRunner().invoke(app, ["up"])

    assert result.exit_code == 130
    assert "Interrupted" in result.stderr


@pytest.mark.parametrize(
    ("stopped", "said"),
    [([], "Nothing was running."), (["redshift", "emulator"], "Stopped: emulator, redshift.")],
    ids=["nothing", "two"],
)
def test_down_says_what_it_stopped(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, stopped: list[str], said: str
) -> None:
    monkeypatch.setattr(stack, "down", lambda: stopped)

    assert said in CliRunner().invoke(app, ["down"]).stderr
    as_json = CliRunner().invoke(app, ["down", "--json"]).stdout
    check_answers(as_json)
    assert json.loads(as_json)["data"] == {"stopped": stopped}


def test_an_interrupted_deployment_to_a_running_stack_does_not_claim_that_it_was_stopped(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> Stack:
        raise KeyboardInterrupt

    monkeypatch.setattr(stack, "up", interrupted)
    monkeypatch.setattr("cafe.local.state.running_stack", lambda: FACTS)

    result = CliRunner().invoke(app, ["up"])

    assert result.exit_code == 130
    assert "the stack keeps running" in result.stderr
    assert "stopped" not in result.stderr
