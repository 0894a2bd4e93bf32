"""Background processes that outlive the command that starts them, and end when a later command says so.

Each has a record in the run folder: its process id, and when the system says it started. A process id alone is not
enough to kill by: after a crash or a reboot the number may belong to a stranger.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STOP_TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.01

# Our own children, which outlive the objects that started them, but must be reaped by us when they end: an unreaped one
# stays in the process table and looks alive.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class BackgroundProcess:
    """One process, named for good: `started` is the system's own word for when it began, in no fixed unit."""

    name: str
    pid: int
    started: str

    @property
    def is_running(self) -> bool:
        running = _start_of(self.pid) == self.started
        # Reaped after the look, not before: a child that dies in between would be called ended and stay a zombie.
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

    The log is begun anew.
    """
    for folder in (log_file.parent, run_folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _undisturbed(), log_file.open("wb") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environment),
            start_new_session=True,
        )
        keep(child)
        process = BackgroundProcess(name, child.pid, _start_of(child.pid) or "")
        _record_of(run_folder, name).write_text(json.dumps(asdict(process)), encoding="utf-8")
    return process


def run(
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log_file: Path,
    run_folder: Path,
) -> int:
    """Run a command to its end and give its exit code; when we are interrupted, or killed, it does not stay behind."""
    process = start(name, command, environment=environment, log_file=log_file, run_folder=run_folder)
    try:
        return _children[process.pid].wait()
    finally:
        stop(process, run_folder)


def keep(child: subprocess.Popen[bytes]) -> None:
    """Keep a child that is to go on without us."""
    _children[child.pid] = child


def reap(pid: int) -> None:
    """Take a child of ours that has ended out of the process table; any other process is left alone."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]


def recorded(run_folder: Path) -> list[BackgroundProcess]:
    """Give the processes that the run folder knows of, the last started first; some may have ended."""
    records = sorted(run_folder.glob("*.process.json"), key=lambda record: record.stat().st_mtime_ns, reverse=True)
    processes = []
    for record in records:
        try:
            processes.append(BackgroundProcess(**json.loads(record.read_text(encoding="utf-8"))))
        except ValueError:  # a crash left it half written; then it names nobody
            record.unlink()
    return processes


def stop(process: BackgroundProcess, run_folder: Path) -> None:
    """Stop a process and all that it started, and forget it. One that has ended, or is a stranger, is left alone."""
    if process.is_running:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                # Its session is its own, so its group is it and its children, and nobody else.
                os.killpg(process.pid, number)
            if _wait_until_ended(process):
                break
    _record_of(run_folder, process.name).unlink(missing_ok=True)


def stop_all(run_folder: Path) -> list[str]:
    """Stop every recorded process, the last started first; give the names of those that ran."""
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
def _undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C and TERM until a process that was started is also recorded: none may be lost between the two."""
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


def _start_of(pid: int) -> str | None:
    """Say when a process began: in the kernel's ticks on Linux, as text from ps elsewhere; None when it has ended."""
    if Path("/proc/self/stat").exists():
        try:
            # The second field is the program's name in brackets, which may hold anything; the 22nd is the start.
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in {"Z", "X"} else f"{_boot()}/{fields[19]}"
    listing = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, check=False, text=True)
    return listing.stdout.strip() or None


def _boot() -> str:
    """Name this run of the machine: ticks count from its start."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    return ""
