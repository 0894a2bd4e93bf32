"""`cafe doctor`: what it finds on a machine that lacks something, and that nothing damaged keeps it from answering."""

import ast
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cafe.answers import machine
from cafe.answers.doctor import Finding, State, is_ready, ok, plain_lines, problem, run_checks, verdict, warning
from cafe.local import processes
from cafe.local.layout import STATE_VARIABLE, checkout
from unit.cli.conftest import Run

ROOT = Path(__file__).parents[3]
# Modules that must start in an environment that is damaged.
STDLIB_ONLY = ("cafe/start.py", "cafe/answers/doctor.py", "cafe/answers/machine.py")


def states(findings: Iterable[Finding]) -> list[str]:
    return [finding.state for finding in findings]


def one(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


# --- the answer


def test_a_check_that_fails_is_a_finding_and_the_others_still_run() -> None:
    def broken() -> Iterator[Finding]:
        yield ok("broken", "so far")
        raise ImportError("No module\nnamed 'x'")

    findings = run_checks([("broken", broken), ("last", lambda: [ok("last", "well")])])

    assert states(findings) == ["ok", "problem", "ok"]
    assert findings[1].summary == "cannot be looked at: ImportError: No module named 'x'"
    assert "make install" in findings[1].remedy


@pytest.mark.parametrize(
    ("findings", "expected", "ready"),
    [
        ([ok("a", "well")], "Ready: all is well", True),
        ([ok("a", "well"), warning("b", "less", "do")], "Ready: 1 warning", True),
        ([problem("a", "ill", "do"), warning("b", "less", "do")] * 2, "Not ready: 2 problems, 2 warnings", False),
    ],
)
def test_the_verdict_counts_what_is_wrong(findings: list[Finding], expected: str, ready: bool) -> None:
    assert verdict(findings) == expected
    assert is_ready(findings) is ready
    assert plain_lines(findings)[-1] == expected


def test_every_finding_on_this_machine_says_what_to_do_unless_it_is_well(run: Run) -> None:
    result = run("doctor", "--json")

    answer = json.loads(result.stdout)["data"]
    assert {finding["topic"] for finding in answer["findings"]} == {
        topic for topic, _ in machine.checks("local")
    }  # none is left out
    assert [f for f in answer["findings"] if (f["state"] == "ok") != (f["remedy"] == "")] == []
    assert result.exit_code == (0 if answer["ready"] else 1)


def test_the_screen_shows_each_finding_with_its_remedy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [ok("disk", "9 GB"), problem("clock", "behind", "Set it")]
    monkeypatch.setattr("cafe.commands.doctor.run_checks", lambda _checks: found)

    result = run("doctor")

    assert result.stdout.splitlines() == plain_lines(found)
    assert result.exit_code == 1


# --- a damaged environment


@pytest.mark.parametrize("path", STDLIB_ONLY)
def test_what_must_start_anywhere_imports_only_the_standard_library(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    imported = {
        name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }

    assert {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names} <= {
        "cafe.answers.doctor"
    }


@pytest.fixture
def damaged(tmp_path: Path) -> Mapping[str, str]:
    """The variables of an environment in which a package is broken."""
    (tmp_path / "typer.py").write_text("raise ImportError('typer is half installed')", encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def start(variables: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cafe.start import main; main()", *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_the_doctor_answers_although_the_command_line_is_damaged(damaged: Mapping[str, str]) -> None:
    result = start(damaged, "doctor")

    assert result.returncode == 1
    assert "✗ packages    the command line cannot start: ImportError: typer is half installed" in result.stdout
    assert "✓ locale" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Not ready: ")
    assert "Traceback" not in result.stdout + result.stderr


def test_another_command_says_that_the_command_line_is_damaged(damaged: Mapping[str, str]) -> None:
    result = start(damaged, "status")

    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "error: The command line is damaged: ImportError: typer is half installed",
        "Install again: rm -rf .venv && make install, or see what else: cafe doctor",
    ]


# --- the checks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout whose environments are as `make install` leaves them."""
    requirements = tmp_path / "requirements"
    requirements.mkdir()
    for name, packages in machine.ENVIRONMENTS.items():
        (requirements / f"{packages}.txt").write_text("pytest==1.2.3 \\\n    --hash=sha256:0\n", encoding="utf-8")
        program(tmp_path / name / "bin" / "python", "echo 3.13")
        (tmp_path / name / ".stamp").touch()
    for name in ("pyproject.toml", "template.yaml", "README.md"):
        (tmp_path / name).touch()
    return tmp_path


def program(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


def test_environments_as_installed_are_well(root: Path) -> None:
    assert states(machine.look_at_python(root)) == ["ok"] * 3


@pytest.mark.parametrize(
    ("line", "summary"),
    [("echo 3.12", ".venv runs Python 3.12, not 3.13"), ("exit 127", ".venv has a Python that does not run, not 3.13")],
)
def test_another_or_a_broken_python_is_a_problem(root: Path, line: str, summary: str) -> None:
    program(root / ".venv/bin/python", line)

    first, *others = machine.look_at_python(root)

    assert (first.state, first.summary) == (State.PROBLEM, summary)
    assert first.remedy == "rm -rf .venv && make install"
    assert states(others) == ["ok", "ok"]


def test_an_environment_that_is_missing_or_old_is_a_problem(root: Path) -> None:
    shutil.rmtree(root / ".venv-emulator")
    os.utime(root / "requirements/lambda.txt", (2e9, 2e9))

    _, missing, old = machine.look_at_python(root)

    assert missing.summary == ".venv-emulator is missing, or its Python was removed"
    assert old.summary == ".venv-lambda is older than requirements/lambda.txt"


def test_a_package_of_another_version_is_a_problem(root: Path) -> None:
    first, *_ = machine.look_at_packages(root)

    assert first.state == State.PROBLEM
    assert first.summary == "1 of 1 packages are missing or have another version: pytest"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        ("echo GNU Make 4.4.1", ["ok", "warning"]),
        ("echo GNU Make 3.81", ["problem", "warning"]),
        ("exit 1", ["problem", "warning"]),
    ],
    ids=["new", "of macOS", "broken"],
)
def test_an_old_make_is_a_problem_and_no_git_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: str, expected: list[str]
) -> None:
    program(tmp_path / "make", make)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert states(machine.look_at_programs()) == expected


def test_a_machine_without_free_ports_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_socket: socket.socket, _address: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(socket.socket, "bind", refuse)

    assert "Address already in use" in one(machine.look_at_ports()).summary


def test_a_folder_that_cannot_be_written_is_a_problem_for_root_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*, dir: Path, prefix: str) -> None:  # noqa: A002  the name that tempfile gives it
        raise OSError(30, "Read-only file system", str(dir), prefix)

    monkeypatch.setattr("tempfile.TemporaryFile", read_only)

    findings = list(machine.look_at_folders(root))

    assert states(findings) == ["problem"] * 5
    assert findings[0].summary == f"the checkout cannot be written: {root}: Read-only file system"


