"""The emulator judges a request by who sends it: by tags of users and sessions, and by S3's headers."""

import base64
import json
from collections.abc import Callable
from hashlib import md5
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cafe.local import emulator
from integration.local.conftest import Emulator
from integration.local.waiting import wait_until

BUCKET = "tagged"
OBJECTS = f"arn:aws:s3:::{BUCKET}"
OWN_FILES = {
    "Effect": "Allow",
    "Action": "s3:PutObject",
    "Resource": [f"{OBJECTS}/*/${{aws:PrincipalTag/branch}}_????", f"{OBJECTS}/${{aws:username}}/${{*}}/?"],
}
REFUSED = [
    {"Null": {"s3:x-amz-storage-class": "false"}, "StringNotEquals": {"s3:x-amz-storage-class": "STANDARD"}},
    {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
]
ROLE_TRUST = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{emulator.ACCOUNT_ID}:root"},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Condition": {
        "StringLike": {"aws:RequestTag/branch": "?*"},
        "ForAllValues:StringEquals": {"aws:TagKeys": "branch"},
    },
}
SENDERS_KEY = b"k" * 32


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture(scope="module")
def queue(running_emulator: Emulator) -> str:
    """The queue that the bucket announces its objects to."""
    s3, sqs = running_emulator.client("s3"), running_emulator.client("sqs")
    url = str(sqs.create_queue(QueueName=BUCKET)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": emulator.REGION})
    denies = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{OBJECTS}/*",
            "Condition": condition,
        }
        for condition in REFUSED
    ]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(*denies))
    announced = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    accepts = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(accepts | {"Resource": arn})})
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [announced]}
    )
    return url


@pytest.fixture(scope="module")
def user_of(running_emulator: Emulator, queue: str) -> Callable[..., Any]:
    """Make a user with these tags and the policy, and give an S3 client of theirs."""
    assert queue
    iam = running_emulator.client("iam")

    def make(name: str, **tags: str) -> Any:
        iam.create_user(UserName=name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(OWN_FILES))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return client(running_emulator, key["AccessKeyId"], key["SecretAccessKey"])

    return make


def client(aws: Emulator, key: str, secret: str, token: str | None = None, service: str = "s3") -> Any:
    make_client: Any = boto3.client
    return make_client(
        service,
        endpoint_url=aws.url,
        region_name=emulator.REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


def refusal(call: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """Return the code of the error with which a call was refused; "" if it was not."""
    try:
        call(*arguments, **named)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def may_put(s3: Any, key: str, **headers: str) -> bool:
    return refusal(s3.put_object, Bucket=BUCKET, Key=key, Body=b"", **headers) == ""


def session(aws: Emulator, role: str, tags: dict[str, str]) -> Any:
    """Assume a role, and give an S3 client of the session."""
    credentials = aws.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{emulator.ACCOUNT_ID}:role/{role}",
        RoleSessionName="night",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )["Credentials"]
    return client(aws, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


@pytest.fixture(scope="module")
def branch_role(running_emulator: Emulator, queue: str) -> str:
    """A role for sessions that name their branch, with a branch of its own."""
    assert queue
    iam, role = running_emulator.client("iam"), "branch-of-a-session"
    iam.create_role(
        RoleName=role, AssumeRolePolicyDocument=document(ROLE_TRUST), Tags=[{"Key": "branch", "Value": "x"}]
    )
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document(OWN_FILES))
    return role


def test_a_tag_of_the_caller_is_filled_into_the_resources_of_a_policy(user_of: Callable[..., Any]) -> None:
    leeds = user_of("of-leeds", branch="leeds")

    assert may_put(leeds, "2021/leeds_2508")
    assert may_put(leeds, "of-leeds/*/1")
    assert not may_put(leeds, "of-leeds/2021/1")
    assert not may_put(leeds, "2021/york_2508")
    assert not may_put(leeds, "2021/LEEDS_2508")
    assert not may_put(leeds, "2021/${aws:PrincipalTag/branch}_2508")


@pytest.mark.parametrize(("name", "tags"), [("untagged", {}), ("misnamed", {"cafe": "leeds"})])
def test_a_resource_with_a_variable_that_the_caller_lacks_matches_nothing(
    user_of: Callable[..., Any], name: str, tags: dict[str, str]
) -> None:
    s3 = user_of(name, **tags)

    assert not may_put(s3, "2021/leeds_2508")
    assert not may_put(s3, "2021/_2508")
    assert not may_put(s3, "2021/${aws:PrincipalTag/branch}_2508")


def test_a_wildcard_in_a_tag_stands_for_itself(user_of: Callable[..., Any]) -> None:
    s3 = user_of("wild", branch="*")

    assert may_put(s3, "2021/*_2508")
    assert not may_put(s3, "2021/leeds_2508")


def test_slashes_count_in_a_key(user_of: Callable[..., Any]) -> None:
    bath = user_of("of-slashes", branch="bath")

    assert may_put(bath, "2021//8/bath_2508")
    assert not may_put(bath, "of-slashes/*//1")
    assert not may_put(bath, "2021/bath_2508/")
    assert not may_put(bath, "bath_2508")
    assert may_put(bath, "/bath_2508")


def test_a_list_of_parameters_is_allowed_by_its_path(running_emulator: Emulator) -> None:
    iam, root = running_emulator.client("iam"), running_emulator.client("ssm")
    root.put_parameter(Name="/cafe/dev/drop/bucket/name", Value="drop", Type="String")
    iam.create_user(UserName="reader")
    may_read = {
        "Effect": "Allow",
        "Action": "ssm:GetParametersByPath",
        "Resource": f"arn:aws:ssm:{emulator.REGION}:{emulator.ACCOUNT_ID}:parameter/cafe/dev",
    }
    iam.put_user_policy(UserName="reader", PolicyName="own", PolicyDocument=document(may_read))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    ssm = client(running_emulator, key["AccessKeyId"], key["SecretAccessKey"], service="ssm")

    [found] = ssm.get_parameters_by_path(Path="/cafe/dev/", Recursive=True)["Parameters"]

    assert found["Value"] == "drop"
    assert refusal(ssm.get_parameters_by_path, Path="/cafe/prod/").startswith("AccessDenied")


def test_a_sessions_tag_takes_the_place_of_the_roles(running_emulator: Emulator, branch_role: str) -> None:
    york = session(running_emulator, branch_role, {"branch": "york"})

    assert may_put(york, "2021/york_2508")
    assert not may_put(york, "2021/x_2508")


@pytest.mark.parametrize(
    "tags",
    [{}, {"branch": ""}, {"cafe": "york"}, {"branch": "york", "cafe": "york"}],
    ids=["none", "no", "other", "two"],
)
def test_a_trust_policy_decides_which_tags_a_session_may_have(
    running_emulator: Emulator, branch_role: str, tags: dict[str, str]
) -> None:
    assert refusal(session, running_emulator, branch_role, tags) == "AccessDenied"


@pytest.mark.parametrize(
    ("headers", "is_accepted"),
    [
        ({}, True),
        ({"StorageClass": "STANDARD"}, True),
        ({"StorageClass": "GLACIER"}, False),
        ({"StorageClass": "STANDARD_IA"}, False),
        (
            {
                "SSECustomerAlgorithm": "AES256",
                "SSECustomerKey": base64.b64encode(SENDERS_KEY).decode(),
                "SSECustomerKeyMD5": base64.b64encode(md5(SENDERS_KEY, usedforsecurity=False).digest()).decode(),
            },
            False,
        ),
    ],
    ids=["nothing", "standard", "glacier", "rarely read", "sender's key"],
)
@pytest.mark.parametrize("key", ["2021/york_2508", "20\n21/york_2508"], ids=["plain", "line break"])
def test_a_bucket_may_refuse_by_the_headers_of_an_upload(
    running_emulator: Emulator, branch_role: str, key: str, headers: dict[str, str], is_accepted: bool
) -> None:
    york = session(running_emulator, branch_role, {"branch": "york"})

    assert may_put(york, key, **headers) is is_accepted


def test_a_buckets_event_names_the_caller(
    running_emulator: Emulator, user_of: Callable[..., Any], branch_role: str, queue: str
) -> None:
    iam, sqs = running_emulator.client("iam"), running_emulator.client("sqs")
    senders = {
        "a/hull_2508": user_of("of-hull", branch="hull"),
        "a/bath_2508": session(running_emulator, branch_role, {"branch": "bath"}),
        "a/root": running_emulator.client("s3"),
    }
    named: dict[str, str] = {}

    for key, s3 in senders.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")

    def receive() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            for record in json.loads(message["Body"]).get("Records", []):
                named[record["s3"]["object"]["key"]] = record["userIdentity"]["principalId"]
        return senders.keys() <= named.keys()

    wait_until(receive)
    assert {key: named[key] for key in senders} == {
        "a/hull_2508": f"AWS:{iam.get_user(UserName='of-hull')['User']['UserId']}",
        "a/bath_2508": f"AWS:{iam.get_role(RoleName=branch_role)['Role']['RoleId']}:night",
        "a/root": f"AWS:{emulator.ACCOUNT_ID}",
    }
