"""The load function: a batch of transformed parts in one transaction, wired to Redshift, S3 and Secrets Manager.

Invoked by hand with ``{"migrate": true}`` it brings the schema up to date; by the schedule with ``{"check": true}`` it
asks the warehouse whether it is sound.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from load.batches import decode_records, load_in_halves
from load.checks import run_checks
from load.connection import Connection
from load.credentials import read_credentials
from load.objects import S3Objects
from load.schema import migrate
from load.settings import Settings
from load.stage import EndedFile, load_parts, prepare_session
from load.statements import migrations
from load.warehouse import Session, connect, may_be_one_files_fault
from shared.observability import file_words, safe_words, stage_logger, stage_metrics

logger = stage_logger()
metrics = stage_metrics()
# Built while the function starts, where AWS lends it a whole processor, and kept for its life.
settings = Settings.from_environment()
objects = S3Objects(boto3.client("s3"), settings.staging_bucket)
secrets = boto3.client("secretsmanager")


def open_session() -> Session:
    """Connect, bring the schema up to date if a deploy has not, and make the tables that COPY fills."""
    session = connect(settings, read_credentials(secrets, settings.warehouse_secret_arn))
    if applied := migrate(session):
        logger.info("schema.migrated", extra={"applied": applied})
    prepare_session(session)
    return session


connection = Connection(open_session)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Load a batch of transform's messages, or do what a direct invocation asks for."""
    if event.get("migrate"):
        with connection.session():
            return {"schema_version": migrations()[-1].version}
    if event.get("check"):
        return _check()
    return _answer_batch(event["Records"], context)


def _answer_batch(records: list[dict[str, Any]], context: LambdaContext) -> dict[str, Any]:
    """Load what can be read in one transaction; answer which messages failed, so that SQS keeps just those.

    A batch that one file spoils is halved until that file stands alone, as long as half of the function's time is left.
    """
    started = perf_counter()
    batch_id = context.aws_request_id
    enough_milliseconds = context.get_remaining_time_in_millis() / 2
    metrics.add_metric("MessagesReceived", MetricUnit.Count, len(records))
    parts, failures = decode_records(records)

    def load(message_ids: Sequence[str]) -> None:
        some = [parts[message_id] for message_id in message_ids]
        with connection.session() as session:
            ended = load_parts(some, session, objects, settings.copy_role_arn, batch_id)
        for file in ended:
            _log_ended(file, batch_id, started)

    def is_worth_halving(error: Exception) -> bool:
        return context.get_remaining_time_in_millis() > enough_milliseconds and may_be_one_files_fault(error)

    failures += load_in_halves(list(parts), load, is_worth_halving)
    for failure in failures:
        file_ids = [parts[item].file.source.file_id for item in failure.items if item in parts]
        _log_failure(failure.items, file_ids, failure.error)
    return {"batchItemFailures": [{"itemIdentifier": item} for failure in failures for item in failure.items]}


def _check() -> dict[str, Any]:
    with connection.session() as session:
        results = run_checks(session)
    for result in results:
        logger.info("check.ran", extra={"check": result.name, "faults": result.faults})
    metrics.add_metric("CheckFaults", MetricUnit.Count, sum(result.faults for result in results))
    return {"faults": {result.name: result.faults for result in results}}


def _log_ended(ended: EndedFile, batch_id: str, started: float) -> None:
    metrics.add_metric("FilesCompleted", MetricUnit.Count, 1)
    metrics.add_metric("OrdersLoaded", MetricUnit.Count, ended.rows_loaded)
    logger.info(
        "file.completed",
        extra={
            **file_words(ended.file.summary),
            "outcome": ended.outcome,
            "batch_id": batch_id,
            "rows_in": ended.rows_in,
            "rows_loaded": ended.rows_loaded,
            "rows_duplicate": ended.rows_duplicate,
            "rows_superseded": ended.rows_superseded,
            "rows_rejected": ended.rows_rejected,
            "duration_ms": round((perf_counter() - started) * 1000),
        },
    )


def _log_failure(message_ids: Sequence[str], file_ids: Sequence[str], error: Exception) -> None:
    metrics.add_metric("MessagesFailed", MetricUnit.Count, len(message_ids))
    words = {"message_ids": message_ids, "file_ids": file_ids, **safe_words(error)}
    if len(message_ids) == 1:
        logger.error("message.failed", extra=words)
    else:
        logger.error("batch.failed", extra=words)
