"""`cafe event`: a file is dropped, and its event is printed, to call extract with."""

import json
from hashlib import md5
from pathlib import Path

import boto3
import pytest

from unit.cli.builders import DROP_BUCKET, REGION
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("deployed")


def test_only_the_event_is_on_standard_output(run: Run, night: Path) -> None:
    result = run("event", str(night / "2021/2/23/chesterfield.csv"), "--env", "dev")

    [record] = json.loads(result.stdout)["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(":extract-queue")
    assert record["md5OfBody"] == md5(record["body"].encode(), usedforsecurity=False).hexdigest()
    assert f"into {DROP_BUCKET}" in result.stderr


def test_the_event_names_the_queue_of_the_account_that_it_is_in(run: Run, night: Path) -> None:
    boto3.client("ssm", REGION).put_parameter(
        Name="/cafe/dev/extract/queue/url",
        Value=f"https://sqs.{REGION}.amazonaws.com/000000000000/cafe-dev-arrivals",
        Overwrite=True,
    )

    result = run("event", str(night / "2021/2/23/chesterfield.csv"), "--env", "dev")

    [record] = json.loads(result.stdout)["Records"]
    assert record["eventSourceARN"] == f"arn:aws:sqs:{REGION}:000000000000:cafe-dev-arrivals"


def test_the_event_names_the_version_that_is_in_the_bucket(run: Run, night: Path) -> None:
    result = run("event", str(night / "2021/2/23/chesterfield.csv"), "--env", "dev")

    [record] = json.loads(result.stdout)["Records"]
    stored = json.loads(record["body"])["Records"][0]["s3"]
    answer = boto3.client("s3", REGION).get_object(
        Bucket=stored["bucket"]["name"], Key=stored["object"]["key"], VersionId=stored["object"]["versionId"]
    )
    assert answer["ContentLength"] == stored["object"]["size"]


def test_a_folder_has_no_event(run: Run, night: Path) -> None:
    result = run("event", str(night), "--env", "dev")

    assert result.exit_code == 2
    assert "is not a file" in result.stderr
