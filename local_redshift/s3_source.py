"""The objects that a COPY reads: found by manifest or prefix, opened ahead of need, handed over in order.

`ObjectReader` is the port; `S3ObjectReader` is S3, read under the role that COPY names, whose grants are so enforced.
"""

import io
import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local_redshift.copy_statement import CopyFromS3, split_url
from local_redshift.errors import INTERNAL_ERROR, RedshiftError

# One GET of a small object is nearly all waiting: several at once, but never more in memory than workers x head.
OPEN_AHEAD = 8
HEAD_BYTES = 256 * 1024
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
RENEW_BEFORE = timedelta(minutes=10)
FALLBACK_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class S3Access:
    """Under which role, in which region (empty: the endpoint's own) the objects are read."""

    role: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One object to load; one that is not mandatory may be missing."""

    bucket: str
    key: str
    mandatory: bool = True

    @property
    def url(self) -> str:
        """Give the object's address as a manifest writes it."""
        return f"s3://{self.bucket}/{self.key}"


class ObjectMissing(Exception):
    """There is no such object."""


class ObjectReader(Protocol):
    """Where COPY finds its objects."""

    def open(self, access: S3Access, bucket: str, key: str) -> BinaryIO:
        """Open an object to be read from its start. Raises ObjectMissing; RedshiftError when it may not be read."""

    def list_keys(self, access: S3Access, bucket: str, prefix: str) -> list[str]:
        """List the keys that begin with a prefix, in order."""


def find_objects(load: CopyFromS3, reader: ObjectReader) -> list[SourceObject]:
    """Tell which objects a COPY loads, in order, from its manifest or by listing its prefix."""
    access = S3Access(load.role, load.region)
    if not load.manifest:
        keys = reader.list_keys(access, load.bucket, load.key)
        if not keys:
            raise RedshiftError(INTERNAL_ERROR, f"The specified S3 prefix '{load.key}' does not exist")
        return [SourceObject(load.bucket, key) for key in keys]
    try:
        with closing(reader.open(access, load.bucket, load.key)) as manifest:
            content = manifest.read(MAX_MANIFEST_BYTES + 1)
    except ObjectMissing as error:
        message = (
            "Problem reading manifest file - "
            "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey"
        )
        raise RedshiftError(INTERNAL_ERROR, message, detail=f"s3://{load.bucket}/{load.key}") from error
    return parse_manifest(content)


