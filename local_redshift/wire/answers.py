"""Turn PostgreSQL's messages into Redshift's; no value of a row is passed on in an error."""

from local_redshift.errors import INTERNAL_ERROR, INVALID_AUTHORIZATION, RedshiftError
from local_redshift.wire import messages
from local_redshift.wire.upstream import UpstreamError

# Redshift reports 8.0.2, the PostgreSQL that it descends from; the driver fails on the version of PostgreSQL 18.
SERVER_VERSION = "8.0.2"
SERIALIZATION_FAILURE = "40001"
INVALID_PASSWORD = "28P01"  # noqa: S105 - a SQLSTATE
CANCELLED = "57014"
# The fields of an error that are passed on. Context, internal query and position refer to the rewritten statement.
PASSED_ON = ("S", "C", "M", "D", "H")
# Errors of data: their detail repeats the row that failed.
DATA_ERRORS = ("22", "23")


def translate_error(fields: dict[str, str]) -> dict[str, str]:
    """Turn the fields of PostgreSQL's error or notice into Redshift's."""
    passed = {letter: fields[letter] for letter in PASSED_ON if letter in fields}
    sqlstate = passed.get("C", "")
    if sqlstate[:2] in DATA_ERRORS:
        passed.pop("D", None)
    if sqlstate == SERIALIZATION_FAILURE:
        return {
            "S": passed["S"],
            "C": INTERNAL_ERROR,
            "M": "1023",
            "D": "Serializable isolation violation on table",
        }
    if sqlstate == CANCELLED:
        # The text for time-outs and cancellations alike has the number of a query, which may contain any other number:
        # https://docs.aws.amazon.com/redshift/latest/dg/r_statement_timeout.html
        passed["M"] = "Query (7710234) canceled on user's request"
    if sqlstate == INVALID_PASSWORD:
        passed["C"] = INVALID_AUTHORIZATION
    return passed


def translate_message(message: messages.Message) -> bytes:
    """Encode a message of PostgreSQL as the client must see it."""
    if message.kind in (b"E", b"N"):
        return messages.encode_fields(message.kind, translate_error(messages.decode_fields(message.body)))
    if message.kind == b"S" and message.body.startswith(b"server_version\0"):
        return messages.encode(b"S", f"server_version\0{SERVER_VERSION}\0".encode())
    return message.encode()


def error_answer(error: RedshiftError, severity: str = "ERROR") -> bytes:
    """Encode an error."""
    if isinstance(error, UpstreamError):
        return messages.encode_fields(b"E", translate_error({"S": severity, **error.fields}))
    fields = {"S": severity, "C": error.sqlstate, "M": error.message, "D": error.detail, "H": error.hint}
    return messages.encode_fields(b"E", fields)


def notice(text: str) -> bytes:
    """Encode an INFO notice."""
    return messages.encode_fields(b"N", {"S": "INFO", "C": "00000", "M": text})


def command_complete(tag: str) -> bytes:
    """Encode the message that ends a statement."""
    return messages.encode(b"C", tag.encode() + b"\0")
