"""Logs and metrics of all stages: one JSON line an event, few metrics with few dimensions."""

import json
import logging
import warnings
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from shared.contracts import FileSummary
from shared.errors import PipelineError
from shared.visible_text import escape_json


def stage_logger() -> Logger:
    """Create the stage's logger. Powertools' environment variables set its service name and level."""
    # At each cold start the SDK logs where it found its credentials, which does not help to follow a file.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    return Logger(utc=True, log_uncaught_exceptions=False, json_serializer=_one_line)


def _one_line(entry: dict[str, Any]) -> str:
    """Write an entry as JSON. Powertools would keep U+2028 and U+0085, at which many programs end a line."""
    return escape_json(json.dumps(entry, default=str, separators=(",", ":"), ensure_ascii=False))


def stage_metrics() -> Metrics:
    """Create the stage's metrics, written in embedded metric format beside the log lines."""
    # An invocation by hand may emit no metric. Powertools would then log a line that is not JSON.
    warnings.filterwarnings("ignore", message="No application metrics")
    return Metrics()


def error_fields(error: BaseException) -> dict[str, str]:
    """Describe an error as log fields, safely: messages of other libraries may quote a value from a row.

    Of the pipeline's own errors the message is logged. Of any other, only its type and where it was raised.
    """
    fields = {"error": type(error).__name__}
    if isinstance(error, PipelineError):
        return fields | {"problem": str(error)}
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace:
        fields["raised_at"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    return fields


def file_fields(file: FileSummary) -> dict[str, str]:
    """Describe a file as log fields, the same in all three functions, so that a search by its id finds them all."""
    source, plan_id = file.source, file.plan_id
    fields = {"file_id": source.file_id, "key": source.key, "plan_id": plan_id, "outcome": str(file.outcome)}
    return fields | ({"reason": file.reason, "detail": file.detail} if file.reason else {})


def log_rejected_rows(logger: Logger, rejects_by_rule: Mapping[str, int]) -> None:
    """Log how many rows of the file each rule refused: one line a rule, so that a query can sum them."""
    for rule, rejects in rejects_by_rule.items():
        logger.info("rows.rejected", extra={"rule": str(rule), "rejects": rejects})
