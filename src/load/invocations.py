"""What a direct invocation asks of load: take out a file, approve a held one, show a café under another name."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from load.cafes import rename_cafe
from load.checking import count_held_files
from load.connection import Connection
from load.delivery import report_changes
from load.stage import RETRACTABLE, LoadOptions, approve_file, retract_files
from shared.observability import file_fields


def retract(
    key: str, connection: Connection, logger: Logger, metrics: Metrics, *, kinds: Sequence[str] = RETRACTABLE
) -> dict[str, Any]:
    """Take the live and the held files of a key out, or those of one kind; return them, and the orders that left."""
    with connection.session() as session:
        retracted = [asdict(file) for file in retract_files(key, session, kinds)]
        count_held_files(session, metrics)
    for file in retracted:
        logger.info("file.retracted", extra={"key": key, **file})
    return {"retracted": retracted}


def approve(
    file_id: str, batch_id: str, options: LoadOptions, connection: Connection, logger: Logger, metrics: Metrics
) -> dict[str, Any]:
    """Load a held file; return its outcome, or nothing if it is not held. Raises what `approve_file` raises."""
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


def rename(written_as: str, name: str, connection: Connection, logger: Logger) -> dict[str, Any]:
    """Show a café under another name; return how many cafés that changed. Raises what `rename_cafe` raises."""
    with connection.session() as session:
        renamed = rename_cafe(written_as, name, session)
    logger.info("cafe.renamed", extra={"written_as": written_as, "cafe": name, "renamed": renamed})
    return {"renamed": renamed}
