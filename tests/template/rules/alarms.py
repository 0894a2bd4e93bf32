"""House rules for the alarms: each is told to somebody, says what to do, and watches something that is measured."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from template.metrics import MEASURED, dimension_of
from template.stack import Resource, Stack

RUNBOOKS = Path(__file__).parents[3] / "docs" / "operations.md"
RUNBOOK = re.compile(r"Runbook: \$\{RunbookUrl\}#([a-z-]+)$")
WARNING_SECONDS, CRITICAL_SECONDS = 15 * 60, 60 * 60
OF_A_FUNCTION = {"Errors", "Throttles", "Duration"}
# Measured twice a day: between two checks an alarm on them stays as it is.
OF_THE_CHECK = {"CheckFaults", "CafesMissing", "HoursSinceNewestSale"}


def alarms_tell_when_they_fire_and_when_they_end(stack: Stack) -> Iterator[str]:
    """Whoever was woken wants to know that it is over, without looking."""
    for alarm in _alarms(stack):
        for actions in ("AlarmActions", "OKActions"):
            told = [stack.target(action) for action in alarm.properties.get(actions, [])]
            if not any(topic and topic.type == "AWS::SNS::Topic" for topic in told):
                yield f"{alarm.logical_id}: {actions} name no topic"


def alarms_are_named_by_what_they_are(stack: Stack) -> Iterator[str]:
    """Names are looked up by commands and stand in the subject of a mail."""
    for alarm in _alarms(stack):
        words = re.findall(r"[A-Z][a-z0-9]*", alarm.logical_id.removesuffix("Alarm"))
        name = {"Fn::Sub": f"cafe-${{Environment}}-{'-'.join(words).lower()}"}
        if alarm.properties.get("AlarmName") != name:
            yield f"{alarm.logical_id}: is not called {name['Fn::Sub']}"


def alarms_say_what_moves_them_and_what_to_do(stack: Stack) -> Iterator[str]:
    """The description is all that a mail at night says: it ends with the address of the runbook."""
    for alarm in _alarms(stack):
        description = _text(alarm.properties.get("AlarmDescription"))
        if not {"locally", "aws"} <= set(re.findall(r"\w+", description.lower())):
            yield f"{alarm.logical_id}: does not say what moves it locally and what on AWS"
        runbook = RUNBOOK.search(description)
        if runbook is None or runbook[1] not in _runbooks():
            yield f"{alarm.logical_id}: no runbook {runbook[1] if runbook else ''}"


def alarms_watch_what_is_measured(stack: Stack) -> Iterator[str]:
    """An alarm on a metric that nobody sends is silent for ever, and looks well."""
    for alarm in _alarms(stack):
        properties = alarm.properties
        dimensions = properties.get("Dimensions", [])
        if len(dimensions) != 1:
            yield f"{alarm.logical_id}: {len(dimensions)} dimensions"
            continue
        name, value = dimensions[0]["Name"], dimensions[0]["Value"]
        measured = stack.target(value)
        if dimension_of(properties["Namespace"], properties["MetricName"], value) != name:
            yield f"{alarm.logical_id}: nothing sends {properties['MetricName']} by {name}"
        elif name in MEASURED and (measured is None or measured.type != MEASURED[name]):
            yield f"{alarm.logical_id}: watches no resource of the stack"


def alarms_know_what_silence_means(stack: Stack) -> Iterator[str]:
    """A host that is gone says nothing, a function that rests neither, and a check is silent until the next."""
    for alarm in _alarms(stack):
        metric = alarm.properties["MetricName"]
        meant = {"StatusCheckFailed": "breaching", **dict.fromkeys(OF_THE_CHECK, "ignore")}.get(metric, "notBreaching")
        if alarm.properties.get("TreatMissingData") != meant:
            yield f"{alarm.logical_id}: silence is not {meant}"


def late_messages_alarm_twice(stack: Stack) -> Iterator[str]:
    """After a quarter of an hour something is wrong; after an hour tonight's data are late."""
    for queue in (queue for queue in stack.of_type("AWS::SQS::Queue") if "RedrivePolicy" in queue.properties):
        limits = {
            float(alarm.properties["Threshold"])
            for alarm in _alarms_of(stack, queue)
            if alarm.properties["MetricName"] == "ApproximateAgeOfOldestMessage"
        }
        if limits != {WARNING_SECONDS, CRITICAL_SECONDS}:
            yield f"{queue.logical_id}: alarms after {sorted(limits)} seconds"


def overdue_messages_ring_from_try_to_try(stack: Stack) -> Iterator[str]:
    """Load tells a message's age when it gets it: an alarm that looks back less far would end until the next try."""
    tries = [int(queue.properties["VisibilityTimeout"]) for queue in stack.of_type("AWS::SQS::Queue")
             if "RedrivePolicy" in queue.properties]  # fmt: skip
    for alarm in _alarms(stack):
        if alarm.properties["MetricName"] == "SecondsWaited" and int(alarm.properties["Period"]) <= max(tries):
            yield f"{alarm.logical_id}: looks back {alarm.properties['Period']} s, tries are {max(tries)} s apart"


def functions_alarm_when_they_fail_wait_or_drag(stack: Stack) -> Iterator[str]:
    """Each function's errors, throttles, and an invocation that takes four fifths of its time-out."""
    for function in stack.of_type("AWS::Lambda::Function"):
        alarms = {alarm.properties["MetricName"]: alarm.properties for alarm in _alarms_of(stack, function)}
        for metric in sorted(OF_A_FUNCTION - alarms.keys()):
            yield f"{function.logical_id}: no alarm on {metric}"
        if "Duration" in alarms and float(alarms["Duration"]["Threshold"]) != 800 * float(
            function.properties["Timeout"]
        ):
            yield f"{function.logical_id}: {alarms['Duration']['Threshold']} ms is not four fifths of its time-out"


def _alarms(stack: Stack) -> Iterator[Resource]:
    return stack.of_type("AWS::CloudWatch::Alarm")


def _alarms_of(stack: Stack, watched: Resource) -> Iterator[Resource]:
    for alarm in _alarms(stack):
        if watched in [stack.target(dimension["Value"]) for dimension in alarm.properties.get("Dimensions", [])]:
            yield alarm


def _text(value: Any) -> str:
    return str(value["Fn::Sub"] if isinstance(value, dict) else value)


@cache
def _runbooks() -> frozenset[str]:
    """Give the anchors of the page, as GitHub makes them of its headings."""
    headings = re.findall(r"^#+ (.+)$", RUNBOOKS.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)
