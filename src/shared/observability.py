"""Logs and metrics as all stages write them: one JSON line an event, few metrics with few dimensions."""

import logging
import warnings
from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics

from shared.contracts import FileSummary
from shared.errors import PipelineError


def stage_logger() -> Logger:
    """Make the stage's logger; its service name and level come from Powertools' own variables."""
    # At each cold start the SDK tells where it found its credentials: nothing that helps to follow a file.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    return Logger(utc=True, log_uncaught_exceptions=False)


def stage_metrics() -> Metrics:
    """Make the stage's metrics, written as embedded metric format beside the log lines."""
    # An invocation by hand may count nothing. Powertools would say so in a line that is no JSON.
    warnings.filterwarnings("ignore", message="No application metrics")
    return Metrics()


def error_fields(error: BaseException) -> dict[str, str]:
    """Describe an error without a foreign error's own words, which may quote a value from a row.

    The pipeline's own errors speak for themselves; of any other, its type and the place where it was raised are told.
    """
    words = {"error": type(error).__name__}
    if isinstance(error, PipelineError):
        return words | {"problem": str(error)}
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace:
        words["raised_at"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    return words


def file_fields(file: FileSummary) -> dict[str, str]:
    """Name a file the same way in the lines of all three functions, so that one can be followed by its id."""
    words = {"file_id": file.source.file_id, "key": file.source.key, "outcome": str(file.outcome)}
    return words | ({"reason": file.reason, "detail": file.detail} if file.reason else {})


def log_rejected_rows(logger: Logger, rejects_by_rule: Mapping[str, int]) -> None:
    """Tell of the file at hand which rules refused how many of its rows: a line each, so that logs can be summed up."""
    for rule, rejects in rejects_by_rule.items():
        logger.info("rows.rejected", extra={"rule": str(rule), "rejects": rejects})
