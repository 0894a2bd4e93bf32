"""The load function: a batch of transformed parts in one transaction, wired to Redshift, S3, SNS and Secrets Manager.

Invoked by hand with ``{"migrate": true}`` it brings the schema up to date; by the schedule with ``{"check": true}`` it
checks that the warehouse is consistent and up to date, and sends the morning mail; with ``{"report": {"options": …}}``
it returns that mail; with ``{"retract": {"key": …}}`` it takes a file's orders out; with ``{"approve": {"file_id":
…}}`` it loads a held file; with ``{"rename": {"written_as": …, "name": …}}`` it shows a café under another name.
"""

from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from load.checking import check_after_migration
from load.connection import Connection
from load.credentials import WarehouseSecret, log_in
from load.delivery import load_messages
from load.invocations import approve, rename, retract
from load.loader import Loader
from load.mail import SnsTopic
from load.mutex import terminate_stale_holders
from load.objects import S3Objects
from load.reporting import MorningReport
from load.schema import isolation_level, migrate, repair_derived_tables, restore_marts
from load.settings import Settings
from load.stage import LoadOptions, create_stage_tables
from load.statements import migrations
from load.warehouse import LoginRefused, Session, connect
from shared.aws_clients import CLIENT_CONFIG, sending_small_objects_at_once
from shared.observability import stage_logger, stage_metrics

logger = stage_logger()
metrics = stage_metrics()
# Created while the function starts, when Lambda gives it a full processor, and kept while it is warm.
settings = Settings.from_environment()
objects = S3Objects(sending_small_objects_at_once(boto3.client("s3", config=CLIENT_CONFIG)), settings.staging_bucket)
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
topic = SnsTopic(lambda: boto3.client("sns", config=CLIENT_CONFIG), settings.morning_topic_arn)
morning = MorningReport(connection, settings.warehouse_database, topic, objects, f"--env {settings.environment}")


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Load a batch of transform's messages, or do what a direct invocation requests."""
    if event.get("migrate"):
        with connection.session() as session:
            restored = restore_marts(session)
            repair_derived_tables(session)
        checked = check_after_migration(connection, settings.warehouse_database, logger, metrics)
        return {"schema_version": migrations()[-1].version, "restored": restored, **checked}
    if event.get("check"):
        return morning.check(event.get("scheduled_at", ""), logger, metrics)
    if report := event.get("report"):
        return morning.write(report["options"], datetime.now(UTC), logger, metrics)
    if retraction := event.get("retract"):
        return retract(**retraction, connection=connection, logger=logger, metrics=metrics)
    if approval := event.get("approve"):
        return approve(approval["file_id"], context.aws_request_id, options, connection, logger, metrics)
    if renaming := event.get("rename"):
        return rename(**renaming, connection=connection, logger=logger)
    return load_messages(event["Records"], context, loader, logger, metrics)
