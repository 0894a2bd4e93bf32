"""The load function: a batch of transformed parts in one transaction, wired to Redshift, S3 and Secrets Manager.

Invoked by hand with ``{"migrate": true}`` it brings the schema up to date; by the schedule with ``{"check": true}`` it
checks that the warehouse is consistent and up to date; with ``{"retract": {"key": …}}`` it takes a file's orders out.
"""

from dataclasses import asdict
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from load.checks import run_checks
from load.connection import Connection
from load.credentials import WarehouseSecret, log_in
from load.delivery import load_messages
from load.loader import Loader
from load.measures import take_measures
from load.objects import S3Objects
from load.schema import migrate, repair_derived_tables
from load.settings import Settings
from load.stage import create_stage_tables, retract_files
from load.statements import migrations
from load.warehouse import LoginRefused, Session, connect
from shared.observability import stage_logger, stage_metrics

logger = stage_logger()
metrics = stage_metrics()
# Created while the function starts, when Lambda gives it a full processor, and kept while it is warm.
settings = Settings.from_environment()
objects = S3Objects(boto3.client("s3"), settings.staging_bucket)
secret = WarehouseSecret(boto3.client("secretsmanager"), settings.warehouse_secret_arn)


def prepare(session: Session) -> None:
    """Migrate the schema if a deploy has not, and create the tables that COPY fills."""
    if applied := migrate(session):
        logger.info("schema.migrated", extra={"applied": applied})
    create_stage_tables(session)


connection = Connection(
    lambda: log_in(secret, lambda credentials: connect(settings, credentials), LoginRefused), prepare
)
loader = Loader(connection, objects, settings.copy_role_arn)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Load a batch of transform's messages, or do what a direct invocation requests."""
    if event.get("migrate"):
        with connection.session() as session:
            repair_derived_tables(session)
            # After a deployment, a first sign that checks can run: an alarm watches for their silence.
            _run_checks(session)
            return {"schema_version": migrations()[-1].version}
    if event.get("check"):
        return _check()
    if retraction := event.get("retract"):
        return _retract(retraction["key"])
    return load_messages(event["Records"], context, loader, logger, metrics)


def _check() -> dict[str, Any]:
    with connection.session() as session:
        faults, measures = _run_checks(session), take_measures(session)
    for name, value in measures.items():
        metrics.add_metric(name, MetricUnit.Count, value)
    return {"faults": faults}


def _run_checks(session: Session) -> dict[str, int]:
    results = run_checks(session)
    for result in results:
        logger.info("check.ran", extra={"check": result.name, "faults": result.faults})
    metrics.add_metric("CheckFaults", MetricUnit.Count, sum(result.faults for result in results))
    return {result.name: result.faults for result in results}


def _retract(key: str) -> dict[str, Any]:
    with connection.session() as session:
        retracted = [asdict(file) for file in retract_files(key, session)]
    for file in retracted:
        logger.info("file.retracted", extra={"key": key, **file})
    return {"retracted": retracted}
