"""The drop bucket: every version of every file in it, as S3 lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cafe.warehouse.ledger import FileVersion
from shared.contracts import recorded_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of one object. ``written_at`` is when S3 received it, in UTC; ``etag`` is without quotes."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int
    written_at: datetime

    @property
    def in_ledger(self) -> FileVersion:
        """The name of this version in the ledger."""
        return FileVersion(recorded_key(self.key), self.version_id)


def list_versions(s3: "S3Client", bucket: str, prefix: str = "") -> Iterator[StoredVersion]:
    """List the versions of keys with a prefix, sorted by key and then newest first, without delete markers."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for version in page.get("Versions", []):
            yield StoredVersion(
                bucket,
                version["Key"],
                version["VersionId"],
                version["ETag"].strip('"'),
                version["Size"],
                version["LastModified"],
            )
