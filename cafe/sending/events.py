"""Build the events with which AWS calls the three functions: SQS batches, and the S3 notification inside the first.

The shapes are AWS's: "Event message structure" in the S3 guide, and "Example standard queue message event" in the
Lambda guide.
"""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import md5
from typing import Any
from urllib.parse import quote_plus

from cafe.deployed.drop_bucket import StoredVersion


def s3_notification(file: StoredVersion, *, region: str, re_extract: str = "") -> dict[str, Any]:
    """Build the notification that S3 sends to the arrivals queue when a version of an object was put.

    ``re_extract`` is the pipeline's own addition: it makes extract process a complete file again.

    ``sequencer`` orders the events of one key. S3 does not publish the value it used, so this one is made from the
    time.
    """
    stamp = file.written_at.astimezone(UTC)
    addition = {"cafe": {"reading": re_extract}} if re_extract else {}
    return {
        "Records": [
            {
                **addition,
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": region,
                "eventTime": f"{stamp:%Y-%m-%dT%H:%M:%S}.{stamp.microsecond // 1000:03d}Z",
                "eventName": "ObjectCreated:Put",
                "userIdentity": {"principalId": "AWS:CAFE"},
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {"x-amz-request-id": uuid.uuid4().hex[:16].upper(), "x-amz-id-2": "cafe"},
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "Arrivals",
                    "bucket": {
                        "name": file.bucket,
                        "ownerIdentity": {"principalId": "CAFE"},
                        "arn": f"arn:aws:s3:::{file.bucket}",
                    },
                    "object": {
                        # As S3 does: a space becomes +, / stays, and any other special character becomes %XX.
                        "key": quote_plus(file.key, safe="/"),
                        "size": file.size_bytes,
                        "eTag": file.etag,
                        "versionId": file.version_id,
                        "sequencer": f"{int(stamp.timestamp() * 1_000_000):018X}",
                    },
                },
            }
        ]
    }


def sqs_event(bodies: Iterable[str], *, queue_arn: str, region: str, moment: datetime) -> dict[str, Any]:
    """Build the batch with which Lambda passes messages of a queue to a function."""
    return {"Records": [_sqs_record(body, queue_arn=queue_arn, region=region, moment=moment) for body in bodies]}


def _sqs_record(body: str, *, queue_arn: str, region: str, moment: datetime) -> dict[str, Any]:
    milliseconds = str(int(moment.timestamp() * 1000))
    return {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "not-received-from-a-queue",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": milliseconds,
            "SenderId": "CAFE",
            "ApproximateFirstReceiveTimestamp": milliseconds,
        },
        "messageAttributes": {},
        # SQS's own checksum of the body, which is MD5.
        "md5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


def arrival_event(file: StoredVersion, *, queue_arn: str, region: str) -> dict[str, Any]:
    """Build the event with which extract is called for a dropped file."""
    body = json.dumps(s3_notification(file, region=region), separators=(",", ":"))
    return sqs_event([body], queue_arn=queue_arn, region=region, moment=file.written_at)
