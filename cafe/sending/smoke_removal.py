"""Take the files of `cafe smoke` out of the warehouse: the one of a run, and those that killed runs left there."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cafe.deployed.environment import Environment
from cafe.deployed.load_function import invoke_load
from cafe.waiting import growing_pauses
from cafe.warehouse.ledger import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Ledger
from shared.senders import SMOKE_PREFIX

# A run retracts its file seconds after the ledger has it. A file that is older there belongs to no run that goes on.
LEFT_AFTER = timedelta(minutes=10)


def take_out(
    environment: Environment,
    key: str,
    wait_seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[dict[str, Any]] | None:
    """Retract a file as soon as the ledger has it, because before that there is nothing to retract.

    Returns what load removed: empty if the file never counted, None if the ledger does not have it in time.
    """
    ledger, deadline = Ledger(environment.warehouse()), clock() + wait_seconds
    for pause in growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
        if ledger.of_file(key):
            break
        if clock() >= deadline:
            return None
        sleep(pause)
    return _retract(environment, key)


def take_out_leftovers(environment: Environment, now: datetime) -> list[str]:
    """Retract the files of earlier runs that were killed before they could; return their keys."""
    keys = Ledger(environment.warehouse()).retractable_below(SMOKE_PREFIX, before=now - LEFT_AFTER)
    return [key for key in keys if _retract(environment, key)]


def _retract(environment: Environment, key: str) -> list[dict[str, Any]]:
    retracted: list[dict[str, Any]] = invoke_load(environment, "retract", {"key": key, "kinds": ["live", "held"]})[
        "retracted"
    ]
    return retracted
