"""Copy what Grafana's host needs into its bucket: the committed boards, the provisioning, the host's own files."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cafe.dashboards import BoardError
from cafe.dashboards.boards import FOLDER, read_board

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Paths below grafana/. The files keep these paths in the bucket and on the host.
PATTERNS = ("dashboards/*.json", "provisioning/*/*.yaml", "host/*.env", "host/*.service", "host/*.sh")
# The host waits for this file and then starts. It is uploaded last, so that the first fetch finds everything else.
LAST = "host/boot.sh"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file to publish, with its key in the bucket."""

    key: str
    content: bytes

    @property
    def etag(self) -> str:
        """The ETag that S3 gives an object uploaded in one piece: the MD5 of its content."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Publication:
    """The changes to make in the bucket: files to upload, in this order, and keys to remove."""

    uploads: tuple[PublishedFile, ...]
    removals: tuple[str, ...]
    unchanged: int

    @property
    def changes_nothing(self) -> bool:
        """Whether the bucket holds exactly what is committed."""
        return not self.uploads and not self.removals


def files_to_publish(root: Path) -> list[PublishedFile]:
    """Read the files of a checkout that are published. Raises BoardError if Grafana could not show a board."""
    folder = root / FOLDER.parent
    boards = sorted((root / FOLDER).glob("*.json"))
    if not boards:
        raise BoardError("There is no board to publish.", f"Run `make dashboards`: it writes them to {FOLDER}.")
    for board in boards:
        _check_board(board)
    paths = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    return [PublishedFile(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]


def _check_board(path: Path) -> None:
    """Raise BoardError for a board that Grafana would skip with only a log line, or show under another address."""
    try:
        board = read_board(path)
    except (KeyError, ValueError) as error:
        raise BoardError(f"{path} is not a board.", "Run `make dashboards`, then publish again.") from error
    if board.uid != path.stem:
        raise BoardError(f"{path} has the uid {board.uid}.", "Name the file after the uid.")


def plan_publication(files: Iterable[PublishedFile], stored: Mapping[str, str]) -> Publication:
    """Compare the files with the digests in the bucket, by key."""
    files = sorted(files, key=lambda file: (file.key == LAST, file.key))
    uploads = tuple(file for file in files if stored.get(file.key) != file.etag)
    removals = tuple(sorted(stored.keys() - {file.key for file in files}))
    return Publication(uploads, removals, unchanged=len(files) - len(uploads))


def stored_digests(s3: "S3Client", bucket: str) -> dict[str, str]:
    """Return the digest of every object in the bucket, by key."""
    return {
        stored["Key"]: stored["ETag"].strip('"')
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for stored in page.get("Contents", [])
    }


def publish(s3: "S3Client", bucket: str, publication: Publication) -> None:
    """Upload first, then remove, so that a host that fetches in between misses nothing."""
    for file in publication.uploads:
        s3.put_object(Bucket=bucket, Key=file.key, Body=file.content)
    for key in publication.removals:
        s3.delete_object(Bucket=bucket, Key=key)
