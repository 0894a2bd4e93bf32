"""Without a permission, files wait and none is lost. What each role may not do is in test_denied_calls.py."""

import pytest
from botocore.exceptions import ClientError

from cafe.dashboards.publishing import files_to_publish, plan_publication, publish, stored_digests
from cafe.local.layout import checkout
from cafe.warehouse.ledger import LedgerEntry
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, wait_until

pytestmark = pytest.mark.e2e

# Transform refuses it.
WRONG_TOTAL = b"25/08/2021 09:59,Wrong total,Ada Tester,Large Latte - 2.45,2.54,CASH,\n"


def test_grafanas_host_reads_what_is_published_and_its_own_password(pipeline: Pipeline) -> None:
    bucket, files = pipeline.fact("dashboards/bucket/name"), files_to_publish(checkout().root)
    publish(pipeline.client("s3"), bucket, plan_publication(files, {}))
    s3, secrets = pipeline.client_as("GrafanaHostRole", "s3"), pipeline.client_as("GrafanaHostRole", "secretsmanager")

    fetched = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in stored_digests(s3, bucket)}
    password = secrets.get_secret_value(SecretId=pipeline.fact("dashboards/secret/arn"))["SecretString"]

    assert fetched == {file.key: file.content for file in files}
    assert len(password) == 40


@pytest.mark.parametrize(
    ("stage", "sid"),
    [("extract", "WriteRowsAndRejects"), ("transform", "WriteTablesAndRejects"), ("load", "WriteRowsAndManifests")],
)
def test_F64_without_permission_for_the_staging_bucket_files_wait_and_load_once_it_is_back(
    pipeline: Pipeline, stage: str, sid: str
) -> None:
    files = {f"permissions/{stage}-{n}.csv": small_file(f"Waits {stage}", first=n * 3).body for n in range(4)}
    # The message carries the rows of a small file, but not those that transform refuses.
    files = {key: body + WRONG_TOTAL for key, body in files.items()}

    with pipeline.without_permission(f"{stage.capitalize()}Role", stage, sid):
        versions = [pipeline.put(key, body) for key, body in files.items()]
        wait_until(lambda: refused(pipeline, stage), f"{stage} is refused")
        recorded = pipeline.recorded(versions)
    outcomes = pipeline.outcomes_of(versions)

    assert recorded == {}
    assert {key: loaded(outcome) for key, outcome in outcomes.items()} == dict.fromkeys(files, ("loaded", 3))
    pipeline.wait_until_idle()


@pytest.mark.parametrize(
    ("role", "policy", "secret"),
    [("LoadRole", "load", "warehouse/secret/arn"), ("GrafanaHostRole", "grafana", "dashboards/secret/arn")],
)
def test_F64_without_permission_for_the_key_a_password_is_not_read(
    pipeline: Pipeline, role: str, policy: str, secret: str
) -> None:
    secrets, wanted = pipeline.client_as(role, "secretsmanager"), pipeline.fact(secret)

    with (
        pipeline.without_permission(role, policy, "DecryptAdminPassword"),
        pytest.raises(ClientError, match=r"AccessDeniedException.*Access to KMS is not allowed"),
    ):
        secrets.get_secret_value(SecretId=wanted)

    assert secrets.get_secret_value(SecretId=wanted)["SecretString"]


def refused(pipeline: Pipeline, stage: str) -> list[str]:
    """Return a stage's logged problems about access to the staging bucket."""
    bucket = pipeline.fact("staging/bucket/name")
    failures = pipeline.events(stage, "message.failed") + pipeline.events(stage, "batch.failed")
    problems = [str(failure.get("problem")) for failure in failures]
    return [problem for problem in problems if "AccessDenied" in problem and bucket in problem]


def loaded(outcome: LedgerEntry) -> tuple[str, int]:
    """Shorten an outcome."""
    return outcome.outcome, outcome.rows_loaded
