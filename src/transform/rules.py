"""Why transform rejects a row: stable codes, each with a remedy (docs/reject-rules.md)."""

from shared.rejects import Explained


class Rule(Explained):
    """Why a row is rejected. The rest of its file is still loaded."""

    TOTAL_MISMATCH = (
        "total_mismatch",
        "The items do not add up to the total. Fix the item or the total that is wrong and send the file again.",
    )
