"""The whole local stack, without its deployment: it starts, stops, and recovers from interruptions and crashes."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from cafe.local import aws_clients, deployment, keys, processes, stack
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout, checkout
from cafe.local.postgres import PostgresServer
from cafe.local.state import Stack, running_stack
from integration.local.sockets import listening_addresses
from integration.local.waiting import wait_until

START = ["Start PostgreSQL", "Start the AWS emulator", "Start the local Redshift endpoint"]
DEPLOY = ["Build the functions", "Deploy the template and migrate the warehouse"]

# Starts the stack in another process, which then stops in the middle of the build.
STUCK_IN_THE_BUILD = """
import contextlib, sys, time
from pathlib import Path
from cafe.local import deployment, stack
from cafe.local.layout import Layout

def build(*_arguments):
    print("building", flush=True)
    time.sleep(600)

deployment.build = build
stack.up(lambda step: contextlib.nullcontext(), layout=Layout(Path(sys.argv[1]), Path(sys.argv[2])))
"""


class Steps:
    """Records the steps."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> AbstractContextManager[None]:
        self.names.append(name)
        return contextlib.nullcontext()


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    layout = Layout(checkout().root, tmp_path / "state")
    yield layout
    stack.down(layout)


@pytest.fixture(autouse=True)
def nothing_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not build and deploy: the end-to-end tests do that."""
    monkeypatch.setattr(deployment, "build", lambda *_arguments: None)
    monkeypatch.setattr(deployment, "deploy", lambda *_arguments: None)
    monkeypatch.setattr(deployment, "stack_id", lambda *_arguments: "the first")


def is_running(pid: int) -> bool:
    """Return whether a process runs; a zombie, which its parent has not reaped yet, does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def stuck_in_the_build(layout: Layout) -> Iterator[subprocess.Popen[str]]:
    """Start the stack in another process, and wait until it builds."""
    command: list[str | Path] = [sys.executable, "-c", STUCK_IN_THE_BUILD, layout.root, layout.home]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "building\n"
        yield other
        other.kill()


def pids_of(layout: Layout) -> set[int]:
    """Give the ids of all running processes of the stack."""
    database = PostgresServer(layout.postgres, layout.log("postgres")).pid
    pids = {process.pid for process in processes.recorded(layout.run)} | ({database} if database else set())
    return {pid for pid in pids if is_running(pid)}


def test_the_stack_comes_up_and_goes_down(layout: Layout) -> None:
    steps = Steps()

    up = stack.up(steps, layout=layout)

    assert steps.names == START + DEPLOY
    assert running_stack(layout) == up
    assert up.processes.keys() == {"emulator", "postgres", "redshift"}
    assert {address for pid in up.processes.values() for address in listening_addresses(pid)} == {"127.0.0.1"}

    stopped = stack.down(layout)

    assert sorted(stopped) == ["emulator", "postgres", "redshift"]
    assert running_stack(layout) is None
    assert not any(map(is_running, up.processes.values()))
    assert not layout.run.exists()


def test_no_secret_is_where_another_user_can_read_it(layout: Layout) -> None:
    layout.state.mkdir(mode=0o755, parents=True)

    up = stack.up(Steps(), layout=layout)

    root_keys = keys.read(layout)
    aws_clients.write_config(up, root_keys, layout)
    database = PostgresServer(layout.postgres, layout.log("postgres"))
    secrets = {root_keys.secret_access_key, keys.read_token(layout), database.password}
    assert len({secret for secret in secrets if len(secret) >= 32}) == 3
    assert layout.state.stat().st_mode & 0o777 == 0o700, "also if it was there before, and others could enter it"
    with_secrets = {file for file in files_of(layout.state) if any(secret in read(file) for secret in secrets)}
    assert with_secrets >= {layout.root_keys, layout.control_token, layout.aws_config, database.password_file}
    assert {file.stat().st_mode & 0o777 for file in with_secrets} == {0o600}
    commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in up.processes.values()]
    assert not [command for command in commands for secret in {*secrets, root_keys.access_key_id} if secret in command]

    stack.down(layout)

    left = {file for file in files_of(layout.state) if any(secret in read(file) for secret in secrets)}
    assert left == {database.password_file}, "the warehouse keeps its data, and its password"


