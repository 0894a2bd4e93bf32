"""Sending to the next stage's queue: all messages or an error, in batches of ten."""

from copy import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from integration.adapters.conftest import Aws
from shared.aws_errors import ServiceUnavailable
from shared.contracts import MAX_CARRIED_CHARACTERS, MAX_MESSAGE_BYTES, ExtractedPart, decode_extracted_part
from shared.outbox import MAX_BATCH, SqsOutbox

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

GOLDEN = Path(__file__).parents[2] / "contracts" / "golden" / "extracted_part.json"
SERVICE_MESSAGE = "refused, Ada Tester 4111111111111111"


def parts(count: int) -> list[ExtractedPart]:
    """Create the messages of a file with ``count`` parts."""
    golden = decode_extracted_part(GOLDEN.read_text(encoding="utf-8"))
    return [replace(golden, part=number) for number in range(1, count + 1)]


def hand_on(sqs: "SQSClient", queue_url: str, count: int) -> None:
    """Send the messages of a file with ``count`` parts."""
    outbox = SqsOutbox(sqs, queue_url)
    outbox.send(parts(count))
    outbox.hand_on()


@pytest.mark.parametrize("count", [0, 1, 10, 11, 25])
def test_every_message_is_sent_however_many_there_are(aws: Aws, count: int) -> None:
    outbox = SqsOutbox(aws.client("sqs"), aws.queue_url)

    outbox.send(parts(count))
    assert outbox.is_full == (count >= 10)
    assert aws.sent() == []
    outbox.hand_on()

    assert sorted(decode_extracted_part(body).part for body in aws.sent()) == list(range(1, count + 1))


def test_a_message_that_is_sent_at_once_does_not_wait_for_the_others(aws: Aws) -> None:
    outbox = SqsOutbox(aws.client("sqs"), aws.queue_url)
    first, second, third = parts(3)
    outbox.send([first])

    outbox.send_at_once(second)
    assert [decode_extracted_part(body) for body in aws.sent()] == [second]
    outbox.send([third])
    outbox.hand_on()

    assert sorted(decode_extracted_part(body).part for body in aws.sent()) == [1, 3]


def test_a_message_that_cannot_be_sent_at_once_takes_no_other_with_it(aws: Aws) -> None:
    sqs = aws.client("sqs")
    outbox = SqsOutbox(sqs, aws.queue_url)
    first, second = parts(2)
    outbox.send([first])
    stubber = Stubber(sqs)
    stubber.add_client_error("send_message_batch", "ThrottlingException", SERVICE_MESSAGE, 400)

    with stubber, pytest.raises(ServiceUnavailable):
        outbox.send_at_once(second)
    outbox.hand_on()

    assert [decode_extracted_part(body) for body in aws.sent()] == [first]


def test_a_message_that_the_queue_refused_is_an_error_even_if_the_call_succeeded(aws: Aws) -> None:
    sqs = aws.client("sqs")
    stubber = Stubber(sqs)
    sent = {"Id": "0", "MessageId": "1", "MD5OfMessageBody": "2"}
    refused = {"Id": "1", "SenderFault": False, "Code": "InternalError", "Message": SERVICE_MESSAGE}
    stubber.add_response("send_message_batch", {"Successful": [sent], "Failed": [refused]})

    with stubber, pytest.raises(ServiceUnavailable) as caught:
        hand_on(sqs, aws.queue_url, 2)

    assert caught.value.code == "InternalError"
    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 400), ("ServiceUnavailable", 503), ("AWS.SimpleQueueService.NonExistentQueue", 400)],
)
def test_F42_an_error_of_sqs_is_tried_again_and_reported_by_its_code_alone(aws: Aws, code: str, status: int) -> None:
    sqs = aws.client("sqs")
    stubber = Stubber(sqs)
    stubber.add_client_error("send_message_batch", code, SERVICE_MESSAGE, status)

    with stubber, pytest.raises(ServiceUnavailable) as caught:
        hand_on(sqs, aws.queue_url, 1)

    assert caught.value.code == code
    assert "Ada" not in str(caught.value)


def test_a_queue_that_cannot_be_reached_is_tried_again(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = aws.client("sqs")

    def unreachable(**_arguments: object) -> None:
        raise EndpointConnectionError(endpoint_url=SERVICE_MESSAGE)

    monkeypatch.setattr(sqs, "send_message_batch", unreachable)

    with pytest.raises(ServiceUnavailable) as caught:
        hand_on(sqs, aws.queue_url, 1)

    assert caught.value.code == "EndpointConnectionError"
    assert "Ada" not in str(caught.value)


def test_a_request_may_have_ten_of_the_largest_messages() -> None:
    """SQS guide, "Amazon SQS message quotas": 1 MiB, for a message and for a request with several."""
    assert MAX_BATCH * (MAX_CARRIED_CHARACTERS + MAX_MESSAGE_BYTES) <= 1 << 20
