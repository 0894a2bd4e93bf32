"""What can be wrong with a row, and where it stood: the rows of sys_load_error_detail. Never what the row said.

Redshift keeps the raw line and the raw field in stl_load_errors. Here they are left out on purpose: rows may hold
personal data, which must not outlive the load in a table that nobody cleans.
"""

from dataclasses import dataclass
from enum import IntEnum


class LoadErrorCode(IntEnum):
    """Redshift's codes of load errors."""

    EXTRA_COLUMNS = 1202
    RANGE = 1204  # a number out of range, and a string too long
    DATE = 1205
    TIMESTAMP = 1206
    DIGIT = 1207
    FLOAT = 1208
    DECIMAL = 1209
    BOOLEAN = 1210
    NULL = 1213
    DELIMITER = 1214
    CHAR = 1215
    LINE = 1216
    CODEPOINT = 1220


class FieldError(Exception):
    """A field, or with no column a whole line, that cannot be loaded."""

    def __init__(self, code: LoadErrorCode, column: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class LoadError:
    """One line that was not loaded."""

    file_name: str
    line_number: int
    column_name: str
    error_code: int
    error_message: str


class TooManyErrors(Exception):
    """More lines failed than COPY's MAXERROR allows; `errors` tells which."""

    def __init__(self, errors: list[LoadError]) -> None:
        super().__init__(f"{len(errors)} lines could not be loaded")
        self.errors = errors
