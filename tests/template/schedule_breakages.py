"""Mistakes in the schedules and in the alarms on them, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.rules import schedules

CHECK, SNAPSHOT = "Resources.WarehouseCheckSchedule", "Resources.WarehouseSnapshotSchedule"
CHECK_SILENCE, SNAPSHOT_SILENCE = "Resources.CheckScheduleSilenceAlarm", "Resources.SnapshotScheduleSilenceAlarm"

BREAKAGES = [
    Breakage(
        schedules.schedules_have_a_group_of_their_own,
        "the account's default group",
        f"{CHECK}.Properties.GroupName",
        Gone,
        "WarehouseCheckSchedule",
    ),
    Breakage(
        schedules.schedules_have_a_group_of_their_own,
        "one group for both",
        f"{SNAPSHOT}.Properties.GroupName",
        {"Ref": "CheckScheduleGroup"},
        "WarehouseSnapshotSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_an_invocation_is_given_up,
        "no alarm on failures",
        "Resources.CheckScheduleFailureAlarm",
        Gone,
        "WarehouseCheckSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_an_invocation_is_given_up,
        "an alarm at the second failure",
        "Resources.SnapshotScheduleFailureAlarm.Properties.Threshold",
        2,
        "WarehouseSnapshotSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_they_are_silent,
        "no alarm on silence",
        SNAPSHOT_SILENCE,
        Gone,
        "WarehouseSnapshotSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_they_are_silent,
        "silence that looks healthy",
        f"{CHECK_SILENCE}.Properties.TreatMissingData",
        "notBreaching",
        "WarehouseCheckSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_they_are_silent,
        "an alarm between two checks",
        f"{CHECK_SILENCE}.Properties.EvaluationPeriods",
        12,
        "WarehouseCheckSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_they_are_silent,
        "an alarm after days",
        f"{SNAPSHOT_SILENCE}.Properties.EvaluationPeriods",
        100,
        "WarehouseSnapshotSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_they_are_silent,
        "one period of a day, of which CloudWatch waits for several",
        f"{SNAPSHOT_SILENCE}.Properties.Period",
        86_400,
        "WarehouseSnapshotSchedule",
    ),
    Breakage(
        schedules.schedules_alarm_when_they_are_silent,
        "one check a day, and the alarm for two",
        "Parameters.CheckSchedule.Default",
        "cron(0 7 * * ? *)",
        "WarehouseCheckSchedule",
    ),
    Breakage(
        schedules.alarms_look_back_no_further_than_cloudwatch_allows,
        "seventeen hours in periods of half an hour",
        f"{CHECK_SILENCE}.Properties",
        {"Period": 1800, "EvaluationPeriods": 50},
        "CheckScheduleSilenceAlarm",
    ),
    Breakage(
        schedules.schedules_keep_what_they_gave_up,
        "no dead-letter queue",
        f"{CHECK}.Properties.Target.DeadLetterConfig",
        Gone,
        "WarehouseCheckSchedule",
    ),
    Breakage(
        schedules.schedules_keep_what_they_gave_up,
        "a role that may not send to it",
        "Resources.WarehouseSnapshotRole.Properties.Policies.0.PolicyDocument.Statement.1",
        Gone,
        "WarehouseSnapshotSchedule",
    ),
    Breakage(
        schedules.schedules_give_up_before_the_next_run,
        "a day of retries",
        f"{CHECK}.Properties.Target.RetryPolicy",
        Gone,
        "WarehouseCheckSchedule",
    ),
    Breakage(
        schedules.alarms_that_keep_their_state_have_one_on_silence,
        "checks whose end nobody notices",
        CHECK_SILENCE,
        Gone,
        "ConservationAlarm",
    ),
]
