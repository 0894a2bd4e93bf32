"""`cafe adopt`: what it finds of a deleted stack, and what it hands to CloudFormation."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint.api import lint

from cafe.deployed.environment import Environment
from cafe.deployed.kept import Kept, import_template, kept_resources
from template.stack import read_source
from unit.cli.builders import REGION
from unit.cli.conftest import Run

ACCOUNT = "123456789012"
KEPT = kept_resources(read_source(), "dev", ACCOUNT)
EVERY_ID = [kept.logical_id for kept in KEPT]


class FakeCloudFormation:
    """CloudFormation with a stack in some state, None for no stack; it records what it must do."""

    def __init__(self, status: str | None) -> None:
        self.status = status
        self.calls: list[str] = []
        self.change_set: dict[str, Any] = {}

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803  name of the API
        if self.status is None:
            error = {"Error": {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}}
            raise ClientError(error, "DescribeStacks")  # type: ignore[arg-type]
        return {"Stacks": [{"StackStatus": self.status}]}

    def delete_stack(self, **_named: str) -> None:
        self.calls.append("delete")

    def create_change_set(self, **change_set: Any) -> None:
        self.change_set = change_set
        self.calls.append("create change set")

    def execute_change_set(self, **_named: str) -> None:
        self.calls.append("execute")

    def get_waiter(self, _name: str) -> Any:
        return type("Waiter", (), {"wait": lambda _self, **_named: None})()


class FakeRedshift:
    """Redshift Serverless, in which every namespace exists."""

    def get_namespace(self, **_named: str) -> None:
        """Find it."""


@pytest.fixture
def account(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The account after `sam delete`: all but one of the buckets, the secrets, their key and the namespace are left."""
    for kept in KEPT:
        if kept.type == "AWS::S3::Bucket" and kept.logical_id != "DashboardsBucket":
            aws.client("s3").create_bucket(Bucket=kept.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if kept.type == "AWS::SecretsManager::Secret":
            aws.client("secretsmanager").create_secret(Name=kept.name, SecretString="s")
        if kept.type == "AWS::KMS::Alias":
            key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
            aws.client("kms").create_alias(AliasName=kept.name, TargetKeyId=key)
    environment = Environment(
        name="dev",
        deployed_as="dev",
        session=aws,
        _clients={"cloudformation": FakeCloudFormation(None), "redshift-serverless": FakeRedshift()},
    )
    monkeypatch.setattr("cafe.commands.adopt.open_environment", lambda _name: environment)
    return environment


def test_the_names_are_those_of_the_template() -> None:
    assert Kept("DropBucket", "AWS::S3::Bucket", f"cafe-dev-drop-{ACCOUNT}") in KEPT
    assert Kept("WarehouseSecret", "AWS::SecretsManager::Secret", "cafe-dev/warehouse") in KEPT
    assert Kept("EncryptionKey", "AWS::KMS::Key", "alias/cafe-dev") in KEPT
    assert Kept("WarehouseNamespace", "AWS::RedshiftServerless::Namespace", "cafe-dev") in KEPT


def test_the_template_of_an_import_is_complete_in_itself() -> None:
    template = import_template(read_source(), EVERY_ID)

    findings = [str(finding) for finding in lint(json.dumps(template), regions=[REGION])]

    assert list(template["Resources"]) == EVERY_ID
    assert findings == []
    assert "ArrivalsQueue" not in json.dumps(template)


def test_a_property_stays_as_it_is_unless_it_names_something_that_is_not_imported() -> None:
    source = read_source()["Resources"]

    imported = import_template(read_source(), EVERY_ID)["Resources"]

    left_out = {
        (logical_id, name)
        for logical_id in EVERY_ID
        for name in source[logical_id]["Properties"]
        if name not in imported[logical_id]["Properties"]
    }
    assert left_out == {("DropBucket", "NotificationConfiguration"), ("WarehouseNamespace", "IamRoles")}
    assert "LoggingConfiguration" in imported["DropBucket"]["Properties"]
    assert imported["WarehouseSecret"]["Properties"] == source["WarehouseSecret"]["Properties"]


def test_without_its_secret_a_namespace_gets_its_password_from_the_next_deploy() -> None:
    imported = import_template(read_source(), [kept for kept in EVERY_ID if kept != "WarehouseSecret"])

    assert "AdminUserPassword" not in imported["Resources"]["WarehouseNamespace"]["Properties"]


def test_without_its_key_a_secret_gets_a_new_one_from_the_next_deploy() -> None:
    kept = [kept for kept in EVERY_ID if not kept.startswith("EncryptionKey")]

    imported = import_template(read_source(), kept)["Resources"]

    assert "KmsKeyId" not in imported["WarehouseSecret"]["Properties"]


def test_a_dry_run_lists_what_was_kept_and_changes_nothing(run: Run, account: Environment) -> None:
    result = run("adopt", "--env", "dev", "--dry-run")

    assert result.exit_code == 1
    assert "cafe-dev/warehouse" in result.stdout
    assert "not there" in next(line for line in result.stdout.splitlines() if line.startswith("DashboardsBucket"))
    assert account.client("cloudformation").calls == []


def test_no_changes_nothing(run: Run, account: Environment) -> None:
    result = run("adopt", "--env", "dev", stdin="n\n")

    assert result.exit_code == 1
    assert account.client("cloudformation").calls == []


def test_what_exists_is_imported_and_the_rest_is_left_to_the_deploy(run: Run, account: Environment) -> None:
    result = run("adopt", "--env", "dev", stdin="y\n")

    cloudformation = account.client("cloudformation")
    imported = {entry["LogicalResourceId"]: entry for entry in cloudformation.change_set["ResourcesToImport"]}
    assert result.exit_code == 0
    assert "make deploy ENV=dev" in result.stderr
    assert cloudformation.calls == ["create change set", "execute"]
    assert imported.keys() == set(EVERY_ID) - {"DashboardsBucket"}
    assert imported["WarehouseSecret"]["ResourceIdentifier"]["Id"].startswith("arn:")
    key = account.client("kms").describe_key(KeyId="alias/cafe-dev")["KeyMetadata"]["KeyId"]
    assert imported["EncryptionKey"]["ResourceIdentifier"] == {"KeyId": key}
    assert imported["EncryptionKeyAlias"]["ResourceIdentifier"] == {"AliasName": "alias/cafe-dev"}
    assert json.loads(cloudformation.change_set["TemplateBody"])["Resources"].keys() == imported.keys()


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_that_a_refused_deploy_left_empty_is_removed_first(run: Run, account: Environment, status: str) -> None:
    cloudformation = account.client("cloudformation")
    cloudformation.status = status

    result = run("adopt", "--env", "dev", "--yes", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["data"]["adopted"] is True
    assert cloudformation.calls == ["delete", "create change set", "execute"]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "CREATE_IN_PROGRESS"])
