"""Load a delivery of transform's messages: log and count what was loaded, return the messages that failed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from load.batches import Failure, decode_records, is_due, load_in_halves
from load.loader import Loader
from load.plan import HELD, one_version_at_a_time
from load.sender_metrics import emit_by_sender
from load.stage import FileOutcome
from load.warehouse import may_be_one_files_fault
from shared.batch import begin_batch
from shared.batch_records import receive_count
from shared.contracts import TransformedPart
from shared.errors import TransientError
from shared.observability import error_fields, file_fields


def load_messages(
    records: list[dict[str, Any]],
    context: LambdaContext,
    loader: Loader,
    logger: Logger,
    metrics: Metrics,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, Any]:
    """Load the messages that can be read in one transaction; return which failed, so that SQS keeps only those.

    A batch that fails because of one file is halved until that file is alone, as long as half of the function's time is
    left. That file is recorded as failed in the ledger. Its message is delivered again until it is a dead letter. It is
    not tried at each delivery (see `is_due`); where it is not, it counts as failed for SQS and as nothing else.

    Versions of one document are loaded one after the other. If the warehouse fails, or when half of the time is over,
    the later ones wait in the queue.
    """
    started = perf_counter()
    has_enough_time = begin_batch(len(records), context, metrics)
    if records:
        metrics.add_metric("SecondsWaited", MetricUnit.Seconds, _longest_wait(records, clock()))
    due = [record for record in records if is_due(receive_count(record))]
    waiting = [record["messageId"] for record in records if not is_due(receive_count(record))]
    if waiting:
        logger.info("messages.not_due", extra={"message_ids": waiting})
    parts, failures = decode_records(due)
    first, *others = one_version_at_a_time(list(parts), parts.__getitem__) or [[]]

    def load(message_ids: Sequence[str]) -> None:
        some = [parts[message_id] for message_id in message_ids]
        # A quarter of the time left. What does not succeed in it is delivered again by the queue.
        patience_seconds = context.get_remaining_time_in_millis() / 4000
        for file in loader.load_with_retries(some, context.aws_request_id, patience_seconds):
            metrics.add_metric("FilesCompleted", MetricUnit.Count, 1)
            metrics.add_metric("OrdersLoaded", MetricUnit.Count, file.rows_loaded)
            metrics.add_metric("RejectedPercent", MetricUnit.Percent, file.rejected_percent)
            metrics.add_metric("SecondsToLoad", MetricUnit.Seconds, file.seconds_since_received(clock()))
            report_changes(file, metrics)
            logger.info("file.completed", extra=_completed_fields(file, context.aws_request_id, started))

    def is_worth_halving(error: Exception) -> bool:
        return has_enough_time() and may_be_one_files_fault(error)

    failures += load_in_halves(first, load, is_worth_halving)
    for place, some in enumerate(others):
        if not has_enough_time() or not all(may_be_one_files_fault(failure.error) for failure in failures):
            waiting += [message_id for later in others[place:] for message_id in later]
            break
        failures += load_in_halves(some, load, is_worth_halving)
    for failure in failures:
        failed_parts = [parts[item] for item in failure.items if item in parts]
        _report_failure(failure, failed_parts, logger, metrics)
        if len(failure.items) == 1 and may_be_one_files_fault(failure.error):
            # Alarm at once: trying again alone does not help.
            metrics.add_metric("TerminalFailures", MetricUnit.Count, 1)
            _record_failed(failed_parts, failure.error, loader, logger)
    failed = [item for failure in failures for item in failure.items]
    return {"batchItemFailures": [{"itemIdentifier": item} for item in (*failed, *waiting)]}


def report_changes(file: FileOutcome, metrics: Metrics) -> None:
    """Count a file that is held, and the orders that a file added and removed, by its sender."""
    if file.outcome == HELD:
        # Never 0 here: the alarm on held files stays until a check counts none.
        metrics.add_metric("FilesHeld", MetricUnit.Count, 1)
    if file.rows_loaded or file.rows_removed:
        emit_by_sender(
            file.file.sender,
            {"OrdersAdded": file.rows_loaded, "OrdersRemoved": file.rows_removed},
            file_id=file.file_id,
            key=file.file.summary.source.key,
        )


def _longest_wait(records: Sequence[dict[str, Any]], now: datetime) -> float:
    """Compute the age of the oldest message. SQS's own metric leaves out messages received more than three times."""
    sent = min(int(record["attributes"]["SentTimestamp"]) for record in records)
    return now.timestamp() - sent / 1000


def _completed_fields(completed: FileOutcome, batch_id: str, started: float) -> dict[str, Any]:
    reasons = {"reason": completed.reason, "detail": completed.detail} if completed.reason else {}
    return {
        **file_fields(completed.file.summary),
        **reasons,
        "outcome": completed.outcome,
        "sender": completed.file.sender,
        "batch_id": batch_id,
        "rows_in": completed.rows_in,
        "rows_loaded": completed.rows_loaded,
        "rows_duplicate": completed.rows_duplicate,
        "rows_superseded": completed.rows_superseded,
        "rows_removed": completed.rows_removed,
        "rows_rejected": completed.rows_rejected,
        "duration_ms": round((perf_counter() - started) * 1000),
    }


def _report_failure(failure: Failure[str], parts: Sequence[TransformedPart], logger: Logger, metrics: Metrics) -> None:
    metrics.add_metric("MessagesFailed", MetricUnit.Count, len(failure.items))
    file_ids = [part.file.source.file_id for part in parts]
    fields = {"message_ids": failure.items, "file_ids": file_ids, **error_fields(failure.error)}
    if len(failure.items) == 1:
        logger.error("message.failed", extra=fields)
    else:
        logger.error("batch.failed", extra=fields)


def _record_failed(parts: Sequence[TransformedPart], error: Exception, loader: Loader, logger: Logger) -> None:
    """Record the file at fault in the ledger. If that fails now, log it: the message is delivered again."""
    for part in parts:
        try:
            loader.record_failed(part, error)
        except TransientError as unrecorded:
            fields = {"file_id": part.file.source.file_id, **error_fields(unrecorded)}
            logger.warning("file.failure_not_recorded", extra=fields)
