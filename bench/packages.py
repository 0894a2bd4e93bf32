"""Measure the size of what is uploaded to AWS: functions and layer, zipped as SAM zips them."""

import zipfile
from pathlib import Path
from tempfile import TemporaryFile

from bench.figures import Figure
from cafe.errors import CafeError
from cafe.local.layout import checkout

# Megabytes.
LIMITS = {"ExtractFunction": 1, "TransformFunction": 1, "LoadFunction": 2, "SharedLayer": 10}


def measure() -> list[Figure]:
    """Zip what `make build` has built. Raises CafeError if it has not been run."""
    return [
        Figure(f"{name}, zipped", _zipped_bytes(_built(name)) / 1e6, limit, "MB", _entries(name))
        for name, limit in LIMITS.items()
    ]


def _built(name: str) -> Path:
    folder = checkout().build / name
    if not folder.is_dir():
        raise CafeError(f"{folder} does not exist.", "Run: make build")
    return folder


def _files_of(name: str) -> list[Path]:
    return [path for path in _built(name).rglob("*") if path.is_file()]


def _entries(name: str) -> str:
    return f"{len(_files_of(name))} files"


def _zipped_bytes(folder: Path) -> int:
    with TemporaryFile() as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder))
        archive.close()
        return file.tell()
