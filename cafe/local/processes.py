"""Background processes that keep running after the command that starts them, until a later command stops them.

Each has a record in the run folder: its process id, and its start time according to the system. The process id alone
does not identify it: after a crash or a reboot the number may belong to an unrelated process.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cafe.local.private_files import FOLDER_MODE

STOP_TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.01
# Becomes the command when a line arrives, and exits if the sender exits without one. The process id stays the same.
WAIT_FOR_RECORD = 'read -r _ && exec "$@" </dev/null'

# The children of this process, kept here because they have to be reaped when they exit: until then a child stays in the
# process table and looks alive.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class BackgroundProcess:
    """One process. `started` is its start time as the system writes it; the unit differs between systems."""

    name: str
    pid: int
    started: str

    @property
    def is_running(self) -> bool:
        running = _start_of(self.pid) == self.started
        # Reap after the check, not before: a child that dies between the two would count as ended and stay a zombie.
        reap(self.pid)
        return running


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log_file: Path,
    run_folder: Path,
) -> BackgroundProcess:
    """Start a command in a session of its own, with exactly this environment, and record it in the run folder.

    The log starts empty. If this process is killed before the record is written, the command does not run: nobody
    would ever find it.
    """
    for folder in (log_file.parent, run_folder):
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    reading, writing = os.pipe()
    # If the record cannot be written, the pipe is closed without a line, too.
    with (
        os.fdopen(reading) as waits_for_line,
        os.fdopen(writing, "w") as go_ahead,
        signals_held_back(),
        log_file.open("wb") as log,
    ):
        child = subprocess.Popen(
            ["/bin/sh", "-c", WAIT_FOR_RECORD, "sh", *command],
            stdin=waits_for_line,
            stdout=log,
            stderr=log,
            env=dict(environment),
            start_new_session=True,
        )
        keep(child)
        process = BackgroundProcess(name, child.pid, _start_of(child.pid) or "")
        _record_of(run_folder, name).write_text(json.dumps(asdict(process)), encoding="utf-8")
        go_ahead.write("\n")
    return process


def run(
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log_file: Path,
    run_folder: Path,
) -> int:
    """Run a command until it exits and give its exit code. If this process is interrupted, the command is stopped."""
    process = start(name, command, environment=environment, log_file=log_file, run_folder=run_folder)
    try:
        return _children[process.pid].wait()
    finally:
        stop(process, run_folder)


def keep(child: subprocess.Popen[bytes]) -> None:
    """Remember a child that keeps running, so that `reap` finds it."""
    _children[child.pid] = child


def reap(pid: int) -> None:
    """Remove a child that has exited from the process table. Does nothing for any other process."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]


def reap_all() -> list[int]:
    """Remove all children that have exited from the process table; give the ids of those that are running.

    A child that another process has stopped is never asked about here.
    """
    for pid in [*_children]:
        reap(pid)
    return [*_children]


def recorded(run_folder: Path) -> list[BackgroundProcess]:
    """Give the processes that have a record in the run folder, newest first. Some may have exited."""
    records = sorted(run_folder.glob("*.process.json"), key=lambda record: record.stat().st_mtime_ns, reverse=True)
    processes = []
    for record in records:
        try:
            processes.append(BackgroundProcess(**json.loads(record.read_text(encoding="utf-8"))))
        except ValueError:  # a crash left it half written
            record.unlink()
    return processes


def stop(process: BackgroundProcess, run_folder: Path) -> None:
    """Stop a process and its children, and delete its record. An unrelated process with its id is left alone."""
    if process.is_running:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                # It has a session of its own, so its group holds only itself and its children.
                os.killpg(process.pid, number)
            if _wait_until_ended(process):
                break
    _record_of(run_folder, process.name).unlink(missing_ok=True)


def stop_all(run_folder: Path) -> list[str]:
    """Stop every recorded process, newest first; give the names of those that were running."""
    running = []
    for process in recorded(run_folder):
        if process.is_running:
            running.append(process.name)
        stop(process, run_folder)
    return running


def _wait_until_ended(process: BackgroundProcess) -> bool:
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while process.is_running:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


@contextlib.contextmanager
def signals_held_back() -> Iterator[None]:
    """Hold back Ctrl-C and TERM between the start of a process and its record, so that none is lost."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread gets signals
        yield
        return
    held_back: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in handlers:
        signal.signal(number, lambda number, _frame: held_back.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for held in held_back:
            signal.raise_signal(held)


def _record_of(run_folder: Path, name: str) -> Path:
    return run_folder / f"{name}.process.json"


def free_port() -> int:
    """Find a port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_of(pid: int) -> str | None:
    """Give a process's start time: in kernel ticks on Linux, as text from ps elsewhere; None if it has exited."""
    if Path("/proc/self/stat").exists():
        try:
            # The second field, the program's name in brackets, may contain anything. The 22nd is the start time.
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in {"Z", "X"} else f"{_boot()}/{fields[19]}"
    listing = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, check=False, text=True)
    return listing.stdout.strip() or None


def _boot() -> str:
    """Give the id of the machine's current boot: ticks count from it."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    return ""
