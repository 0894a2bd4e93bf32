"""Transform's only access to S3: read a part's canonical rows, write its tables."""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from isal import isal_zlib

from shared.aws_errors import ServiceUnavailable, calling_aws
from shared.errors import TerminalError
from shared.part_files import GZIP_WINDOW_BITS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1 << 16


class MissingObject(TerminalError):
    """An object that extract wrote before its message is gone."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is gone. Replay the branch file.")


class Objects(Protocol):
    """What transform needs from an object store."""

    def lines(self, key: str) -> Iterator[list[bytes]]:
        """Yield a gzip object's lines in blocks, without their line feeds. Raises MissingObject."""

    def put(self, key: str, body: bytes) -> None:
        """Write a whole object to the staging bucket."""


class S3Objects:
    """Objects in S3. Raises TransientError if a retry may help."""

    def __init__(self, s3: "S3Client", staging_bucket: str) -> None:
        self._s3 = s3
        self._staging_bucket = staging_bucket

    def lines(self, key: str) -> Generator[list[bytes]]:
        """See Objects."""
        expanding = isal_zlib.decompressobj(GZIP_WINDOW_BITS)
        carried = b""
        try:
            with (
                calling_aws(f"reading {self._staging_bucket}/{key}"),
                # Close it even if the caller stops early, so that the rest does not stay on the connection.
                closing(self._s3.get_object(Bucket=self._staging_bucket, Key=key)["Body"]) as body,
            ):
                for chunk in body.iter_chunks(CHUNK_BYTES):
                    lines = (carried + expanding.decompress(chunk)).split(b"\n")
                    carried = lines.pop()
                    yield lines
        except ServiceUnavailable as error:
            if error.code == "NoSuchKey":
                raise MissingObject(key) from error
            raise

    def put(self, key: str, body: bytes) -> None:
        """See Objects."""
        with calling_aws(f"writing {self._staging_bucket}/{key}"):
            self._s3.put_object(Bucket=self._staging_bucket, Key=key, Body=body)
