"""A history of branch files, in a folder or in a bucket, and which of its files are in the drop bucket already."""

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cafe.deployed.drop_bucket import StoredVersion
from cafe.drop_keys import head_office_key
from cafe.errors import CafeError
from cafe.sending.uploads import Upload, is_hidden, plan_drop, upload_file
from shared.senders import document_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_S3_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9.-]+)/?(?P<prefix>.*)")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Source(ABC):
    """A file of a history, and the key that it gets in the drop bucket."""

    key: str
    size_bytes: int

    @abstractmethod
    def etag(self) -> str:
        """Return the ETag that S3 would give it."""

    @abstractmethod
    def put(self, s3: "S3Client", bucket: str) -> None:
        """Put it into the drop bucket."""


@dataclass(frozen=True, slots=True)
class LocalSource(Source):
    """A file of a folder."""

    upload: Upload

    def etag(self) -> str:
        """See Source."""
        with self.upload.path.open("rb") as file:
            # S3's ETag of an object that was uploaded in one piece.
            checksum = md5(usedforsecurity=False)
            while chunk := file.read(1 << 20):
                checksum.update(chunk)
        return checksum.hexdigest()

    def put(self, s3: "S3Client", bucket: str) -> None:
        """See Source."""
        upload_file(s3, bucket, self.upload)


@dataclass(frozen=True, slots=True)
class BucketSource(Source):
    """An object of another bucket."""

    source_bucket: str
    source_key: str
    source_etag: str

    def etag(self) -> str:
        """See Source."""
        return self.source_etag

    def put(self, s3: "S3Client", bucket: str) -> None:
        """See Source."""
        s3.copy_object(Bucket=bucket, Key=self.key, CopySource={"Bucket": self.source_bucket, "Key": self.source_key})


def find_files(source: str, s3: "S3Client") -> list[Source]:
    """Find the files of a folder or below an s3:// address, except hidden ones.

    Raises CafeError if there is none, and for two files with the same key.
    """
    address = _S3_ADDRESS.fullmatch(source)
    if address is None:
        return [LocalSource(file.key, file.size_bytes, file) for file in plan_drop([Path(source)]).uploads]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=address["bucket"], Prefix=address["prefix"])
    files: dict[str, Source] = {}
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        if entry["Key"].endswith("/") or is_hidden(PurePosixPath(entry["Key"].removeprefix(address["prefix"]))):
            continue
        key = head_office_key(Path(entry["Key"]))
        if key in files:
            raise CafeError(
                f"Two files of {source} would both get the key {key}.", "Backfill them one after the other."
            )
        files[key] = BucketSource(key, entry["Size"], address["bucket"], entry["Key"], entry["ETag"].strip('"'))
    if not files:
        raise CafeError(f"There is no file below {source}.")
    return list(files.values())


def sort_by_day(files: Iterable[Source]) -> list[Source]:
    """Sort by the year, month and day in the keys, which have no leading zeros; then by key."""
    return sorted(files, key=lambda file: ([int(number) for number in _NUMBER.findall(file.key)[:3]], file.key))


def without_known(files: Sequence[Source], stored: Iterable[StoredVersion]) -> list[Source]:
    """Leave out files that are in the drop bucket already: the same document, of the same size and content.

    A document is known under head office's key and under the café's own. Older versions count too: if a branch has
    corrected a file since, sending the old one would undo the correction.
    """
    known: dict[tuple[str, int], set[str]] = defaultdict(set)
    for version in stored:
        known[document_of(version.key), version.size_bytes].add(version.etag)
    return [file for file in files if not _is_in(known[document_of(file.key), file.size_bytes], file)]


def _is_in(etags: set[str], file: Source) -> bool:
    # A local file's checksum is calculated only if a version with its document and size is stored.
    return bool(etags) and file.etag() in etags
