"""The shape of a reject: the line of a bad row and the rule that it broke, never its text."""

from enum import StrEnum
from typing import NamedTuple


class Explained(StrEnum):
    """A stable code for the ledger, with the remedy that `cafe rejects` shows beside it."""

    remedy: str

    def __new__(cls, code: str, remedy: str) -> "Explained":
        """Create the member, equal to its code, with its remedy."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.remedy = remedy
        return member


class Reject(NamedTuple):
    """One row that cannot be loaded.

    ``line_number`` counts physical lines from 1. ``detail`` names a position ("item 2"), never a value of the row.
    """

    line_number: int
    rule: str
    detail: str = ""


def reject_csv_line(file_id: str, stage: str, reject: Reject) -> str:
    """Write a reject as a line for COPY into ops.rejects. No field can contain a comma or a quote."""
    return f"{file_id},{reject.line_number},{stage},{reject.rule},{reject.detail}\n"
