"""Background processes are started, found and stopped; an unrelated process is never stopped in their place."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cafe.local import processes
from cafe.local.processes import BackgroundProcess
from integration.local.waiting import wait_until

SLEEP = "import time; print('ready', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True); time.sleep(600)"
)


def start(tmp_path: Path, program: str = SLEEP, name: str = "sleeper") -> BackgroundProcess:
    process = processes.start(
        name,
        [sys.executable, "-c", program],
        environment={"GREETING": "hello"},
        log_file=tmp_path / "logs" / f"{name}.log",
        run_folder=tmp_path / "run",
    )
    wait_until(lambda: (tmp_path / "logs" / f"{name}.log").read_text() != "")
    return process


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_that_was_started_is_found_and_stopped_by_another_command(tmp_path: Path) -> None:
    process = start(tmp_path)

    found = processes.recorded(tmp_path / "run")
    stopped = processes.stop_all(tmp_path / "run")

    assert found == [process]
    assert stopped == ["sleeper"]
    assert not is_alive(process.pid)
    assert processes.recorded(tmp_path / "run") == []


def test_a_child_that_somebody_else_has_stopped_is_reaped_with_all_others(tmp_path: Path) -> None:
    process, other = start(tmp_path), start(tmp_path, name="other")
    os.kill(process.pid, signal.SIGKILL)

    wait_until(lambda: process.pid not in processes.reap_all())

    assert other.pid in processes.reap_all()
    with pytest.raises(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    processes.stop(other, tmp_path / "run")


def test_a_process_gets_the_environment_given_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    program = "import json, os; print(json.dumps(dict(os.environ)), flush=True)"

    start(tmp_path, program)
    processes.stop_all(tmp_path / "run")

    environment = json.loads((tmp_path / "logs" / "sleeper.log").read_text())
    assert environment["GREETING"] == "hello"
    assert "AWS_PROFILE" not in environment
    assert "PATH" not in environment


def test_a_process_that_ignores_term_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_TIMEOUT_SECONDS", 0.2)
    process = start(tmp_path, STUBBORN)

    processes.stop(process, tmp_path / "run")

    assert not is_alive(process.pid)


def test_what_a_process_started_is_stopped_with_it(tmp_path: Path) -> None:
    process = start(tmp_path, PARENT)
    child = int((tmp_path / "logs" / "sleeper.log").read_text())

    processes.stop(process, tmp_path / "run")

    wait_until(lambda: not is_running(child))


def is_running(pid: int) -> bool:
    """Return whether a process that is not a child of the test runs; a zombie does not."""
    listing = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False, text=True)
    # "Z" may have letters behind it: "Zs" is a zombie that led its session, as these processes do.
    return bool(listing.stdout.strip()) and not listing.stdout.startswith("Z")


def test_a_killed_process_does_not_count_as_running_and_leaves_no_zombie(tmp_path: Path) -> None:
    process = start(tmp_path)

    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not process.is_running)

    assert not is_alive(process.pid)
    assert processes.stop_all(tmp_path / "run") == []


def test_a_process_that_dies_while_it_is_checked_leaves_no_zombie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(tmp_path)
    start_of = processes._start_of

    def die_then_look(pid: int) -> str | None:
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_running(pid))
        return start_of(pid)

    monkeypatch.setattr(processes, "_start_of", die_then_look)

    assert not process.is_running
    assert not is_alive(process.pid)


def test_an_unrelated_process_with_a_recorded_id_is_left_alone(tmp_path: Path) -> None:
    process = start(tmp_path)
    record = tmp_path / "run" / "sleeper.process.json"
    record.write_text(json.dumps({"name": "sleeper", "pid": process.pid, "started": "before the machine was booted"}))

    stopped = processes.stop_all(tmp_path / "run")

    assert stopped == []
    assert process.is_running
    processes.stop(process, tmp_path / "run")


def test_a_half_written_record_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "sleeper.process.json").write_text('{"name": "sl')

    assert processes.stop_all(tmp_path) == []


@pytest.mark.parametrize(("program", "exit_code"), [("print('done')", 0), ("raise SystemExit(3)", 3)])
def test_a_command_runs_until_it_exits(tmp_path: Path, program: str, exit_code: int) -> None:
    code = processes.run(
        "short", [sys.executable, "-c", program], environment={}, log_file=tmp_path / "log", run_folder=tmp_path / "run"
    )

    assert code == exit_code
    assert processes.recorded(tmp_path / "run") == []


def test_an_interrupted_command_does_not_keep_running(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from cafe.local import processes; folder = Path(sys.argv[1])\n"
        f"command = [sys.executable, '-c', {SLEEP!r}]\n"
        "processes.run('long', command, environment={}, log_file=folder / 'log', run_folder=folder)"
    )
    command = subprocess.Popen([sys.executable, "-c", program, tmp_path], stderr=subprocess.DEVNULL)
    wait_until(lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text() != "")
    [long] = processes.recorded(tmp_path)

    command.send_signal(signal.SIGINT)
    command.wait()

    assert not long.is_running


def test_a_process_whose_starter_is_killed_before_it_is_recorded_never_runs(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from cafe.local import processes\n"
        "folder = Path(sys.argv[1])\n"
        "processes.keep = lambda child: print(child.pid, flush=True)\n"
        "processes._record_of = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "command = ['/bin/sh', '-c', 'echo ran; sleep 60']\n"
        "processes.start('lost', command, environment={}, log_file=folder / 'log', run_folder=folder / 'run')"
    )

    starter = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, check=False)

    assert starter.returncode == -signal.SIGKILL
    wait_until(lambda: processes._start_of(int(starter.stdout)) is None)
    assert (tmp_path / "log").read_text() == ""
