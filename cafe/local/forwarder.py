"""Start the program that passes on what containers send to the twin (`cafe.local.forward`), once for each twin.

It belongs to the twin: `cafe down` stops it.
"""

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from cafe.local import processes
from cafe.local.engine import Bridge
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout

NAME = "forwarder"
START_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.02


def provide(layout: Layout, bridge: Bridge, targets: Sequence[int]) -> list[int]:
    """Give the ports on the bridge that lead to the twin's ports. Start the program unless it runs for them."""
    arguments = ["--listen", bridge.gateway, "--admit", bridge.subnet, *(f"--to={port}" for port in targets)]
    with _alone(layout):
        process = next((found for found in processes.recorded(layout.run) if found.name == NAME), None)
        if process is not None and process.is_running and _arguments_file(layout).read_text().split("\n") == arguments:
            return _ports(layout, process)
        if process is not None:
            processes.stop(process, layout.run)
        _ready_file(layout).unlink(missing_ok=True)
        _arguments_file(layout).write_text("\n".join(arguments))
        return _ports(layout, _start(layout, arguments))


def _start(layout: Layout, arguments: Sequence[str]) -> processes.BackgroundProcess:
    return processes.start(
        NAME,
        [sys.executable, "-m", "cafe.local.forward", *arguments, "--ready-file", _ready_file(layout)],
        environment={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        log_file=layout.log(NAME),
        run_folder=layout.run,
    )


def _ports(layout: Layout, process: processes.BackgroundProcess) -> list[int]:
    """Wait until it listens, and give its ports."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.is_running:
        try:
            ports: list[int] = json.loads(_ready_file(layout).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # not there yet, or half written
            time.sleep(POLL_SECONDS)
        else:
            return ports
    processes.stop(process, layout.run)
    raise LocalStackError(
        "Containers cannot reach the local stack: the forwarder did not start.",
        remedy="The lines above give the reason. If the address is missing, the container engine is not running.",
        log_file=layout.log(NAME),
    )


@contextlib.contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    """Let one command at a time start the program: of two processes, one would lose its record."""
    with (layout.run / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # goes with the file
        yield


def _ready_file(layout: Layout) -> Path:
    return layout.run / f"{NAME}.ready"


def _arguments_file(layout: Layout) -> Path:
    return layout.run / f"{NAME}.arguments"
