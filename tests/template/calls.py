"""Which calls of AWS's services a function's code makes, and the actions that IAM wants for them. Reads the source."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

SOURCE = Path(__file__).parents[2] / "src"
# IAM's name of an action where it is not that of the call (Service Authorization Reference).
ACTIONS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
# An argument with which a call needs another action instead (S3's GetObject, "versionId"). It may be in some calls
# only, so both actions count as called.
BY_ARGUMENT = {("s3:GetObject", "VersionId"): "s3:GetObjectVersion"}


def actions_called(package: str) -> set[str]:
    """Return the actions that a package of src/ needs for its own calls and for those of src/shared.

    A call is the name of an operation of a service that the package makes a client of, also when a paginator gets it as
    text.
    """
    own = list(_trees(package))
    services = {service for tree in own for service in _clients(tree)}
    trees = [*own, *_trees("shared")]
    names = {name for tree in trees for name in _names(tree)}
    called = {
        f"{service}:{operation}"
        for service in services
        for python_name, operation in _operations(service).items()
        if python_name in names
    }
    called = {ACTIONS.get(action, action) for action in called}
    return called | {
        extra for (action, argument), extra in BY_ARGUMENT.items() if action in called and argument in names
    }


def _trees(package: str) -> Iterator[ast.Module]:
    for file in sorted((SOURCE / package).rglob("*.py")):
        yield ast.parse(file.read_text(encoding="utf-8"))


def _clients(tree: ast.Module) -> Iterator[str]:
    """Yield the services in boto3.client("service")."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="client"), args=[ast.Constant(value=str(service)), *_]):
                yield service


def _names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the attributes and the texts in a module."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Constant(value=str(name)) | ast.keyword(arg=str(name)):
                yield name


@cache
def _operations(service: str) -> dict[str, str]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(operation): operation for operation in model.operation_names}
