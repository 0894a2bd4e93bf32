"""The transform function: connect the stage to S3 and SQS, and log each part."""

from time import perf_counter
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.aws_clients import CLIENT_CONFIG, sending_small_objects_at_once
from shared.batch import process_messages
from shared.contracts import decode_extracted_part
from shared.observability import error_fields, file_fields, log_rejected_rows, stage_logger, stage_metrics
from shared.outbox import SqsOutbox
from transform.objects import S3Objects
from transform.settings import Settings
from transform.stage import transform_part

logger = stage_logger()
metrics = stage_metrics()
# Built while the function starts, when Lambda gives it a whole processor, and kept for all invocations.
settings = Settings.from_environment()
objects = S3Objects(sending_small_objects_at_once(boto3.client("s3", config=CLIENT_CONFIG)), settings.staging_bucket)
outbox = SqsOutbox(boto3.client("sqs", config=CLIENT_CONFIG), settings.next_queue_url)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Transform the parts that a batch of extract's messages points to."""
    return process_messages(event, context, _transform_extracted, outbox, logger, metrics)


def _transform_extracted(record: dict[str, Any]) -> None:
    started = perf_counter()
    extracted = decode_extracted_part(record["body"])
    logger.append_keys(file_id=extracted.file.source.file_id, key=extracted.file.source.key)
    transformed = transform_part(extracted, objects, outbox)
    part = transformed.part
    metrics.add_metric("OrdersTransformed", MetricUnit.Count, part.orders)
    metrics.add_metric("RowsRejected", MetricUnit.Count, part.rejects)
    logger.info(
        "part.transformed",
        extra={
            **file_fields(part.file),
            "part": part.part,
            "parts": part.file.parts,
            "orders": part.orders,
            "items": part.items,
            "rejects": part.rejects,
            "pence": part.pence,
            "duration_ms": round((perf_counter() - started) * 1000),
        },
    )
    log_rejected_rows(logger, transformed.rejects_by_rule)
    if transformed.failure:
        metrics.add_metric("TerminalFailures", MetricUnit.Count, 1)
        logger.error("file.broke_transform", extra=error_fields(transformed.failure))
