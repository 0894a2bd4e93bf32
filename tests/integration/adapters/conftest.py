"""AWS as moto imitates it, with the pipeline's buckets and queues, and handlers that start as in Lambda."""

import importlib
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import quote_plus

import boto3
import pytest
from moto import mock_aws

REGION: Final = "eu-west-2"
DROP = "cafe-dev-drop-123456789012"
STAGING = "cafe-dev-staging-123456789012"


@dataclass(frozen=True)
class Aws:
    """An account with a drop bucket that keeps versions, a staging bucket, and a queue for each hop."""

    session: boto3.Session
    queue_url: str

    def client(self, service: str) -> Any:
        """Create a client with the default settings, as the functions do."""
        make_client: Any = self.session.client
        return make_client(service)

    def put(self, key: str, body: bytes) -> str:
        """Put a file into the drop bucket; return its version."""
        return str(self.client("s3").put_object(Bucket=DROP, Key=key, Body=body)["VersionId"])

    def staged_keys(self) -> list[str]:
        """List the staging bucket."""
        return [entry["Key"] for entry in self.client("s3").list_objects_v2(Bucket=STAGING).get("Contents", [])]

    def sent(self) -> list[str]:
        """Receive what the queue holds."""
        sqs, bodies = self.client("sqs"), []
        while batch := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in batch]
        return bodies


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        session = boto3.Session(region_name=REGION)
        s3 = session.client("s3")
        for bucket in (DROP, STAGING):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=DROP, VersioningConfiguration={"Status": "Enabled"})
        yield Aws(session, session.client("sqs").create_queue(QueueName="next")["QueueUrl"])


@dataclass(frozen=True)
class Context:
    """What a function knows about its invocation."""

    function_name: str = "cafe-dev-function"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-2:123456789012:function:cafe-dev-function"
    aws_request_id: str = "5b441b59-a550-11c8-6564-f17c833cf438"

    def get_remaining_time_in_millis(self) -> int:
        """Report enough time."""
        return 120_000


@dataclass(frozen=True)
class Function:
    """A stage's handler after its cold start."""

    module: ModuleType

    def call(self, *bodies: str, receives: Sequence[int] = ()) -> dict[str, Any]:
        """Deliver messages as one batch; their ids are "0", "1" and so on. They were received once, or ``receives``."""
        records = [
            {
                "messageId": str(place),
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(count), "SentTimestamp": "1545082649183"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-2:123456789012:queue",
                "awsRegion": REGION,
            }
            for place, (body, count) in enumerate(zip(bodies, receives or [1] * len(bodies), strict=True))
        ]
        answer: dict[str, Any] = self.module.lambda_handler({"Records": records}, Context())
        return answer


@pytest.fixture
def start_function(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Function]:
    """Import a stage's handler again, so that it creates its clients in this test's account."""

    def start(stage: str) -> Function:
        for name, value in {
            "STAGING_BUCKET": STAGING,
            "NEXT_QUEUE_URL": aws.queue_url,
            "OLDEST_SALE_DAYS": "60",
            "POWERTOOLS_SERVICE_NAME": stage,
            "POWERTOOLS_METRICS_NAMESPACE": "Cafe",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, f"{stage}.handler", raising=False)
        # Powertools keeps a stage's logger, and with it the output of the test that made it.
        monkeypatch.delitem(logging.root.manager.loggerDict, stage, raising=False)
        return Function(importlib.import_module(f"{stage}.handler"))

    return start


def notification(key: str, version_id: str, event_name: str = "ObjectCreated:Put", size: int = 1024) -> str:
    """Write S3's notification of a file, with its key encoded as S3 does."""
    golden = Path(__file__).parents[2] / "contracts" / "golden" / "s3_notification.json"
    event = json.loads(golden.read_text(encoding="utf-8"))
    (record,) = event["Records"]
    record["eventName"] = event_name
    record["s3"]["bucket"]["name"] = DROP
    record["s3"]["object"] |= {"key": quote_plus(key, safe="/"), "versionId": version_id, "size": size}
    return json.dumps(event)
