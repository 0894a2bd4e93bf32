"""How commands end: errors in the project's own words, outputs and folders that cannot be written."""

import errno
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from typer.main import get_command

from cafe.cli import app
from cafe.errors import explain_aws_error, explain_os_error
from cafe.warehouse.port import WarehouseError
from unit.cli.builders import FakeWarehouse
from unit.cli.conftest import Run

CAFE = Path(sys.executable).with_name("cafe")
# Words of the libraries below: nobody who runs `cafe` has heard of them.
LIBRARIES = re.compile(
    r"typer|click|pydantic|boto(core|3)?\b|redshift_connector|psycopg|urllib3?\b|Traceback|Errno"
    r"|Input should|Value error|validation error|argument\(s\)|\bNone\b|<class|%Y",
    re.IGNORECASE,
)
BAD_VALUES = ("x", "-1")


def commands_as_typed(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield (*before, name), command
        yield from commands_as_typed(command, (*before, name))


def wrong_usages() -> list[tuple[str, ...]]:
    """List wrong ways to type each command: unknown options, missing and bad values, too many arguments."""
    found: list[tuple[str, ...]] = [("nonsense",), ("statu",), ("--nonsense",)]
    for typed, command in commands_as_typed(get_command(app)):
        found.append((*typed, "--nonsense"))
        if hasattr(command, "commands"):
            found.append((*typed, "nonsense"))
            continue
        required = [one for one in command.params if one.param_type_name == "argument" and one.required]
        if required:
            found.append(typed)
        if typed != ("env",) and not any(one.nargs == -1 for one in command.params):
            found.append((*typed, *("x" for _ in range(9))))
        for option in command.params:
            if option.param_type_name == "option" and not option.is_flag:
                found.append((*typed, option.opts[0]))
                if option.type_descriptor.choices or option.type_descriptor.annotation in (int, float):
                    found += [(*typed, option.opts[0], value, *("1" for _ in required)) for value in BAD_VALUES]
    return found


def test_every_kind_of_wrong_usage_is_tried() -> None:
    assert len(wrong_usages()) > 150


def test_errors_of_usage_are_in_the_projects_own_words(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAFE_STATE", "/nowhere/at/all")
    # `cafe generate` writes if a value is right after all.
    monkeypatch.chdir(tmp_path)
    offenders = {}
    for arguments in wrong_usages():
        result = run(*arguments)
        if LIBRARIES.search(result.stderr) or (result.exit_code == 2 and not result.stderr.startswith("error: ")):
            offenders[" ".join(arguments)] = result.stderr

    assert not offenders


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["drop", "x", "--timeout", "y"], "--timeout: 'y' is not a number."),
        (["generate", "x", "--rows", "0"], "--rows: '0' is less than 1."),
        (["generate", "x", "--rows", "1.5"], "--rows: '1.5' is not a whole number."),
        (["generate", "x", "--until", "soon"], "--until: 'soon' is not a date such as 2026-11-20."),
        (["status", "--env", "x"], "--env: 'x' is not one of 'local', 'dev', 'prod'."),
        (["status", "x"], "Too many arguments: x."),
        (["status", "--jso"], "No such option: --jso. Did you mean --json?"),
        (["statu"], "No such command 'statu'. Did you mean 'status'?"),
        (["retract"], "FILE is missing."),
        (["drop", "--timeout"], "--timeout needs a value."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_usage_says_what_is_wrong_and_where_to_look(run: Run, arguments: list[str], message: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == f"error: {message}"
    assert result.stderr.splitlines()[1].startswith("To see how it is used, type: cafe ")


def sdk_errors() -> Iterator[botocore.exceptions.BotoCoreError]:
    """Make one of every error of the SDK, with its text. Their constructors want all kinds of things."""
    classes = [botocore.exceptions.BotoCoreError]
    for found in classes:
        classes += found.__subclasses__()
        error = found.__new__(found)
        Exception.__init__(error, found.fmt.format_map(defaultdict(lambda: "field")))
        yield error


def test_errors_of_the_sdk_name_no_library() -> None:
    texts = [str(explain_aws_error(error)) for error in sdk_errors()]

    assert len(texts) > 60
    assert not [text for text in texts if LIBRARIES.search(text)]


def test_an_error_of_the_warehouse_names_no_driver(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["select 1"] = WarehouseError("relation x does not exist")

    assert not LIBRARIES.search(run("sql", "select 1").stderr)


@pytest.mark.parametrize("number", sorted(errno.errorcode), ids=errno.errorcode.get)
def test_every_error_of_the_system_is_a_message(number: int) -> None:
    shown = str(explain_os_error(OSError(number, os.strerror(number), "out/leeds.csv")))

    assert shown.startswith("out/leeds.csv: ")
    assert not LIBRARIES.search(shown)


@pytest.mark.parametrize("target", ["/dev/null/out", "/dev/null/out.csv"], ids=["folder", "file"])
def test_an_unwritable_place_is_an_error_without_a_traceback(run: Run, target: str) -> None:
    result = run("generate", target, "--rows", "1", "--branches", "1")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: /dev/null")
    assert "choose another place" in result.stderr


@pytest.mark.parametrize("command", ["up", "down", "status"])
def test_a_state_folder_that_cannot_be_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("CAFE_STATE", "/dev/null/state")

    result = run(command)

    assert result.exit_code in (0, 2)
    assert not LIBRARIES.search(result.stderr)


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in which $cafe is the command line, without colours."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "cafe": str(CAFE)} | variables
    return subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("command", ["--help", "env --unset"])
def test_a_pipe_that_nobody_reads_ends_the_command_silently(command: str, buffering: dict[str, str]) -> None:
    # The reader is gone before the command begins to write.
    ended = shell(f"(read -r < <(sleep 1); $cafe {command}; echo $? >&2) | true", **buffering)

    assert ended.stderr == "141\n"


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("command", ["--help", "workspaces list --json"])
def test_a_full_disk_is_an_error(command: str, buffering: dict[str, str]) -> None:
    ended = shell(f"$cafe {command} > /dev/full", **buffering)

    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert "No space left on device" in ended.stderr


def test_outputs_that_are_closed_or_full_leave_no_traceback() -> None:
    assert shell("$cafe nonsense 2>/dev/full").returncode == 2
    assert shell("$cafe --version >&-").stderr == ""
    assert shell("$cafe nonsense 2>&-").returncode == 2


@pytest.mark.parametrize(
    "variables",
    [{"LC_ALL": "POSIX"}, {"LANG": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}],
    ids=lambda variables: "".join(map("=".join, variables.items())),
)
def test_help_can_be_read_in_any_encoding(variables: dict[str, str]) -> None:
    ended = subprocess.run(
        [CAFE, "--help"], env={"PATH": os.environ["PATH"]} | variables, capture_output=True, check=False
    )

    cafes = b"caf\xe9s" if variables.get("PYTHONIOENCODING") == "latin-1" else b"cafes"
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert cafes in ended.stdout


def test_every_command_has_the_short_option_of_help(run: Run) -> None:
    for typed, _ in commands_as_typed(get_command(app)):
        assert run(*typed, "-h").stdout.startswith(f"Usage: cafe {' '.join(typed)} ")
