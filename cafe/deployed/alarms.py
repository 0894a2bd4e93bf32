"""The alarms of a stack that are raised now, and the runbook of each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cafe.deployed.environment import Environment

RUNBOOK = re.compile(r"Runbook: (?P<place>\S+)\s*$")


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm in state ALARM: ``name`` without the stack's prefix, ``runbook`` "" if its description names none."""

    name: str
    since: datetime
    description: str
    runbook: str


def raised_alarms(environment: Environment) -> tuple[RaisedAlarm, ...]:
    """Return the raised alarms of the stack, newest first."""
    prefix = f"cafe-{environment.deployed_as}-"
    pages = environment.client("cloudwatch").get_paginator("describe_alarms")
    raised = [
        _raised(alarm, prefix)
        for page in pages.paginate(AlarmNamePrefix=prefix, StateValue="ALARM")
        for alarm in page["MetricAlarms"]
        # Emulators apply only one of the two filters.
        if alarm["StateValue"] == "ALARM"
    ]
    return tuple(sorted(raised, key=lambda alarm: alarm.since, reverse=True))


def _raised(alarm: Mapping[str, Any], prefix: str) -> RaisedAlarm:
    description: str = alarm.get("AlarmDescription", "")
    found = RUNBOOK.search(description)
    return RaisedAlarm(
        alarm["AlarmName"].removeprefix(prefix),
        alarm["StateUpdatedTimestamp"],
        description[: found.start()].rstrip() if found else description,
        found["place"] if found else "",
    )
