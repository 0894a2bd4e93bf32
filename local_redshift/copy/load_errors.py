"""What can be wrong with a row, and on which line: the rows of sys_load_error_detail. Never the row's text.

Redshift keeps the raw line and the raw field in stl_load_errors. They are left out here on purpose: rows may hold
personal data, which must not outlive the load in a table that nobody cleans.
"""

from dataclasses import dataclass
from enum import IntEnum


class LoadErrorCode(IntEnum):
    """Redshift's codes of load errors."""

    EXTRA_COLUMNS = 1202
    RANGE = 1204  # a number out of range, and a string too long
    TIMESTAMP = 1206
    DIGIT = 1207
    DECIMAL = 1209
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
    """The line that was not loaded."""

    file_name: str
    line_number: int
    column_name: str
    error_code: int
    error_message: str


class LoadFailed(Exception):
    """A line could not be loaded, so the whole load fails; `error` says which line."""

    def __init__(self, error: LoadError) -> None:
        super().__init__("a line could not be loaded")
        self.error = error
