"""House rules for the alarms: each notifies somebody, says what to do, and watches a metric that exists."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from template.metrics import MEASURED, dimension_of
from template.stack import Resource, Stack
from unit.docs.runbooks import runbook_commands

# What is wrong, for whom, the first command, and the runbook that has it, in this order.
DESCRIPTION = re.compile(
    r"(?P<problem>[^`]+\.) (?P<affected>[^`.]+\.)"
    r" First run `(?P<command>(?:cafe|aws|make) [^`]+)`\. Runbook: \$\{RunbookUrl\}#(?P<runbook>[a-z-]+)"
)
AFFECTED = re.compile(r"\b(managers|cafes?|data team)\b", re.IGNORECASE)
# CloudWatch allows 1,024 characters; parameters are filled in, and the runbook's address may be long.
DESCRIPTION_CHARACTERS = 600
WARNING_SECONDS, CRITICAL_SECONDS = 15 * 60, 60 * 60
FUNCTION_METRICS = {"Errors", "Throttles", "Duration"}
# Measured twice a day. Between two checks, an alarm on their values keeps its state.
CHECK_METRICS = {"CheckFaults", "CafesMissing", "HoursSinceNewestSale", "FilesHeld"}
# An alarm on less than one value is an alarm on silence.
ON_SILENCE = "LessThanThreshold"


def alarms_notify_when_they_fire_and_when_they_end(stack: Stack) -> Iterator[str]:
    """The person on call learns that an alarm is over without looking for it."""
    for alarm in _alarms(stack):
        for actions in ("AlarmActions", "OKActions"):
            targets = [stack.target(action) for action in alarm.properties.get(actions, [])]
            if not any(target and target.type == "AWS::SNS::Topic" for target in targets):
                yield f"{alarm.logical_id}: {actions} name no topic"


def alarms_are_named_after_their_logical_id(stack: Stack) -> Iterator[str]:
    """Commands look alarms up by name, and the name is in the subject of the mail."""
    for alarm in _alarms(stack):
        words = re.findall(r"[A-Z][a-z0-9]*", alarm.logical_id.removesuffix("Alarm"))
        name = {"Fn::Sub": f"cafe-${{Environment}}-{'-'.join(words).lower()}"}
        if alarm.properties.get("AlarmName") != name:
            yield f"{alarm.logical_id}: is not called {name['Fn::Sub']}"


def alarms_describe_problem_affected_first_command_and_runbook(stack: Stack) -> Iterator[str]:
    """The description is all that a mail at night contains."""
    for alarm in _alarms(stack):
        description = _text(alarm.properties.get("AlarmDescription"))
        parts = DESCRIPTION.fullmatch(description)
        if parts is None:
            yield f"{alarm.logical_id}: does not say what is wrong, for whom, what to run first, and the runbook"
            continue
        if not AFFECTED.search(parts["affected"]):
            yield f"{alarm.logical_id}: does not say whom it affects, before the first command"
        if len(description) > DESCRIPTION_CHARACTERS:
            yield f"{alarm.logical_id}: its description has {len(description)} characters"
        commands = _commands_by_runbook().get(parts["runbook"])
        if commands is None:
            yield f"{alarm.logical_id}: there is no runbook {parts['runbook']}"
        elif parts["command"].replace(" --env ${Environment}", "") not in commands:
            yield f"{alarm.logical_id}: its first command is not in the runbook {parts['runbook']}"
        elif parts["command"].startswith("cafe ") and "--env ${Environment}" not in parts["command"]:
            yield f"{alarm.logical_id}: its first command does not name the environment"


def alarms_watch_what_is_measured(stack: Stack) -> Iterator[str]:
    """An alarm on a metric that nothing publishes never fires, and looks healthy."""
    for alarm in _alarms(stack):
        properties = alarm.properties
        dimensions = properties.get("Dimensions", [])
        if len(dimensions) != 1:
            yield f"{alarm.logical_id}: {len(dimensions)} dimensions"
            continue
        name, value = dimensions[0]["Name"], dimensions[0]["Value"]
        measured = stack.target(value)
        if dimension_of(properties["Namespace"], properties["MetricName"], value) != name:
            yield f"{alarm.logical_id}: nothing publishes {properties['MetricName']} by {name}"
        elif name in MEASURED and (measured is None or measured.type != MEASURED[name]):
            yield f"{alarm.logical_id}: does not watch a resource of the stack"


def alarms_state_what_missing_data_means(stack: Stack) -> Iterator[str]:
    """No data means trouble for a host or a schedule, nothing for an idle function, "as before" between two checks."""
    for alarm in _alarms(stack):
        metric, is_on_silence = alarm.properties["MetricName"], alarm.properties["ComparisonOperator"] == ON_SILENCE
        if is_on_silence or metric == "StatusCheckFailed":
            meaning = "breaching"
        else:
            meaning = "ignore" if metric in CHECK_METRICS else "notBreaching"
        if alarm.properties.get("TreatMissingData") != meaning:
            yield f"{alarm.logical_id}: TreatMissingData is not {meaning}"


def late_messages_alarm_twice(stack: Stack) -> Iterator[str]:
    """After 15 minutes something is wrong. After an hour tonight's data is late."""
    for queue in (queue for queue in stack.of_type("AWS::SQS::Queue") if "RedrivePolicy" in queue.properties):
        limits = {
            float(alarm.properties["Threshold"])
            for alarm in _alarms_of(stack, queue)
            if alarm.properties["MetricName"] == "ApproximateAgeOfOldestMessage"
        }
        if limits != {WARNING_SECONDS, CRITICAL_SECONDS}:
            yield f"{queue.logical_id}: alarms after {sorted(limits)} seconds"


