"""The batch loop of extract and transform: one message at a time; only failed messages are delivered again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.batch_records import receive_count
from shared.errors import TerminalError, TransientError
from shared.observability import error_fields
from shared.outbox import SqsOutbox

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
    handle: Callable[[dict[str, Any]], None],
    outbox: SqsOutbox,
    logger: Logger,
    metrics: Metrics,
    *,
    is_risky: Callable[[dict[str, Any]], bool] = lambda record: receive_count(record) > 1,
) -> dict[str, Any]:
    """Call ``handle`` with the record of every message; return which messages failed, so that SQS keeps only those.

    What ``handle`` leaves in ``outbox`` is sent for several messages at once, and before a message that ``is_risky``:
    one that may take the function down. If that fails, all of these messages have failed.

    This is the stage's one broad except: an error of one message must not affect the others of its batch.
    What ``handle`` appends to the logger under FILE_KEYS is also in the log line of its failure.
    """
    has_enough_time = begin_batch(len(event["Records"]), context, metrics)
    failed: list[dict[str, Any]] = []
    # Those that are handled and not handed on, with what the log says about their files.
    waiting: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def fail(record: dict[str, Any], error: Exception, about: dict[str, Any]) -> None:
        failed.append(record)
        metrics.add_metric("MessagesFailed", MetricUnit.Count, 1)
        if isinstance(error, TerminalError):
            metrics.add_metric("TerminalFailures", MetricUnit.Count, 1)
        logger.error(
            "message.failed",
            extra={
                "message_id": record["messageId"],
                "receive_count": record["attributes"]["ApproximateReceiveCount"],
                **about,
                **error_fields(error),
            },
        )

    def hand_on() -> None:
        try:
            outbox.hand_on()
        except Exception as error:  # noqa: BLE001  as for a message
            for record, about in waiting:
                fail(record, error, about)
        waiting.clear()

    for record in event["Records"]:
        if is_risky(record):
            hand_on()
        try:
            if not has_enough_time():
                raise NotStarted
            handle(record)
            keys = logger.get_current_keys()
            waiting.append((record, {name: keys[name] for name in FILE_KEYS if name in keys}))
        except Exception as error:  # noqa: BLE001  see above
            fail(record, error, {})
        finally:
            logger.remove_keys(FILE_KEYS)
        if outbox.is_full:
            hand_on()
    hand_on()
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}
