"""Upload branch files to the drop bucket: each under its key, each as a new version, by head office or as a café."""

import mimetypes
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from cafe.counting import counted
from cafe.deployed.drop_bucket import StoredVersion
from cafe.drop_keys import branch_tag, head_office_key
from cafe.errors import CafeError, explain_aws_error, is_denied
from shared.senders import sender_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONCURRENT_UPLOADS = 8
CONTENT_TYPES = {".csv": "text/csv", ".gz": "application/gzip"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A local file to upload, and the key that it gets."""

    path: Path
    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DropPlan:
    """The files that a drop uploads, and the hidden files that it leaves out."""

    uploads: tuple[Upload, ...]
    skipped: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who uploads a file: a client of S3, and the café that it acts as ("" for head office), as its keys spell it."""

    s3: "S3Client"
    cafe: str = ""


def plan_drop(paths: Iterable[Path], key_of: Callable[[Path], str] = head_office_key) -> DropPlan:
    """Find the files to drop and give each its key. Folders are searched with all their subfolders.

    Hidden files in a folder are left out and listed in the plan; a hidden file that is named itself is dropped.
    Raises CafeError for a path that does not exist, if there is no file, and for two files with the same key: they
    would become two versions of one object, and which one wins would be chance.
    """
    uploads: dict[str, Upload] = {}
    skipped: list[Path] = []
    for path in paths:
        for file in _files_at(path):
            if file != path and is_hidden(file.relative_to(path)):
                skipped.append(file)
                continue
            upload = Upload(file, key_of(file.resolve()), file.stat().st_size)
            if (other := uploads.get(upload.key)) and other.path.resolve() != file.resolve():
                raise CafeError(
                    f"{other.path} and {file} would both get the key {upload.key}.",
                    "Rename one, or drop them one after the other: the later version replaces the earlier.",
                )
            uploads[upload.key] = upload
    if not uploads:
        raise CafeError("There is no file to drop.", "Name a branch file, or a folder that contains some.")
    return DropPlan(tuple(uploads.values()), tuple(skipped))


def require_own_keys(cafe: str, uploads: Iterable[Upload]) -> None:
    """Raise CafeError for a key that a café may not put, as AWS would refuse it."""
    for upload in uploads:
        if not (tag := branch_tag(cafe, upload.key)) or sender_of(upload.key) != tag:
            raise _of_another_cafe(upload.key, tag or cafe)


def _files_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    raise CafeError(f"{path} is neither a file nor a folder.")


def is_hidden(relative: PurePath) -> bool:
    """Whether a path below a folder is hidden, or is in a hidden folder."""
    return any(part.startswith(".") for part in relative.parts)


def upload_file(s3: "S3Client", bucket: str, upload: Upload) -> StoredVersion:
    """Put one file into the drop bucket as a new version of its key."""
    with upload.path.open("rb") as body:
        answer = s3.put_object(Bucket=bucket, Key=upload.key, Body=body, ContentType=_content_type(upload.path))
    return StoredVersion(
        bucket, upload.key, answer["VersionId"], answer["ETag"].strip('"'), upload.size_bytes, datetime.now(UTC)
    )


def upload_all(
    sender_for: Callable[[Upload], Sender],
    bucket: str,
    uploads: Iterable[Upload],
    *,
    on_uploaded: Callable[[StoredVersion], None],
) -> list[StoredVersion]:
    """Upload several files at a time. Returns the versions in the order of ``uploads``.

    ``on_uploaded`` is called after each file. Raises CafeError at the first failure, and says how many files were
    sent before it. If it is interrupted, the uploads that have begun are completed, and ``on_uploaded`` is called for
    these too.
    """
    waiting = list(uploads)
    done: dict[str, StoredVersion] = {}
    futures: dict[Future[StoredVersion], Upload] = {}
    pool = ThreadPoolExecutor(CONCURRENT_UPLOADS)
    try:
        futures = {pool.submit(upload_file, sender_for(upload).s3, bucket, upload): upload for upload in waiting}
        for future in as_completed(futures):
            try:
                stored = future.result()
            except (BotoCoreError, ClientError, OSError) as error:
                upload = futures[future]
                raise _upload_failed(upload, sender_for(upload), error, len(done), len(waiting)) from error
            done[stored.key] = stored
            on_uploaded(stored)
    except KeyboardInterrupt:
        pool.shutdown(cancel_futures=True)
        for future in futures:
            if not future.cancelled() and future.exception() is None and future.result().key not in done:
                on_uploaded(future.result())
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return [done[upload.key] for upload in waiting]


def _upload_failed(upload: Upload, sender: Sender, error: Exception, done: int, total: int) -> CafeError:
    if sender.cafe and is_denied(error) and sender_of(upload.key) != sender.cafe:
        explained = _of_another_cafe(upload.key, sender.cafe)
    elif isinstance(error, BotoCoreError | ClientError):
        explained = explain_aws_error(error)
    else:
        explained = CafeError(str(error))
    return CafeError(
        f"{upload.path} could not be dropped: {explained.message}",
        f"{explained.remedy} Sent: {done} of {counted(total, 'file')}; dropping them again does no harm.".strip(),
    )


def _of_another_cafe(key: str, cafe: str) -> CafeError:
    day = "/".join(key.split("/")[:3])
    return CafeError(
        f"the key {key} does not belong to {cafe}.",
        f"A key of {cafe} looks like {day}/{cafe}_DD-MM-YYYY_HH-MM-SS.csv or {day}/YYYY-MM-DD-{cafe}.csv. "
        "Without --as, head office sends a file of any name.",
    )


def _content_type(path: Path) -> str:
    guessed, _encoding = mimetypes.guess_type(path.name)
    return CONTENT_TYPES.get(path.suffix.lower()) or guessed or "application/octet-stream"