def test_a_stack_that_exists_is_left_alone(run: Run, account: Environment, status: str) -> None:
    account.client("cloudformation").status = status

    result = run("adopt", "--env", "dev", "--yes")

    assert result.exit_code == 0
    assert "nothing to adopt" in result.stderr
    assert account.client("cloudformation").calls == []


def test_a_secret_that_is_about_to_be_deleted_is_named_with_the_command_that_keeps_it(
    run: Run, account: Environment
) -> None:
    account.client("secretsmanager").delete_secret(SecretId="cafe-dev/grafana", RecoveryWindowInDays=7)

    result = run("adopt", "--env", "dev", "--yes")

    assert result.exit_code == 2
    assert "restore-secret --secret-id cafe-dev/grafana" in result.stderr


@pytest.mark.parametrize("state", ["PendingDeletion", "Disabled"])
def test_a_key_that_cannot_be_used_is_named_with_the_commands_that_save_it(
    run: Run, account: Environment, state: str
) -> None:
    kms = account.client("kms")
    key = kms.describe_key(KeyId="alias/cafe-dev")["KeyMetadata"]["KeyId"]
    if state == "Disabled":
        kms.disable_key(KeyId=key)
    else:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)

    result = run("adopt", "--env", "dev", "--yes")

    assert result.exit_code == 2
    assert f"alias/cafe-dev cannot be used ({state})" in result.stderr
    assert ("cancel-key-deletion" in result.stderr) is (state == "PendingDeletion")
    assert f"aws kms enable-key --key-id {key}" in result.stderr
    assert account.client("cloudformation").calls == []


def test_a_key_that_is_gone_is_left_to_the_deploy(run: Run, account: Environment) -> None:
    account.client("kms").delete_alias(AliasName="alias/cafe-dev")

    result = run("adopt", "--env", "dev", "--yes")

    change_set = account.client("cloudformation").change_set
    assert result.exit_code == 0
    assert not any(entry["LogicalResourceId"].startswith("Encryption") for entry in change_set["ResourcesToImport"])
    assert "EncryptionKey" not in change_set["TemplateBody"]
