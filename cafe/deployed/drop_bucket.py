"""The drop bucket: every version of every file in it, as S3 lists them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cafe.warehouse.ledger import FileVersion
from shared.contracts import recorded_key
from shared.personal_text import MASK, mask_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# What stands in a recorded key for a character that is not recorded.
_NOT_RECORDED = re.compile(f"[{MASK}?]")


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of one object. ``written_at`` is when S3 received it, in UTC; ``etag`` is without quotes."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int
    written_at: datetime
    is_delete_marker: bool = False

    @property
    def in_ledger(self) -> FileVersion:
        """The name of this version in the ledger."""
        return FileVersion(recorded_key(self.key), self.version_id)

    @property
    def shown_key(self) -> str:
        """The key for people and scripts to read: a card number or an address in it is masked."""
        return mask_key(self.key)


def list_versions(
    s3: "S3Client", bucket: str, prefix: str = "", *, with_delete_markers: bool = False
) -> Iterator[StoredVersion]:
    """List the versions of keys with a prefix, sorted by key and then newest first.

    With ``with_delete_markers``, those of a page of S3's list come after its versions. S3 writes a marker when a file
    is deleted without naming a version.
    """
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
        for marker in page.get("DeleteMarkers", []) if with_delete_markers else ():
            yield StoredVersion(
                bucket, marker["Key"], marker["VersionId"], "", 0, marker["LastModified"], is_delete_marker=True
            )


def versions_of_key(s3: "S3Client", bucket: str, key: str, *, with_delete_markers: bool = False) -> list[StoredVersion]:
    """Return the versions of one key, newest first. ``key`` is the key itself, or as the ledger holds it."""
    prefix = _NOT_RECORDED.split(key, maxsplit=1)[0]
    versions = list_versions(s3, bucket, prefix, with_delete_markers=with_delete_markers)
    found = [one for one in versions if key in (one.key, one.in_ledger.key)]
    return [one for one in found if one.key == key] or found