def parse_manifest(content: bytes) -> list[SourceObject]:
    """Read a manifest: {"entries": [{"url": "s3://bucket/key", "mandatory": true}, …]}; if unsaid, it is not."""
    problem = "Problem reading manifest file - "
    if len(content) > MAX_MANIFEST_BYTES:
        raise RedshiftError(INTERNAL_ERROR, f"{problem}it is larger than {MAX_MANIFEST_BYTES} bytes")
    try:
        entries = json.loads(content)["entries"]
        objects = [
            SourceObject(*split_url(entry["url"]), mandatory=entry.get("mandatory", False) is True) for entry in entries
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RedshiftError(INTERNAL_ERROR, f"{problem}it is not a list of entries with a url each") from error
    if not objects:
        raise RedshiftError(INTERNAL_ERROR, f"{problem}it has no entries")
    return objects


def open_in_order(
    reader: ObjectReader, access: S3Access, objects: Sequence[SourceObject]
) -> Iterator[tuple[SourceObject, BinaryIO]]:
    """Open the objects, several ahead of the one being read, and hand them over in order; each is closed by then.

    A missing object is passed over unless it is mandatory.
    """
    waiting: deque[tuple[SourceObject, Future[BinaryIO]]] = deque()
    to_come = iter(objects)
    with ThreadPoolExecutor(min(OPEN_AHEAD, len(objects)), thread_name_prefix="copy-source") as pool:
        try:
            while True:
                while len(waiting) < OPEN_AHEAD and (source := next(to_come, None)) is not None:
                    waiting.append((source, pool.submit(_open_ahead, reader, access, source)))
                if not waiting:
                    return
                source, opening = waiting.popleft()
                try:
                    stream = opening.result()
                except ObjectMissing as error:
                    if source.mandatory:
                        message = "Mandatory file listed in the manifest was not found"
                        raise RedshiftError(INTERNAL_ERROR, message, detail=source.url) from error
                    continue
                with closing(stream):
                    yield source, stream
        finally:
            for _, opening in waiting:
                if not opening.cancel():
                    opening.add_done_callback(_close_unread)


def _close_unread(opening: Future[BinaryIO]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _open_ahead(reader: ObjectReader, access: S3Access, source: SourceObject) -> BinaryIO:
    stream = reader.open(access, source.bucket, source.key)
    head = stream.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        stream.close()
        return io.BytesIO(head)
    return io.BufferedReader(_HeadAndRest(head, stream))


class _HeadAndRest(io.RawIOBase):
    """A stream of which the first bytes have been read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._head[: len(buffer)] if self._head else self._rest.read(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._rest.close()
        super().close()


class S3ObjectReader:
    """S3, read under the role that COPY names; AWS_ENDPOINT_URL and the credentials come from the environment."""

    def __init__(self) -> None:
        self._session = boto3.Session()
        self._region = self._session.region_name or FALLBACK_REGION
        self._sts = self._session.client("sts", region_name=self._region)
        # The first client of a kind reads its model from disk: now, rather than in the first load.
        self._session.client("s3", region_name=self._region)
        self._clients: dict[S3Access, tuple[Any, datetime]] = {}
        self._lock = threading.Lock()

    def open(self, access: S3Access, bucket: str, key: str) -> BinaryIO:
        """Open an object with a single GET."""
        try:
            body = self._client(access).get_object(Bucket=bucket, Key=key)["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise ObjectMissing from error
            raise _refusal(error, f"s3://{bucket}/{key}") from error
        except BotoCoreError as error:
            raise _unreachable(error) from error
        return io.BufferedReader(_Body(body))

    def list_keys(self, access: S3Access, bucket: str, prefix: str) -> list[str]:
        """List the keys that begin with a prefix, in order."""
        try:
            pages = self._client(access).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return [item["Key"] for page in pages for item in page.get("Contents", ())]
        except ClientError as error:
            raise _refusal(error, f"s3://{bucket}/{prefix}") from error
        except BotoCoreError as error:
            raise _unreachable(error) from error

    def _client(self, access: S3Access) -> Any:
        with self._lock:
            client, expires = self._clients.get(access, (None, datetime.min.replace(tzinfo=UTC)))
            if client is None or expires - RENEW_BEFORE < datetime.now(UTC):
                client, expires = self._assume(access)
                self._clients[access] = client, expires
            return client

    def _assume(self, access: S3Access) -> tuple[Any, datetime]:
        try:
            answer = self._sts.assume_role(RoleArn=access.role, RoleSessionName="redshift")
        except ClientError as error:
            message = f"User is not authorized to assume IAM Role {access.role}"
            raise RedshiftError(INTERNAL_ERROR, message, detail=error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise _unreachable(error) from error
        credentials = answer["Credentials"]
        client = self._session.client(
            "s3",
            region_name=access.region or self._region,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=Config(max_pool_connections=2 * OPEN_AHEAD, retries={"mode": "standard", "max_attempts": 4}),
        )
        return client, credentials["Expiration"]


class _Body(io.RawIOBase):
    """The body of a GET, whose errors are told as COPY tells them."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self._body.read(len(buffer))
        except BotoCoreError as error:
            raise _unreachable(error) from error
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._body.close()
        super().close()


def _refusal(error: ClientError, url: str) -> RedshiftError:
    """Tell S3's refusal as Redshift does: an object that may not be read is no missing object."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if status == 403:
        code, text = "AccessDenied", "Access Denied"
    message = f"S3ServiceException:{text},Status {status},Error {code}"
    return RedshiftError(INTERNAL_ERROR, message, detail=f"S3 key being read : {url}")


def _unreachable(error: BotoCoreError) -> RedshiftError:
    return RedshiftError(INTERNAL_ERROR, f"S3ServiceException:S3 could not be reached ({type(error).__name__})")
