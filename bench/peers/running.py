"""Run one side in a fresh process, and measure it from its start to its end."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bench.peers.peak import noted_megabytes
from cafe.errors import CafeError
from cafe.local.layout import checkout

# By default dlt reports to its makers.
QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


class PeersNotInstalled(CafeError):
    """The peers' environment is not there."""

    def __init__(self) -> None:
        super().__init__("The peers are not installed.", "Run `make peers-install`.")


class RunFailed(CafeError):
    """One side failed, so there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took. Seconds are until its end, imports included; no peak: many processes did the work."""

    seconds: float
    processor_seconds: float
    peak_megabytes: float | None


def peers_python() -> Path:
    """Return the Python of the peers' environment. Raises PeersNotInstalled."""
    python = checkout().root / ".venv-peers/bin/python"
    if not (python.parent.parent / ".stamp").is_file():
        raise PeersNotInstalled
    return python


def timed(name: str, source: Path, target: Path, *, is_ours: bool, secrets: dict[str, str] | None = None) -> Cost:
    """Run a workload of `bench.peers.ours` or `bench.peers.workloads`. Raises RunFailed."""
    python, module = (Path(sys.executable), "ours") if is_ours else (peers_python(), "workloads")
    target.mkdir(parents=True, exist_ok=True)
    log = target / "log"
    environment = {
        **os.environ,
        **QUIET,
        **(secrets or {}),
        "DLT_DATA_DIR": str(target / "dlt"),
        "PYTHONPATH": "src" if is_ours else "",
    }
    with log.open("wb") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            [python, "-m", f"bench.peers.{module}", name, source, target],
            cwd=checkout().root,
            env=environment,
            stdout=output,
            stderr=output,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RunFailed(f"{name} failed.", log.read_text(encoding="utf-8", errors="replace")[-2000:])
    return Cost(seconds, usage.ru_utime + usage.ru_stime, noted_megabytes(target))


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