@pytest.mark.parametrize(("free", "state"), [(4e8, "problem"), (2e9, "warning"), (9e9, "ok")])
def test_little_room_is_a_warning_and_none_a_problem(
    root: Path, monkeypatch: pytest.MonkeyPatch, free: float, state: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _place: shutil._ntuple_diskusage(10**12, 0, int(free)))

    assert states(machine.look_at_disk(root)) == [state, state]


def test_a_clock_behind_the_files_is_a_problem(root: Path) -> None:
    now = datetime.fromtimestamp((root / "README.md").stat().st_mtime, UTC)

    assert one(machine.look_at_clock(root, now)).state == State.OK
    assert one(machine.look_at_clock(root, now - timedelta(hours=1))).state == State.PROBLEM


@pytest.mark.parametrize(("terminal", "state"), [("utf-8", "ok"), ("UTF8", "ok"), ("ascii", "warning")])
def test_a_terminal_that_cannot_show_every_name_is_a_warning(terminal: str, state: str) -> None:
    assert states(machine.look_at_locale(terminal, "utf-8")) == [state]


@pytest.mark.parametrize(
    ("variables", "state", "summary"),
    [
        ({}, "warning", "there are none for AWS; the local stack needs none"),
        ({"AWS_ACCESS_KEY_ID": "a"}, "problem", "AWS_ACCESS_KEY_ID is set without its partner"),
        (
            {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "SECRET", "AWS_REGION": "eu-west-1"},
            "ok",
            "from variables of this shell; eu-west-1",
        ),
        ({"AWS_PROFILE": "shop"}, "ok", "from the profile shop; the profile's region or eu-west-2"),
        ({"AWS_PROFILE": "other"}, "problem", "there is no profile other, which AWS_PROFILE names"),
        ({"AWS_ENDPOINT_URL": "http://localhost:1"}, "warning", "this shell is led away from AWS, by AWS_ENDPOINT_URL"),
        (
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "token"},
            "ok",
            "from variables of this shell; the profile's region or eu-west-2",
        ),
    ],
    ids=["none", "half", "keys", "profile", "no such profile", "local stack", "role of CI"],
)
def test_where_credentials_come_from_is_found_without_calling_aws(
    tmp_path: Path, variables: dict[str, str], state: str, summary: str
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[profile shop]\nsso_account_id = 1\n", encoding="utf-8")

    finding = one(machine.look_at_credentials(variables, tmp_path))

    assert (finding.state, finding.summary) == (state, summary)


def test_processes_that_an_interrupted_command_left_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path))
    # Other tests may run stacks of this checkout.
    monkeypatch.setattr("cafe.answers.machine._emulators_of", lambda _root: [])
    layout = checkout()
    assert one(machine.look_at_processes()).state == State.OK
    left = processes.start(
        "emulator", ["sleep", "60"], environment=os.environ, log_file=layout.log("x"), run_folder=layout.run
    )
    try:
        finding = one(machine.look_at_processes())
    finally:
        processes.stop(left, layout.run)

    assert (finding.state, finding.summary) == (State.PROBLEM, "left over without a stack: emulator")
    assert finding.remedy == "Stop them: cafe down"


def test_a_missing_node_and_browser_are_warnings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))

    assert states(machine.look_at_preview(root)) == ["warning", "warning"]


def test_no_container_engine_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    assert one(machine.look_at_containers()).state == State.WARNING


@pytest.mark.usefixtures("deployed")
def test_on_aws_the_credentials_and_the_stack_are_tried() -> None:
    finding = one(machine.look_at_aws("dev"))

    assert (finding.state, finding.summary) == (State.OK, "dev is deployed in eu-west-2, account 123456789012")


@pytest.mark.usefixtures("aws")
def test_a_stack_that_is_not_deployed_is_a_problem() -> None:
    finding = one(machine.look_at_aws("dev"))

    assert finding.state == State.PROBLEM
    assert "does not exist in eu-west-2" in finding.summary


def test_aws_is_called_only_for_an_environment_on_aws() -> None:
    assert "aws" not in [topic for topic, _ in machine.checks("local")]
    assert "aws" in [topic for topic, _ in machine.checks("dev")]
