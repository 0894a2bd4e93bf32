"""Run one side in a fresh process, and measure it from its start until the files of its work are closed."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bench.peers.ending import noted_ending
from cafe.errors import CafeError
from cafe.local.layout import checkout

# By default dlt reports to its makers.
QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
# A user has these only by choice. With them, each run of the pipeline would compile its modules again, while those of
# the peers were compiled when they were installed.
WITHOUT_BYTECODE = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


class PeersNotInstalled(CafeError):
    """The peers' environment is not there."""

    def __init__(self) -> None:
        super().__init__("The peers are not installed.", "Run `make peers-install`.")


class RunFailed(CafeError):
    """One side failed, so there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took until its files were closed, imports included; no peak: many processes did the work.

    Processor seconds are until the process ended.
    """

    seconds: float
    processor_seconds: float
    peak_megabytes: float | None


def peers_python() -> Path:
    """Return the Python of the peers' environment. Raises PeersNotInstalled."""
    python = checkout().root / ".venv-peers/bin/python"
    if not (python.parent.parent / ".stamp").is_file():
        raise PeersNotInstalled
    return python


def environment_of(*, is_ours: bool) -> dict[str, str]:
    """Return the environment variables of a side: those of this process, without what would slow down only one side."""
    inherited = {name: value for name, value in os.environ.items() if name not in WITHOUT_BYTECODE}
    return {**inherited, **QUIET, "PYTHONPATH": "src" if is_ours else ""}


def timed(name: str, source: Path, target: Path, *, is_ours: bool, secrets: dict[str, str] | None = None) -> Cost:
    """Run a workload of `bench.peers.ours` or `bench.peers.workloads`. Raises RunFailed."""
    python, module = (Path(sys.executable), "ours") if is_ours else (peers_python(), "workloads")
    target.mkdir(parents=True, exist_ok=True)
    log = target / "log"
    environment = {**environment_of(is_ours=is_ours), **(secrets or {}), "DLT_DATA_DIR": str(target / "dlt")}
    with log.open("wb") as output:
        started = time.monotonic()
        child = subprocess.Popen(
            [python, "-m", f"bench.peers.{module}", name, source, target],
            cwd=checkout().root,
            env=environment,
            stdout=output,
            stderr=output,
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RunFailed(f"{name} failed.", log.read_text(encoding="utf-8", errors="replace")[-2000:])
    ended, peak = noted_ending(target)
    return Cost(ended - started, usage.ru_utime + usage.ru_stime, peak / 1e6)


def sums(kind: str, folder: Path) -> dict[str, Any]:
    """Sum up a run's output with `bench.peers.sums`."""
    return cast(dict[str, Any], _answer("sums", kind, folder))


def versions() -> dict[str, str]:
    """Return the peers' versions."""
    return cast(dict[str, str], _answer("workloads", "versions"))


def _answer(module: str, *words: str | Path) -> object:
    answer = subprocess.run(
        [peers_python(), "-m", f"bench.peers.{module}", *words],
        cwd=checkout().root,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(answer.stdout)
