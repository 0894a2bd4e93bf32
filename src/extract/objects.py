"""Extract's only access to S3: read the announced version of a branch file, write rows and rejects."""

from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import closing
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple, Protocol

from extract.arrivals import Arrival
from extract.register import REGISTER_KEY
from extract.registers import RegisterStore
from extract.rules import FileReason, UnreadableBranchFile
from shared.aws_errors import ServiceUnavailable, calling_aws

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectVersionTypeDef

CHUNK_BYTES = 1 << 18
# The list of a folder with more versions takes longer than the lists of a batch's files.
MOST_LISTED_IN_FOLDER = 200
_GONE = ("NoSuchKey", "NoSuchVersion", "404")
# S3's answers to a conditional write if the object was changed before it, or is being changed.
_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict", *_GONE)
_DELETED = "MethodNotAllowed"  # S3's answer if the version is a delete marker
# S3's answers if the object is in an archive storage class, or was encrypted with a key that the sender keeps (SSE-C).
_UNREADABLE = {"InvalidObjectState": "archived", "InvalidRequest": "encrypted with a key that the sender keeps"}


class StoredFile(NamedTuple):
    """An open object, with its bytes as a stream. ``written_at`` is S3's LastModified, in UTC."""

    written_at: datetime
    size_bytes: int
    chunks: Generator[bytes]


class Objects(RegisterStore, Protocol):
    """What extract needs from an object store."""

    def open(self, arrival: Arrival) -> StoredFile:
        """Open the announced version. Raises UnreadableBranchFile if S3 cannot give it."""

    def earlier_in_second(self, arrival: Arrival, written_at: datetime) -> int:
        """Count the versions of the key that were written before the announced one in the same second."""

    def put(self, key: str, body: bytes) -> None:
        """Write a whole object to the staging bucket."""


class S3Objects:
    """Objects in S3. Raises TransientError if a retry may help."""

    def __init__(self, s3: "S3Client", staging_bucket: str) -> None:
        self._s3 = s3
        self._staging_bucket = staging_bucket
        self._announced: Counter[tuple[str, str]] = Counter()
        self._folders: dict[tuple[str, str], dict[str, list[ObjectVersionTypeDef]] | None] = {}

    def announce(self, arrivals: Iterable[Arrival]) -> None:
        """Name the files of a batch, before any is read: the versions of those in one folder are listed once.

        Each of them and all versions before it were there when S3 announced it. So such a list holds for this batch,
        and for no later one.
        """
        self._announced = Counter(_folder_of(arrival) for arrival in arrivals)
        self._folders = {}

    def open(self, arrival: Arrival) -> StoredFile:
        """See Objects."""
        # Read the announced version only: the key alone may already mean a later file.
        version = {} if arrival.version_id == "null" else {"VersionId": arrival.version_id}
        try:
            with calling_aws(f"reading {arrival.bucket}"):
                answer = self._s3.get_object(Bucket=arrival.bucket, Key=arrival.key, **version)  # type: ignore[arg-type]
        except ServiceUnavailable as error:
            if error.code in (*_GONE, _DELETED):
                raise UnreadableBranchFile(FileReason.GONE) from error
            if error.code in _UNREADABLE:
                raise UnreadableBranchFile(FileReason.UNREADABLE_OBJECT, _UNREADABLE[error.code]) from error
            raise
        return StoredFile(answer["LastModified"], answer["ContentLength"], _chunks(answer["Body"]))

    def earlier_in_second(self, arrival: Arrival, written_at: datetime) -> int:
        """See Objects."""
        if arrival.version_id == "null":
            return 0
        earlier, is_passed = 0, False
        with calling_aws(f"listing versions in {arrival.bucket}"):
            # S3 lists a key's versions from newest to oldest.
            for version in self._versions_of(arrival):
                second = version["LastModified"].replace(microsecond=0)
                if second < written_at:
                    break
                earlier += is_passed and second == written_at
                is_passed = is_passed or version["VersionId"] == arrival.version_id
        return earlier

    def _versions_of(self, arrival: Arrival) -> Iterable["ObjectVersionTypeDef"]:
        folder = _folder_of(arrival)
        if self._announced[folder] > 1 and folder[1]:
            if folder not in self._folders:
                self._folders[folder] = self._list_folder(*folder)
            if (listed := self._folders[folder]) is not None:
                return listed.get(arrival.key, [])
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=arrival.bucket, Prefix=arrival.key)
        versions = (version for page in pages for version in page.get("Versions", []))
        # After them come longer keys with the same prefix.
        return takewhile(lambda version: version["Key"] == arrival.key, versions)

    def _list_folder(self, bucket: str, folder: str) -> "dict[str, list[ObjectVersionTypeDef]] | None":
        """List the versions of every key below a folder; None if there are too many."""
        page = self._s3.list_object_versions(Bucket=bucket, Prefix=folder, MaxKeys=MOST_LISTED_IN_FOLDER)
        if page["IsTruncated"]:
            return None
        versions: dict[str, list[ObjectVersionTypeDef]] = {}
        for version in page.get("Versions", []):
            versions.setdefault(version["Key"], []).append(version)
        return versions

    def put(self, key: str, body: bytes) -> None:
        """See Objects."""
        with calling_aws(f"writing {self._staging_bucket}/{key}"):
            self._s3.put_object(Bucket=self._staging_bucket, Key=key, Body=body)

    def read_register(self) -> tuple[str, str]:
        """See RegisterStore."""
        with calling_aws(f"reading {self._staging_bucket}/{REGISTER_KEY}"):
            # A list first: for an object that is not there, S3 answers 403, unless the whole bucket may be listed.
            if not self._s3.list_objects_v2(Bucket=self._staging_bucket, Prefix=REGISTER_KEY).get("Contents"):
                return "", ""
            answer = self._s3.get_object(Bucket=self._staging_bucket, Key=REGISTER_KEY)
            return answer["Body"].read().decode(), answer["ETag"]

    def write_register(self, text: str, etag: str) -> str:
        """See RegisterStore."""
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        body = text.encode()
        try:
            with calling_aws(f"writing {self._staging_bucket}/{REGISTER_KEY}"):
                answer = self._s3.put_object(Bucket=self._staging_bucket, Key=REGISTER_KEY, Body=body, **condition)  # type: ignore[arg-type]
        except ServiceUnavailable as error:
            if error.code in _CHANGED:
                return ""
            raise
        return answer["ETag"]


def _folder_of(arrival: Arrival) -> tuple[str, str]:
    """Return a file's bucket, and its key up to the last slash."""
    folder, slash, _ = arrival.key.rpartition("/")
    return arrival.bucket, folder + slash


def _chunks(body: "StreamingBody") -> Generator[bytes]:
    # A reader that stops early must not leave the rest on the connection.
    with calling_aws("reading a branch file"), closing(body):
        yield from body.iter_chunks(CHUNK_BYTES)
