"""What a role may do, as IAM would decide, for what the emulator itself does in the name of a role."""

from typing import Any

from patched_ministack import seams


def may(role_arn: str, action: str, resource: str) -> bool:
    """Decide whether the role's policies allow the action on the resource."""
    context = seams.EVALUATION_CONTEXT(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=seams.ACCOUNT_ID(),
        action=action,
        resource_arn=resource,
        region=seams.REGION(),
    )
    return bool(seams.EVALUATE_POLICIES(context, policies(role_arn)).decision == "Allow")


def policies(role_arn: str) -> Any:
    """Return the statements of the role's policies, one list for each policy."""
    return seams.ROLE_POLICIES(role_arn.rpartition("/")[2], seams.ACCOUNT_ID())
