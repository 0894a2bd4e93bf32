"""The command line `cafe`, run on the deployed stack as its users do."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CAFE = Path(sys.executable).with_name("cafe")


@dataclass(frozen=True, slots=True)
class Told:
    """What a command of the command line printed as JSON, and its exit code."""

    answer: Any
    exit_code: int


def cafe(*arguments: str | Path) -> Told:
    """Run the command line as a user does; it finds the stack by the variable that names its folder."""
    run = subprocess.run([CAFE, *arguments, "--json"], capture_output=True, check=False, text=True, timeout=120)
    assert run.stdout, run.stderr
    return Told(json.loads(run.stdout), run.returncode)
