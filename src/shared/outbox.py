"""Send the messages of a hop to the next stage's queue."""

from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING, Protocol

from shared.aws_errors import ServiceUnavailable, calling_aws
from shared.contracts import ExtractedPart, TransformedPart, encode

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# What one request to SQS may have; ten of the largest messages are within its 1 MiB.
MAX_BATCH = 10


class Outbox(Protocol):
    """Where a stage leaves its messages for the next stage."""

    def send(self, messages: Sequence[ExtractedPart | TransformedPart]) -> None:
        """Take messages, which `hand_on` sends."""

    def send_at_once(self, message: ExtractedPart) -> None:
        """Send a message, and none of those that were taken. Raises TransientError."""


class SqsOutbox:
    """An outbox that is an SQS queue. It gathers messages, because each request to SQS costs time."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._bodies: list[str] = []

    def send(self, messages: Sequence[ExtractedPart | TransformedPart]) -> None:
        """See Outbox."""
        self._bodies += map(encode, messages)

    def send_at_once(self, message: ExtractedPart) -> None:
        """See Outbox."""
        self._send([encode(message)])

    @property
    def is_full(self) -> bool:
        """Whether what was gathered fills a request."""
        return len(self._bodies) >= MAX_BATCH

    def hand_on(self) -> None:
        """Send all that was gathered, or raise TransientError; nothing stays gathered.

        Some may have been sent then; sending them again does no harm.
        """
        bodies, self._bodies = self._bodies, []
        for batch in batched(bodies, MAX_BATCH, strict=False):
            self._send(batch)

    def _send(self, bodies: Sequence[str]) -> None:
        with calling_aws("sending to the next queue"):
            answer = self._sqs.send_message_batch(
                QueueUrl=self._queue_url,
                Entries=[{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)],
            )
        # The call succeeds even if SQS refused some of the messages.
        if failed := answer.get("Failed"):
            raise ServiceUnavailable("sending to the next queue", failed[0]["Code"])
