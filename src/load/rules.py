"""Why load fails or holds a file that could be read: codes, each with a remedy (docs/reject-rules.md)."""

from shared.errors import PipelineError, TerminalError
from shared.rejects import Explained


class FileReason(Explained):
    """Why a whole file is rejected although its rows could be read."""

    NO_ROW_ACCEPTED = (
        "no_row_accepted",
        "Every row of the file was rejected, so nothing was loaded. Fix the rows and send the file again.",
    )


class HoldReason(Explained):
    """Why a correction waits for a person. Nothing of it counts until then."""

    REMOVES_MUCH = (
        "removes_much",
        "The correction would remove many of the older file's orders. Type `cafe approve KEY`, or send a better file.",
    )
    REMOVES_FOREIGN = (
        "removes_foreign",
        "The correction would remove another café's orders. Type `cafe approve KEY`, or send a better file.",
    )


class FailureReason(Explained):
    """Why a file fails. A retry alone does not help."""

    ROWS_DIFFER = (
        "rows_differ",
        "The staged rows are not the promised rows, often after manual edits. Type `cafe replay KEY` to send it again.",
    )
    HASH_COLLISION = (
        "hash_collision",
        "Two different things in the file or the warehouse have the same id. Keep the file and call the data team.",
    )
    NOT_COPIED = (
        "not_copied",
        "The warehouse refused the staged rows, or staged objects are gone. Type `cafe replay KEY` to send it again.",
    )


class StagedRowsDiffer(TerminalError):
    """COPY loaded other rows than the messages promised. The batch was rolled back."""

    def __init__(self, what: str, promised: object, staged: object) -> None:
        super().__init__(f"{what}: {staged} staged, {promised} promised. {FailureReason.ROWS_DIFFER.remedy}")


class StagedRowsGone(TerminalError):
    """The staged rows of a held file cannot be copied any more: S3 keeps them for two weeks. Nothing was changed."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the staged rows of {key} cannot be copied any more. Send the file again, or type `cafe replay {key} "
            "--again`. When it is held again, approve it."
        )


class NameTaken(TerminalError):
    """Another café is shown under the new name. Nothing was changed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"another café is called {name}. Choose another name.")


class HashCollision(TerminalError):
    """Two different things have one id. The batch was rolled back."""

    def __init__(self, kind: str, identifier: str, others: int) -> None:
        more = f" and {others} more" if others else ""
        super().__init__(
            f"{kind} {identifier}{more}: two different things have this id. {FailureReason.HASH_COLLISION.remedy}"
        )


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
