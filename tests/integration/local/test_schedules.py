"""The schedules of the emulator, and the template's alarms on them and on the pipeline's own metrics.

The alarms are those of the template, for environments that exist in one test only. A test does not wait for hours: it
publishes values that are hours old, as log lines of Powertools like those of the functions.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from integration.local.conftest import Emulator
from integration.local.test_emulator import deploy, deploy_function
from integration.local.test_measures import state, statistics
from integration.local.waiting import wait_until
from template.stack import Stack, read_source

ANSWERS = """
    def lambda_handler(event, context):
        return event
    """
SNAPSHOT = "arn:aws:scheduler:::aws-sdk:redshiftserverless:createSnapshot"


def template_alarm(environment: str, logical_id: str) -> dict[str, Any]:
    """Return an alarm of the template for an environment, without its actions. References stay."""
    stack = Stack(read_source(), {"Environment": environment})
    properties = dict(stack.resources[logical_id].properties)
    for name in ("AlarmDescription", "AlarmActions", "OKActions"):
        del properties[name]
    for name in ("AlarmName", "Namespace"):
        properties[name] = stack.text(properties[name])
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def publish(aws: Emulator, environment: str, name: str, value: float, age: timedelta = timedelta(0)) -> None:
    """Publish a metric as load does in an environment: in the namespace of its variables, in a line of a log."""
    stack = Stack(read_source(), {"Environment": environment})
    variables = stack.resources["LoadFunction"].properties["Environment"]["Variables"]
    metrics = EphemeralMetrics(
        namespace=stack.text(variables["POWERTOOLS_METRICS_NAMESPACE"]), service=variables["POWERTOOLS_SERVICE_NAME"]
    )
    metrics.add_metric(name, MetricUnit.Count, value)
    metrics.set_timestamp(datetime.now(UTC) - age)
    logs, group = aws.client("logs"), {"logGroupName": f"/{environment}", "logStreamName": "load"}
    try:
        logs.create_log_group(logGroupName=group["logGroupName"])
        logs.create_log_stream(**group)
    except logs.exceptions.ResourceAlreadyExistsException:
        pass
    line = json.dumps(metrics.serialize_metric_set())
    logs.put_log_events(**group, logEvents=[{"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": line}])


def schedule(
    aws: Emulator,
    environment: str,
    target: str,
    *allowed: dict[str, str],
    alarm: str = "CheckScheduleFailureAlarm",
    scheduled_input: str = '{"check": true}',
) -> str:
    """Deploy a schedule that is due at once, with an alarm of the template; return its dead-letter queue's URL.

    Its role may do what ``allowed`` lists, and send to that queue.
    """
    watched = template_alarm(environment, alarm)
    group = watched["Properties"]["Dimensions"][0]["Value"]
    letters = {"Fn::GetAtt": ["Letters", "Arn"]}
    statements: list[dict[str, Any]] = [*allowed, {"Action": "sqs:SendMessage", "Resource": letters}]
    role = {
        "AssumeRolePolicyDocument": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "scheduler.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ]
        },
        "Policies": [
            {
                "PolicyName": "schedule",
                "PolicyDocument": {"Statement": [{"Effect": "Allow", **statement} for statement in statements]},
            }
        ],
    }
    properties = {
        "GroupName": group,
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": target,
            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "Input": scheduled_input,
            "DeadLetterConfig": {"Arn": letters},
        },
    }
    resources = {
        group["Ref"]: {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": f"cafe-{environment}"}},
        "Letters": {"Type": "AWS::SQS::Queue"},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": properties},
        "Alarm": watched,
    }
    return deploy(aws, f"schedule-{environment}", resources, {"Letters": {"Ref": "Letters"}})["Letters"]


def counted(aws: Emulator, environment: str, metric: str) -> float:
    return statistics(aws, "AWS/Scheduler", metric, ("ScheduleGroup", f"cafe-{environment}")).get("Sum", 0)


def test_a_new_rate_begins_at_once_and_each_try_is_counted(running_emulator: Emulator) -> None:
    function = deploy_function(running_emulator, "scheduled", ANSWERS)
    arn = running_emulator.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]

    schedule(running_emulator, "runs", arn, {"Action": "lambda:InvokeFunction", "Resource": arn})

    wait_until(lambda: statistics(running_emulator, "AWS/Lambda", "Invocations", ("FunctionName", function)) != {})
    assert counted(running_emulator, "runs", "InvocationAttemptCount") == 1
    assert counted(running_emulator, "runs", "InvocationDroppedCount") == 0
    assert state(running_emulator, "cafe-runs-check-schedule-failure") == "OK"


def test_an_input_gets_the_time_of_its_run(running_emulator: Emulator) -> None:
    started, gone = datetime.now(UTC).replace(microsecond=0), "arn:aws:lambda:eu-west-2:000000000000:function:gone"
    scheduled_input = Stack(read_source()).resources["WarehouseCheckSchedule"].properties["Target"]["Input"]

    letters = schedule(running_emulator, "timed", gone, scheduled_input=scheduled_input)

    wait_until(lambda: counted(running_emulator, "timed", "InvocationsSentToDeadLetterCount") == 1)
    (letter,) = running_emulator.client("sqs").receive_message(QueueUrl=letters)["Messages"]
    scheduled_at = json.loads(letter["Body"])["scheduled_at"]
    assert scheduled_at.endswith("Z")
    assert started <= datetime.fromisoformat(scheduled_at) <= datetime.now(UTC)


def test_a_call_of_another_service_counts_as_made_if_the_role_allows_it(running_emulator: Emulator) -> None:
    snapshot = {"Action": "redshift-serverless:CreateSnapshot", "Resource": "*"}

    schedule(running_emulator, "snapshots", SNAPSHOT, snapshot)

    wait_until(lambda: counted(running_emulator, "snapshots", "InvocationAttemptCount") == 1)
    assert counted(running_emulator, "snapshots", "InvocationDroppedCount") == 0


@pytest.mark.parametrize(
    ("environment", "target", "code"),
    [
        ("forbidden", SNAPSHOT, "AccessDeniedException"),
        ("gone", "arn:aws:lambda:eu-west-2:000000000000:function:gone", "ResourceNotFoundException"),
    ],
)
def test_a_schedule_that_fails_raises_the_alarm_and_keeps_the_reason(
    running_emulator: Emulator, environment: str, target: str, code: str
) -> None:
    letters = schedule(running_emulator, environment, target)

    wait_until(lambda: state(running_emulator, f"cafe-{environment}-check-schedule-failure") == "ALARM")

    (letter,) = running_emulator.client("sqs").receive_message(QueueUrl=letters, MessageAttributeNames=["All"])[
        "Messages"
    ]
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == code
    assert letter["MessageAttributes"]["TARGET_ARN"]["StringValue"] == target
    assert letter["Body"] == '{"check": true}'


@pytest.mark.parametrize(
    ("environment", "hours", "expected"),
    [("checked-in-time", 15, "OK"), ("checked-too-long-ago", 19, "ALARM"), ("never-checked", None, "ALARM")],
)
def test_checks_that_stop_raise_the_alarm_on_their_silence(
    running_emulator: Emulator, environment: str, hours: int | None, expected: str
) -> None:
    alarm = template_alarm(environment, "CheckScheduleSilenceAlarm")
    if hours is not None:
        publish(running_emulator, environment, "CheckFaults", 0, timedelta(hours=hours))

    deploy(running_emulator, environment, {"Alarm": alarm})

    wait_until(lambda: state(running_emulator, f"cafe-{environment}-check-schedule-silence") == expected)


def test_a_check_ends_the_alarm_on_silence_even_if_it_finds_faults(running_emulator: Emulator) -> None:
    deploy(running_emulator, "again", {"Alarm": template_alarm("again", "CheckScheduleSilenceAlarm")})
    wait_until(lambda: state(running_emulator, "cafe-again-check-schedule-silence") == "ALARM")

    publish(running_emulator, "again", "CheckFaults", 3)

    wait_until(lambda: state(running_emulator, "cafe-again-check-schedule-silence") == "OK")


def test_snapshots_are_silent_until_one_is_tried(running_emulator: Emulator) -> None:
    group = {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "cafe-idle"}}
    alarm = template_alarm("idle", "SnapshotScheduleSilenceAlarm")
    deploy(running_emulator, "idle", {"SnapshotScheduleGroup": group, "Alarm": alarm})

    schedule(running_emulator, "busy", SNAPSHOT, alarm="SnapshotScheduleSilenceAlarm")

    wait_until(lambda: state(running_emulator, "cafe-busy-snapshot-schedule-silence") == "OK")
    assert state(running_emulator, "cafe-idle-snapshot-schedule-silence") == "ALARM"


def test_a_metric_of_one_environment_moves_no_alarm_of_another(running_emulator: Emulator) -> None:
    alarms = {
        environment: template_alarm(environment, "ConservationAlarm") for environment in ("faultless", "at-fault")
    }
    deploy(running_emulator, "two-environments", {name.title().replace("-", ""): a for name, a in alarms.items()})

    publish(running_emulator, "at-fault", "CheckFaults", 2)
    wait_until(lambda: state(running_emulator, "cafe-at-fault-conservation") == "ALARM")
    publish(running_emulator, "faultless", "CheckFaults", 0)
    wait_until(lambda: state(running_emulator, "cafe-faultless-conservation") == "OK")

    assert state(running_emulator, "cafe-at-fault-conservation") == "ALARM"
