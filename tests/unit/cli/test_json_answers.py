"""With --json, whatever a command has to say is one answer in the envelope: data, an error, or what was not done."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cafe.local.layout import STATE_VARIABLE, WORKSPACE_VARIABLE
from cafe.terminal import envelope
from unit.cli.builders import FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

KEY = "2026/11/24/leeds.csv"


@pytest.fixture
def stack_is_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))


@pytest.mark.usefixtures("deployed", "warehouse")
def test_an_answer_names_its_command_its_environment_and_its_moment(run: Run) -> None:
    before = datetime.now(UTC)

    written = json.loads(run("cafes", "list", "--env", "dev", "--json").stdout)

    assert list(written) == ["cafe", "version", "environment", "workspace", "at", "data"]
    assert (written["cafe"], written["version"]) == ("cafes list", 1)
    assert (written["environment"], written["workspace"]) == ("dev", None)
    assert before <= datetime.fromisoformat(written["at"]) <= datetime.now(UTC)


@pytest.mark.usefixtures("stack_is_down")
@pytest.mark.parametrize(
    ("arguments", "variable", "workspace"),
    [
        (["status"], "", "main"),
        (["status"], "tills", "tills"),
        (["--workspace", "bench", "status"], "tills", "bench"),
        (["status"], "No Name", None),
        (["--workspace", "bench", "down"], "", "bench"),
        (["--workspace", "bench", "status", "--bogus"], "", "bench"),
    ],
    ids=["main", "of the shell", "of the option", "no name", "no option", "misused"],
)
def test_an_answer_names_the_workspace_of_the_local_stack(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], variable: str, workspace: str | None
) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, variable)

    assert json.loads(run(*arguments, "--json").stdout)["workspace"] == workspace


@pytest.mark.usefixtures("stack_is_down")
@pytest.mark.parametrize(
    "arguments",
    [["env"], ["check"], ["trace", "x"], ["sql", "select 1"], ["cafes", "list"], ["migrate"], ["smoke"], ["morning"]],
    ids=" ".join,
)
def test_without_a_local_stack_every_command_has_the_same_code(run: Run, arguments: list[str]) -> None:
    result = run(*arguments, "--json")

    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (2, "stack_not_up")


@pytest.mark.usefixtures("stack_is_down")
def test_an_error_is_an_answer_too_with_the_same_exit_code(run: Run) -> None:
    plain, as_json = run("status"), run("status", "--json")

    error = json.loads(as_json.stdout)["error"]
    assert plain.stdout == ""
    assert plain.exit_code == as_json.exit_code == 2
    assert plain.stderr == as_json.stderr
    assert error["code"] == "stack_not_up"
    assert error["message"] in as_json.stderr
    assert error["remedy"] in as_json.stderr


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["rejects", "--limit", "0", "--env", "dev", "--json"], "dev"),
        (["rejects", "--json", "--limit", "many", "--env", "dev"], "dev"),
        (["rejects", "--bogus", "--json"], None),
        (["cafes", "add", "--json"], "local"),
        (["status", "--env", "staging", "--json"], None),
    ],
    ids=["a value", "before the value", "an unknown option", "in a group", "an unknown environment"],
)
def test_wrong_arguments_are_an_error_of_the_command_in_json(
    run: Run, arguments: list[str], environment: str | None
) -> None:
    result = run(*arguments)

    written = json.loads(result.stdout)
    assert result.exit_code == 2
    assert written["error"]["code"] == "usage"
    assert written["cafe"] == ("cafes add" if "add" in arguments else arguments[0])
    assert written["environment"] in (environment, None)
    assert "To see how it is used" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["docs", "marts", "--search", "day"],
        ["env", "true"],
        ["erase"],
        ["erase", "--file", "x.csv", "--list"],
        ["drop", "README.md", "--as", " "],
        ["redrive", "--dry-run", "--discard-unreadable"],
        ["rejects", "--csv"],
        ["replay"],
        ["replay", "x.csv", "--rule", "bad_total"],
        ["replay", "--since", "2h", "--version", "v1"],
        ["replay", "--since", "yesterday"],
        ["replay", "x.csv", "--wait", "--dry-run"],
        ["replay", "--rule", "bad_dream"],
        ["sql"],
        ["sql", "select 1", "--tables"],
        ["sql", " "],
        ["up", "--parameter", "CheckSchedule"],
    ],
    ids=" ".join,
)
def test_arguments_that_do_not_go_together_are_an_error_of_usage(run: Run, arguments: list[str]) -> None:
    result = run(arguments[0], "--json", *arguments[1:])

    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (2, "usage")


@pytest.mark.parametrize("arguments", [["rejects", "--bogus"], ["nonsense", "--json"]], ids=["no JSON", "no command"])
def test_wrong_arguments_of_no_command_with_json_write_no_answer(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.usefixtures("stack_is_down")
def test_a_command_does_not_inherit_the_json_of_the_one_before(run: Run) -> None:
    run("status", "--json")

    assert run("status").stdout == ""
    assert not envelope.is_json_asked()


@pytest.mark.usefixtures("deployed")
def test_who_answers_no_gets_an_answer_that_nothing_was_done(
    run: Run, warehouse: FakeWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cafe.commands.retract.require_answer_or_yes", lambda _is_yes: None)
    monkeypatch.setattr("cafe.commands.retract.confirm", lambda _question: False)
    warehouse.answers |= {
        "ledger_of_file": answer(ledger_row(source_key=KEY)),
        "retractable_files": answer({"file_id": "f" * 32, "is_held": False, "orders": 3, "amount": 7}),
    }

    retracted = run("retract", KEY, "--json", "--env", "dev")

    assert retracted.exit_code == 1
    assert json.loads(retracted.stdout)["data"] == {"retracted": [], "why": "you answered no"}


def test_only_a_command_that_was_given_json_has_an_answer() -> None:
    envelope.forget_json()

    with pytest.raises(AssertionError, match="the command has no option --json"):
        envelope.answer({}, datetime.now(UTC))
