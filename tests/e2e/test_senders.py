"""Who may send what: a café its own files, head office files of any café, and nobody anything that is not readable."""

import base64
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from hashlib import md5
from pathlib import Path
from typing import Any

import boto3
import pytest

from cafe.warehouse.ledger import FileVersion
from e2e.branch_files import small_file
from e2e.command_line import CAFE, cafe
from e2e.pipeline import Pipeline
from e2e.test_permissions import refusal

pytestmark = pytest.mark.e2e

# The day of S3's clock: a café may not send sales of long ago.
TODAY = datetime.now(UTC).date()
DAY = f"{TODAY.year}/{TODAY.month}/{TODAY.day}"
STAMP = f"{TODAY:%d-%m-%Y}_09-00-00"
KESWICK = "keswick"
OWN_KEY = f"{DAY}/{KESWICK}_{STAMP}.csv"
OTHERS_KEY = f"{DAY}/hexham_{STAMP}.csv"
SENDERS_KEY = b"k" * 32
OWN_ENCRYPTION = {
    "SSECustomerAlgorithm": "AES256",
    "SSECustomerKey": base64.b64encode(SENDERS_KEY).decode(),
    "SSECustomerKeyMD5": base64.b64encode(md5(SENDERS_KEY, usedforsecurity=False).digest()).decode(),
}


@pytest.fixture(scope="module")
def keswick(pipeline: Pipeline) -> Any:
    """An S3 client with the permissions of one café."""
    role = pipeline.fact("branch/role/arn")
    return pipeline.environment.assuming(role, "e2e", {"branch": KESWICK}).client("s3")


@pytest.fixture(scope="module")
def head_office(pipeline: Pipeline) -> Iterator[boto3.Session]:
    """Somebody at head office, who has the stack's policy for that."""
    iam, user = pipeline.client("iam"), "head-office"
    iam.create_user(UserName=user)
    iam.attach_user_policy(UserName=user, PolicyArn=pipeline.physical_id("HeadOfficePolicy"))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    yield boto3.Session(
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        region_name=pipeline.environment.region,
    )
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.detach_user_policy(UserName=user, PolicyArn=pipeline.physical_id("HeadOfficePolicy"))
    iam.delete_user(UserName=user)


