"""What a deleted stack keeps has its name still: it is not created again, but a new stack can import it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cafe.deployed.adoption import NotImported, import_stack
from cafe.deployed.kept import Kept
from integration.local.conftest import Emulator
from integration.local.test_emulator import deploy, failure_of

WAITING = {"Delay": 0.05, "MaxAttempts": 400}


def kept_things(name: str) -> dict[str, Any]:
    """Describe a secret and a namespace that stay when their stack is deleted."""
    generator = {
        "SecretStringTemplate": '{"username": "cafe_admin"}',
        "GenerateStringKey": "password",
        "PasswordLength": 40,
        "ExcludeCharacters": "/@\"'\\ ",
    }
    secret = {"Name": f"{name}/secret", "GenerateSecretString": generator}
    namespace = {
        "NamespaceName": name,
        "AdminUsername": "cafe_admin",
        "AdminUserPassword": {"Fn::Sub": "{{resolve:secretsmanager:${Secret.Id}:SecretString:password}}"},
    }
    return {
        logical_id: {"Type": kind, "DeletionPolicy": "Retain", "Properties": properties}
        for logical_id, kind, properties in (
            ("Secret", "AWS::SecretsManager::Secret", secret),
            ("Namespace", "AWS::RedshiftServerless::Namespace", namespace),
        )
    }


def delete(aws: Emulator, name: str) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=WAITING)


@pytest.mark.parametrize("logical_id", ["Secret", "Namespace"])
def test_what_a_deleted_stack_kept_is_not_created_again(running_emulator: Emulator, logical_id: str) -> None:
    name = f"kept-{logical_id.lower()}"
    resources = kept_things(name)
    deploy(running_emulator, name, resources)
    delete(running_emulator, name)
    again = {key: value for key, value in resources.items() if key in {logical_id, "Secret"}}
    if logical_id == "Namespace":
        again["Secret"]["Properties"]["Name"] = f"{name}/another"

    reason = failure_of(running_emulator, f"{name}-again", again)

    assert "already exists" in reason


def test_a_name_is_free_again_when_its_stack_did_not_keep_it(running_emulator: Emulator) -> None:
    resources = kept_things("not-kept")
    for resource in resources.values():
        del resource["DeletionPolicy"]
    deploy(running_emulator, "not-kept", resources)
    delete(running_emulator, "not-kept")

    deploy(running_emulator, "not-kept-again", resources)


def test_an_imported_namespace_has_the_password_of_its_imported_secret(running_emulator: Emulator) -> None:
    resources = kept_things("imported")
    deploy(running_emulator, "imported", resources)
    administrators = list(running_emulator.control.administrators)
    delete(running_emulator, "imported")
    secrets = running_emulator.client("secretsmanager")
    secret = secrets.get_secret_value(SecretId="imported/secret")
    found = {
        Kept("Secret", resources["Secret"]["Type"], "imported/secret"): {"Id": secret["ARN"]},
        Kept("Namespace", resources["Namespace"]["Type"], "imported"): {"NamespaceName": "imported"},
    }

    import_stack(running_emulator.client("cloudformation"), "imported", {"Resources": resources}, {}, found)
    after_the_import = list(running_emulator.control.administrators)
    deploy(running_emulator, "imported", resources)

    assert secrets.get_secret_value(SecretId="imported/secret")["SecretString"] == secret["SecretString"]
    assert after_the_import == administrators
    assert running_emulator.control.administrators[-1] == administrators[-1]
    assert administrators[-1]["password"] == json.loads(secret["SecretString"])["password"]


def test_what_does_not_exist_is_not_imported_and_leaves_no_stack(running_emulator: Emulator) -> None:
    resources = {"Namespace": kept_things("nowhere")["Namespace"]}
    resources["Namespace"]["Properties"] = {"NamespaceName": "nowhere"}
    cloudformation = running_emulator.client("cloudformation")
    found = {Kept("Namespace", resources["Namespace"]["Type"], "nowhere"): {"NamespaceName": "nowhere"}}

    with pytest.raises(NotImported, match="'nowhere' was not found"):
        import_stack(cloudformation, "nowhere", {"Resources": resources}, {}, found)

    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName="nowhere")
