"""What to do about each reject rule and each reason to refuse a file, in the words of the stage that applies it."""

from functools import cache

import extract.rules
import load.rules
import transform.rules

UNKNOWN = "This rule belongs to another version of the pipeline; see docs/reject-rules.md."


@cache
def remedies() -> dict[str, str]:
    """Give the remedy of every rule and file reason, by its code; codes are unique across the stages."""
    families = (extract.rules.Rule, extract.rules.FileReason, transform.rules.Rule, load.rules.FailureReason)
    return {str(rule): rule.remedy for family in families for rule in family}


def remedy_for(code: str) -> str:
    """Say what to do about a rule or a file reason."""
    return remedies().get(code, UNKNOWN)
