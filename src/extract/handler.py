"""The extract function: connect the stage to S3 and SQS, and log each file."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from extract.arrivals import announced_by, decode_arrivals, innocent_first, is_risky
from extract.deadline import Deadline
from extract.dialects.catalogue import shipped
from extract.objects import S3Objects
from extract.registers import Registers
from extract.revision import rules_revision
from extract.settings import Settings
from extract.stage import extract_file
from shared.aws_clients import CLIENT_CONFIG, sending_small_objects_at_once
from shared.batch import process_messages
from shared.batch_records import receive_count
from shared.contracts import recorded_key
from shared.observability import error_fields, file_fields, log_rejected_rows, stage_logger, stage_metrics
from shared.outbox import SqsOutbox

logger = stage_logger()
metrics = stage_metrics()
# Built while the function starts, when Lambda gives it a whole processor, and kept for all invocations.
settings = Settings.from_environment()
objects = S3Objects(sending_small_objects_at_once(boto3.client("s3", config=CLIENT_CONFIG)), settings.staging_bucket)
registers = Registers(objects)
shipped()
rules = rules_revision(settings.oldest_sale_days)
outbox = SqsOutbox(boto3.client("sqs", config=CLIENT_CONFIG), settings.next_queue_url)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Extract the files that a batch of S3 notifications announces."""
    deadline = partial(Deadline, context.get_remaining_time_in_millis, context.get_remaining_time_in_millis())
    event = {"Records": innocent_first(event["Records"])}
    objects.announce(announced_by(event["Records"]))
    handle = partial(_extract_announced, deadline)
    return process_messages(event, context, handle, outbox, logger, metrics, is_risky=is_risky)


def _extract_announced(deadline: Callable[[], Deadline], record: dict[str, Any]) -> None:
    arrivals = decode_arrivals(record["body"])
    if not arrivals:
        logger.info("message.announces_no_file")
    for arrival in arrivals:
        started = perf_counter()
        logger.append_keys(file_id=arrival.file_id, key=recorded_key(arrival.key))
        extracted = extract_file(
            arrival,
            objects,
            outbox,
            deadline().check,
            registers=registers,
            oldest_sale_days=settings.oldest_sale_days,
            rules=rules,
            # A file that takes the function down each time would make transform and load work each time.
            sends_early=receive_count(record) == 1,
        )
        file = extracted.file
        metrics.add_metric("RowsExtracted", MetricUnit.Count, sum(extracted.part_rows))
        metrics.add_metric("RowsRejected", MetricUnit.Count, file.rejects)
        logger.info(
            "file.extracted",
            extra={
                **file_fields(file),
                "parts": file.parts,
                "dialect": file.dialect,
                "rows": file.rows,
                "rejects": file.rejects,
                "lines": file.lines.total,
                "was_unsorted": extracted.was_unsorted,
                "duration_ms": round((perf_counter() - started) * 1000),
            },
        )
        log_rejected_rows(logger, extracted.rejects_by_rule)
        if extracted.failure:
            metrics.add_metric("TerminalFailures", MetricUnit.Count, 1)
            logger.error("file.broke_extract", extra=error_fields(extracted.failure))
