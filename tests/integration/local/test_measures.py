"""The emulator publishes metrics of functions, queues, log lines and instances, and its alarms follow them."""

import json
import time
import urllib.error
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated_time import let_minutes_pass
from integration.local.conftest import Emulator
from integration.local.test_emulator import deploy, deploy_function, invoke
from integration.local.waiting import wait_until

METRIC_LINE = """
    import json, time

    def lambda_handler(event, context):
        directive = {"Namespace": "Test", "Dimensions": [["service"]], "Metrics": [{"Name": "Orders", "Unit": "Count"}]}
        metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
        print(json.dumps({"_aws": metadata, "service": "counting", "Orders": [3, 4]}))
    """


def statistics(aws: Emulator, namespace: str, name: str, dimension: tuple[str, str]) -> dict[str, float]:
    """Give the statistics of a metric over the last hour; empty if it has no data."""
    now = datetime.now(UTC)
    data = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": dimension[0], "Value": dimension[1]}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=86_400,
        Statistics=["Sum", "Maximum", "SampleCount"],
    )["Datapoints"]
    return dict(data[-1]) if data else {}


def alarm(queue: str, **properties: Any) -> dict[str, Any]:
    """Describe an alarm that goes off at the first visible message of a queue."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": queue,
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": queue}],
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            **properties,
        },
    }


def state(aws: Emulator, name: str) -> str:
    (found,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])


def test_a_log_line_in_the_embedded_format_becomes_a_metric(running_emulator: Emulator) -> None:
    name = deploy_function(running_emulator, "counting", METRIC_LINE)

    invoke(running_emulator, name)

    orders = statistics(running_emulator, "Test", "Orders", ("service", "counting"))
    assert (orders["Sum"], orders["Maximum"], orders["SampleCount"]) == (7, 4, 2)


def test_an_invocation_is_counted_once_with_its_failure_and_its_time(running_emulator: Emulator) -> None:
    source = """
        def lambda_handler(event, context):
            return 1 / event["divisor"]
        """
    name = deploy_function(running_emulator, "divides", source)

    for divisor in (1, 2, 0):
        invoke(running_emulator, name, {"divisor": divisor})

    counted = {
        metric: statistics(running_emulator, "AWS/Lambda", metric, ("FunctionName", name))
        for metric in ("Invocations", "Errors", "Throttles", "Duration")
    }
    assert {metric: counted[metric]["Sum"] for metric in ("Invocations", "Errors", "Throttles")} == {
        "Invocations": 3,
        "Errors": 1,
        "Throttles": 0,
    }
    assert counted["Duration"]["SampleCount"] == 3


def test_a_throttle_does_not_count_as_an_invocation(running_emulator: Emulator) -> None:
    name = deploy_function(running_emulator, "none-at-all", METRIC_LINE, ReservedConcurrentExecutions=0)

    with pytest.raises(ClientError, match="TooManyRequests"):
        invoke(running_emulator, name)

    # The client retries, and each attempt is a throttle.
    assert statistics(running_emulator, "AWS/Lambda", "Throttles", ("FunctionName", name))["Sum"] >= 1
    assert statistics(running_emulator, "AWS/Lambda", "Invocations", ("FunctionName", name)) == {}


def test_a_queue_publishes_its_depth_and_the_age_of_its_oldest_message(running_emulator: Emulator) -> None:
    sqs = running_emulator.client("sqs")
    url = sqs.create_queue(QueueName="measured")["QueueUrl"]
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="waits")
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=600)

    def greatest(metric: str) -> float:
        return statistics(running_emulator, "AWS/SQS", metric, ("QueueName", "measured")).get("Maximum", 0)

    wait_until(lambda: greatest("ApproximateNumberOfMessagesNotVisible") == 1)
    assert greatest("ApproximateNumberOfMessagesVisible") >= 2
    let_minutes_pass(running_emulator.url, running_emulator.layout, 1)
    assert greatest("ApproximateAgeOfOldestMessage") >= 60


def test_a_message_that_was_received_too_often_does_not_count_as_the_oldest(running_emulator: Emulator) -> None:
    sqs = running_emulator.client("sqs")
    url = sqs.create_queue(QueueName="poisoned")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(4):
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)

    let_minutes_pass(running_emulator.url, running_emulator.layout, 1)

    ages = statistics(running_emulator, "AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", "poisoned"))
    assert ages["Maximum"] < 60


def test_an_instance_passes_its_check_while_it_runs_and_publishes_nothing_when_it_is_stopped(
    running_emulator: Emulator,
) -> None:
    ec2 = running_emulator.client("ec2")
    (instance,) = ec2.run_instances(ImageId="ami-0c2023a1b2c3d4e60", MinCount=1, MaxCount=1)["Instances"]
    identifier = instance["InstanceId"]

    def checks() -> dict[str, float]:
        return statistics(running_emulator, "AWS/EC2", "StatusCheckFailed", ("InstanceId", identifier))

    wait_until(lambda: bool(checks()))
    assert checks()["Maximum"] == 0
    ec2.stop_instances(InstanceIds=[identifier])
    let_minutes_pass(running_emulator.url, running_emulator.layout, 1)  # a poll may have started before
    before = checks()["SampleCount"]

    let_minutes_pass(running_emulator.url, running_emulator.layout, 2)

    assert checks()["SampleCount"] == before


def test_the_warehouse_publishes_what_it_computed_and_stores(running_emulator: Emulator) -> None:
    use = running_emulator.control.use
    use.update(busy_seconds=100.0, storage_megabytes=512.0)
    names = {"NamespaceName": "measured-namespace", "WorkgroupName": "measured-workgroup"}
    administrator = {"AdminUsername": "cafe_admin", "AdminUserPassword": "Correct-Horse-9", "DbName": "cafe"}
    deploy(
        running_emulator,
        "measured-warehouse",
        {
            "Namespace": {
                "Type": "AWS::RedshiftServerless::Namespace",
                "Properties": {"NamespaceName": names["NamespaceName"], **administrator},
            },
            "Workgroup": {"Type": "AWS::RedshiftServerless::Workgroup", "Properties": {**names, "BaseCapacity": 8}},
        },
    )

    def published(metric: str, dimension: str, name: str) -> dict[str, float]:
        return statistics(running_emulator, "AWS/Redshift-Serverless", metric, (dimension, name))

    def computed() -> float:
        return published("ComputeSeconds", "Workgroup", "measured-workgroup").get("Sum", -1)

    wait_until(lambda: computed() >= 0)
    before = computed()
    use["busy_seconds"] = 103.0

    wait_until(lambda: computed() == before + 8 * 3)
    use["busy_seconds"] = 2.0  # it was restarted, and worked
    wait_until(lambda: computed() == before + 8 * (3 + 2))
    assert published("DataStorage", "Namespace", "measured-namespace")["Maximum"] == 512


def test_an_alarm_reads_only_the_metric_with_its_dimensions(running_emulator: Emulator) -> None:
    sqs = running_emulator.client("sqs")
    queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("loud", "silent")}
    deploy(running_emulator, "two-alarms", {name.title(): alarm(name) for name in queues})
    wait_until(lambda: state(running_emulator, "silent") == "OK")

    sqs.send_message(QueueUrl=queues["loud"], MessageBody="dead")

    wait_until(lambda: state(running_emulator, "loud") == "ALARM")
    assert state(running_emulator, "silent") == "OK"


@pytest.mark.parametrize(
    ("missing", "expected"), [("notBreaching", "OK"), ("breaching", "ALARM"), ("ignore", "INSUFFICIENT_DATA")]
)
def test_an_alarm_without_data_takes_the_state_that_its_rule_states(
    running_emulator: Emulator, missing: str, expected: str
) -> None:
    name = f"nothing-{missing.lower()}"
    deploy(running_emulator, name, {"Alarm": alarm(name, TreatMissingData=missing)})

    wait_until(lambda: state(running_emulator, name) == expected)


def test_an_alarm_ends_when_minutes_without_data_have_passed(running_emulator: Emulator) -> None:
    sqs = running_emulator.client("sqs")
    url = sqs.create_queue(QueueName="taken-out")["QueueUrl"]
    deploy(running_emulator, "taken-out", {"Alarm": alarm("taken-out")})
    sqs.send_message(QueueUrl=url, MessageBody="dead")
    let_minutes_pass(running_emulator.url, running_emulator.layout, 1)
    assert state(running_emulator, "taken-out") == "ALARM"
    sqs.purge_queue(QueueUrl=url)

    let_minutes_pass(running_emulator.url, running_emulator.layout, 1)

    assert state(running_emulator, "taken-out") == "OK"


def test_a_hidden_message_is_visible_again_when_its_time_has_passed(running_emulator: Emulator) -> None:
    sqs = running_emulator.client("sqs")
    url = sqs.create_queue(QueueName="hidden")["QueueUrl"]
    sent = time.time()
    sqs.send_message(QueueUrl=url, MessageBody="hidden")
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=150)

    let_minutes_pass(running_emulator.url, running_emulator.layout, 2)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    let_minutes_pass(running_emulator.url, running_emulator.layout, 1)

    (message,) = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["SentTimestamp"])["Messages"]
    assert float(message["Attributes"]["SentTimestamp"]) / 1000 == pytest.approx(sent - 180, abs=30)


@pytest.mark.parametrize("minutes", [0, -1, 100_000])
def test_time_does_not_pass_backwards_or_for_ever(running_emulator: Emulator, minutes: int) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        let_minutes_pass(running_emulator.url, running_emulator.layout, minutes)


def test_a_logged_value_raises_its_alarm_even_if_the_next_period_begins_at_once(running_emulator: Emulator) -> None:
    metric = {"Namespace": "Test", "MetricName": "Waited", "Dimensions": [{"Name": "service", "Value": "late"}]}
    deploy(running_emulator, "late", {"Alarm": alarm("late", **metric)})
    logs = running_emulator.client("logs")
    logs.create_log_group(logGroupName="/cafe/test/late")
    logs.create_log_stream(logGroupName="/cafe/test/late", logStreamName="one")
    now = int(time.time() * 1000)
    lines = [
        {
            "_aws": {
                "Timestamp": now - seconds_ago * 1000,
                "CloudWatchMetrics": [
                    {"Namespace": "Test", "Dimensions": [["service"]], "Metrics": [{"Name": "Waited"}]}
                ],
            },
            "service": "late",
            "Waited": value,
        }
        for seconds_ago, value in ((60, 5), (0, 0))
    ]

    # In one call, so that no regular evaluation comes between.
    events = [{"timestamp": now, "message": json.dumps(line)} for line in lines]
    logs.put_log_events(logGroupName="/cafe/test/late", logStreamName="one", logEvents=events)

    history = running_emulator.client("cloudwatch").describe_alarm_history(AlarmName="late")["AlarmHistoryItems"]
    assert any("to ALARM" in item["HistorySummary"] for item in history)


def test_a_change_of_state_is_published_on_the_topic_and_kept_in_the_history(running_emulator: Emulator) -> None:
    sqs, sns = running_emulator.client("sqs"), running_emulator.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    subscriber = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=subscriber, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    admit = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ]
    }
    sqs.set_queue_attributes(QueueUrl=subscriber, Attributes={"Policy": json.dumps(admit)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    url = sqs.create_queue(QueueName="watched")["QueueUrl"]
    deploy(running_emulator, "watched", {"Alarm": alarm("watched", AlarmActions=[topic])})
    wait_until(lambda: state(running_emulator, "watched") == "OK")

    sqs.send_message(QueueUrl=url, MessageBody="dead")

    wait_until(lambda: state(running_emulator, "watched") == "ALARM")
    (message,) = sqs.receive_message(QueueUrl=subscriber, WaitTimeSeconds=5)["Messages"]
    notification = json.loads(message["Body"])
    assert (notification["AlarmName"], notification["NewStateValue"]) == ("watched", "ALARM")
    history = running_emulator.client("cloudwatch").describe_alarm_history(AlarmName="watched")["AlarmHistoryItems"]
    assert "Alarm updated from OK to ALARM" in [item["HistorySummary"] for item in history]
