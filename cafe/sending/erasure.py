"""Erase raw files from the drop bucket for good, and keep a record of it in the staging bucket.

The record is written before anything is erased, and again
afterwards: an interruption leaves a record that is not complete, and the same command erases the rest.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cafe.counting import counted
from cafe.deployed.drop_bucket import StoredVersion, list_versions, versions_of_key
from cafe.deployed.environment import Environment
from cafe.errors import CafeError
from shared.personal_text import mask_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

RECORDS = "erased/"
# S3's limit of one call.
VERSIONS_A_CALL = 1_000


@dataclass(frozen=True, slots=True)
class Erasure:
    """The record of one erasure: who erased which versions, when, and what was asked for. Times are UTC, ISO 8601.

    A key is recorded as everywhere: a card number or an address in it is masked. ``is_complete`` is false until every
    version is erased.
    """

    erased_at: str
    erased_by: str
    asked_for: str
    versions: tuple[dict[str, Any], ...]
    is_complete: bool = False

    @property
    def keys(self) -> list[str]:
        """The keys, each once."""
        return sorted({str(version["key"]) for version in self.versions})


def everything_of_key(environment: Environment, key: str) -> list[StoredVersion]:
    """List every version and delete marker of one key, given as it is or as the ledger holds it."""
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    return markers_last(versions_of_key(s3, bucket, key, with_delete_markers=True))


def everything_that_ends(environment: Environment, name: str) -> list[StoredVersion]:
    """List every version and delete marker of the keys that end like this, as they are or as they are shown."""
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    ends = (name, mask_key(name))
    listed = list_versions(s3, bucket, with_delete_markers=True)
    return markers_last(one for one in listed if one.key.endswith(ends) or one.shown_key.endswith(ends))


def everything_before(environment: Environment, moment: datetime) -> list[StoredVersion]:
    """List every version and delete marker that S3 wrote before a moment."""
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    return markers_last(one for one in list_versions(s3, bucket, with_delete_markers=True) if one.written_at < moment)


def markers_last(found: Iterable[StoredVersion]) -> list[StoredVersion]:
    """Sort for erasing: without its marker, a hidden version would be seen again until it is erased itself."""
    return sorted(found, key=lambda one: (one.is_delete_marker, one.key, one.written_at))


def erase(environment: Environment, found: Sequence[StoredVersion], asked_for: str, now: datetime) -> Erasure:
    """Erase versions, and record it. Returns the record. Raises CafeError if some are not erased."""
    s3 = environment.client("s3")
    who = environment.client("sts").get_caller_identity()["Arn"]
    record = Erasure(_iso(now), who, mask_key(asked_for), tuple(map(_recorded, found)))
    key = f"{RECORDS}{record.erased_at}-{uuid4().hex[:8]}.json"
    _write(environment, key, record)
    refused = [code for some in batched(found, VERSIONS_A_CALL, strict=False) for code in _erase(s3, some)]
    if refused:
        raise CafeError(
            f"Not erased: {len(refused):,} of {counted(len(found), 'version')}: {refused[0]}.",
            "Sign in as somebody who may delete versions (s3:DeleteObjectVersion), and run the same command again.",
        )
    record = replace(record, is_complete=True)
    _write(environment, key, record)
    return record


def erasures(environment: Environment) -> list[Erasure]:
    """Read all records, newest first."""
    s3, bucket = environment.client("s3"), environment.fact("staging/bucket/name")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=RECORDS)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    bodies = (s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in sorted(keys, reverse=True))
    return [_read(json.loads(body)) for body in bodies]


def _erase(s3: "S3Client", some: Sequence[StoredVersion]) -> list[str]:
    """Erase the versions of one call; return the code of each that S3 refused."""
    named: list[ObjectIdentifierTypeDef] = [{"Key": one.key, "VersionId": one.version_id} for one in some]
    answer = s3.delete_objects(Bucket=some[0].bucket, Delete={"Objects": named, "Quiet": True})
    return [error.get("Code", "unknown") for error in answer.get("Errors", [])]


def _recorded(one: StoredVersion) -> dict[str, Any]:
    return {
        "key": one.in_ledger.key,
        "version_id": one.version_id,
        "written_at": _iso(one.written_at),
        "size_bytes": one.size_bytes,
        "is_delete_marker": one.is_delete_marker,
    }


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _write(environment: Environment, key: str, record: Erasure) -> None:
    body = json.dumps(asdict(record), indent=2).encode()
    environment.client("s3").put_object(Bucket=environment.fact("staging/bucket/name"), Key=key, Body=body)


def _read(body: dict[str, Any]) -> Erasure:
    return Erasure(**body | {"versions": tuple(body["versions"])})
