"""Bring branch files into the drop bucket, as the branches do: each under its key, each version by its id."""

import mimetypes
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cafe.errors import CafeError, explain_aws_error

CONCURRENT_UPLOADS = 8
# What a branch's own layout looks like: 2021/2/23/chesterfield.csv
DATED_LAYOUT = re.compile(r"\d{4}/\d{1,2}/\d{1,2}/[^/]+")
CONTENT_TYPES = {".csv": "text/csv", ".gz": "application/gzip"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file to drop, and the key that it gets."""

    path: Path
    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DropPlan:
    """What a drop will send, and the hidden files that it leaves out."""

    arrivals: tuple[Arrival, ...]
    skipped: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that is in the drop bucket: one version of one object."""

    path: Path
    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int


def plan_drop(paths: Iterable[Path]) -> DropPlan:
    """Find the files to drop and give each its key; folders are searched to their bottom.

    Hidden files of a folder are left out and named in the plan; one that is asked for by name is dropped. Raises
    CafeError for a path that does not exist, for nothing to drop, and for two files that would get one key: they
    would be two versions of one object, and which one wins would be luck.
    """
    arrivals: dict[str, Arrival] = {}
    skipped: list[Path] = []
    for path in paths:
        for file in _files_at(path):
            if file != path and is_hidden(file.relative_to(path)):
                skipped.append(file)
                continue
            arrival = Arrival(file, key_of_name(file.resolve()), file.stat().st_size)
            if (other := arrivals.get(arrival.key)) and other.path.resolve() != file.resolve():
                raise CafeError(
                    f"{other.path} and {file} would both become {arrival.key}.",
                    "Rename one, or drop them one after the other: the later version replaces the earlier.",
                )
            arrivals[arrival.key] = arrival
    if not arrivals:
        raise CafeError("There is no file to drop.", "Name a branch file, or a folder that holds some.")
    return DropPlan(tuple(arrivals.values()), tuple(skipped))


def _files_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    raise CafeError(f"{path} is neither a file nor a folder.")


def is_hidden(relative: PurePath) -> bool:
    """Whether a path below a folder is hidden, or lies in a hidden folder."""
    return any(part.startswith(".") for part in relative.parts)


def key_of_name(file: Path) -> str:
    """Keep the branches' layout where the file already lies in one; else make the key that a branch would use."""
    from cafe.generate import drop_key

    laid_out = "/".join(file.parts[-4:])
    return laid_out if DATED_LAYOUT.fullmatch(laid_out) else drop_key(file)


def upload(s3: Any, bucket: str, arrival: Arrival) -> Dropped:
    """Put one file into the drop bucket as a new version of its key."""
    with arrival.path.open("rb") as body:
        answer = s3.put_object(Bucket=bucket, Key=arrival.key, Body=body, ContentType=_content_type(arrival.path))
    return Dropped(
        arrival.path, bucket, arrival.key, answer["VersionId"], answer["ETag"].strip('"'), arrival.size_bytes
    )


def upload_all(
    s3: Any, bucket: str, arrivals: Iterable[Arrival], *, on_dropped: Callable[[Dropped], None]
) -> list[Dropped]:
    """Upload several files at a time, and say when each is there. Gives them in the order in which they were named.

    Raises CafeError at the first one that fails, telling how many were sent before it.
    """
    waiting = list(arrivals)
    done: dict[str, Dropped] = {}
    pool = ThreadPoolExecutor(CONCURRENT_UPLOADS)
    try:
        futures = {pool.submit(upload, s3, bucket, arrival): arrival for arrival in waiting}
        for future in as_completed(futures):
            try:
                dropped = future.result()
            except (BotoCoreError, ClientError, OSError) as error:
                raise _upload_failed(futures[future], error, len(done), len(waiting)) from error
            done[dropped.key] = dropped
            on_dropped(dropped)
    finally:
        pool.shutdown(cancel_futures=True)
    return [done[arrival.key] for arrival in waiting]


def _upload_failed(arrival: Arrival, error: Exception, done: int, total: int) -> CafeError:
    if isinstance(error, BotoCoreError | ClientError):
        explained: CafeError = explain_aws_error(error)
    else:
        explained = CafeError(str(error))
    return CafeError(
        f"{arrival.path} could not be dropped: {explained.message}",
        f"{explained.remedy} {done} of {total} files were sent; dropping them again does no harm.".strip(),
    )


def _content_type(path: Path) -> str:
    guessed, _encoding = mimetypes.guess_type(path.name)
    return CONTENT_TYPES.get(path.suffix.lower()) or guessed or "application/octet-stream"
