"""Send the messages of a hop to the next stage's queue."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import ServiceUnavailable, translated
from shared.contracts import ExtractedPart, TransformedPart, encode

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_BATCH = 10


class Outbox(Protocol):
    """Where a stage sends its messages for the next stage."""

    def send(self, messages: Sequence[ExtractedPart | TransformedPart]) -> None:
        """Send all messages, or raise TransientError. Some may have been sent then; sending them again does no harm."""


class SqsOutbox:
    """An outbox that is an SQS queue."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def send(self, messages: Sequence[ExtractedPart | TransformedPart]) -> None:
        """See Outbox."""
        for start in range(0, len(messages), MAX_BATCH):
            batch = messages[start : start + MAX_BATCH]
            try:
                answer = self._sqs.send_message_batch(
                    QueueUrl=self._queue_url,
                    Entries=[{"Id": str(place), "MessageBody": encode(message)} for place, message in enumerate(batch)],
                )
            except (BotoCoreError, ClientError) as error:
                raise translated(error, "sending to the next queue") from error
            # The call succeeds even if SQS refused some of the messages.
            if failed := answer.get("Failed"):
                raise ServiceUnavailable("sending to the next queue", failed[0]["Code"])
