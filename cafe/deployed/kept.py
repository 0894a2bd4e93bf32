"""What stays when the stack is deleted, read from the template: its names, and a template that imports it.

Pure; makes no AWS calls. "Template" is template.yaml as SAM reads it, with intrinsic functions in their long form.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Template = Mapping[str, Any]

# A key has no name of its own. It is found by the name of its alias.
KEY, ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"
KEEPING_POLICIES = {"Retain", "RetainExceptOnCreate"}
# The property that fixes a resource's name, by type.
NAME_PROPERTIES = {
    "AWS::KMS::Alias": "AliasName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::RedshiftServerless::Namespace": "NamespaceName",
}
# The property by which CloudFormation identifies an existing resource: primaryIdentifier of the type's schema.
IDENTIFIERS = {**NAME_PROPERTIES, KEY: "KeyId", "AWS::SecretsManager::Secret": "Id"}
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource that stays when the stack is deleted. ``name`` is its name in the account."""

    logical_id: str
    type: str
    name: str


def kept_resources(template: Template, environment: str, account: str) -> list[Kept]:
    """List what a deleted stack keeps, in the template's order. Raises KeyError for what has no name here."""
    variables = {"Environment": environment, "AWS::AccountId": account}
    return [
        Kept(logical_id, declared["Type"], _fill_in(_name_of(template["Resources"], logical_id), variables))
        for logical_id, declared in template["Resources"].items()
        if declared.get("DeletionPolicy") in KEEPING_POLICIES
    ]


def _name_of(resources: Mapping[str, Any], logical_id: str) -> Any:
    """Return the property that names a resource, as the template has it. Raises KeyError if nothing does."""
    declared = resources[logical_id]
    if declared["Type"] == KEY:
        for other in resources.values():
            if other["Type"] == ALIAS and other["Properties"]["TargetKeyId"] == {"Ref": logical_id}:
                return other["Properties"]["AliasName"]
    return declared["Properties"][NAME_PROPERTIES[declared["Type"]]]


def import_template(template: Template, logical_ids: Iterable[str]) -> dict[str, Any]:
    """Cut the template down to the named resources, so that a new stack can import them.

    An import may create nothing. So a property is left out if it names a resource that is not imported; the next deploy
    sets it. All others stay exactly as they are: the deploy changes what differs, and a secret whose generator is new
    to CloudFormation would get a new password.
    """
    imported = set(logical_ids)
    return {
        "AWSTemplateFormatVersion": template["AWSTemplateFormatVersion"],
        "Description": "What a deleted stack has kept. Deploy template.yaml next.",
        "Parameters": {"Environment": template["Parameters"]["Environment"]},
        "Resources": {
            logical_id: {
                "Type": declared["Type"],
                "DeletionPolicy": declared["DeletionPolicy"],
                "UpdateReplacePolicy": declared["UpdateReplacePolicy"],
                "Properties": {
                    name: value
                    for name, value in declared["Properties"].items()
                    if set(_references(value)) <= imported | {"Environment"}
                },
            }
            for logical_id, declared in template["Resources"].items()
            if logical_id in imported
        },
    }


def _fill_in(name: Any, variables: Mapping[str, str]) -> str:
    text = name["Fn::Sub"] if isinstance(name, dict) else name
    return _VARIABLE.sub(lambda found: variables[found[1]], str(text))


def _references(value: Any) -> Iterator[str]:
    """Yield the parameters and resources that a value names. Any other function counts as a name of nothing here."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            names = [name]
        case {"Fn::Sub": str(text)}:
            names = [name.split(".")[0] for name in _VARIABLE.findall(text)]
        case dict():
            names = [key for key in value if key.startswith("Fn::")]
            for item in value.values():
                yield from _references(item)
        case list():
            names = []
            for item in value:
                yield from _references(item)
        case _:
            names = []
    yield from (name for name in names if not name.startswith("AWS::"))
