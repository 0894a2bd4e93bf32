"""The remedy of each reject rule and of each reason to reject a file, as the stage that applies it states it."""

from functools import cache

import extract.rules
import load.rules
import transform.rules

UNKNOWN = "This rule belongs to another version of the pipeline; see docs/reject-rules.md."


@cache
def remedies() -> dict[str, str]:
    """Return the remedy of every rule and file reason, by its code. Codes are unique across the stages."""
    families = (
        extract.rules.Rule,
        extract.rules.FileReason,
        transform.rules.Rule,
        transform.rules.FailureReason,
        load.rules.FileReason,
        load.rules.HoldReason,
        load.rules.FailureReason,
    )
    return {str(rule): rule.remedy for family in families for rule in family}


def remedy_for(code: str) -> str:
    """Return what to do about a rule or a file reason."""
    return remedies().get(code, UNKNOWN)
