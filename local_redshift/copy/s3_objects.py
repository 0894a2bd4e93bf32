"""The objects that a COPY reads: listed in its manifest, opened ahead of need, handed over in order.

`ObjectReader` is the port. `S3ObjectReader` reads S3 under the role that COPY names, so the role's grants are enforced.
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

from local_redshift.dialect.copy_statement import CopyFromS3, split_url
from local_redshift.errors import INTERNAL_ERROR, RedshiftError, not_imitated

# A GET of a small object is mostly waiting, so several run at once. Memory is bounded by OPEN_AHEAD x HEAD_BYTES.
OPEN_AHEAD = 8
HEAD_BYTES = 256 * 1024
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
RENEW_BEFORE = timedelta(minutes=10)
FALLBACK_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One object to load."""

    bucket: str
    key: str

    @property
    def url(self) -> str:
        """The object's address as a manifest writes it."""
        return f"s3://{self.bucket}/{self.key}"


class ObjectMissing(Exception):
    """There is no such object."""


class ObjectReader(Protocol):
    """Where COPY finds its objects."""

    def open(self, role: str, bucket: str, key: str) -> BinaryIO:
        """Open an object to be read from its start. Raises ObjectMissing; RedshiftError when it may not be read."""


def find_objects(load: CopyFromS3, reader: ObjectReader) -> list[SourceObject]:
    """Read which objects a COPY loads, in order, from its manifest."""
    try:
        with closing(reader.open(load.role, load.bucket, load.key)) as manifest:
            content = manifest.read(MAX_MANIFEST_BYTES + 1)
    except ObjectMissing as error:
        message = (
            "Problem reading manifest file - "
            "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey"
        )
        raise RedshiftError(INTERNAL_ERROR, message, detail=f"s3://{load.bucket}/{load.key}") from error
    return parse_manifest(content)


def parse_manifest(content: bytes) -> list[SourceObject]:
    """Read a manifest: {"entries": [{"url": "s3://bucket/key", "mandatory": true}, …]}."""
    problem = "Problem reading manifest file - "
    if len(content) > MAX_MANIFEST_BYTES:
        raise RedshiftError(INTERNAL_ERROR, f"{problem}it is larger than {MAX_MANIFEST_BYTES} bytes")
    try:
        entries = json.loads(content)["entries"]
        objects = [SourceObject(*split_url(entry["url"])) for entry in entries]
        all_mandatory = all(entry.get("mandatory") is True for entry in entries)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RedshiftError(INTERNAL_ERROR, f"{problem}it is not a list of entries with a url each") from error
    if not objects:
        raise RedshiftError(INTERNAL_ERROR, f"{problem}it has no entries")
    if not all_mandatory:
        # Redshift would skip such an object silently when it is missing.
        raise not_imitated('a manifest entry without "mandatory": true')
    return objects


def open_in_order(
    reader: ObjectReader, role: str, objects: Sequence[SourceObject]
) -> Iterator[tuple[SourceObject, BinaryIO]]:
    """Open the objects, several ahead of the one being read, and hand them over in order; then close each."""
    waiting: deque[tuple[SourceObject, Future[BinaryIO]]] = deque()
    to_come = iter(objects)
    with ThreadPoolExecutor(min(OPEN_AHEAD, len(objects)), thread_name_prefix="copy-source") as pool:
        try:
            while True:
                while len(waiting) < OPEN_AHEAD and (source := next(to_come, None)) is not None:
                    waiting.append((source, pool.submit(_open_ahead, reader, role, source)))
                if not waiting:
                    return
                source, opening = waiting.popleft()
                try:
                    stream = opening.result()
                except ObjectMissing as error:
                    message = "Mandatory file listed in the manifest was not found"
                    raise RedshiftError(INTERNAL_ERROR, message, detail=source.url) from error
                with closing(stream):
                    yield source, stream
        finally:
            for _, opening in waiting:
                if not opening.cancel():
                    opening.add_done_callback(_close_unread)


def _close_unread(opening: Future[BinaryIO]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _open_ahead(reader: ObjectReader, role: str, source: SourceObject) -> BinaryIO:
    stream = reader.open(role, source.bucket, source.key)
    head = stream.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        stream.close()
        return io.BytesIO(head)
    return io.BufferedReader(_HeadAndRest(head, stream))


class _HeadAndRest(io.RawIOBase):
    """A stream whose first bytes have already been read."""

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
        # The first client of a kind reads its model from disk: do it now, not in the first load.
        self._session.client("s3", region_name=self._region)
        self._clients: dict[str, tuple[Any, datetime]] = {}
        self._lock = threading.Lock()

    def open(self, role: str, bucket: str, key: str) -> BinaryIO:
        """Open an object with a single GET."""
        try:
            body = self._client(role).get_object(Bucket=bucket, Key=key)["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise ObjectMissing from error
            raise _refusal(error, f"s3://{bucket}/{key}") from error
        except BotoCoreError as error:
            raise _unreachable(error) from error
        return io.BufferedReader(_Body(body))

    def _client(self, role: str) -> Any:
        with self._lock:
            client, expires = self._clients.get(role, (None, datetime.min.replace(tzinfo=UTC)))
            if client is None or expires - RENEW_BEFORE < datetime.now(UTC):
                client, expires = self._assume(role)
                self._clients[role] = client, expires
            return client

    def _assume(self, role: str) -> tuple[Any, datetime]:
        try:
            answer = self._sts.assume_role(RoleArn=role, RoleSessionName="redshift")
        except ClientError as error:
            message = f"User is not authorized to assume IAM Role {role}"
            raise RedshiftError(INTERNAL_ERROR, message, detail=error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise _unreachable(error) from error
        credentials = answer["Credentials"]
        client = self._session.client(
            "s3",
            region_name=self._region,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=Config(max_pool_connections=2 * OPEN_AHEAD, retries={"mode": "standard", "max_attempts": 4}),
        )
        return client, credentials["Expiration"]


class _Body(io.RawIOBase):
    """The body of a GET, whose errors are reported as COPY reports them."""

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
    """Report S3's refusal as Redshift does: an object that may not be read is not a missing object."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if status == 403:
        code, text = "AccessDenied", "Access Denied"
    message = f"S3ServiceException:{text},Status {status},Error {code}"
    return RedshiftError(INTERNAL_ERROR, message, detail=f"S3 key being read : {url}")


def _unreachable(error: BotoCoreError) -> RedshiftError:
    return RedshiftError(INTERNAL_ERROR, f"S3ServiceException:S3 could not be reached ({type(error).__name__})")
