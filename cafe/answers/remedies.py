"""The remedy of each reject rule and of each reason to reject or hold a file, as its own stage states it."""

from functools import cache

import extract.rules
import load.rules
import transform.rules
from cafe.answers.wording import typed
from cafe.warehouse.ledger import LedgerEntry
from shared.senders import HEAD_OFFICE

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


def remedy_of(file: LedgerEntry) -> str:
    """Return what to do about a file that was rejected, failed or is held, with its key in the commands to type."""
    remedy = remedy_for(file.reason).replace("KEY", typed(file.source_key))
    if file.sender in ("", HEAD_OFFICE):
        return remedy
    # The name may be spelled as people like it; the key must be that of the file.
    return remedy.replace("cafe cafes add NAME", f"cafe cafes add NAME --key {typed(file.sender)}")
