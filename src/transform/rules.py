"""Why transform rejects a row: stable codes, each with a remedy (docs/reject-rules.md)."""

from shared.rejects import Explained


class FailureReason(Explained):
    """Why a whole file fails in transform: a fault of the pipeline or of its staged objects, not of the branch."""

    ROWS_MISSING = (
        "rows_missing",
        "A staged part is gone or does not hold its rows. Type `cafe replay KEY` to send it again.",
    )
    BROKE_TRANSFORM = (
        "broke_transform",
        "Transform failed on this file, which is a fault of the pipeline. Keep the file and call the data team.",
    )


class Rule(Explained):
    """Why a row is rejected. The rest of its file is still loaded."""

    UNREADABLE_ROW = (
        "unreadable_row",
        "Transform cannot read the row as extract wrote it, a fault of the pipeline. Keep it and call the data team.",
    )
    TOTAL_MISMATCH = (
        "total_mismatch",
        "The items do not add up to the total. Fix the item or the total that is wrong and send the file again.",
    )
