"""Answer a delivery of transform's messages: load what can be loaded, tell of it, name the messages that failed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from load.batches import Failure, decode_records, load_in_halves
from load.loader import Loader
from load.stage import EndedFile
from load.warehouse import may_be_one_files_fault
from shared.contracts import TransformedPart
from shared.errors import TransientError
from shared.observability import file_words, safe_words


def answer_delivery(
    records: list[dict[str, Any]],
    context: LambdaContext,
    loader: Loader,
    logger: Logger,
    metrics: Metrics,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, Any]:
    """Load what can be read in one transaction; answer which messages failed, so that SQS keeps just those.

    A batch that one file spoils is halved until that file stands alone, as long as half of the function's time is left.
    The file at fault goes into the ledger as failed, and its message comes again until it is a dead letter.
    """
    started = perf_counter()
    enough_milliseconds = context.get_remaining_time_in_millis() / 2
    metrics.add_metric("MessagesReceived", MetricUnit.Count, len(records))
    # Nought too: "none" is told apart from "nobody counts".
    metrics.add_metric("TerminalFailures", MetricUnit.Count, 0)
    if records:
        metrics.add_metric("SecondsWaited", MetricUnit.Seconds, _longest_wait(records, clock()))
    parts, failures = decode_records(records)

    def load(message_ids: Sequence[str]) -> None:
        some = [parts[message_id] for message_id in message_ids]
        # A quarter of what is left: what does not pass in it comes again with the queue.
        patience_seconds = context.get_remaining_time_in_millis() / 4000
        for file in loader.load(some, context.aws_request_id, patience_seconds):
            metrics.add_metric("FilesCompleted", MetricUnit.Count, 1)
            metrics.add_metric("OrdersLoaded", MetricUnit.Count, file.rows_loaded)
            metrics.add_metric("RejectedPercent", MetricUnit.Percent, file.rejected_percent)
            metrics.add_metric("SecondsToLoad", MetricUnit.Seconds, file.seconds_since_received(clock()))
            logger.info("file.completed", extra=_ended_words(file, context.aws_request_id, started))

    def is_worth_halving(error: Exception) -> bool:
        return context.get_remaining_time_in_millis() > enough_milliseconds and may_be_one_files_fault(error)

    failures += load_in_halves(list(parts), load, is_worth_halving)
    for failure in failures:
        failed_parts = [parts[item] for item in failure.items if item in parts]
        _tell_of_failure(failure, failed_parts, logger, metrics)
        if len(failure.items) == 1 and may_be_one_files_fault(failure.error):
            # Alarmed at once: trying again alone will not mend it.
            metrics.add_metric("TerminalFailures", MetricUnit.Count, 1)
            _record_failed(failed_parts, failure.error, loader, logger)
    return {"batchItemFailures": [{"itemIdentifier": item} for failure in failures for item in failure.items]}


def _longest_wait(records: Sequence[dict[str, Any]], now: datetime) -> float:
    """Give the age of the oldest message. SQS's own metric leaves out what was received more than three times."""
    sent = min(int(record["attributes"]["SentTimestamp"]) for record in records)
    return now.timestamp() - sent / 1000


def _ended_words(ended: EndedFile, batch_id: str, started: float) -> dict[str, Any]:
    return {
        **file_words(ended.file.summary),
        "outcome": ended.outcome,
        "batch_id": batch_id,
        "rows_in": ended.rows_in,
        "rows_loaded": ended.rows_loaded,
        "rows_duplicate": ended.rows_duplicate,
        "rows_superseded": ended.rows_superseded,
        "rows_rejected": ended.rows_rejected,
        "duration_ms": round((perf_counter() - started) * 1000),
    }


def _tell_of_failure(failure: Failure[str], parts: Sequence[TransformedPart], logger: Logger, metrics: Metrics) -> None:
    metrics.add_metric("MessagesFailed", MetricUnit.Count, len(failure.items))
    file_ids = [part.file.source.file_id for part in parts]
    words = {"message_ids": failure.items, "file_ids": file_ids, **safe_words(failure.error)}
    if len(failure.items) == 1:
        logger.error("message.failed", extra=words)
    else:
        logger.error("batch.failed", extra=words)


def _record_failed(parts: Sequence[TransformedPart], error: Exception, loader: Loader, logger: Logger) -> None:
    """Put the file at fault into the ledger; that it cannot be put there now is told, and the message comes again."""
    for part in parts:
        try:
            loader.record_failed(part, error)
        except TransientError as unrecorded:
            words = {"file_id": part.file.source.file_id, **safe_words(unrecorded)}
            logger.warning("file.failure_not_recorded", extra=words)
