"""Runs the command line `cafe` on the deployed stack, as its users do."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from json_page import check_answers

CAFE = Path(sys.executable).with_name("cafe")


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The data that a command printed as JSON, and its exit code."""

    answer: Any
    exit_code: int


def cafe(*arguments: str | Path) -> CommandResult:
    """Run a command as a user does. It finds the stack by the environment variable that names its folder."""
    run = subprocess.run([CAFE, *arguments, "--json"], capture_output=True, check=False, text=True, timeout=120)
    assert run.stdout, run.stderr
    check_answers(run.stdout)
    return CommandResult(json.loads(run.stdout)["data"], run.returncode)
