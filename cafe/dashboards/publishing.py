"""What Grafana's host fetches: the committed boards, the provisioning, the host's own files; and how they get there."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cafe.dashboards import BoardError
from cafe.dashboards.boards import FOLDER, read_board

# Below grafana/, by the folder that each has in the bucket and on the host.
PATTERNS = ("dashboards/*.json", "provisioning/*/*.yaml", "host/*.env", "host/*.service", "host/*.sh")
# The host runs nothing before this is there. It goes last, so that the first fetch finds all that it needs.
LAST = "host/boot.sh"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file, under the key that it has in the bucket."""

    key: str
    content: bytes

    @property
    def etag(self) -> str:
        """S3's own digest of an object that was put whole."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing changes in the bucket: files to upload, in their order, and keys to remove."""

    uploads: tuple[PublishedFile, ...]
    removals: tuple[str, ...]
    unchanged: int

    @property
    def changes_nothing(self) -> bool:
        """Whether the bucket holds all as it is, and nothing more."""
        return not self.uploads and not self.removals


def files_to_publish(root: Path) -> list[PublishedFile]:
    """Read what is published of a checkout. Raises BoardError if its boards could not be shown."""
    folder = root / FOLDER.parent
    boards = sorted((root / FOLDER).glob("*.json"))
    if not boards:
        raise BoardError("There is no board to publish.", f"They belong into {FOLDER}.")
    for board in boards:
        _look_at(board)
    paths = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    return [PublishedFile(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]


def _look_at(path: Path) -> None:
    """Refuse what Grafana would pass over with a line in its log, or show under another address."""
    try:
        board = read_board(path)
    except (KeyError, ValueError) as error:
        raise BoardError(f"{path} is no board.", "Write the boards anew before you publish them.") from error
    if board.uid != path.stem:
        raise BoardError(f"{path} has the uid {board.uid}.", "A board's file is named by its uid.")


def plan_publication(files: Iterable[PublishedFile], stored: Mapping[str, str]) -> Publication:
    """Compare files with the digests of what lies in the bucket, by key."""
    files = sorted(files, key=lambda file: (file.key == LAST, file.key))
    uploads = tuple(file for file in files if stored.get(file.key) != file.etag)
    removals = tuple(sorted(stored.keys() - {file.key for file in files}))
    return Publication(uploads, removals, unchanged=len(files) - len(uploads))


def stored_digests(s3: Any, bucket: str) -> dict[str, str]:
    """Give the digest of everything in the bucket, by key."""
    return {
        stored["Key"]: stored["ETag"].strip('"')
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for stored in page.get("Contents", [])
    }


def publish(s3: Any, bucket: str, publication: Publication) -> None:
    """Upload and remove, so that a host that fetches in between finds no less than it had."""
    for file in publication.uploads:
        s3.put_object(Bucket=bucket, Key=file.key, Body=file.content)
    for key in publication.removals:
        s3.delete_object(Bucket=bucket, Key=key)
