"""`cafe env`: prints variables, or runs a command with them; without a local stack, neither."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cafe.local import keys, state
from cafe.local.layout import STATE_VARIABLE, Layout, checkout
from unit.cli.conftest import Run
from unit.local.test_state import STACK

CAFE = Path(sys.executable).with_name("cafe")


@pytest.fixture
def stack_is_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    return checkout()


@pytest.fixture
def stack_is_up(stack_is_down: Layout) -> Layout:
    keys.make(stack_is_down)
    state.write(STACK, stack_is_down)
    return stack_is_down


@pytest.mark.usefixtures("stack_is_down")
@pytest.mark.parametrize("arguments", [("--json",), ("sam", "deploy")], ids=["a script", "a command"])
def test_without_a_local_stack_nothing_is_printed_and_nothing_runs(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr("os.execve", lambda *_: pytest.fail("the command ran"))

    result = run("env", *arguments)

    assert result.exit_code == 2
    assert "variables" not in result.stdout
    assert "cafe up" in result.stderr


@pytest.mark.usefixtures("stack_is_down")
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_without_a_local_stack_the_rest_of_a_shells_line_does_not_run() -> None:
    done = subprocess.run(
        ["bash", "-c", f'eval "$({CAFE} env)" && echo ran on AWS'], capture_output=True, check=False, text=True
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "cafe up" in done.stderr


@pytest.mark.usefixtures("stack_is_up")
def test_the_lines_set_the_twins_variables_and_remove_the_users(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "own")

    lines = run("env").stdout.splitlines()

    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:4566" in lines
    root_keys = keys.read(checkout())
    assert f"export AWS_ACCESS_KEY_ID={root_keys.access_key_id}" in lines
    assert f"export AWS_SECRET_ACCESS_KEY={root_keys.secret_access_key}" in lines
    assert "unset AWS_PROFILE" in lines


@pytest.mark.usefixtures("stack_is_up")
def test_json_names_the_same_variables(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "own")

    variables = json.loads(run("env", "--json").stdout)["data"]["variables"]

    assert variables["AWS_PROFILE"] is None
    assert variables["AWS_EC2_METADATA_DISABLED"] == "true"
    assert Path(variables["AWS_CONFIG_FILE"]).is_file()


@pytest.mark.usefixtures("stack_is_down")
def test_unset_removes_what_was_set_although_the_stack_is_gone(run: Run) -> None:
    lines = run("env", "--unset").stdout.splitlines()

    assert "unset AWS_ENDPOINT_URL" in lines
    assert "unset AWS_CONFIG_FILE" in lines
    assert [line for line in lines if not line.startswith("unset ")] == []


def test_a_command_gets_the_variables_its_own_options_and_gives_its_exit_code(stack_is_up: Layout) -> None:
    script = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)])); sys.exit(7)"

    done = subprocess.run(
        [CAFE, "env", "python", "-c", script, "--json", "--shell", "x y"],
        env={**os.environ, "AWS_PROFILE": "own", STATE_VARIABLE: str(stack_is_up.home)},
        capture_output=True,
        text=True,
        check=False,
    )

    arguments, environment = json.loads(done.stdout)
    assert done.returncode == 7
    assert arguments == ["--json", "--shell", "x y"]
    assert environment["AWS_ENDPOINT_URL"] == STACK.endpoint_url
    assert "AWS_PROFILE" not in environment
    assert environment["PATH"].split(os.pathsep)[0] == str(CAFE.parent)


@pytest.mark.parametrize("option", [(), ("--endpoint-url", "http://127.0.0.1:4567")], ids=["no option", "the option"])
@pytest.mark.usefixtures("stack_is_up")
def test_the_aws_cli_gets_the_address_once(run: Run, monkeypatch: pytest.MonkeyPatch, option: tuple[str, ...]) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr("os.execve", lambda _program, command, _environment: ran.append(command))

    run("env", "aws", "sqs", "list-queues", *option)

    added = () if option else (f"--endpoint-url={STACK.endpoint_url}",)
    assert ran == [["aws", *added, "sqs", "list-queues", *option]]


@pytest.mark.parametrize("workspace", ["main", "tills"])
def test_a_command_and_a_shell_use_the_same_workspace(
    run: Run, stack_is_up: Layout, monkeypatch: pytest.MonkeyPatch, workspace: str
) -> None:
    layout = replace(stack_is_up, workspace=workspace)
    keys.make(layout)
    state.write(STACK, layout)
    ran: list[dict[str, str]] = []
    monkeypatch.setattr("os.execve", lambda _program, _command, environment: ran.append(environment))

    lines = run("--workspace", workspace, "env").stdout.splitlines()
    run("--workspace", workspace, "env", "sam", "build")

    assert f"export CAFE_WORKSPACE={workspace}" in lines
    assert f"export AWS_CONFIG_FILE={layout.aws_config}" in lines
    assert ran[0]["CAFE_WORKSPACE"] == workspace
    assert ran[0]["TMPDIR"] == str(layout.temporary), "SAM leaves empty folders behind"
    assert layout.temporary.is_dir()


@pytest.mark.usefixtures("stack_is_up")
def test_a_command_that_does_not_exist_is_named(run: Run) -> None:
    result = run("env", "no-such-command")

    assert result.exit_code == 2
    assert "no-such-command" in result.stderr


@pytest.mark.usefixtures("stack_is_up")
@pytest.mark.parametrize("option", ["--json", "--unset"])
def test_a_command_and_a_list_of_variables_are_two_things(run: Run, option: str) -> None:
    assert run("env", option, "sam", "deploy").exit_code == 2


@pytest.mark.usefixtures("stack_is_up")
@pytest.mark.parametrize(
    ("command", "needs_containers"),
    [
        (("sam", "local", "invoke", "ExtractFunction", "-e", "event.json"), True),
        (("sam", "local", "start-lambda"), True),
        (("sam", "local", "invoke", "--help"), False),
        (("sam", "local", "generate-event", "s3", "put"), False),
        (("sam", "logs"), False),
    ],
    ids=["invoke", "start-lambda", "help", "generate-event", "logs"],
)
def test_only_what_runs_containers_makes_them_ready(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], needs_containers: bool
) -> None:
    done: list[str] = []
    monkeypatch.setattr("cafe.commands.env.ready_containers", lambda _environment: done.append("ready"))
    monkeypatch.setattr("os.execve", lambda *_: done.append("run"))

    run("env", *command)

    assert done == (["ready", "run"] if needs_containers else ["run"])
