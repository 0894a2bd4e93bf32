"""Names that are taken: nothing is created under one, and what has the name can be imported into a stack.

A deleted stack leaves what it keeps (DeletionPolicy) under its name. AWS then refuses to create it again. ministack
does so for buckets, but overwrites a secret and an alias, and imports neither secrets nor what `stand_ins` adds.
"""

from collections.abc import Callable
from typing import Any

from patched_ministack import seams

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105  the name of a type
ALIAS = "AWS::KMS::Alias"

# Finds a resource by its identifier: what `!Ref` gives and what `!GetAtt` gives, or None if there is none.
type Find = Callable[[str], tuple[str, dict[str, Any]] | None]


def refuse_taken(resource_type: str, name: str, *, is_taken: bool) -> None:
    """Raise ValueError, with a message like CloudFormation's, if something has the name."""
    if is_taken:
        raise ValueError(f"Resource of type '{resource_type}' with identifier '{name}' already exists.")


def allow_import(resource_type: str, key: str, find: Find) -> None:
    """Let a stack import a resource of the type that exists already; `key` is the property that identifies it."""

    def problem(identifier: str) -> str | None:
        missing = f"Resource of type '{resource_type}' with identifier '{identifier}' was not found."
        return missing if find(identifier) is None else None

    seams.RESOURCE_HANDLERS.value[resource_type]["import"] = lambda identifier: find(identifier[key])
    seams.IMPORT_LOOKUPS.value[resource_type] = ((key,), problem)


def keep_secrets() -> None:
    """Refuse a second secret of one name, and let a stack import one by its ARN, as AWS does."""
    handler = seams.RESOURCE_HANDLERS.value[SECRET]
    stock_create = handler["create"]

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        name = properties.get("Name", "")
        refuse_taken(SECRET, name, is_taken=name in seams.SECRETS.value)
        return stock_create(logical_id, properties, stack_name)

    def find(arn: str) -> tuple[str, dict[str, Any]] | None:
        names = [name for name, secret in seams.SECRETS.value.items() if secret["ARN"] == arn]
        return (names[0], {"Id": arn, "Arn": arn}) if names else None

    handler["create"] = create
    allow_import(SECRET, "Id", find)


def keep_aliases() -> None:
    """Refuse a second key of one alias, as AWS does; ministack moves the alias to it."""
    handler = seams.RESOURCE_HANDLERS.value[ALIAS]
    stock_create = handler["create"]

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        name = properties.get("AliasName", "")
        refuse_taken(ALIAS, name, is_taken=seams.KEY(name) is not None)
        return stock_create(logical_id, properties, stack_name)

    handler["create"] = create
