"""What a role may do, as IAM would decide, for what the emulator itself does in the name of a role."""

from collections.abc import Callable, Mapping
from typing import Any

from patched_ministack import seams

# Called with the role's ARN and the action of each refusal.
listeners: list[Callable[[str, str], None]] = []


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
