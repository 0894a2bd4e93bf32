"""The form of a reject: where a bad row stands and which rule it broke, never what it said."""

from dataclasses import dataclass
from enum import StrEnum


class Explained(StrEnum):
    """A stable code that goes into the ledger, with the sentence on what to do that `cafe rejects` shows beside it."""

    remedy: str

    def __new__(cls, code: str, remedy: str) -> "Explained":
        """Make the member equal to its code; keep the remedy beside it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.remedy = remedy
        return member


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that cannot be loaded.

    ``line_number`` counts physical lines from 1. ``detail`` names a position ("item 2"), never a value of the row.
    """

    line_number: int
    rule: str
    detail: str = ""


def reject_csv_line(file_id: str, stage: str, reject: Reject) -> str:
    """Write a reject as a line for COPY into ops.rejects. No field can hold a comma or a quote."""
    return f"{file_id},{reject.line_number},{stage},{reject.rule},{reject.detail}\n"
