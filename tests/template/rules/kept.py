"""House rules for what a deleted stack keeps: it is found again, it comes back, and its password stays with it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from cafe.deployed.kept import ALIAS, IDENTIFIERS, KEEPING_POLICIES, KEY, NAME_PROPERTIES
from template.schemas import schema_of
from template.stack import Resource, Stack
from unit.docs.pages import page, sections, table_rows

LAYER = "AWS::Lambda::LayerVersion"
DOCUMENTED_NAMES = {**NAME_PROPERTIES, "AWS::Logs::LogGroup": "LogGroupName"}
TABLE_SECTION = "What a deleted stack keeps"
_PASSWORD_SOURCE = re.compile(r"resolve:secretsmanager:\$\{(\w+)")


def what_is_kept_is_in_the_table(stack: Stack) -> Iterator[str]:
    """docs/operations.md says of each how it comes back and how it is deleted for good, and of nothing else."""
    listed = {row["resource"]: row for row in table_rows(sections(page("operations"), 2)[TABLE_SECTION])}
    kept = {_listed_as(resource): resource for resource in _kept(stack)}
    for name in sorted(kept.keys() - listed.keys()):
        yield f"{name}: kept, but docs/operations.md does not list it"
    for name in sorted(listed.keys() - kept.keys()):
        yield f"{name}: docs/operations.md says that it is kept, but it is not"
    for name in sorted(kept.keys() & listed.keys()):
        if kept[name].type != LAYER and listed[name]["name"] != _documented_name(stack, kept[name]):
            yield f"{name}: docs/operations.md does not have its name {_documented_name(stack, kept[name])}"
        if not (listed[name]["comes back"] and listed[name]["deleted for good"]):
            yield f"{name}: docs/operations.md does not say how it comes back or is deleted"


def what_is_kept_can_be_found_again(stack: Stack) -> Iterator[str]:
    """Its name is in the template: a generated one would be gone with the stack."""
    for resource in _kept(stack):
        if resource.type != LAYER and _name_of(stack, resource) is None:
            yield f"{resource.logical_id}: kept under a name that nobody knows once the stack is gone"


def what_is_kept_can_be_imported(stack: Stack) -> Iterator[str]:
    """CloudFormation can read it, by the identifier that `cafe adopt` gives. Source: the schemas of the types."""
    for resource in _kept(stack):
        schema = schema_of(resource.type)
        if resource.type == LAYER:
            continue
        if "read" not in schema.get("handlers", {}):
            yield f"{resource.logical_id}: {resource.type} cannot be imported"
        if schema["primaryIdentifier"] != [f"/properties/{IDENTIFIERS.get(resource.type)}"]:
            yield f"{resource.logical_id}: `cafe adopt` does not know what identifies {resource.type}"


def the_password_of_what_is_kept_is_kept(stack: Stack) -> Iterator[str]:
    """Otherwise a new stack has a new password, and what was kept has the old one."""
    kept = {resource.logical_id for resource in _kept(stack)}
    for resource in _kept(stack):
        for source in sorted(set(_PASSWORD_SOURCE.findall(json.dumps(resource.properties)))):
            if source not in kept:
                yield f"{source}: not kept, but the password of {resource.logical_id} is in it"


def log_groups_that_come_back_are_on_the_page(stack: Stack) -> Iterator[str]:
    """Redshift writes late, and makes a group that is gone. The next deploy then says that it already exists."""
    text = " ".join(page("operations").split())
    for group in stack.of_type("AWS::Logs::LogGroup"):
        name = _documented_name(stack, group)
        if name.startswith("/aws/") and not ("aws logs delete-log-group" in text and f"{name}`" in text):
            yield f"{group.logical_id}: docs/operations.md does not say how to delete {name}"


def _kept(stack: Stack) -> Iterator[Resource]:
    for resource in stack.resources.values():
        if resource.attributes.get("DeletionPolicy") in KEEPING_POLICIES:
            yield resource


def _listed_as(resource: Resource) -> str:
    # SAM adds a digest of its content to a layer's logical id.
    return re.sub("[0-9a-f]{10}$", "", resource.logical_id) if resource.type == LAYER else resource.logical_id


def _name_of(stack: Stack, resource: Resource) -> Any:
    """Return what names a resource in the account; None if nothing in the template does."""
    if resource.type == KEY:
        aliases = [alias for alias in stack.of_type(ALIAS) if stack.target(alias.properties["TargetKeyId"]) == resource]
        return aliases[0].properties["AliasName"] if aliases and aliases[0] in _kept(stack) else None
    return resource.properties.get(DOCUMENTED_NAMES.get(resource.type, ""))


def _documented_name(stack: Stack, resource: Resource) -> str:
    name = _name_of(stack, resource)
    text = name["Fn::Sub"] if isinstance(name, dict) else name
    return str(text).replace("${Environment}", "ENV").replace("${AWS::AccountId}", "ACCOUNT")
