"""What the minutes that a test lets pass do to a message and to its function. The alarms are in test_measures.py."""

from pathlib import Path

from emulated_time import let_minutes_pass
from integration.local.conftest import Emulator
from integration.local.test_emulator import LOGGING, deploy, function, log_of
from integration.local.test_executions import POLLING, messages
from integration.local.test_measures import statistics
from integration.local.waiting import wait_until

# Works until the file exists that its message names, and then fails.
SLOW = """
    import os, time

    def lambda_handler(event, context):
        print("took one")
        while not os.path.exists(event["Records"][0]["body"]):
            time.sleep(0.01)
        raise ValueError("fails")
    """
# Longer than this test may take on any machine.
VISIBILITY_SECONDS = 600
VISIBILITY_MINUTES = 10


def test_a_message_is_delivered_again_when_its_time_has_passed_but_not_while_a_function_works_on_it(
    running_emulator: Emulator, tmp_path: Path
) -> None:
    def taken() -> int:
        return log_of(running_emulator, "/cafe/test/slow").count("took one")

    def pass_time() -> None:
        let_minutes_pass(running_emulator.url, running_emulator.layout, VISIBILITY_MINUTES)

    def counted(metric: str) -> dict[str, float]:
        return statistics(running_emulator, "AWS/Lambda", metric, ("FunctionName", names["Name"]))

    polling = {"Effect": "Allow", "Action": list(POLLING), "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}
    names = deploy(
        running_emulator,
        "slow",
        {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": VISIBILITY_SECONDS}},
            **function(SLOW, statements=[LOGGING, polling], LoggingConfig={"LogGroup": "/cafe/test/slow"}, Timeout=120),
            "Mapping": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {"FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
            },
        },
        {"Queue": {"Ref": "Queue"}, "Name": {"Ref": "Function"}},
    )
    done = tmp_path / "done"
    running_emulator.client("sqs").send_message(QueueUrl=names["Queue"], MessageBody=str(done))
    in_flight = ["ApproximateNumberOfMessagesNotVisible"]
    wait_until(
        lambda: (
            running_emulator.client("sqs").get_queue_attributes(QueueUrl=names["Queue"], AttributeNames=in_flight)[
                "Attributes"
            ][in_flight[0]]
            == "1"
        )
    )
    # The throttles are counted just before an execution begins.
    wait_until(lambda: counted("Throttles").get("SampleCount") == 1)

    for _ in range(3):
        pass_time()

    assert messages(running_emulator, names["Queue"]) == 1
    assert counted("Throttles")["SampleCount"] == 1, "delivered while a function worked on it"
    done.touch()
    wait_until(lambda: counted("Errors").get("Sum") == 1)
    assert taken() == 1
    assert counted("Duration")["Maximum"] >= VISIBILITY_SECONDS * 1000, "the minutes count for what ran"

    pass_time()

    wait_until(lambda: taken() == 2)
    assert messages(running_emulator, names["Queue"]) == 1
