"""Shared fixtures: a runner, a stack deployed in moto, and a warehouse with prepared answers."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import session
from moto import mock_aws
from typer.testing import CliRunner, Result

from cafe.cli import app
from cafe.deployed.environment import Environment
from json_page import check_answers
from unit.cli.builders import DROP_BUCKET, REGION, STAGES, STAGING_BUCKET, FakeWarehouse, answer, check_run_row

type Run = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def service_models_are_read_once() -> Iterator[None]:
    """Share the SDK's service descriptions between tests: loading them for each test would take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "create_loader", cache(session.create_loader))
        first, second = (session.get_session().get_component("data_loader") for _ in range(2))
        assert first is second, "the SDK makes its loaders elsewhere"
        yield


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `cafe` with arguments. Fail on an unhandled exception, and on JSON that docs/json.md does not describe."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("CAFE_ENV", raising=False)

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(app, list(arguments), input=stdin, prog_name="cafe")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        if "--json" in arguments:
            check_answers(result.stdout)
        return result

    return invoke


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[boto3.Session]:
    """An empty AWS account in moto, with invalid credentials."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield boto3.Session(region_name=REGION)


@pytest.fixture
def deployed(aws: boto3.Session) -> dict[str, Any]:
    """The parts of a dev stack that the command line uses. Returns its facts."""
    s3, sqs, ssm = aws.client("s3"), aws.client("sqs"), aws.client("ssm")
    for bucket in (DROP_BUCKET, STAGING_BUCKET):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=DROP_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    facts = {
        "drop/bucket/name": DROP_BUCKET,
        "staging/bucket/name": STAGING_BUCKET,
        "warehouse/workgroup/name": "cafe-dev",
        "warehouse/database/name": "cafe",
        "warehouse/secret/arn": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:warehouse",
    }
    for stage in STAGES:
        facts[f"{stage}/queue/url"] = sqs.create_queue(QueueName=f"{stage}-queue")["QueueUrl"]
        facts[f"{stage}/deadletters/url"] = sqs.create_queue(QueueName=f"{stage}-dead")["QueueUrl"]
        facts[f"{stage}/function/name"] = f"cafe-dev-{stage}"
        facts[f"{stage}/logs/group"] = f"/cafe/dev/{stage}"
    for name, value in facts.items():
        ssm.put_parameter(Name=f"/cafe/dev/{name}", Value=value, Type="String")
    return facts


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> FakeWarehouse:
    """The warehouse of every environment, whose checks found nothing; other answers are added by the test."""
    fake = FakeWarehouse({"last_check_run": answer(check_run_row())})
    monkeypatch.setattr(Environment, "warehouse", lambda _environment: fake)
    return fake


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A folder in the layout of the branches, with a hidden file."""
    folder = tmp_path / "night" / "2021" / "2" / "23"
    folder.mkdir(parents=True)
    for branch in ("chesterfield", "isle-of-wight"):
        line = f'23/02/2021 09:00,{branch},Ada Tester,"Large Latte - 2.45",2.45,CASH,\n'
        (folder / f"{branch}.csv").write_text(line, encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"\x00")
    return tmp_path / "night"
