"""Objects in S3, read under the role that COPY names: its grants are enforced, and a refusal is reported as one."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws, settings

from local_redshift.copy.s3_objects import ObjectMissing, S3ObjectReader
from local_redshift.errors import RedshiftError

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::open*"]}],
}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 of two buckets, one of which the role may read."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-2",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        for bucket in ("open-bucket", "shut-bucket"):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
            client.put_object(Bucket=bucket, Key="a/key", Body=b"content")
        yield client


@pytest.fixture
def role(s3: Any) -> str:
    """The role, which may read one bucket."""
    del s3
    iam = boto3.client("iam")
    arn: str = iam.create_role(RoleName="copy", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.put_role_policy(RoleName="copy", PolicyName="read", PolicyDocument=json.dumps(POLICY))
    return arn


@pytest.fixture
def enforcing_reader(role: str, monkeypatch: pytest.MonkeyPatch) -> S3ObjectReader:
    """A reader that has assumed the role; from then on S3 enforces the role's grants."""
    reader = S3ObjectReader()
    reader.open(role, "open-bucket", "a/key").close()
    monkeypatch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
    return reader


def test_an_object_is_read_under_the_role(enforcing_reader: S3ObjectReader, role: str) -> None:
    with enforcing_reader.open(role, "open-bucket", "a/key") as stream:
        assert stream.read() == b"content"


def test_an_object_that_the_role_may_not_read_is_refused_not_missing(
    enforcing_reader: S3ObjectReader, role: str
) -> None:
    with pytest.raises(RedshiftError, match="Access Denied,Status 403,Error AccessDenied") as refusal:
        enforcing_reader.open(role, "shut-bucket", "a/key")

    assert "s3://shut-bucket/a/key" in refusal.value.detail


def test_an_object_that_is_not_there_is_missing(enforcing_reader: S3ObjectReader, role: str) -> None:
    with pytest.raises(ObjectMissing):
        enforcing_reader.open(role, "open-bucket", "another/key")


def test_a_bucket_that_is_not_there_is_an_error(role: str) -> None:
    with pytest.raises(RedshiftError, match="NoSuchBucket"):
        S3ObjectReader().open(role, "no-bucket", "key")


def test_a_role_that_cannot_be_assumed_is_an_error(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)  # the endpoint's own key has no grants

    with pytest.raises(RedshiftError, match="not authorized to assume IAM Role"):
        S3ObjectReader().open(role, "open-bucket", "a/key")


def test_an_s3_out_of_reach_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    with pytest.raises(RedshiftError, match="could not be reached"):
        S3ObjectReader().open("arn:aws:iam::123456789012:role/copy", "open-bucket", "a/key")


def test_a_large_object_is_read_in_pieces(s3: Any, role: str) -> None:
    s3.put_object(Bucket="open-bucket", Key="large", Body=b"x" * 1_000_000)

    with S3ObjectReader().open(role, "open-bucket", "large") as stream:
        pieces = [stream.read(300_000) for _ in range(4)]

    assert [len(piece) for piece in pieces] == [300_000, 300_000, 300_000, 100_000]
