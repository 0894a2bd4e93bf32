"""Why a file cannot be loaded although its stages read it: codes, each with what to do (docs/reject-rules.md)."""

from shared.errors import PipelineError, TerminalError
from shared.rejects import Explained


class FailureReason(Explained):
    """A file that fails for good: trying again alone does not help."""

    ROWS_DIFFER = (
        "rows_differ",
        "Its staged rows are not those that its messages promised. Send the file again: cafe replay KEY.",
    )
    HASH_COLLISION = (
        "hash_collision",
        "Two different things in the file, or there and in the warehouse, have one id. Tell the data team.",
    )
    NOT_COPIED = (
        "not_copied",
        "The warehouse refused its staged rows, or they are gone. Send the file again: cafe replay KEY.",
    )


class StagedRowsDiffer(TerminalError):
    """COPY brought other rows than the messages promised; nothing of the batch was kept."""

    def __init__(self, what: str, promised: object, staged: object) -> None:
        super().__init__(f"{what}: {staged} staged, {promised} promised. {FailureReason.ROWS_DIFFER.remedy}")


class HashCollision(TerminalError):
    """Two different things have one id; nothing of the batch was kept."""

    def __init__(self, kind: str, identifier: str, others: int) -> None:
        more = f" and {others} more" if others else ""
        super().__init__(f"{kind} {identifier}{more}: one id, two meanings. {FailureReason.HASH_COLLISION.remedy}")


def failure_reason(error: Exception) -> FailureReason:
    """Return the reason that the ledger records for an error that one file always causes."""
    if isinstance(error, StagedRowsDiffer):
        return FailureReason.ROWS_DIFFER
    if isinstance(error, HashCollision):
        return FailureReason.HASH_COLLISION
    return FailureReason.NOT_COPIED


def failure_detail(error: Exception) -> str:
    """Return a safe detail of the error: an SQLSTATE or the pipeline's own message. The warehouse's may quote a row."""
    return str(getattr(error, "sqlstate", "")) or (str(error)[:200] if isinstance(error, PipelineError) else "")