def files_of(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def read(file: Path) -> str:
    return file.read_bytes().decode("latin-1")


def test_up_does_nothing_when_nothing_has_changed(layout: Layout) -> None:
    first = stack.up(Steps(), layout=layout)
    steps = Steps()

    assert stack.up(steps, layout=layout) == first
    assert steps.names == []


def test_up_deploys_what_has_changed_and_leaves_the_rest_running(layout: Layout) -> None:
    first = stack.up(Steps(), layout=layout)
    steps = Steps()

    second = stack.up(steps, {"MaxReceiveCount": "3"}, layout=layout)

    assert steps.names == DEPLOY
    assert second == first


def test_up_starts_again_when_what_was_deployed_is_gone(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stack.up(Steps(), layout=layout)
    steps = Steps()
    monkeypatch.setattr(deployment, "stack_id", lambda url, _keys: None if url == first.endpoint_url else "the second")

    second = stack.up(steps, layout=layout)

    assert steps.names == [stack.DISCARD, *START, *DEPLOY]
    assert running_stack(layout) == second
    assert not any(map(is_running, first.processes.values()))


def test_up_deploys_to_a_stack_that_was_deleted_and_created_again(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stack.up(Steps(), layout=layout)
    steps = Steps()
    monkeypatch.setattr(deployment, "stack_id", lambda *_arguments: "the second")

    second = stack.up(steps, layout=layout)

    assert steps.names == DEPLOY
    assert second == first


def test_down_without_a_stack_stops_nothing(layout: Layout) -> None:
    assert stack.down(layout) == []


def test_a_deployment_that_fails_leaves_nothing_running(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()

    def fail(layout: Layout, *_arguments: object) -> None:
        seen.update(pids_of(layout))
        raise LocalStackError("It failed.", remedy="Fix it.")

    monkeypatch.setattr(deployment, "deploy", fail)

    with pytest.raises(LocalStackError, match=r"It failed\. Fix it\."):
        stack.up(Steps(), layout=layout)

    assert len(seen) == 3
    assert not any(map(is_running, seen))
    assert running_stack(layout) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_up_leaves_nothing_running(layout: Layout, number: signal.Signals) -> None:
    with stuck_in_the_build(layout) as other:
        started = pids_of(layout)

        other.send_signal(number)
        other.wait()

    assert len(started) == 3
    assert not any(map(is_running, started))
    assert running_stack(layout) is None


def test_what_a_killed_up_left_is_cleaned_up_by_the_next(layout: Layout) -> None:
    with stuck_in_the_build(layout) as other:
        other.kill()
        other.wait()
    left = pids_of(layout)
    assert len(left) == 3

    up = stack.up(Steps(), layout=layout)

    assert not any(map(is_running, left))
    assert left.isdisjoint(up.processes.values())
    assert running_stack(layout) == up


def test_what_a_killed_up_left_is_stopped_by_down(layout: Layout) -> None:
    with stuck_in_the_build(layout) as other:
        other.kill()
        other.wait()
    left = pids_of(layout)

    assert len(stack.down(layout)) == 3
    assert not any(map(is_running, left))


def test_a_second_command_is_refused_while_the_first_runs(layout: Layout) -> None:
    with stuck_in_the_build(layout):
        with pytest.raises(LocalStackError, match="Another command"):
            stack.up(Steps(), layout=layout)

        assert len(pids_of(layout)) == 3


@pytest.mark.parametrize("part", ["emulator", "postgres", "redshift"])
def test_a_stack_that_lost_a_process_is_not_up_and_is_restarted(layout: Layout, part: str) -> None:
    first = stack.up(Steps(), layout=layout)
    os.kill(first.processes[part], signal.SIGKILL)
    wait_until(lambda: not is_running(first.processes[part]))
    assert running_stack(layout) is None
    steps = Steps()

    second = stack.up(steps, layout=layout)

    assert steps.names == START + DEPLOY
    assert running_stack(layout) == second
    assert not any(map(is_running, first.processes.values()))


def test_down_keeps_the_warehouse_and_reset_deletes_it(layout: Layout) -> None:
    stack.up(Steps(), layout=layout)
    kept = layout.warehouse / "kept"
    kept.touch()
    stack.down(layout)
    stack.up(Steps(), layout=layout)
    assert kept.exists()

    reset: Stack = stack.reset(Steps(), layout=layout)

    assert not kept.exists()
    assert running_stack(layout) == reset
