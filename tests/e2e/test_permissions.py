"""Each function may do only what its work needs. Without a permission, files wait and none is lost."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cafe.dashboards.publishing import files_to_publish, plan_publication, publish, stored_digests
from cafe.local.layout import checkout
from cafe.warehouse.ledger import LedgerEntry
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def staged(pipeline: Pipeline) -> dict[str, tuple[str, str]]:
    """One object of each kind: its bucket and key."""
    dropped = "permissions/roles.csv"
    outcome = pipeline.drop({dropped: small_file("Roles").body})[dropped]
    drop, staging = pipeline.fact("drop/bucket/name"), pipeline.fact("staging/bucket/name")
    keys = [key for key in pipeline.staged_keys() if outcome.file_id in key]
    return {"raw": (drop, outcome.source_key)} | {key.partition("/")[0]: (staging, key) for key in keys}


@pytest.mark.parametrize(
    ("role", "kind", "may_read"),
    [
        ("ExtractRole", "raw", True),
        ("ExtractRole", "extracted", False),
        ("ExtractRole", "transformed", False),
        ("TransformRole", "raw", False),
        ("TransformRole", "extracted", True),
        ("TransformRole", "transformed", False),
        ("LoadRole", "raw", False),
        ("LoadRole", "extracted", False),
        ("LoadRole", "transformed", False),
        ("CopyRole", "raw", False),
        ("CopyRole", "extracted", False),
        ("CopyRole", "transformed", True),
    ],
)
def test_F64_a_role_reads_what_its_stage_needs_and_nothing_else(
    pipeline: Pipeline, staged: dict[str, tuple[str, str]], role: str, kind: str, may_read: bool
) -> None:
    bucket, key = staged[kind]
    s3 = pipeline.client_as(role, "s3")

    assert refusal(lambda: s3.get_object(Bucket=bucket, Key=key)["Body"].read()) == ("" if may_read else "AccessDenied")


@pytest.mark.parametrize("role", ["ExtractRole", "TransformRole", "LoadRole", "CopyRole"])
def test_no_role_may_write_to_the_drop_bucket_or_read_another_roles_secret(pipeline: Pipeline, role: str) -> None:
    drop = pipeline.fact("drop/bucket/name")
    s3, secrets = pipeline.client_as(role, "s3"), pipeline.client_as(role, "secretsmanager")

    assert refusal(lambda: s3.put_object(Bucket=drop, Key="permissions/forged.csv", Body=b"")) == "AccessDenied"
    secret = refusal(lambda: secrets.get_secret_value(SecretId=pipeline.fact("warehouse/secret/arn")))
    assert secret.startswith("AccessDenied") is (role != "LoadRole")


def test_grafanas_host_reads_only_what_is_published_and_its_own_password(
    pipeline: Pipeline, staged: dict[str, tuple[str, str]]
) -> None:
    bucket, files = pipeline.fact("dashboards/bucket/name"), files_to_publish(checkout().root)
    publish(pipeline.client("s3"), bucket, plan_publication(files, {}))
    s3, secrets = pipeline.client_as("GrafanaHostRole", "s3"), pipeline.client_as("GrafanaHostRole", "secretsmanager")

    fetched = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in stored_digests(s3, bucket)}
    password = secrets.get_secret_value(SecretId=pipeline.fact("dashboards/secret/arn"))["SecretString"]

    assert fetched == {file.key: file.content for file in files}
    assert len(password) == 40
    assert refusal(lambda: s3.put_object(Bucket=bucket, Key="host/boot.sh", Body=b"")) == "AccessDenied"
    for place, key in staged.values():
        assert refusal(partial(s3.get_object, Bucket=place, Key=key)) == "AccessDenied"
    warehouse = refusal(lambda: secrets.get_secret_value(SecretId=pipeline.fact("warehouse/secret/arn")))
    assert warehouse.startswith("AccessDenied")


@pytest.mark.parametrize(
    ("stage", "sid"),
    [("extract", "WriteRowsAndRejects"), ("transform", "WriteTablesAndRejects"), ("load", "WriteManifests")],
)
def test_F64_without_permission_for_the_staging_bucket_files_wait_and_load_once_it_is_back(
    pipeline: Pipeline, stage: str, sid: str
) -> None:
    files = {f"permissions/{stage}-{n}.csv": small_file(f"Waits {stage}", first=n * 3).body for n in range(4)}

    with pipeline.without_permission(f"{stage.capitalize()}Role", stage, sid):
        versions = [pipeline.put(key, body) for key, body in files.items()]
        wait_until(lambda: refused(pipeline, stage), f"{stage} is refused")
        recorded = pipeline.recorded(versions)
    outcomes = pipeline.outcomes_of(versions)

    assert recorded == {}
    assert {key: loaded(outcome) for key, outcome in outcomes.items()} == dict.fromkeys(files, ("loaded", 3))
    pipeline.wait_until_idle()


def refused(pipeline: Pipeline, stage: str) -> list[str]:
    """Return a stage's logged problems about access to the staging bucket."""
    bucket = pipeline.fact("staging/bucket/name")
    failures = pipeline.events(stage, "message.failed") + pipeline.events(stage, "batch.failed")
    problems = [str(failure.get("problem")) for failure in failures]
    return [problem for problem in problems if "AccessDenied" in problem and bucket in problem]


def refusal(call: Callable[[], Any]) -> str:
    """Return the error code with which AWS refused a call; "" if it did not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def loaded(outcome: LedgerEntry) -> tuple[str, int]:
    """Shorten an outcome."""
    return outcome.outcome, outcome.rows_loaded
