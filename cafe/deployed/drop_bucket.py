"""What lies in the drop bucket: every version of every file, as S3 lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of one object. ``written_at`` is S3's LastModified, in UTC."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int
    written_at: datetime


def list_versions(s3: Any, bucket: str, prefix: str = "") -> Iterator[StoredVersion]:
    """List the versions of keys with a prefix, by key and then from the newest; delete markers are left out."""
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
