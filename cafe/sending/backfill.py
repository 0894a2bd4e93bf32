"""A history of branch files, in a folder or in a bucket, and which of it is in the drop bucket already."""

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path, PurePosixPath
from typing import Any

from cafe.deployed.drop_bucket import StoredVersion
from cafe.errors import CafeError
from cafe.sending.uploads import Arrival, is_hidden, key_of_name, plan_drop, upload

_S3_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9.-]+)/?(?P<prefix>.*)")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Source(ABC):
    """A file of a history, and the key that it gets in the drop bucket."""

    key: str
    size_bytes: int

    @abstractmethod
    def etag(self) -> str:
        """Give the checksum that S3 would have for it."""

    @abstractmethod
    def put(self, s3: Any, bucket: str) -> None:
        """Put it into the drop bucket."""


@dataclass(frozen=True, slots=True)
class LocalSource(Source):
    """A file of a folder."""

    arrival: Arrival

    def etag(self) -> str:
        """See Source."""
        with self.arrival.path.open("rb") as file:
            # S3's own checksum of an object that was put whole.
            checksum = md5(usedforsecurity=False)
            while chunk := file.read(1 << 20):
                checksum.update(chunk)
        return checksum.hexdigest()

    def put(self, s3: Any, bucket: str) -> None:
        """See Source."""
        upload(s3, bucket, self.arrival)


@dataclass(frozen=True, slots=True)
class BucketSource(Source):
    """An object of another bucket."""

    source_bucket: str
    source_key: str
    source_etag: str

    def etag(self) -> str:
        """See Source."""
        return self.source_etag

    def put(self, s3: Any, bucket: str) -> None:
        """See Source."""
        s3.copy_object(Bucket=bucket, Key=self.key, CopySource={"Bucket": self.source_bucket, "Key": self.source_key})


def files_of(source: str, s3: Any) -> list[Source]:
    """Find the files of a folder or below an s3:// address, but for hidden ones.

    Raises CafeError for nothing, or two files of one key.
    """
    address = _S3_ADDRESS.fullmatch(source)
    if address is None:
        arrivals = plan_drop([Path(source)]).arrivals
        return [LocalSource(arrival.key, arrival.size_bytes, arrival) for arrival in arrivals]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=address["bucket"], Prefix=address["prefix"])
    files: dict[str, Source] = {}
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        if entry["Key"].endswith("/") or is_hidden(PurePosixPath(entry["Key"].removeprefix(address["prefix"]))):
            continue
        key = key_of_name(Path(entry["Key"]))
        if key in files:
            raise CafeError(f"Two files of {source} would both become {key}.", "Backfill them one after the other.")
        files[key] = BucketSource(key, entry["Size"], address["bucket"], entry["Key"], entry["ETag"].strip('"'))
    if not files:
        raise CafeError(f"There is nothing below {source}.")
    return list(files.values())


def sort_by_day(files: Iterable[Source]) -> list[Source]:
    """Sort by the year, month and day in the keys, which have no leading zeros; then by key."""
    return sorted(files, key=lambda file: ([int(number) for number in _NUMBER.findall(file.key)[:3]], file.key))


def without_known(files: Sequence[Source], stored: Iterable[StoredVersion]) -> list[Source]:
    """Leave out what is in the drop bucket already: same key, same size, same content.

    Older versions count too: sent again, a file that its branch corrected meanwhile would undo the correction.
    """
    known: dict[tuple[str, int], set[str]] = defaultdict(set)
    for version in stored:
        known[version.key, version.size_bytes].add(version.etag)
    # A local file's checksum is worked out only if its key and size are known.
    return [file for file in files if not (etags := known[file.key, file.size_bytes]) or file.etag() not in etags]
