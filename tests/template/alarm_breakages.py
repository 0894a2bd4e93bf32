"""Mistakes in the alarms, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.rules import alarms


def _description(
    problem: str = "The newest sale is old.",
    affected: str = "Managers see no new sales.",
    command: str = "cafe status --env ${Environment}",
    runbook: str = "stale-sales",
) -> dict[str, str]:
    return {"Fn::Sub": f"{problem} {affected} First run `{command}`. Runbook: ${{RunbookUrl}}#{runbook}"}


BREAKAGES = [
    Breakage(
        alarms.alarms_notify_when_they_fire_and_when_they_end,
        "nobody learns that it ended",
        "Resources.LoadSlowAlarm.Properties.OKActions",
        Gone,
        "LoadSlowAlarm",
    ),
    Breakage(
        alarms.alarms_are_named_after_their_logical_id,
        "a name that CloudFormation generates",
        "Resources.RejectAlarm.Properties.AlarmName",
        Gone,
        "RejectAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "a runbook that nobody wrote",
        "Resources.LoadErrorAlarm.Properties.AlarmDescription",
        _description(runbook="good-luck"),
        "LoadErrorAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "no runbook",
        "Resources.StaleSalesAlarm.Properties.AlarmDescription",
        _description(runbook=""),
        "StaleSalesAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "nobody is affected",
        "Resources.WarehouseSecondsAlarm.Properties.AlarmDescription",
        _description(affected="It is bad."),
        "WarehouseSecondsAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "no first command",
        "Resources.RejectAlarm.Properties.AlarmDescription",
        _description(command=""),
        "RejectAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "a first command that the runbook does not have",
        "Resources.ConservationAlarm.Properties.AlarmDescription",
        _description(command="cafe demo --env ${Environment}"),
        "ConservationAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "a first command for another environment",
        "Resources.MissingCafeAlarm.Properties.AlarmDescription",
        _description(command="cafe status"),
        "MissingCafeAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "the command before the problem",
        "Resources.LoadFailureAlarm.Properties.AlarmDescription",
        _description(problem="Run `cafe trace FILE`."),
        "LoadFailureAlarm",
    ),
    Breakage(
        alarms.alarms_describe_problem_affected_first_command_and_runbook,
        "more than CloudWatch takes",
        "Resources.ExtractSlowAlarm.Properties.AlarmDescription",
        _description(problem="Slow. " * 200),
        "ExtractSlowAlarm",
    ),
    Breakage(
        alarms.alarms_watch_what_is_measured,
        "a misspelt metric",
        "Resources.MissingCafeAlarm.Properties.MetricName",
        "CafeMissing",
        "MissingCafeAlarm",
    ),
    Breakage(
        alarms.alarms_watch_what_is_measured,
        "a metric of another stage",
        "Resources.RejectAlarm.Properties.Dimensions.0.Value",
        "extract",
        "RejectAlarm",
    ),
    Breakage(
        alarms.alarms_watch_what_is_measured,
        "a queue named by a literal",
        "Resources.ArrivalsLateAlarm.Properties.Dimensions.0.Value",
        "arrivals",
        "ArrivalsLateAlarm",
    ),
    Breakage(
        alarms.alarms_state_what_missing_data_means,
        "an alarm that ends a minute after the check",
        "Resources.ConservationAlarm.Properties.TreatMissingData",
        "notBreaching",
        "ConservationAlarm",
    ),
    Breakage(
        alarms.late_messages_alarm_twice,
        "a later warning",
        "Parameters.OldestMessageWarningSeconds.Default",
        1800,
        "ExtractedQueue",
    ),
    Breakage(
        alarms.late_messages_alarm_twice,
        "no critical alarm",
        "Resources.TransformedStuckAlarm",
        Gone,
        "TransformedQueue",
    ),
    Breakage(
        alarms.overdue_alarms_last_from_one_try_to_the_next,
        "a period of a minute",
        "Parameters.OverduePeriodSeconds.Default",
        60,
        "LoadOverdueAlarm",
    ),
    Breakage(
        alarms.functions_alarm_on_errors_throttles_and_slowness,
        "no alarm on throttles",
        "Resources.TransformThrottleAlarm",
        Gone,
        "TransformFunction",
    ),
    Breakage(
        alarms.functions_alarm_on_errors_throttles_and_slowness,
        "a longer timeout",
        "Globals.Function.Timeout",
        300,
        "ExtractFunction",
    ),
    Breakage(
        alarms.functions_alarm_on_errors_throttles_and_slowness,
        "the limit of the other functions",
        "Parameters.LoadDurationWarningMilliseconds.Default",
        96_000,
        "LoadFunction",
    ),
    Breakage(
        alarms.overdue_alarms_last_from_one_try_to_the_next,
        "a period that the other queues need",
        "Parameters.OverduePeriodSeconds.Default",
        900,
        "LoadOverdueAlarm",
    ),
    Breakage(
        alarms.alarms_state_what_missing_data_means,
        "a host that is gone and looks healthy",
        "Resources.GrafanaHostAlarm.Properties.TreatMissingData",
        "notBreaching",
        "GrafanaHostAlarm",
    ),
]
