"""Calls of AWS's services that most principals may not make, each with one who may. A table; calls nothing itself.

Where the call would do harm, it has a mistake that the service finds only after IAM has let it pass: a delay that is
too long, a document that is none, a key that does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from e2e.pipeline import Pipeline
from e2e.principals import BRANCH, BRANCH_TAG, FUNCTION_ROLES, HEAD_OFFICE, ROLES, ROOT, SCHEDULE_ROLES

EXTRACT, TRANSFORM, LOAD = FUNCTION_ROLES
COPY, HOST = "CopyRole", "GrafanaHostRole"
CHECK, SNAPSHOT = SCHEDULE_ROLES
EVERYBODY = (*ROLES, BRANCH)
KEY = "matrix/nothing.csv"
BRANCH_KEY = f"2026/11/20/{BRANCH_TAG}_20-11-2026_09-00-00.csv"
# SQS takes no such sign: the message is never sent.
NOT_SENT = {"MessageBody": "forged \ufffe"}
TAKEN = {"VisibilityTimeout": 0, "MaxNumberOfMessages": 1}
ANOTHERS_KEY, HEAD_KEY = "2026/11/20/york_20-11-2026_09-00-00.csv", "head-office/2026/11/20/matrix.csv"
# The digest is that of nothing, so S3 refuses the bytes.
BROKEN = {"Body": b"x", "ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}
ARCHIVED = {**BROKEN, "StorageClass": "GLACIER"}
ENCRYPTED = {**BROKEN, "ServerSideEncryption": "aws:kms"}
NO_POLICY = "not a document"


@dataclass(frozen=True)
class Fact:
    """A value that only the deployed stack knows: a fact that it publishes."""

    name: str


@dataclass(frozen=True)
class Physical:
    """A value that only the deployed stack knows: the physical id of a resource."""

    logical_id: str


@dataclass(frozen=True)
class RoleArn:
    """The ARN of a role of the template."""

    logical_id: str


@dataclass(frozen=True)
class Call:
    """One call: ``denied`` are those who may not make it, ``allowed`` is one who may."""

    name: str
    service: str
    operation: str
    arguments: Mapping[str, Any]
    denied: tuple[str, ...]
    allowed: str


def but(*principals: str) -> tuple[str, ...]:
    """Return everybody except these."""
    return tuple(principal for principal in EVERYBODY if principal not in principals)


DROP, STAGING, BOARDS = (Fact(f"{name}/bucket/name") for name in ("drop", "staging", "dashboards"))
WAREHOUSE_SECRET, GRAFANA_SECRET = Fact("warehouse/secret/arn"), Fact("dashboards/secret/arn")
THE_KEY = {"KeyId": Physical("EncryptionKey")}


def _object(bucket: Fact, key: str = KEY, **more: Any) -> dict[str, Any]:
    return {"Bucket": bucket, "Key": key, **more}


def _queue(stage: str, **more: Any) -> dict[str, Any]:
    return {"QueueUrl": Fact(f"{stage}/queue/url"), **more}


CALLS = (
    # Raw files: the only place with personal data
    Call("read the newest raw file", "s3", "get_object", _object(DROP), EVERYBODY, ROOT),
    Call("read a raw file's size", "s3", "head_object", _object(DROP, VersionId="1"), but(EXTRACT), EXTRACT),
    Call("read a version of a raw file", "s3", "get_object", _object(DROP, VersionId="1"), but(EXTRACT), EXTRACT),
    Call("list the raw files", "s3", "list_objects_v2", {"Bucket": DROP}, but(EXTRACT), EXTRACT),
    Call("list the versions", "s3", "list_object_versions", {"Bucket": DROP}, but(EXTRACT), EXTRACT),
    Call("drop a file", "s3", "put_object", _object(DROP, BRANCH_KEY, Body=b""), but(BRANCH), BRANCH),
    Call("drop a file of another branch", "s3", "put_object", _object(DROP, ANOTHERS_KEY, **BROKEN), EVERYBODY, ROOT),
    Call("drop a file as head office", "s3", "put_object", _object(DROP, HEAD_KEY), EVERYBODY, HEAD_OFFICE),
    Call("drop a file into the archive", "s3", "put_object", _object(DROP, BRANCH_KEY, **ARCHIVED), EVERYBODY, ROOT),
    Call("drop a file under a KMS key", "s3", "put_object", _object(DROP, BRANCH_KEY, **ENCRYPTED), EVERYBODY, ROOT),
    Call("delete a raw file", "s3", "delete_object", _object(DROP, VersionId="1"), EVERYBODY, ROOT),
    Call("hide a raw file", "s3", "delete_object", _object(DROP), EVERYBODY, ROOT),
    Call(
        "open the drop bucket to others",
        "s3",
        "put_bucket_policy",
        {"Bucket": DROP, "Policy": NO_POLICY},
        EVERYBODY,
        ROOT,
    ),
    Call(
        "stop the versions",
        "s3",
        "put_bucket_versioning",
        {"Bucket": DROP, "VersioningConfiguration": {"Status": "Enabled"}},
        EVERYBODY,
        ROOT,
    ),
    # Staged files
    Call("read extracted rows", "s3", "get_object", _object(STAGING, f"extracted/{KEY}"), but(TRANSFORM), TRANSFORM),
    Call("forge extracted rows", "s3", "put_object", _object(STAGING, f"extracted/{KEY}"), but(EXTRACT), EXTRACT),
    Call("read transformed rows", "s3", "get_object", _object(STAGING, f"transformed/{KEY}"), but(COPY), COPY),
    Call(
        "forge transformed rows",
        "s3",
        "put_object",
        _object(STAGING, f"transformed/{KEY}"),
        but(LOAD, TRANSFORM),
        LOAD,
    ),
    Call("read rejects", "s3", "get_object", _object(STAGING, f"rejects/{KEY}"), but(COPY), COPY),
    Call("forge rejects", "s3", "put_object", _object(STAGING, f"rejects/{KEY}"), but(EXTRACT, TRANSFORM), TRANSFORM),
    Call("list the staged files", "s3", "list_objects_v2", {"Bucket": STAGING}, but(COPY), COPY),
    Call("delete a staged file", "s3", "delete_object", _object(STAGING), EVERYBODY, ROOT),
    # The dashboards, which run on Grafana's host
    Call("read the dashboards", "s3", "get_object", _object(BOARDS), but(HOST), HOST),
    Call("replace the boot script", "s3", "put_object", _object(BOARDS, KEY, **BROKEN), EVERYBODY, ROOT),
    # Passwords
    Call(
        "read the warehouse's password",
        "secretsmanager",
        "get_secret_value",
        {"SecretId": WAREHOUSE_SECRET},
        but(LOAD),
        LOAD,
    ),
    Call(
        "read Grafana's password", "secretsmanager", "get_secret_value", {"SecretId": GRAFANA_SECRET}, but(HOST), HOST
    ),
    Call(
        "change the warehouse's password",
        "secretsmanager",
        "put_secret_value",
        # A version of its own, which nothing reads: the current one stays.
        {"SecretId": WAREHOUSE_SECRET, "VersionStages": ["MATRIX"], "SecretString": "{}"},
        EVERYBODY,
        ROOT,
    ),
    # The key, which the roles have through services only
    Call("decrypt by itself", "kms", "decrypt", {**THE_KEY, "CiphertextBlob": b"nothing"}, EVERYBODY, ROOT),
    Call("encrypt by itself", "kms", "encrypt", {**THE_KEY, "Plaintext": b"nothing"}, EVERYBODY, ROOT),
    Call("make a key of data", "kms", "generate_data_key", {**THE_KEY, "KeySpec": "AES_256"}, EVERYBODY, ROOT),
    Call("delete the key", "kms", "schedule_key_deletion", {**THE_KEY, "PendingWindowInDays": 1}, EVERYBODY, ROOT),
    # Queues
    Call("forge an announcement", "sqs", "send_message", _queue("extract", **NOT_SENT), EVERYBODY, ROOT),
    Call("forge an extracted part", "sqs", "send_message", _queue("transform", **NOT_SENT), but(EXTRACT), EXTRACT),
    Call("forge a transformed part", "sqs", "send_message", _queue("load", **NOT_SENT), but(TRANSFORM), TRANSFORM),
    Call("take an announcement", "sqs", "receive_message", _queue("extract", **TAKEN), but(EXTRACT), EXTRACT),
    Call("take an extracted part", "sqs", "receive_message", _queue("transform", **TAKEN), but(TRANSFORM), TRANSFORM),
    Call("take a transformed part", "sqs", "receive_message", _queue("load", **TAKEN), but(LOAD), LOAD),
    Call(
        "delete an announcement", "sqs", "delete_message", _queue("extract", ReceiptHandle="1"), but(EXTRACT), EXTRACT
    ),
    Call(
        "keep the messages for less time",
        "sqs",
        "set_queue_attributes",
        _queue("load", Attributes={"VisibilityTimeout": "-1"}),
        EVERYBODY,
        ROOT,
    ),
    # Functions
    Call(
        "invoke load",
        "lambda",
        "invoke",
        {"FunctionName": Fact("load/function/name"), "InvocationType": "DryRun"},
        but(CHECK),
        CHECK,
    ),
    Call(
        "replace the code of extract",
        "lambda",
        "update_function_code",
        {"FunctionName": Fact("extract/function/name"), "ZipFile": b"no zip", "DryRun": True},
        EVERYBODY,
        ROOT,
    ),
    # More permissions
    Call(
        "give extract more permissions",
        "iam",
        "put_role_policy",
        {"RoleName": Physical(EXTRACT), "PolicyName": "matrix", "PolicyDocument": NO_POLICY},
        EVERYBODY,
        ROOT,
    ),
    Call("make an access key", "iam", "create_access_key", {"UserName": "nobody"}, EVERYBODY, ROOT),
    Call(
        "become the warehouse",
        "sts",
        "assume_role",
        {"RoleArn": RoleArn(COPY), "RoleSessionName": "matrix"},
        EVERYBODY,
        ROOT,
    ),
    # What shows that something is wrong
    Call("read a log", "logs", "filter_log_events", {"logGroupName": Fact("extract/logs/group")}, EVERYBODY, ROOT),
    Call("delete a log", "logs", "delete_log_group", {"logGroupName": "/matrix"}, EVERYBODY, ROOT),
    Call(
        "write into the log of extract",
        "logs",
        "put_log_events",
        {
            "logGroupName": Fact("extract/logs/group"),
            "logStreamName": "matrix",
            "logEvents": [{"timestamp": 0, "message": "forged"}],
        },
        but(EXTRACT),
        EXTRACT,
    ),
    Call("silence an alarm", "cloudwatch", "disable_alarm_actions", {"AlarmNames": ["matrix"]}, EVERYBODY, ROOT),
    Call("read metrics", "cloudwatch", "list_metrics", {"Namespace": "Matrix"}, but(HOST), HOST),
    Call(
        "forge an alarm's mail", "sns", "publish", {"TopicArn": Physical("AlarmTopic"), "Message": ""}, EVERYBODY, ROOT
    ),
    Call(
        "forge the morning mail",
        "sns",
        "publish",
        {"TopicArn": Physical("MorningTopic"), "Message": ""},
        but(LOAD),
        LOAD,
    ),
    # The stack
    Call("delete a stack", "cloudformation", "delete_stack", {"StackName": "matrix"}, EVERYBODY, ROOT),
    Call("read the facts", "ssm", "get_parameters_by_path", {"Path": "/cafe/dev"}, EVERYBODY, ROOT),
    Call("change a fact", "ssm", "put_parameter", {"Name": "matrix", "Value": "", "Type": "String"}, EVERYBODY, ROOT),
    Call("stop the host", "ec2", "terminate_instances", {"InstanceIds": ["i-00000000"]}, EVERYBODY, ROOT),
)


def resolved(value: Any, pipeline: Pipeline) -> Any:
    """Fill in what only the deployed stack knows."""
    match value:
        case Fact(name):
            return pipeline.fact(name)
        case Physical(logical_id):
            return pipeline.physical_id(logical_id)
        case RoleArn(logical_id):
            return pipeline.role_arn(logical_id)
        case dict():
            return {key: resolved(item, pipeline) for key, item in value.items()}
    return value
