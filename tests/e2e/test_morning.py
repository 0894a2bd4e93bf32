"""The morning mail, on its way: load's role publishes it, and who is subscribed gets it, once a morning."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cafe.deployed.load_function import invoke_load
from e2e.branch_files import small_file
from e2e.grants import check_in_the_morning
from e2e.pipeline import Pipeline, wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def mails(pipeline: Pipeline) -> str:
    """A queue that gets the morning mails; its URL."""
    return pipeline.subscribe("MorningTopic", "morning-mails")


def receive(pipeline: Pipeline, url: str) -> list[dict[str, Any]]:
    """Take what was sent. What is only read is there again when minutes have been let pass."""
    sqs = pipeline.client("sqs")
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in received:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in received]


def forget_the_morning(pipeline: Pipeline, day: date) -> None:
    """Make a mail of the day unsent. Other tests run the check's schedule, which sends it if that is before noon."""
    pipeline.client("s3").delete_object(Bucket=pipeline.fact("staging/bucket/name"), Key=f"mornings/{day}/sent")


def mail_of(pipeline: Pipeline, mails: str, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """Let load check the warehouse twice on a morning; return the mail, and what `cafe morning` writes after it."""
    yesterday = today - timedelta(days=1)
    pipeline.drop({"morning-town.csv": small_file("Morning Town", day=yesterday).body})
    pipeline.wait_until_idle()
    forget_the_morning(pipeline, yesterday)
    sent_before = len(pipeline.events("load", "morning.sent_before", f"{yesterday}"))

    for _ in range(2):
        check_in_the_morning(pipeline, today)

    assert pipeline.events("load", "morning.not_sent", f"{yesterday}") == []
    (mail,) = wait_until(lambda: receive(pipeline, mails), "the mail arrives")
    assert len(pipeline.events("load", "morning.sent_before", f"{yesterday}")) == sent_before + 1
    return mail, invoke_load(pipeline.environment, "report", {"options": "--env dev"})


def test_the_mail_arrives_once_a_morning_and_says_what_cafe_morning_says(pipeline: Pipeline, mails: str) -> None:
    today = datetime.now(UTC).date()
    mail, written = mail_of(pipeline, mails, today)
    if datetime.now(UTC).date() != today:
        # Midnight came between the two, and they are about different days.
        today = datetime.now(UTC).date()
        mail, written = mail_of(pipeline, mails, today)

    assert (mail["Subject"], mail["Message"]) == (written["subject"], written["text"])
    assert written["day"] == f"{today - timedelta(days=1)}"
    assert "Morning Town" in mail["Message"]


def test_a_mail_that_load_may_not_send_is_logged_and_the_check_succeeds(pipeline: Pipeline, mails: str) -> None:
    day = date(1999, 12, 31)

    with pipeline.without_permission("LoadRole", "load", "SendMorningMail"):
        check_in_the_morning(pipeline, day)

    (entry,) = pipeline.events("load", "morning.not_sent")
    assert (entry["level"], entry["day"]) == ("ERROR", f"{day - timedelta(days=1)}")
    assert receive(pipeline, mails) == []
