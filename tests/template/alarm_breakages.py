"""What somebody might do to the alarms, and the rule that is to notice it."""

from template.breakage import Breakage, Gone
from template.rules import alarms

BREAKAGES = [
    Breakage(
        alarms.alarms_tell_when_they_fire_and_when_they_end,
        "the end told to nobody",
        "Resources.LoadSlowAlarm.Properties.OKActions",
        Gone,
        "LoadSlowAlarm",
    ),
    Breakage(
        alarms.alarms_are_named_by_what_they_are,
        "a name that CloudFormation makes",
        "Resources.RejectAlarm.Properties.AlarmName",
        Gone,
        "RejectAlarm",
    ),
    Breakage(
        alarms.alarms_say_what_moves_them_and_what_to_do,
        "a runbook that nobody wrote",
        "Resources.LoadErrorAlarm.Properties.AlarmDescription",
        {"Fn::Sub": "Locally as on AWS. Runbook: ${RunbookUrl}#good-luck"},
        "LoadErrorAlarm",
    ),
    Breakage(
        alarms.alarms_say_what_moves_them_and_what_to_do,
        "no word of what stands in",
        "Resources.WarehouseSecondsAlarm.Properties.AlarmDescription",
        {"Fn::Sub": "Too much. Runbook: ${RunbookUrl}#warehouse-seconds"},
        "WarehouseSecondsAlarm",
    ),
    Breakage(
        alarms.alarms_watch_what_is_measured,
        "a metric with a slip in its name",
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
        "a queue that is named",
        "Resources.ArrivalsLateAlarm.Properties.Dimensions.0.Value",
        "arrivals",
        "ArrivalsLateAlarm",
    ),
    Breakage(
        alarms.alarms_know_what_silence_means,
        "a check that is forgotten after a minute",
        "Resources.ConservationAlarm.Properties.TreatMissingData",
        "notBreaching",
        "ConservationAlarm",
    ),
    Breakage(
        alarms.late_messages_alarm_twice,
        "a longer patience",
        "Parameters.OldestMessageWarningSeconds.Default",
        1800,
        "ExtractedQueue",
    ),
    Breakage(
        alarms.late_messages_alarm_twice,
        "a warning only",
        "Resources.TransformedStuckAlarm",
        Gone,
        "TransformedQueue",
    ),
    Breakage(
        alarms.overdue_messages_ring_from_try_to_try,
        "a look back of a minute",
        "Parameters.OverduePeriodSeconds.Default",
        60,
        "LoadOverdueAlarm",
    ),
    Breakage(
        alarms.functions_alarm_when_they_fail_wait_or_drag,
        "no word of throttles",
        "Resources.TransformThrottleAlarm",
        Gone,
        "TransformFunction",
    ),
    Breakage(
        alarms.functions_alarm_when_they_fail_wait_or_drag,
        "a longer timeout",
        "Globals.Function.Timeout",
        300,
        "LoadFunction",
    ),
    Breakage(
        alarms.alarms_know_what_silence_means,
        "a host that is gone and looks well",
        "Resources.GrafanaHostAlarm.Properties.TreatMissingData",
        "notBreaching",
        "GrafanaHostAlarm",
    ),
]