@pytest.mark.parametrize("name", [f"{KESWICK}_{STAMP}.csv", f"{TODAY:%Y-%m-%d}-{KESWICK}.csv"], ids=["b", "a"])
def test_a_cafes_own_file_is_loaded_with_the_principal_that_sent_it(
    pipeline: Pipeline, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(small_file("Keswick", day=TODAY, first=60 * name.index(KESWICK)).body)
    role = pipeline.client("iam").get_role(RoleName=pipeline.physical_id("BranchRole"))["Role"]

    with pipeline.paused("transform"):
        cafe("drop", tmp_path / name, "--as", "Keswick")
        pipeline.wait_for_messages("transform", 1)
        sent_by = [json.loads(body)["file"]["source"]["sent_by"] for body in pipeline.peek("transform/queue")]
    result = cafe("drop", tmp_path / name, "--as", "Keswick", "--wait")

    [file] = result.answer["files"]
    assert file["key"] == f"{DAY}/{name}"
    assert (file["outcome"]["outcome"], file["outcome"]["rows_in"], result.exit_code) == ("loaded", 3, 0)
    assert sent_by == [f"AWS:{role['RoleId']}:head-office"]


@pytest.mark.parametrize(
    "key",
    [
        f"{DAY}/x/{KESWICK}_{STAMP}.csv",
        f"2021/8/{KESWICK}_{STAMP}.csv",
        f"{DAY}/hexham_{STAMP}/{KESWICK}_{STAMP}.csv",
        f"head/{DAY}/{KESWICK}_{STAMP}.csv",
    ],
)
def test_what_the_policy_cannot_refuse_extract_refuses(pipeline: Pipeline, keswick: Any, key: str) -> None:
    body = small_file("Keswick", day=TODAY).body
    answer = keswick.put_object(Bucket=pipeline.fact("drop/bucket/name"), Key=key, Body=body)

    [outcome] = pipeline.versions_of([FileVersion(key, answer["VersionId"])]).values()

    assert (outcome.outcome, outcome.reason, outcome.rows_loaded) == ("rejected", "no_cafe_in_key", 0)


def test_rows_of_another_cafe_are_refused_and_the_cafes_own_are_loaded(pipeline: Pipeline, keswick: Any) -> None:
    key = OWN_KEY.replace("09-00-00", "11-00-00")
    body = small_file("Keswick", first=180, day=TODAY).body + small_file("Hexham", day=TODAY).body
    answer = keswick.put_object(Bucket=pipeline.fact("drop/bucket/name"), Key=key, Body=body)

    [outcome] = pipeline.versions_of([FileVersion(key, answer["VersionId"])]).values()

    assert (outcome.rows_in, outcome.rows_loaded, outcome.rows_rejected) == (6, 3, 3)
    assert [count.rule for count in outcome.rules] == ["foreign_branch"]


@pytest.mark.usefixtures("pipeline")
def test_a_file_of_another_cafe_is_refused_with_what_its_key_must_look_like(tmp_path: Path) -> None:
    file = tmp_path / f"hexham_{STAMP}.csv"
    file.write_bytes(small_file("Hexham", day=TODAY).body)

    run = subprocess.run([CAFE, "drop", file, "--as", "Keswick"], capture_output=True, check=False, text=True)

    said = " ".join(run.stderr.split())
    assert run.returncode == 2
    assert f"the key {OTHERS_KEY} does not belong to keswick" in said
    assert f"{DAY}/keswick_DD-MM-YYYY_HH-MM-SS.csv" in said


@pytest.mark.parametrize(
    "key",
    [
        OTHERS_KEY,
        f"{DAY}/{TODAY:%Y-%m-%d}-hexham.csv",
        f"head-office/{OWN_KEY}",
        "head-office/keswick.csv",
        f"{DAY}/KESWICK_{STAMP}.csv",
        f"{DAY}/north_keswick_{STAMP}.csv",
        f"{DAY}/keswick_north_{STAMP}.csv",
        f"{DAY}/{TODAY:%Y-%m-%d}-north-keswick.csv",
        f"{DAY}/keswick.csv",
        f"2021/8/keswick_/hexham_{STAMP}.csv",
        f"{DAY}/keswick_/hexham_{STAMP}.csv",
        f"keswick_{STAMP}.csv",
        f"{DAY}/*_{STAMP}.csv",
        f"{DAY}/${{aws:PrincipalTag/branch}}_{STAMP}.csv",
        "keswick",
    ],
)
def test_a_cafe_cannot_put_a_key_that_is_not_its_own(pipeline: Pipeline, keswick: Any, key: str) -> None:
    bucket = pipeline.fact("drop/bucket/name")

    assert refusal(partial(keswick.put_object, Bucket=bucket, Key=key, Body=b"x")) == "AccessDenied"


@pytest.mark.parametrize(
    "headers",
    [
        *({"StorageClass": name} for name in ("GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "STANDARD_IA")),
        OWN_ENCRYPTION,
        {"ServerSideEncryption": "aws:kms"},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:eu-west-2:111111111111:key/1"},
        {"ServerSideEncryption": "aws:kms:dsse"},
    ],
    ids=["glacier", "deep archive", "glacier ir", "standard ia", "sender's key", "kms", "foreign kms", "kms twice"],
)
@pytest.mark.parametrize("call", ["put_object", "create_multipart_upload"])
@pytest.mark.parametrize("who", ["keswick", "head office"])
def test_nobody_can_put_what_extract_cannot_read(
    pipeline: Pipeline, keswick: Any, head_office: boto3.Session, who: str, call: str, headers: dict[str, str]
) -> None:
    make_client: Any = head_office.client
    s3 = keswick if who == "keswick" else make_client("s3", endpoint_url=pipeline.stack.endpoint_url)
    place = {"Bucket": pipeline.fact("drop/bucket/name"), "Key": OWN_KEY if s3 is keswick else f"head-office/{OWN_KEY}"}

    assert refusal(partial(getattr(s3, call), **place, **headers)) == "AccessDenied"


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("get_object", {"Key": OWN_KEY}),
        ("head_object", {"Key": OWN_KEY}),
        ("list_objects_v2", {}),
        ("list_objects_v2", {"Prefix": f"{DAY}/keswick"}),
        ("list_object_versions", {}),
        ("delete_object", {"Key": OWN_KEY}),
        ("delete_objects", {"Delete": {"Objects": [{"Key": OWN_KEY}]}}),
        ("copy_object", {"Key": OTHERS_KEY, "CopySource": {"Key": OWN_KEY}}),
        ("copy_object", {"Key": OWN_KEY, "CopySource": {"Key": OTHERS_KEY}}),
        ("get_object_tagging", {"Key": OWN_KEY}),
        ("put_object_acl", {"Key": OWN_KEY, "ACL": "private"}),
        ("get_bucket_policy", {}),
        ("delete_bucket_policy", {}),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_cafe_cannot_read_list_delete_or_change_anything(
    pipeline: Pipeline, keswick: Any, call: str, arguments: dict[str, Any]
) -> None:
    bucket = pipeline.fact("drop/bucket/name")
    pipeline.put_exactly(OTHERS_KEY, b"")
    if source := arguments.get("CopySource"):
        arguments = arguments | {"CopySource": source | {"Bucket": bucket}}

    assert refusal(partial(getattr(keswick, call), Bucket=bucket, **arguments)) in ("AccessDenied", "403")


def test_a_cafe_may_use_the_standard_class_and_the_buckets_own_encryption(pipeline: Pipeline, keswick: Any) -> None:
    stated = {"StorageClass": "STANDARD", "ServerSideEncryption": "AES256"}
    key = OWN_KEY.replace("09-00-00", "10-00-00")

    answer = keswick.put_object(Bucket=pipeline.fact("drop/bucket/name"), Key=key, Body=b"", **stated)

    assert answer["VersionId"]


def test_head_office_puts_files_below_its_prefix_only_and_acts_as_a_cafe(
    pipeline: Pipeline, head_office: boto3.Session
) -> None:
    make_client: Any = partial(head_office.client, endpoint_url=pipeline.stack.endpoint_url)
    s3, sts, ssm = map(make_client, ("s3", "sts", "ssm"))
    bucket, role = pipeline.fact("drop/bucket/name"), pipeline.fact("branch/role/arn")
    assume = partial(sts.assume_role, RoleArn=role, RoleSessionName="somebody")

    s3.put_object(Bucket=bucket, Key="head-office/any name.csv", Body=b"")
    s3.list_object_versions(Bucket=bucket)
    assume(Tags=[{"Key": "branch", "Value": KESWICK}])
    facts = ssm.get_parameters_by_path(Path=f"/cafe/{pipeline.stack.environment}/", Recursive=True)["Parameters"]

    assert bucket in {fact["Value"] for fact in facts}
    for call in (
        partial(s3.put_object, Bucket=bucket, Key=OWN_KEY, Body=b""),
        partial(s3.put_object, Bucket=bucket, Key="head-offices/any name.csv", Body=b""),
        partial(s3.get_object, Bucket=bucket, Key="head-office/any name.csv"),
        partial(s3.delete_object, Bucket=bucket, Key="head-office/any name.csv"),
        partial(s3.list_object_versions, Bucket=pipeline.fact("staging/bucket/name")),
        assume,
        partial(assume, Tags=[{"Key": "branch", "Value": KESWICK}, {"Key": "team", "Value": "x"}]),
        partial(assume, RoleArn=pipeline.fact("warehouse/copyrole/arn")),
    ):
        assert refusal(call) == "AccessDenied", call
