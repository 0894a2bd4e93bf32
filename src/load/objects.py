"""Load's only access to S3: it writes the manifests that COPY reads, and what only one invocation may do."""

from typing import TYPE_CHECKING, Protocol

from shared.aws_errors import ServiceUnavailable, calling_aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


# S3's answers to If-None-Match if the object is there, or is being created by another request.
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")


class Objects(Protocol):
    """What load needs from an object store."""

    bucket: str

    def put(self, key: str, body: bytes) -> None:
        """Write an object of the staging bucket, whole."""


class Claims(Protocol):
    """What only one invocation may do, by a key of the staging bucket."""

    def claim(self, key: str) -> bool:
        """Take the key; False if it was taken before. Raises TransientError."""


class S3Objects:
    """Objects and claims in S3. Raises TransientError if retrying may help."""

    def __init__(self, s3: "S3Client", staging_bucket: str) -> None:
        self._s3 = s3
        self.bucket = staging_bucket

    def put(self, key: str, body: bytes) -> None:
        """See Objects."""
        with calling_aws(f"writing {self.bucket}/{key}"):
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def claim(self, key: str) -> bool:
        """See Claims. An empty object is created, unless there is one."""
        try:
            with calling_aws(f"claiming {self.bucket}/{key}"):
                self._s3.put_object(Bucket=self.bucket, Key=key, Body=b"", IfNoneMatch="*")
        except ServiceUnavailable as error:
            if error.code in _TAKEN:
                return False
            raise
        return True
