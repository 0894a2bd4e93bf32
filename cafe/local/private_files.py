"""Write files that hold secrets: only their owner can read them, from the first byte on."""

import os
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def write_private(file: Path, text: str) -> None:
    """Write a file of mode 0600 in one step, so that a command that runs at the same time never reads half of it.

    A folder that is missing is made for its owner alone.
    """
    file.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can enter, or take away what others may do in it."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
