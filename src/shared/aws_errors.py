"""Translate the errors of AWS's client into the pipeline's own, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import TransientError


class ServiceUnavailable(TransientError):
    """A call to AWS failed after the client's own retries.

    Denied permissions count too: someone may fix the role while the message waits, and nothing is lost.
    """

    def __init__(self, doing: str, code: str) -> None:
        super().__init__(f"{doing} failed: {code}. It is retried. If it continues, check the service and the role.")
        self.code = code


@contextmanager
def calling_aws(doing: str) -> Iterator[None]:
    """Raise ServiceUnavailable if a call to AWS in this block fails.

    It says what was being done and the service's code, without the service's message.
    """
    try:
        yield
    except Exception as error:
        if code := _code_of(error):
            raise ServiceUnavailable(doing, code) from error
        raise


def _code_of(error: Exception) -> str:
    """Return the service's code, or the kind of the client's own error; "" if neither AWS nor the network failed."""
    # boto3 has imported it by now. The stages also run without boto3, and would then import it for nothing.
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__ if isinstance(error, BotoCoreError | OSError) else ""
