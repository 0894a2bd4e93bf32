"""Translate the errors of AWS's client into the pipeline's own, in one place."""

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import TransientError


class ServiceUnavailable(TransientError):
    """A call to AWS failed after the client's own retries.

    Denied permissions count too: someone may fix the role while the message waits, and nothing is lost.
    """

    def __init__(self, doing: str, code: str) -> None:
        super().__init__(f"{doing} failed: {code}. It is retried. If it continues, check the service and the role.")
        self.code = code


def translated(error: BotoCoreError | ClientError | OSError, doing: str) -> ServiceUnavailable:
    """Describe a failed call by what was being done and the service's code, without the service's message."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    return ServiceUnavailable(doing, code)
