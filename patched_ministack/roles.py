"""What a role may do, as IAM would decide, for what the emulator itself does in the name of a role."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from patched_ministack import seams

# Called with the role's ARN and the action of each refusal.
listeners: list[Callable[[str, str], None]] = []


def parse_each_policy_once() -> None:
    """Remember what the text of a policy says; ministack parses all policies of a role for each of its requests."""
    stock_parse = seams.PARSE_POLICY.value
    parse_text = lru_cache(maxsize=1_000)(stock_parse)

    def parse(document: str | dict[str, Any]) -> list[Any]:
        return list(parse_text(document) if isinstance(document, str) else stock_parse(document))

    seams.PARSE_POLICY.replace(parse)


def may(role_arn: str, action: str, resource: str, keys: Mapping[str, str] | None = None) -> bool:
    """Decide whether the role's policies allow the action on the resource. ``keys`` are its condition keys."""
    context = seams.EVALUATION_CONTEXT(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=seams.ACCOUNT_ID(),
        action=action,
        resource_arn=resource,
        region=seams.REGION(),
        service_context={name.lower(): value for name, value in (keys or {}).items()},
    )
    is_allowed = bool(seams.EVALUATE_POLICIES(context, policies(role_arn)).decision == "Allow")
    if not is_allowed:
        for notice in listeners:
            notice(role_arn, action)
    return is_allowed


def policies(role_arn: str) -> Any:
    """Return the statements of the role's policies, one list for each policy."""
    return seams.ROLE_POLICIES(role_arn.rpartition("/")[2], seams.ACCOUNT_ID())
