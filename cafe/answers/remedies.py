"""The remedy of each reject rule and of each reason to reject or hold a file, as its own stage states it."""

from functools import cache

import extract.rules
import load.rules
import transform.rules
from cafe.answers.wording import typed
from cafe.warehouse.ledger import LedgerEntry
from shared.senders import HEAD_OFFICE, sender_of

# The pipeline or its warehouse is at fault, not the branch: somebody on call has to see to it.
PIPELINES_FAULTS = frozenset({extract.rules.FileReason.BROKE_EXTRACT, extract.rules.FileReason.LINES_LOST})
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


def is_pipelines_fault(reason: str) -> bool:
    """Whether a whole file was rejected although nothing is wrong with it."""
    return reason in PIPELINES_FAULTS


def remedy_of(file: LedgerEntry) -> str:
    """Return what to do about a file that was rejected, failed or is held, with its key in the commands to type."""
    return remedy_about(file.reason, file.source_key)


def remedy_about(code: str, key: str) -> str:
    """Return what to do about a rule or a reason in the file of this key, which is in the commands to type."""
    remedy, sender = remedy_for(code).replace("KEY", typed(key)), sender_of(key)
    if sender in ("", HEAD_OFFICE):
        return remedy
    # The name may be spelled as people like it; the key must be that of the file.
    return remedy.replace("cafe cafes add NAME", f"cafe cafes add NAME --key {typed(sender)}")