def overdue_alarms_last_from_one_try_to_the_next(stack: Stack) -> Iterator[str]:
    """Load publishes a message's age at each try. An alarm with a shorter period would end between two tries."""
    tries = [int(queue.properties["VisibilityTimeout"]) for queue in stack.of_type("AWS::SQS::Queue")
             if "RedrivePolicy" in queue.properties]  # fmt: skip
    for alarm in _alarms(stack):
        if alarm.properties["MetricName"] == "SecondsWaited" and int(alarm.properties["Period"]) <= max(tries):
            yield f"{alarm.logical_id}: looks back {alarm.properties['Period']} s, tries are {max(tries)} s apart"


def functions_alarm_on_errors_throttles_and_slowness(stack: Stack) -> Iterator[str]:
    """Slow means: an invocation took four fifths of the function's timeout."""
    for function in stack.of_type("AWS::Lambda::Function"):
        alarms = {alarm.properties["MetricName"]: alarm.properties for alarm in _alarms_of(stack, function)}
        for metric in sorted(FUNCTION_METRICS - alarms.keys()):
            yield f"{function.logical_id}: no alarm on {metric}"
        if "Duration" in alarms and float(alarms["Duration"]["Threshold"]) != 800 * float(
            function.properties["Timeout"]
        ):
            yield f"{function.logical_id}: {alarms['Duration']['Threshold']} ms is not four fifths of its timeout"


def _alarms(stack: Stack) -> Iterator[Resource]:
    return stack.of_type("AWS::CloudWatch::Alarm")


def _alarms_of(stack: Stack, watched: Resource) -> Iterator[Resource]:
    for alarm in _alarms(stack):
        if watched in [stack.target(dimension["Value"]) for dimension in alarm.properties.get("Dimensions", [])]:
            yield alarm


def _text(value: Any) -> str:
    return str(value["Fn::Sub"] if isinstance(value, dict) else value)


@cache
def _commands_by_runbook() -> dict[str, set[str]]:
    """Return the commands of each section of docs/operations.md, by the section's anchor."""
    commands: dict[str, set[str]] = {}
    for command in runbook_commands():
        commands.setdefault(command.section.lower().replace(" ", "-"), set()).add(command.text)
    return commands
