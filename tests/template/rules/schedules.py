"""House rules for the schedules: one that fails and one that stopped are both noticed."""

from collections.abc import Iterator

from template.pauses import longest_pause_seconds
from template.rules.alarms import CHECK_METRICS
from template.stack import Resource, Stack

HOUR, DAY, WEEK = 3600, 86_400, 604_800


def schedules_have_a_group_of_their_own(stack: Stack) -> Iterator[str]:
    """AWS publishes metrics of a group, not of a schedule. The default group is that of the whole account."""
    groups = [stack.target(schedule.properties.get("GroupName")) for schedule in _schedules(stack)]
    for schedule, group in zip(_schedules(stack), groups, strict=True):
        if group is None or group.type != "AWS::Scheduler::ScheduleGroup" or groups.count(group) > 1:
            yield f"{schedule.logical_id}: is in no group of its own"


def schedules_alarm_when_an_invocation_is_given_up(stack: Stack) -> Iterator[str]:
    """The scheduler itself reports nothing to anybody."""
    for schedule in _schedules(stack):
        if not any(
            alarm.properties["MetricName"] == "InvocationDroppedCount"
            and alarm.properties["Statistic"] == "Sum"
            and float(alarm.properties["Threshold"]) == 1
            and alarm.properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
            for alarm in _alarms_of_group(stack, schedule)
        ):
            yield f"{schedule.logical_id}: no alarm on invocations that were given up"


def schedules_alarm_when_they_are_silent(stack: Stack) -> Iterator[str]:
    """A schedule that is disabled, or was deleted, fails nothing. The alarm must outlast the longest pause."""
    for schedule in _schedules(stack):
        pause = longest_pause_seconds(schedule.properties["ScheduleExpression"]) + _retries_seconds(schedule)
        lasting = [
            int(alarm.properties["Period"]) * int(alarm.properties["EvaluationPeriods"])
            for alarm in (*_alarms_of_group(stack, schedule), *_alarms_of_target(stack, schedule))
            if _is_heard(alarm)
        ]
        if not lasting:
            yield f"{schedule.logical_id}: no alarm on its silence"
        # Twice as long would hide a second run that is missing.
        elif not pause < max(lasting) < 2 * pause:
            yield f"{schedule.logical_id}: its pauses last {pause} s, the alarm on its silence looks back {lasting} s"


def alarms_look_back_no_further_than_cloudwatch_allows(stack: Stack) -> Iterator[str]:
    """PutMetricAlarm, "Period": seven days at most, and a day with periods of less than an hour."""
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        period = int(alarm.properties["Period"])
        most = DAY if period < HOUR else WEEK
        if period * int(alarm.properties["EvaluationPeriods"]) > most:
            yield f"{alarm.logical_id}: looks back more than {most} s"


def schedules_keep_what_they_gave_up(stack: Stack) -> Iterator[str]:
    """The message in the queue says why. The scheduler sends it under the schedule's own role, and writes no log."""
    for schedule in _schedules(stack):
        target = schedule.properties["Target"]
        role, letters = (
            stack.target(reference) for reference in (target["RoleArn"], target.get("DeadLetterConfig", {}).get("Arn"))
        )
        if letters is None:
            yield f"{schedule.logical_id}: keeps nothing of what it gave up"
        elif not any(
            statement.owner is role
            and "sqs:SendMessage" in statement.actions
            and letters in map(stack.target, statement.resources)
            for statement in stack.statements("AWS::IAM::Role")
        ):
            yield f"{schedule.logical_id}: its role may not send to {letters.logical_id}"


def schedules_give_up_before_the_next_run(stack: Stack) -> Iterator[str]:
    """The scheduler's own limit is a day, in which nobody would learn of the failure."""
    for schedule in _schedules(stack):
        if _retries_seconds(schedule) > HOUR:
            yield f"{schedule.logical_id}: tries again for {_retries_seconds(schedule)} s"


def alarms_that_keep_their_state_have_one_on_silence(stack: Stack) -> Iterator[str]:
    """When nothing measures any more, such an alarm shows the last state for ever."""
    alarms = list(stack.of_type("AWS::CloudWatch::Alarm"))
    for alarm in (alarm for alarm in alarms if alarm.properties["TreatMissingData"] == "ignore"):
        source = [alarm.properties["Namespace"], alarm.properties["Dimensions"]]
        if not any(
            [other.properties["Namespace"], other.properties["Dimensions"]] == source
            and other.properties["MetricName"] in CHECK_METRICS
            and _is_heard(other)
            for other in alarms
        ):
            yield f"{alarm.logical_id}: nothing notices that its metric is no longer measured"


def _schedules(stack: Stack) -> Iterator[Resource]:
    return stack.of_type("AWS::Scheduler::Schedule")


def _is_heard(alarm: Resource) -> bool:
    """Return whether the alarm is raised when its metric has no values, and by nothing else."""
    properties = alarm.properties
    return (
        properties["TreatMissingData"] == "breaching"
        and properties["ComparisonOperator"] == "LessThanThreshold"
        and float(properties["Threshold"]) == 1
        and properties["Statistic"] in {"Sum", "SampleCount"}
        and "DatapointsToAlarm" not in properties
        # CloudWatch takes a period as missing only a few periods later, so periods are short against the pause.
        and int(properties["Period"]) == HOUR
    )


def _alarms_of_group(stack: Stack, schedule: Resource) -> Iterator[Resource]:
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        dimensions = [{"Name": "ScheduleGroup", "Value": schedule.properties.get("GroupName")}]
        if alarm.properties["Namespace"] == "AWS/Scheduler" and alarm.properties["Dimensions"] == dimensions:
            yield alarm


def _alarms_of_target(stack: Stack, schedule: Resource) -> Iterator[Resource]:
    """Yield the alarms on what the check publishes, if the schedule invokes it."""
    if '"check": true' in str(schedule.properties["Target"].get("Input")):
        for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
            if alarm.properties["MetricName"] in CHECK_METRICS:
                yield alarm


def _retries_seconds(schedule: Resource) -> int:
    """Return how long the scheduler tries an invocation again; a day is its own limit."""
    return int(schedule.properties["Target"].get("RetryPolicy", {}).get("MaximumEventAgeInSeconds", DAY))
