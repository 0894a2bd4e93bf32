"""The alarms of a stack that are raised now, and the runbook of each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cafe.deployed.environment import Environment

RUNBOOK = re.compile(r"Runbook: (?P<place>\S+)\s*$")
# YAML has folded the description: where a line ended is a blank.
FIRST_COMMAND = re.compile(r"First run `(?P<command>[^`]+)`")
ENVIRONMENT = re.compile(r"--env \S+")


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm in state ALARM: ``name`` without the stack's prefix.

    ``first_command`` is what to type first, ``runbook`` the section to read; "" if the description names none.
    """

    name: str
    since: datetime
    description: str
    runbook: str
    first_command: str = ""


def raised_alarms(environment: Environment) -> tuple[RaisedAlarm, ...]:
    """Return the raised alarms of the stack, newest first."""
    prefix = f"cafe-{environment.deployed_as}-"
    pages = environment.client("cloudwatch").get_paginator("describe_alarms")
    raised = [
        _raised(alarm, prefix, environment)
        for page in pages.paginate(AlarmNamePrefix=prefix, StateValue="ALARM")
        for alarm in page["MetricAlarms"]
        # Emulators apply only one of the two filters.
        if alarm["StateValue"] == "ALARM"
    ]
    return tuple(sorted(raised, key=lambda alarm: alarm.since, reverse=True))


def first_command(description: str, environment: str = "") -> str:
    """Return the command that an alarm's description names first; "" if it names none.

    ``environment`` is how the caller names the stack: a local one has the name of another in its template.
    """
    found = FIRST_COMMAND.search(description)
    command = " ".join(found["command"].split()) if found else ""
    return ENVIRONMENT.sub(f"--env {environment}", command) if environment else command


def _raised(alarm: Mapping[str, Any], prefix: str, environment: Environment) -> RaisedAlarm:
    description: str = alarm.get("AlarmDescription", "")
    found = RUNBOOK.search(description)
    return RaisedAlarm(
        alarm["AlarmName"].removeprefix(prefix),
        alarm["StateUpdatedTimestamp"],
        description[: found.start()].rstrip() if found else description,
        found["place"] if found else "",
        first_command(description, environment.name),
    )
