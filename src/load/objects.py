"""Load's only access to S3: it writes the manifests that COPY reads."""

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Objects(Protocol):
    """What load needs from an object store."""

    bucket: str

    def put(self, key: str, body: bytes) -> None:
        """Write an object of the staging bucket, whole."""


class S3Objects:
    """Objects in S3. Raises TransientError if retrying may help."""

    def __init__(self, s3: "S3Client", staging_bucket: str) -> None:
        self._s3 = s3
        self.bucket = staging_bucket

    def put(self, key: str, body: bytes) -> None:
        """See Objects."""
        try:
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        except (BotoCoreError, ClientError) as error:
            raise translated(error, f"writing {self.bucket}/{key}") from error
