"""Errors that the endpoint sends: a SQLSTATE and a message, the same as Redshift's where those are known."""

SYNTAX_ERROR = "42601"
FEATURE_NOT_SUPPORTED = "0A000"
UNDEFINED_FUNCTION = "42883"
UNDEFINED_TABLE = "42P01"
UNDEFINED_COLUMN = "42703"
INVALID_AUTHORIZATION = "28000"
INVALID_PARAMETER = "22023"
# Redshift reports everything that goes wrong inside a load, and its serialization conflicts, as an internal error.
INTERNAL_ERROR = "XX000"


NOT_IMITATED_HINT = (
    "The local Redshift carries only what the project uses. To use more, add it in local_redshift/dialect or "
    "local_redshift/copy, and its case in tests/warehouse_contract."
)


class RedshiftError(Exception):
    """An error to be sent to the client. Its text names statements, options and objects, never a value of a row."""

    def __init__(self, sqlstate: str, message: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint


def syntax_error(near: str) -> RedshiftError:
    """Build the error for a token that is in the wrong place; `near` is "" at the end of the statement."""
    return RedshiftError(SYNTAX_ERROR, f'syntax error at or near "{near}"' if near else "syntax error at end of input")


def not_in_redshift(feature: str, hint: str = "") -> RedshiftError:
    """Build the refusal of SQL that PostgreSQL would run and Redshift would not."""
    return RedshiftError(FEATURE_NOT_SUPPORTED, f"{feature} is not supported by Amazon Redshift", hint=hint)


def not_imitated(feature: str, instead: str = "") -> RedshiftError:
    """Build the refusal of SQL that Redshift has and the local Redshift does not; `instead` names a way that works."""
    message = f"{feature} is not imitated by the local Redshift"
    return RedshiftError(FEATURE_NOT_SUPPORTED, message, hint=f"{instead} {NOT_IMITATED_HINT}".lstrip())
