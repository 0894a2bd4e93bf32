"""Load's access to SNS: the mail as it is, and errors of the service as the pipeline's own errors."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from load.mail import SnsTopic
from load.morning import Mail
from shared.aws_errors import ServiceUnavailable

TOPIC = "arn:aws:sns:eu-west-2:123456789012:cafe-dev-MorningTopic-1"
MAIL = Mail("Cafe sales", "Café sales\n")


def sns() -> Any:
    return boto3.client("sns", "eu-west-2", aws_access_key_id="test", aws_secret_access_key="test")


def test_a_topic_without_an_arn_is_not_wanted_and_creates_no_client() -> None:
    assert not SnsTopic(lambda: pytest.fail("a client was created"), "").is_wanted


def test_a_mail_is_published_with_its_subject() -> None:
    client = sns()
    expected = {"TopicArn": TOPIC, "Subject": MAIL.subject, "Message": MAIL.text}

    with Stubber(client) as stub:
        stub.add_response("publish", {"MessageId": "1"}, expected)
        SnsTopic(lambda: client, TOPIC).publish(MAIL)

        stub.assert_no_pending_responses()


def test_an_error_of_the_service_is_the_pipelines_own_and_repeats_nothing() -> None:
    client = sns()

    with Stubber(client) as stub:
        stub.add_client_error("publish", "KMSAccessDenied", "what was sent", 400)
        with pytest.raises(ServiceUnavailable, match="KMSAccessDenied") as raised:
            SnsTopic(lambda: client, TOPIC).publish(MAIL)

    assert "what was sent" not in str(raised.value)
