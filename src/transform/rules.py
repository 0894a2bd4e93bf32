"""Why transform refuses a row: stable codes, each with what to do about it (docs/reject-rules.md)."""

from shared.rejects import Explained


class Rule(Explained):
    """A row that is refused while the rest of its file goes on."""

    TOTAL_MISMATCH = (
        "total_mismatch",
        "The items do not add up to the total, to the penny. Mend the one that is wrong, send again.",
    )
