"""A copy of the checkout for tests that change the project: all files that git tracks, without the history."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = (".venv", ".venv-emulator", ".venv-lambda")


def copy_checkout(folder: Path) -> None:
    """Copy every file that git tracks or would track. The environments are links to those of the checkout."""
    copy_files(folder)
    for name in ENVIRONMENTS:
        (folder / name).symlink_to(ROOT / name)


def copy_files(folder: Path, *paths: str) -> None:
    """Copy the files at or below these paths of the checkout, or all of them, that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def environment_of(folder: Path) -> Mapping[str, str]:
    """Return the variables with which a program imports the copy, and not the installed checkout."""
    path = [str(folder / name) for name in ("src", "tests", "")]
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
