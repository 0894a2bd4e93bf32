"""Delete a folder so that an interruption never leaves half of it under its own name."""

import secrets
import shutil
from pathlib import Path


def remove_folder(folder: Path) -> None:
    """Delete a folder, if it is there. It loses its name at once. If the rest is interrupted, the next call does it.

    Raises OSError if something cannot be deleted.
    """
    renamed = f".removed-{folder.name}"
    if folder.exists():
        removed = folder.rename(folder.with_name(f"{renamed}-{secrets.token_hex(4)}"))
        shutil.rmtree(removed)
    for leftover in folder.parent.glob(f"{renamed}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
