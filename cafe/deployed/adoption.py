"""Look for what a deleted stack has kept, and import it into a new stack."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from cafe.deployed.environment import Environment
from cafe.deployed.kept import IDENTIFIERS, Kept, Template
from cafe.errors import CafeError

CHANGE_SET = "adopt-what-was-kept"
# A stack in one of these states holds nothing: its creation was refused, or was never confirmed.
EMPTY_STATES = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"}
WAITING = {"Delay": 1, "MaxAttempts": 600}  # ten minutes


class NotImported(CafeError):
    """CloudFormation did not import what was kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"CloudFormation did not import what was kept: {reason}",
            "Nothing was changed. docs/operations.md, section Delete and come back, says what to do.",
        )


def account_of(environment: Environment) -> str:
    """Return the number of the AWS account."""
    return str(environment.client("sts").get_caller_identity()["Account"])


def stack_status(cloudformation: Any, name: str) -> str | None:
    """Return the state of a stack, None if there is no stack of that name."""
    try:
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return str(stack["StackStatus"])


def find_identifier(environment: Environment, kept: Kept) -> dict[str, str] | None:
    """Return what identifies an existing resource for an import, None if there is none of that name."""
    try:
        value = _find(environment, kept)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket", "NotFoundException", "ResourceNotFoundException"}:
            return None
        raise
    return {IDENTIFIERS[kept.type]: value}


def _find(environment: Environment, kept: Kept) -> str:
    match kept.type:
        case "AWS::KMS::Key":
            return _usable_key(environment, kept.name)
        case "AWS::KMS::Alias":
            environment.client("kms").describe_key(KeyId=kept.name)
        case "AWS::S3::Bucket":
            environment.client("s3").head_bucket(Bucket=kept.name)
        case "AWS::SecretsManager::Secret":
            secret = environment.client("secretsmanager").describe_secret(SecretId=kept.name)
            if secret.get("DeletedDate"):
                raise CafeError(
                    f"The secret {kept.name} is scheduled for deletion.",
                    f"Keep it: aws secretsmanager restore-secret --secret-id {kept.name}",
                )
            return str(secret["ARN"])
        case "AWS::RedshiftServerless::Namespace" if not environment.is_local:
            environment.client("redshift-serverless").get_namespace(namespaceName=kept.name)
        # The emulator has no API of Redshift Serverless. Its CloudFormation reports a namespace that is not there.
    return kept.name


def _usable_key(environment: Environment, alias: str) -> str:
    """Return the id of the key of an alias. Raises CafeError if it cannot be used: an import would change nothing."""
    key = environment.client("kms").describe_key(KeyId=alias)["KeyMetadata"]
    if key["KeyState"] == "Enabled":
        return str(key["KeyId"])
    commands = ("cancel-key-deletion", "enable-key") if key["KeyState"] == "PendingDeletion" else ("enable-key",)
    raise CafeError(
        f"The key {alias} cannot be used ({key['KeyState']}), and the secrets need it.",
        f"Use it again: {', then: '.join(f'aws kms {command} --key-id {key["KeyId"]}' for command in commands)}",
    )


def import_stack(
    cloudformation: Any,
    name: str,
    template: Template,
    parameters: Mapping[str, str],
    found: Mapping[Kept, Mapping[str, str]],
) -> None:
    """Create a stack of existing resources, given with what identifies each. Raises NotImported.

    A stack of that name that holds nothing is deleted first, and so is a new one that did not get its resources.
    """
    if stack_status(cloudformation, name) in EMPTY_STATES:
        _delete(cloudformation, name)
    change_set = {"StackName": name, "ChangeSetName": CHANGE_SET}
    cloudformation.create_change_set(
        **change_set,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        ResourcesToImport=[
            {
                "ResourceType": kept.type,
                "LogicalResourceId": kept.logical_id,
                "ResourceIdentifier": dict(identifier),
            }
            for kept, identifier in found.items()
        ],
    )
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig=WAITING)
    except WaiterError as error:
        reason = cloudformation.describe_change_set(**change_set).get("StatusReason", "no reason given")
        _delete(cloudformation, name)
        raise NotImported(reason) from error
    cloudformation.execute_change_set(**change_set)
    try:
        cloudformation.get_waiter("stack_import_complete").wait(StackName=name, WaiterConfig=WAITING)
    except WaiterError as error:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        failures = [event for event in events if event["ResourceStatus"] == "IMPORT_FAILED"]
        reason = failures[-1].get("ResourceStatusReason", "") if failures else "the stack's events do not say why"
        raise NotImported(reason) from error


def _delete(cloudformation: Any, name: str) -> None:
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=WAITING)
