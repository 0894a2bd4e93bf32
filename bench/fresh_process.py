"""Run a contestant in a fresh process, so that none inherits another's warmth or memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.contestants import CONTESTANTS, Result
from cafe.local.layout import checkout


def run(name: str, branch_file: Path, folder: Path) -> Result:
    """Run a contestant of `bench.contestants` and give what it measured; its errors appear as they are."""
    if name not in CONTESTANTS:
        raise ValueError(name)
    answer = subprocess.run(
        [sys.executable, "-m", "bench.contestants", name, branch_file, folder],
        cwd=checkout().root,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: Result = json.loads(answer.stdout)
    return measured
