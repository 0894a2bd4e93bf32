"""Name the rules by which this version of extract reads files."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import extract
import shared

# The code and the dialects. Nothing else that a deploy changes decides which rows a file has, but for the setting.
# On Lambda, `shared` is in a layer: not beside `extract`.
FOLDERS = {package.__name__: Path(package.__path__[0]) for package in (extract, shared)}
SUFFIXES = (".py", ".toml")


def rules_revision(oldest_sale_days: int) -> str:
    """Return 8 hex digits that change with the code, with any dialect, and with how old a sale may be.

    The parts of a file that are read by different rules have different rows. A run that dies has sent some of them; the
    next one may be of another version. So the revision is in the plan of the parts (`shared.contracts.PLAN_ID`).
    """
    digest = sha256(f"{oldest_sale_days}".encode())
    for package, folder in FOLDERS.items():
        for name, content in _sources(folder, package):
            digest.update(f"\0{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:8]


def _sources(folder: Path, path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of each source file, in the order of their names."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{path}/{entry.name}"
        if entry.is_dir():
            yield from _sources(entry, name)
        elif entry.name.endswith(SUFFIXES):
            yield name, entry.read_bytes()
