"""Examine a pipeline: query its queues, alarms and warehouse, and let load check the warehouse if that is due."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from cafe.answers.checks import is_too_old
from cafe.answers.health import Health
from cafe.answers.tonight import query_tonight
from cafe.deployed.alarms import raised_alarms
from cafe.deployed.environment import Environment
from cafe.deployed.load_function import invoke_load
from cafe.deployed.queue_depths import queue_depths, with_ages
from cafe.errors import CafeError, explain_aws_error, is_denied
from cafe.warehouse.checks import CheckRun, find_faulty_marts, last_check_run
from cafe.warehouse.ledger import Ledger
from cafe.warehouse.port import MissingRelation, Warehouse, WarehouseError

RECENT = timedelta(days=1)
# What comes from the warehouse.
FROM_WAREHOUSE = (
    "files",
    "held",
    "tonight",
    "marts",
    "has_tables",
    "checks",
    "checks_problem",
    "is_check_broken",
    "is_warehouse_queried",
    "warehouse_problem",
)


def examine(environment: Environment, now: datetime, *, query_warehouse: bool) -> Health:
    """Query queues, alarms and the warehouse. If one does not answer, the others are still shown."""
    health = Health(now, queue_depths(environment), is_warehouse_queried=False)
    try:
        queues = with_ages(environment, health.queues, now)
        health = replace(health, queues=queues, alarms=raised_alarms(environment))
    except (BotoCoreError, ClientError) as error:
        health = replace(health, alarms_problem=explain_aws_error(error).message)
    return examine_warehouse(environment, health, run_checks=True) if query_warehouse else health


def examine_warehouse(environment: Environment, health: Health, *, run_checks: bool) -> Health:
    """Query the warehouse. With ``run_checks``, load runs the checks if what they found is too old."""
    health = replace(health, is_warehouse_queried=True)
    try:
        warehouse = environment.warehouse()
        ledger = Ledger(warehouse)
        since = health.moment - RECENT
        health = replace(health, files=tuple(ledger.recorded_since(since)), held=tuple(ledger.held()))
        health = replace(health, marts=tuple(find_faulty_marts(warehouse)), checks=last_check_run(warehouse))
        health = _with_tonight(warehouse, health)
    except WarehouseError as error:
        # The queues are still useful to the person on call, now more than ever.
        return replace(health, warehouse_problem=error.message)
    except (BotoCoreError, ClientError) as error:
        return replace(health, warehouse_problem=explain_aws_error(error).message)
    if run_checks and is_too_old(health.checks, health.moment, is_local=environment.is_local):
        return _with_checks(lambda: invoke_load(environment, "check"), health)
    return health


def with_warehouse_of(known: Health, now: Health) -> Health:
    """Return what is known now, with what an earlier look found in the warehouse."""
    return replace(now, **{name: getattr(known, name) for name in FROM_WAREHOUSE})


def _with_tonight(warehouse: Warehouse, health: Health) -> Health:
    try:
        return replace(health, tonight=query_tonight(warehouse, health.moment))
    except MissingRelation:
        return replace(health, has_tables=False)


def _with_checks(ask: Callable[[], dict[str, object]], health: Health) -> Health:
    """Let load run the checks. If it cannot, what was known before stays, with its age."""
    try:
        return replace(health, checks=CheckRun.from_answer(ask(), health.moment))
    except (BotoCoreError, ClientError) as error:
        return replace(health, checks_problem=explain_aws_error(error).message, is_check_broken=not is_denied(error))
    except CafeError as error:
        return replace(health, checks_problem=error.message, is_check_broken=True)
