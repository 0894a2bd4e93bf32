"""The batch loop of extract and transform: one message at a time; only failed messages are delivered again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.errors import TerminalError, TransientError
from shared.observability import error_fields

FILE_KEYS = ("file_id", "key")


class NotStarted(TransientError):
    """A message was not started, because too little of the function's time was left."""

    def __init__(self) -> None:
        super().__init__("less than half of the function's time was left: the message waits for its next delivery")


def begin_batch(messages: int, context: LambdaContext, metrics: Metrics) -> Callable[[], bool]:
    """Count a batch's messages; return a function that reports whether half of the function's time is still left.

    A stage begins no work after that: a function that Lambda cuts off returns its whole batch to the queue.
    """
    enough_milliseconds = context.get_remaining_time_in_millis() / 2
    metrics.add_metric("MessagesReceived", MetricUnit.Count, messages)
    # Emit zero as well, so that "no failures" differs from "no data".
    metrics.add_metric("TerminalFailures", MetricUnit.Count, 0)
    return lambda: context.get_remaining_time_in_millis() >= enough_milliseconds


def process_messages(
    event: dict[str, Any],
    context: LambdaContext,
    handle: Callable[[str], None],
    logger: Logger,
    metrics: Metrics,
) -> dict[str, Any]:
    """Call ``handle`` with the body of every message; return which messages failed, so that SQS keeps only those.

    This is the stage's one broad except: an error of one message must not affect the others of its batch.
    What ``handle`` appends to the logger under FILE_KEYS is also in the log line of its failure.
    """
    has_enough_time = begin_batch(len(event["Records"]), context, metrics)

    def handle_record(record: SQSRecord) -> None:
        try:
            if not has_enough_time():
                raise NotStarted
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
                    **error_fields(error),
                },
            )
            raise
        finally:
            logger.remove_keys(FILE_KEYS)

    # By default, a batch whose every message failed raises an error that quotes the errors of other libraries.
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, handle_record, processor, context))
