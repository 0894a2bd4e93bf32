"""Run a workload in a fresh process, so that caches and memory of earlier ones do not change its figures."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.workloads import WORKLOADS, Result
from cafe.local.layout import checkout


def run(name: str, branch_file: Path, folder: Path) -> Result:
    """Run a workload of `bench.workloads` and return what it measured. Its stderr is not captured."""
    if name not in WORKLOADS:
        raise ValueError(name)
    answer = subprocess.run(
        [sys.executable, "-m", "bench.workloads", name, branch_file, folder],
        cwd=checkout().root,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: Result = json.loads(answer.stdout)
    return measured
