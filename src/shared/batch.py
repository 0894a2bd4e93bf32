"""The batch loop of the producing stages: one message at a time, and only the failed ones delivered again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.errors import TerminalError, TransientError
from shared.observability import safe_words

FILE_KEYS = ("file_id", "key")


class NotBegun(TransientError):
    """A message was left alone because too little of the function's time remained to begin it."""

    def __init__(self) -> None:
        super().__init__("less than half of the function's time was left: the message waits for its next delivery")


def answer_batch(
    event: dict[str, Any],
    context: LambdaContext,
    handle: Callable[[str], None],
    logger: Logger,
    metrics: Metrics,
) -> dict[str, Any]:
    """Give every message's body to ``handle``; answer which messages failed, so that SQS keeps just those.

    This is the stage's one broad except: whatever goes wrong with one message, its batch mates are not made to pay.
    A message that might not end in time is not begun: a function that is cut off gives its whole batch back.
    What ``handle`` appends to the logger under FILE_KEYS stands in the line of its failure too.
    """
    enough_milliseconds = context.get_remaining_time_in_millis() / 2

    def handle_record(record: SQSRecord) -> None:
        try:
            if context.get_remaining_time_in_millis() < enough_milliseconds:
                raise NotBegun
            handle(record.body)
        except Exception as error:
            metrics.add_metric("MessagesFailed", MetricUnit.Count, 1)
            if isinstance(error, TerminalError):
                metrics.add_metric("TerminalFailures", MetricUnit.Count, 1)
            logger.error(
                "message.failed",
                extra={
                    "message_id": record.message_id,
                    "receive_count": record.attributes.approximate_receive_count,
                    **safe_words(error),
                },
            )
            raise
        finally:
            logger.remove_keys(FILE_KEYS)

    metrics.add_metric("MessagesReceived", MetricUnit.Count, len(event["Records"]))
    # Nought too: "none" is told apart from "nobody counts".
    metrics.add_metric("TerminalFailures", MetricUnit.Count, 0)
    # With the default, a batch whose every message failed would raise the foreign errors' own words into the log.
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, handle_record, processor, context))
