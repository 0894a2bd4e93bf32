"""What Lambda does with a function's role, the emulator does only if the role allows it."""

from typing import Any

import pytest

from integration.local.conftest import Emulator
from integration.local.test_emulator import ECHO, LOGGING, deploy, function, invoke, log_of
from integration.local.waiting import wait_until

POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
IN_QUEUE = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def consumer(aws: Emulator, name: str, *actions: str) -> tuple[str, str]:
    """Deploy a function that takes messages of a queue. Return the queue's URL and the function's log group."""
    group = f"/cafe/test/{name}"
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 1}}
    grant = {"Effect": "Allow", "Action": list(actions), "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}
    source = "def lambda_handler(event, context):\n    print('took', len(event['Records']))"
    described = function(source, statements=[LOGGING, grant], LoggingConfig={"LogGroup": group}, Timeout=1)
    mapping: dict[str, Any] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
    }
    outputs = deploy(aws, name, {"Queue": queue, **described, "Mapping": mapping}, {"Queue": {"Ref": "Queue"}})
    return outputs["Queue"], group


def taken(aws: Emulator, group: str) -> int:
    return log_of(aws, group).count("took")


def messages(aws: Emulator, queue: str) -> int:
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=IN_QUEUE)
    return sum(map(int, answer["Attributes"].values()))


def test_a_function_that_may_take_messages_gets_each_once(running_emulator: Emulator) -> None:
    queue, group = consumer(running_emulator, "takes", *POLLING)

    running_emulator.client("sqs").send_message(QueueUrl=queue, MessageBody="one")
    # The message is deleted before the function's log is written.
    wait_until(lambda: messages(running_emulator, queue) == 0 and taken(running_emulator, group) > 0)

    assert taken(running_emulator, group) == 1


@pytest.mark.parametrize("missing", ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"])
def test_messages_wait_for_a_function_that_may_not_take_them(running_emulator: Emulator, missing: str) -> None:
    name = missing.partition(":")[2]
    queue, group = consumer(running_emulator, name, *(action for action in POLLING if action != missing))
    able, _ = consumer(running_emulator, f"control-{name}", *POLLING)

    # The poller goes over all queues, so it has seen the first one when the second one is empty.
    for url in (queue, able):
        running_emulator.client("sqs").send_message(QueueUrl=url, MessageBody="one")
    wait_until(lambda: messages(running_emulator, able) == 0)

    assert messages(running_emulator, queue) == 1
    assert taken(running_emulator, group) == 0


def test_a_message_that_may_not_be_deleted_is_delivered_again(running_emulator: Emulator) -> None:
    queue, group = consumer(running_emulator, "keeps", "sqs:ReceiveMessage", "sqs:GetQueueAttributes")

    running_emulator.client("sqs").send_message(QueueUrl=queue, MessageBody="one")
    wait_until(lambda: taken(running_emulator, group) > 1)

    assert messages(running_emulator, queue) == 1


@pytest.mark.parametrize("missing", LOGGING["Action"])
def test_a_function_that_may_not_log_goes_on_without(running_emulator: Emulator, missing: str) -> None:
    name = missing.partition(":")[2]
    grant = {**LOGGING, "Action": [action for action in LOGGING["Action"] if action != missing]}
    described = function(ECHO, statements=[grant], LoggingConfig={"LogGroup": f"/cafe/test/{name}"})
    deployed = deploy(running_emulator, name, described, {"Name": {"Ref": "Function"}})

    answer = invoke(running_emulator, deployed["Name"], {"orders": 3})

    assert answer == {"orders": 3}
    assert log_of(running_emulator, f"/cafe/test/{name}") == ""
