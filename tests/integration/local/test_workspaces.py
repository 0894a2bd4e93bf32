"""Two workspaces side by side, and what commands leave that are interrupted or killed, with real processes and signals.

Nothing is deployed: the end-to-end tests do that.
"""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from cafe.local import deployment, stack, workspaces
from cafe.local.errors import LocalStackError
from cafe.local.layout import STATE_VARIABLE, Layout, checkout
from cafe.local.state import Stack, running_stack
from integration.local.test_stack import Steps, is_running, pids_of
from integration.local.waiting import wait_until

# Runs `cafe` with the arguments, but a deployment only says that it has begun, and takes forever.
STUCK_CAFE = """
import sys, time
from cafe.local import deployment

def build(*_arguments):
    print("building", flush=True)
    time.sleep(600)

deployment.build = build
deployment.stack_id = lambda *_arguments: "the first"
from cafe.cli import main
main()
"""
# Runs `cafe` with the arguments, and is killed when it calls a function for the last time that is allowed.
KILLED_CAFE = """
import os, signal, sys
from importlib import import_module
from cafe.local import deployment

place, calls = sys.argv.pop(1), int(sys.argv.pop(1))
module, name = place.rsplit(".", 1)
original, left = getattr(import_module(module), name), [calls]

def killed(*arguments, **named):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **named)

deployment.build = deployment.deploy = lambda *_arguments: None
deployment.stack_id = lambda *_arguments: "the first"
setattr(import_module(module), name, killed)
from cafe.cli import main
main()
"""


@pytest.fixture(autouse=True)
def nothing_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("build", "deploy"):
        monkeypatch.setattr(deployment, name, lambda *_arguments: None)
    monkeypatch.setattr(deployment, "stack_id", lambda *_arguments: "the first")


@pytest.fixture
def main(tmp_path: Path) -> Iterator[Layout]:
    layout = Layout(checkout().root, tmp_path)
    yield layout
    for one in workspaces.layouts(layout):
        stack.down(one)


def up(layout: Layout) -> Stack:
    return stack.up(Steps(), layout=layout)


@contextmanager
def cafe(program: str, arguments: Sequence[str], layout: Layout) -> Iterator[subprocess.Popen[str]]:
    """Run `cafe` in a process of its own; kill it at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, STATE_VARIABLE: str(layout.home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_two_workspaces_run_side_by_side_and_one_is_stopped_or_removed_without_the_other(main: Layout) -> None:
    other = replace(main, workspace="other")
    first, second = up(main), up(other)
    kept = main.warehouse / "kept"
    kept.touch()

    assert {first.endpoint_port, first.warehouse_port}.isdisjoint({second.endpoint_port, second.warehouse_port})
    assert set(first.processes.values()).isdisjoint(second.processes.values())
    assert main.root_keys.read_text() != other.root_keys.read_text()
    assert [one.name for one in workspaces.found(main) if one.stack] == ["main", "other"]

    stack.reset(Steps(), layout=other)
    assert sorted(workspaces.remove(other)) == ["emulator", "postgres", "redshift"]

    assert running_stack(main) == first
    assert kept.exists()
    assert not other.state.exists()
    assert not any(map(is_running, second.processes.values()))


def test_only_one_workspace_builds_at_a_time_and_the_other_says_that_it_waits(main: Layout) -> None:
    waits, may_go_on, steps = Event(), Event(), list[str]()

    def progress(step: str) -> nullcontext[None]:
        steps.append(step)
        waits.set()
        return nullcontext()

    def build() -> None:
        with deployment.alone_in(replace(main, workspace="other"), progress):
            steps.append("build")
        may_go_on.set()

    with deployment.alone_in(main, progress):
        thread = Thread(target=build)
        thread.start()
        assert waits.wait(60)
        assert not may_go_on.is_set()
    thread.join(60)

    assert steps == [deployment.WAIT, "build"]


def test_a_build_by_hand_waits_for_a_workspace_and_keeps_the_others_waiting() -> None:
    build = [sys.executable, "-m", "cafe.terminal.alone", "sh", "-c", "echo builds; read -r _"]
    pipe = subprocess.PIPE
    with ExitStack() as workspace:
        workspace.enter_context(deployment.alone_in(checkout(), Steps()))
        with subprocess.Popen(build, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as make:
            assert make.stdin
            assert make.stdout
            assert make.stderr
            assert any(deployment.WAIT in line for line in make.stderr)

            workspace.close()
            assert make.stdout.readline() == "builds\n"

            lock = os.open(checkout().root, os.O_RDONLY)
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(lock)
            make.stdin.write("\n")
            make.stdin.close()
            assert make.wait() == 0


def test_a_workspace_is_not_removed_while_a_command_starts_it(main: Layout) -> None:
    with cafe(STUCK_CAFE, ["up"], main) as starting:
        assert starting.stdout is not None
        assert starting.stdout.readline() == "building\n"

        with pytest.raises(LocalStackError, match="starting or stopping the stack of the workspace main"):
            workspaces.remove(main)

        assert main.state.exists()


def test_a_workspace_is_not_removed_while_a_command_fills_it(main: Layout) -> None:
    with stack.reserved(main):
        with pytest.raises(LocalStackError, match="filling the warehouse of the workspace main"):
            workspaces.remove(main)

        assert main.state.exists()


@pytest.mark.parametrize("was_running", [False, True], ids=["a new stack", "a running stack"])
def test_ctrl_c_in_up_says_what_is_true(main: Layout, was_running: bool) -> None:
    if was_running:
        up(main)

    with cafe(STUCK_CAFE, ["up", "--parameter", "MaxReceiveCount=3"], main) as starting:
        assert starting.stdout is not None
        assert starting.stdout.readline() == "building\n"
        starting.send_signal(signal.SIGINT)
        _, said = starting.communicate()

    assert starting.returncode == 130
    assert (running_stack(main) is not None) == was_running
    assert ("Interrupted: the stack keeps running." in said) == was_running
    assert ("Interrupted: everything that was started is stopped." in said) != was_running


@pytest.mark.parametrize(
    ("command", "place", "calls"),
    [
        pytest.param(["up"], "cafe.local.processes.keep", 1, id="up, as PostgreSQL starts"),
        pytest.param(["up"], "cafe.local.processes.keep", 2, id="up, as the emulator starts"),
        pytest.param(["up"], "cafe.local.deployment.deploy", 1, id="up, before it is recorded as running"),
        pytest.param(["reset", "--yes"], "shutil.rmtree", 2, id="reset, while it deletes"),
        pytest.param(["demo"], "cafe.commands.demo.plan_drop", 1, id="demo, before it drops"),
    ],
)
def test_after_a_kill_the_next_command_starts_a_whole_stack(
    main: Layout, command: list[str], place: str, calls: int
) -> None:
    layout = replace(main, workspace="demo") if command == ["demo"] else main
    if command[0] == "reset":
        up(layout)
    with cafe(KILLED_CAFE, [place, str(calls), *command], main) as killed:
        _, said = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, said
    left = pids_of(layout)

    running = stack.reset(Steps(), layout=layout) if command == ["demo"] else up(layout)

    assert running_stack(layout) == running
    wait_until(lambda: not any(map(is_running, left - set(running.processes.values()))))
    stack.down(layout)
    assert not pids_of(layout)
