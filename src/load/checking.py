"""Check the warehouse on request: log and count what the checks and the measures find."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from load.checks import CheckResult, count_files, record_run, run_checks
from load.connection import Connection
from load.measures import count_held, take_measures
from load.schema import isolation_level
from load.warehouse import Session, StatementFailed
from shared.errors import TransientError
from shared.observability import error_fields


def check_warehouse(connection: Connection, database: str, logger: Logger, metrics: Metrics) -> dict[str, Any]:
    """Run the checks and take the measures; return what they found, and the database's isolation level.

    ``faults`` counts the rows by check; a check that reads a faulty mart is not in it. ``samples`` has the first rows
    of each check that found any.
    """
    with connection.session() as session:
        found, measures = _found(session, database, logger, metrics), take_measures(session)
    _publish(measures, metrics)
    return found


def count_held_files(session: Session, metrics: Metrics) -> None:
    """Publish how many files are held now, so that the alarm on them need not wait for the next check."""
    _publish(count_held(session), metrics)


def check_after_migration(connection: Connection, database: str, logger: Logger, metrics: Metrics) -> dict[str, Any]:
    """Run the checks, so that the warehouse compiles them before the schedule needs them; return what they found.

    The migration is kept whatever they find. If they cannot run, the faults are None.
    """
    try:
        with connection.session() as session:
            return _found(session, database, logger, metrics)
    except TransientError as error:
        logger.warning("check.failed", extra=error_fields(error))
        return {"faults": None, "isolation": "unknown"}


def _publish(measures: Mapping[str, float], metrics: Metrics) -> None:
    for name, value in measures.items():
        metrics.add_metric(name, MetricUnit.Count, value)


def _found(session: Session, database: str, logger: Logger, metrics: Metrics) -> dict[str, Any]:
    # Counted first: a file that comes during the checks counts as one that they did not see.
    files = count_files(session)
    results = run_checks(session)
    _record(results, files, session, logger)
    for result in results:
        logger.info("check.ran", extra={"check": result.name, "faults": result.faults})
    metrics.add_metric("CheckFaults", MetricUnit.Count, sum(result.faults for result in results))
    return {
        "faults": {result.name: result.faults for result in results},
        "samples": {result.name: result.samples for result in results if result.faults},
        "isolation": isolation_level(session, database),
    }


def _record(results: list[CheckResult], files: int, session: Session, logger: Logger) -> None:
    """Record what the checks found. Another check may do so at the same moment: then one record is enough."""
    try:
        record_run(results, files, session)
    except StatementFailed as error:
        session.rollback()
        logger.warning("check.not_recorded", extra=error_fields(error))
