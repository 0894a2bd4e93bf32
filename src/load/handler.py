"""The load function: a batch of transformed parts in one transaction, wired to Redshift, S3 and Secrets Manager.

Invoked by hand with ``{"migrate": true}`` it brings the schema up to date; by the schedule with ``{"check": true}`` it
checks that the warehouse is consistent and up to date; with ``{"retract": {"key": …}}`` it takes a file's orders out;
with ``{"approve": {"file_id": …}}`` it loads a held file; with ``{"rename": {"written_as": …, "name": …}}`` it shows a
café under another name.
"""

from dataclasses import asdict
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from load.cafes import rename_cafe
from load.checking import check_after_migration, check_warehouse, count_held_files
from load.connection import Connection
from load.credentials import WarehouseSecret, log_in
from load.delivery import load_messages, report_changes
from load.loader import Loader
from load.mutex import terminate_stale_holders
from load.objects import S3Objects
from load.schema import isolation_level, migrate, repair_derived_tables
from load.settings import Settings
from load.stage import LoadOptions, approve_file, create_stage_tables, retract_files
from load.statements import migrations
from load.warehouse import LoginRefused, Session, connect
from shared.aws_clients import CLIENT_CONFIG
from shared.observability import file_fields, stage_logger, stage_metrics

logger = stage_logger()
metrics = stage_metrics()
# Created while the function starts, when Lambda gives it a full processor, and kept while it is warm.
settings = Settings.from_environment()
objects = S3Objects(boto3.client("s3", config=CLIENT_CONFIG), settings.staging_bucket)
secret = WarehouseSecret(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.warehouse_secret_arn)


def prepare(session: Session) -> None:
    """Migrate the schema if a deploy has not, and create the tables that COPY fills.

    First end what a killed function left behind. A load that waits for the lock does so too, but only if the warehouse
    ends its wait, and no document says that a time-out of statements ends LOCK. If not, the socket's time-out ends it,
    and the next session comes here.
    """
    terminate_stale_holders(session)
    logger.info("warehouse.connected", extra={"isolation": isolation_level(session, settings.warehouse_database)})
    if applied := migrate(session):
        logger.info("schema.migrated", extra={"applied": applied})
    create_stage_tables(session)


connection = Connection(
    lambda: log_in(secret, lambda credentials: connect(settings, credentials), LoginRefused), prepare
)
options = LoadOptions(objects, settings.copy_role_arn, settings.most_removed_percent)
loader = Loader(connection, options)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Load a batch of transform's messages, or do what a direct invocation requests."""
    if event.get("migrate"):
        with connection.session() as session:
            repair_derived_tables(session)
        checked = check_after_migration(connection, settings.warehouse_database, logger, metrics)
        return {"schema_version": migrations()[-1].version, **checked}
    if event.get("check"):
        return check_warehouse(connection, settings.warehouse_database, logger, metrics)
    if retraction := event.get("retract"):
        return _retract(retraction["key"])
    if approval := event.get("approve"):
        return _approve(approval["file_id"], context.aws_request_id)
    if renaming := event.get("rename"):
        return _rename(**renaming)
    return load_messages(event["Records"], context, loader, logger, metrics)


def _retract(key: str) -> dict[str, Any]:
    with connection.session() as session:
        retracted = [asdict(file) for file in retract_files(key, session)]
        count_held_files(session, metrics)
    for file in retracted:
        logger.info("file.retracted", extra={"key": key, **file})
    return {"retracted": retracted}


def _approve(file_id: str, batch_id: str) -> dict[str, Any]:
    with connection.session() as session:
        approved = approve_file(file_id, session, options, batch_id)
        count_held_files(session, metrics)
    answer = []
    for file in approved:
        report_changes(file, metrics)
        counts = {"outcome": file.outcome, "rows_loaded": file.rows_loaded, "rows_removed": file.rows_removed}
        logger.info("file.approved", extra={**file_fields(file.file.summary), **counts, "batch_id": batch_id})
        answer.append({"file_id": file.file_id, "key": file.file.summary.source.key, **counts})
    return {"approved": answer}


def _rename(written_as: str, name: str) -> dict[str, Any]:
    with connection.session() as session:
        renamed = rename_cafe(written_as, name, session)
    logger.info("cafe.renamed", extra={"written_as": written_as, "cafe": name, "renamed": renamed})
    return {"renamed": renamed}
