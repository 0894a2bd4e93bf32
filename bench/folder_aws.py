"""Replacements for boto3's clients: an object store on disk and a queue in memory.

The stages use them through their own adapters, so they read, compress and encode as on AWS. Objects are on disk, so
that a stage's memory is measured without them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STAGING_BUCKET = "cafe-dev-staging-000000000000"
DROP_BUCKET = "cafe-dev-drop-000000000000"
# The evening of the last day of the generated files. Importing the generator for it takes as long as a small file.
WRITTEN_AT = datetime(2026, 11, 20, 20, tzinfo=UTC)


class FileBody:
    """An object's body as botocore gives it, read from a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)

    def iter_chunks(self, chunk_size: int) -> Iterator[bytes]:
        """Yield the body piece by piece."""
        with self._file:
            while chunk := self._file.read(chunk_size):
                yield chunk

    def read(self) -> bytes:
        """Read the whole body."""
        with self._file:
            return self._file.read()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class FolderS3:
    """The calls of an S3 client that the stages make: each bucket is a folder, each key a path in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  boto3's own names
        """See S3.Client.get_object."""
        path = self._folder / Bucket / Key
        return {
            "LastModified": WRITTEN_AT,
            "ContentLength": path.stat().st_size,
            "Body": FileBody(path),
            "ETag": '"etag"',
        }

    def get_paginator(self, _operation: str) -> "FolderS3":
        """See S3.Client.get_paginator."""
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: ARG002, N803  boto3's own names
        """See ListObjectVersionsPaginator: each file has one version."""
        return [{"Versions": [{"Key": Prefix, "VersionId": "v1", "LastModified": WRITTEN_AT}]}]

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803  boto3's own names
        """See S3.Client.list_objects_v2, for a prefix that is a whole key."""
        return {"Contents": [{"Key": Prefix}]} if (self._folder / Bucket / Prefix).is_file() else {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_condition: str) -> dict[str, Any]:  # noqa: N803  boto3's own names
        """See S3.Client.put_object. Nobody else writes, so every condition holds."""
        path = self._folder / Bucket / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {"ETag": '"one"'}


class ListSqs:
    """The only SQS client call that the stages make. Keeps the bodies that were sent."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: ARG002, N803
        """See SQS.Client.send_message_batch."""
        self.bodies.extend(entry["MessageBody"] for entry in Entries)
        return {}
