"""Invoke the targets of schedules as EventBridge Scheduler does, and publish its metrics.

ministack invokes a function whatever the schedule's role allows, ignores a target that it does not know, keeps nothing
of what failed, and publishes no metrics. It begins a rate one interval late.

Two things stay simpler than on AWS. An invocation that fails is not retried: it counts as given up at once. A call of
another AWS service (`aws-sdk:…`) counts as made if the role allows it, but does nothing.
"""

import fnmatch
import re
import time
from typing import Any

from patched_ministack import seams
from patched_ministack.measures import add_sample
from patched_ministack.roles import may, policies

# ministack looks for due schedules this often.
TICK_SECONDS = 1
SDK_TARGET = re.compile(r"arn:aws:scheduler:::aws-sdk:(\w+):(\w+)")
# EventBridge Scheduler guide, "Adding context attributes".
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
# The services whose name in a target differs from their name in IAM.
IAM_NAMES = {"redshiftserverless": "redshift-serverless"}

type Schedule = dict[str, Any]


def run_as_scheduler() -> None:
    """Replace how ministack finds and invokes due schedules. Rules of EventBridge stay as they are."""
    stock_invoke, stock_tick = seams.INVOKE_TARGET.value, seams.TICK_SCHEDULES.value

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: Schedule, *more: Any) -> None:
        if "GroupName" not in rule:
            stock_invoke(target, event, rule, *more)
            return
        _count(rule, "InvocationAttemptCount")
        target = _filled_in(target)
        if problem := _refusal(target):
            _count(rule, "TargetErrorCount")
            _count(rule, "InvocationDroppedCount")
            _keep(target, rule, *problem)
        elif SDK_TARGET.match(target["Arn"]) is None:
            stock_invoke(target, event, rule, *more)

    def tick() -> None:
        """Begin a new rate at once: "Schedule types in EventBridge Scheduler", a rate without StartDate."""
        schedules, fired = seams.SCHEDULES.value._data, seams.LAST_FIRED.value
        for gone in set(fired) - set(schedules):
            del fired[gone]
        for key, schedule in list(schedules.items()):
            if schedule["ScheduleExpression"].startswith("rate("):
                fired.setdefault(key, 0.0)
        stock_tick()

    seams.INVOKE_TARGET.replace(invoke)
    seams.TICK_SCHEDULES.replace(tick)
    seams.TICK_INTERVAL.replace(TICK_SECONDS)


def _filled_in(target: dict[str, Any]) -> dict[str, Any]:
    """Write the time of the run where the target's input has SCHEDULED_TIME, as in "2022-03-22T18:59:43Z"."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {**target, "Input": target["Input"].replace(SCHEDULED_TIME, now)} if "Input" in target else target


def _refusal(target: dict[str, Any]) -> tuple[str, str] | None:
    """Give the code and the text of the error with which the target would answer; None if it would do its work."""
    arn = target["Arn"]
    if sdk := SDK_TARGET.match(arn):
        action = f"{IAM_NAMES.get(sdk[1], sdk[1])}:{sdk[2][0].upper()}{sdk[2][1:]}"
        if not any(
            statement.effect == "Allow" and any(fnmatch.fnmatchcase(action, allowed) for allowed in statement.actions)
            for statements in policies(target["RoleArn"])
            for statement in statements
        ):
            return "AccessDeniedException", f"The schedule's role may not do {action}."
        return None
    function, _, name = seams.FUNCTION_OF(arn)
    if function is None:
        return "ResourceNotFoundException", f"There is no function {name}."
    if not may(target["RoleArn"], "lambda:InvokeFunction", arn):
        return "AccessDeniedException", "The schedule's role may not invoke the function."
    return None


def _keep(target: dict[str, Any], schedule: Schedule, code: str, text: str) -> None:
    """Send what was given up to the schedule's dead-letter queue, with the reason in attributes, as on AWS."""
    arn = target.get("DeadLetterConfig", {}).get("Arn")
    if arn is None:
        return
    urls = [url for url, queue in seams.QUEUES.value.items() if queue["attributes"]["QueueArn"] == arn]
    if not urls or not may(target["RoleArn"], "sqs:SendMessage", arn):
        _count(schedule, "InvocationsFailedToBeSentToDeadLetterCount")
        return
    attributes = {
        "ERROR_CODE": code,
        "ERROR_MESSAGE": text,
        "SCHEDULE_ARN": schedule["Arn"],
        "TARGET_ARN": target["Arn"],
    }
    message = {
        "MessageBody": target.get("Input", "{}"),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }
    seams.SEND_MESSAGE(message, urls[0])
    _count(schedule, "InvocationsSentToDeadLetterCount")


def _count(schedule: Schedule, name: str) -> None:
    add_sample("AWS/Scheduler", name, {"ScheduleGroup": schedule["GroupName"]}, 1, "Count", time.time())
