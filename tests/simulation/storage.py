"""The S3 that the functions call: a drop bucket with versions and times in whole seconds, and a staging bucket."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any, Protocol
from urllib.parse import quote_plus

from botocore.exceptions import ClientError, IncompleteReadError

DROP, STAGING = "cafe-sim-drop-000000000000", "cafe-sim-staging-000000000000"
NO_OBJECT = "none"
CHUNK_BYTES = 1 << 18
# Second 0 of every run.
EPOCH = datetime(2026, 11, 20, 20, 0, 0, tzinfo=UTC)


def moment(second: float) -> datetime:
    """Convert a second of the run to a time as S3 reports it, in whole seconds."""
    return EPOCH + timedelta(seconds=int(second))


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a branch file, and the word (see branch_files) that it was written from."""

    key: str
    version_id: str
    second: float
    word: str
    body: bytes

    def notification(self, re_extract: str = "") -> str:
        """Write S3's notification of this version; ``re_extract`` requests that it is extracted again."""
        record: dict[str, Any] = {
            "eventTime": f"{moment(self.second):%Y-%m-%dT%H:%M:%S}.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": DROP},
                "object": {"key": quote_plus(self.key), "size": len(self.body), "versionId": self.version_id},
            },
        }
        return json.dumps({"Records": [record | ({"cafe": {"reading": re_extract}} if re_extract else {})]})


@dataclass
class Buckets:
    """The contents of both buckets. The versions of a key are in order, oldest first.

    ``on_staged`` is called with each object that is written to the staging bucket.
    """

    versions: dict[str, list[Version]] = field(default_factory=dict)
    staged: dict[str, bytes] = field(default_factory=dict)
    on_staged: Callable[[str, bytes], object] = lambda *_: None

    def drop(self, key: str, second: float, word: str, body: bytes) -> Version:
        """Store a new version of a branch file."""
        number = sum(map(len, self.versions.values())) + 1
        version = Version(key, f"v{number}", second, word, body)
        self.versions.setdefault(key, []).append(version)
        return version

    def stage(self, key: str, body: bytes) -> None:
        """Store an object in the staging bucket."""
        self.staged[key] = body
        self.on_staged(key, body)

    def all_versions(self) -> list[Version]:
        """List all versions in the drop bucket."""
        return [version for versions in self.versions.values() for version in versions]

    def version(self, key: str, version_id: str) -> Version:
        """Find one version. Raises ClientError as S3 does."""
        for version in self.versions.get(key, ()):
            if version.version_id == version_id:
                return version
        raise refusal("NoSuchVersion")


class Caller(Protocol):
    """A caller of a service: see Process."""

    def call[T](self, service: str, effect: Callable[[], T], broken: Callable[[], Exception]) -> T:
        """Call a service; incidents may prevent the call or lose its answer."""


def refusal(code: str) -> ClientError:
    """Build the error that boto3 raises when a service refuses a call."""
    return ClientError({"Error": {"Code": code}}, "")


def _slow_down() -> ClientError:
    return refusal("SlowDown")


def _broken_off() -> Exception:
    return IncompleteReadError(actual_bytes=0, expected_bytes=1)


def etag_of(body: bytes | None) -> str:
    """Name the content of an object, or NO_OBJECT."""
    return NO_OBJECT if body is None else md5(body, usedforsecurity=False).hexdigest()


class Body:
    """The body of an object, read in chunks."""

    def __init__(self, caller: Caller, content: bytes) -> None:
        self._caller = caller
        self._content = content

    def iter_chunks(self, chunk_size: int) -> Iterator[bytes]:
        """Yield the bytes chunk by chunk; the connection may break at each chunk."""
        for start in range(0, len(self._content), chunk_size):
            chunk = self._content[start : start + chunk_size]
            yield self._caller.call("s3", lambda chunk=chunk: chunk, _broken_off)  # type: ignore[misc]

    def read(self) -> bytes:
        """Read the whole body; the connection may break once."""
        return self._caller.call("s3", lambda: self._content, _broken_off)

    def close(self) -> None:
        """Do nothing: there is no real connection."""


class S3Client:
    """The calls of boto3's S3 client that the functions make."""

    def __init__(self, caller: Caller, buckets: Buckets) -> None:
        self._caller = caller
        self._buckets = buckets

    def get_object(self, **request: str) -> dict[str, Any]:
        """Read an object; in the drop bucket, the requested version of it."""
        return self._caller.call("s3", lambda: self._get(request), _slow_down)

    def put_object(self, **request: Any) -> dict[str, Any]:
        """Write an object to the staging bucket, if it has the requested ETag, or is the first under its key."""

        def put() -> dict[str, Any]:
            staged = self._buckets.staged.get(request["Key"])
            expected = request.get("IfMatch") or (NO_OBJECT if "IfNoneMatch" in request else None)
            if expected is not None and etag_of(staged) != expected:
                raise refusal("PreconditionFailed")
            self._buckets.stage(request["Key"], request["Body"])
            return {"ETag": etag_of(request["Body"])}

        return self._caller.call("s3", put, _slow_down)

    def list_objects_v2(self, **request: str) -> dict[str, Any]:
        """List the object of a key, if there is one."""

        def listed() -> dict[str, Any]:
            return {"Contents": [{"Key": request["Prefix"]}]} if request["Prefix"] in self._buckets.staged else {}

        return self._caller.call("s3", listed, _slow_down)

    def get_paginator(self, operation: str) -> "S3Client":
        """Return the paginator that lists the versions of a bucket: this object."""
        assert operation == "list_object_versions"
        return self

    def paginate(self, **request: str) -> Iterator[dict[str, Any]]:
        """List versions, two per page: keys in order, the newest version of each key first."""
        listed = self._caller.call("s3", lambda: self._list(request["Prefix"]), _slow_down)
        for start in range(0, len(listed), 2):
            yield {"Versions": listed[start : start + 2]}

    def list_object_versions(self, **request: Any) -> dict[str, Any]:
        """List the first versions below a prefix."""
        listed = self._caller.call("s3", lambda: self._list(request["Prefix"]), _slow_down)
        most = request["MaxKeys"]
        return {"Versions": listed[:most], "IsTruncated": len(listed) > most}

    def _get(self, request: dict[str, str]) -> dict[str, Any]:
        if request["Bucket"] == DROP:
            version = self._buckets.version(request["Key"], request["VersionId"])
            body, modified = version.body, moment(version.second)
        elif (staged := self._buckets.staged.get(request["Key"])) is None:
            raise refusal("NoSuchKey")
        else:
            body, modified = staged, EPOCH
        return {
            "Body": Body(self._caller, body),
            "ETag": etag_of(body),
            "LastModified": modified,
            "ContentLength": len(body),
        }

    def _list(self, prefix: str) -> list[dict[str, Any]]:
        keys = sorted(key for key in self._buckets.versions if key.startswith(prefix))
        return [
            {"Key": key, "VersionId": version.version_id, "LastModified": moment(version.second)}
            for key in keys
            for version in reversed(self._buckets.versions[key])
        ]
