"""Foreign errors of AWS's client translated, once, into the pipeline's own."""

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import TransientError


class ServiceUnavailable(TransientError):
    """A call to AWS failed after the client's own retries.

    Refused permissions count too: a role may be mended while the message waits, and nothing is lost meanwhile.
    """

    def __init__(self, doing: str, code: str) -> None:
        super().__init__(f"{doing} failed: {code}. It is retried; if that goes on, look at the service or the role.")
        self.code = code


def translated(error: BotoCoreError | ClientError | OSError, doing: str) -> ServiceUnavailable:
    """Name a failed call by what was being done and the service's code, without the service's own words."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    return ServiceUnavailable(doing, code)
