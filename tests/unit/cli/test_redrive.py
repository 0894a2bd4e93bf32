"""`cafe redrive`: dead letters go back where they came from, each sent before it is deleted."""

import json
from typing import Any

import boto3
import pytest

from cafe.environment import open_environment
from cafe.errors import CafeError
from cafe.queues import redrive
from unit.cli.builders import REGION
from unit.cli.conftest import Run

PART = {"part": 2, "file": {"parts": 3, "source": {"key": "2021/2/23/leeds.csv", "file_id": "0" * 32}}}


def sqs() -> Any:
    return boto3.client("sqs", REGION)


@pytest.fixture
def dead(deployed: dict[str, Any]) -> dict[str, Any]:
    """Three dead letters of load, one of extract."""
    for number in range(3):
        sqs().send_message(QueueUrl=deployed["load/deadletters/url"], MessageBody=json.dumps(PART | {"n": number}))
    notification = {"Records": [{"s3": {"object": {"key": "2021/2/23/york.csv"}}}]}
    sqs().send_message(QueueUrl=deployed["extract/deadletters/url"], MessageBody=json.dumps(notification))
    return deployed


def bodies(url: str) -> list[str]:
    messages = sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(message["Body"] for message in messages)


def test_a_dry_run_shows_what_each_is_about_and_moves_none(run: Run, dead: dict[str, Any]) -> None:
    result = run("redrive", "--dry-run", "--env", "dev")

    assert result.exit_code == 1
    assert "2021/2/23/york.csv" in result.stdout
    assert result.stdout.count("2021/2/23/leeds.csv, part 2 of 3") == 3
    assert len(bodies(dead["load/deadletters/url"])) == 3, "they are visible again at once"


def test_all_are_moved_to_their_own_stages_queue(run: Run, dead: dict[str, Any]) -> None:
    result = run("redrive", "--rate", "1000", "--json", "--env", "dev")

    assert json.loads(result.stdout) == {"moved": {"extract": 1, "transform": 0, "load": 3}}
    assert [json.loads(body)["n"] for body in bodies(dead["load/queue/url"])] == [0, 1, 2]
    assert len(bodies(dead["extract/queue/url"])) == 1
    assert bodies(dead["load/deadletters/url"]) == []


def test_one_stage_alone(run: Run, dead: dict[str, Any]) -> None:
    run("redrive", "extract", "--env", "dev")

    assert bodies(dead["load/queue/url"]) == []
    assert len(bodies(dead["extract/queue/url"])) == 1


@pytest.mark.usefixtures("deployed")
def test_nothing_to_move_is_no_bad_news(run: Run) -> None:
    assert run("redrive", "--dry-run", "--env", "dev").exit_code == 0
    assert run("redrive", "--env", "dev").exit_code == 0


def test_a_message_that_is_not_readable_is_shown_without_its_words(run: Run, deployed: dict[str, Any]) -> None:
    sqs().send_message(QueueUrl=deployed["extract/deadletters/url"], MessageBody="Ada Tester 4111111111111111")

    shown = (
        run("redrive", "--dry-run", "--env", "dev").output
        + run("redrive", "--dry-run", "--json", "--env", "dev").output
    )

    assert "not readable" in shown
    assert "Ada Tester" not in shown


def test_F37_a_message_that_could_not_be_sent_stays_a_dead_letter(
    dead: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = open_environment("dev")
    client = environment.client("sqs")
    monkeypatch.setattr(
        client, "send_message_batch", lambda **_: {"Failed": [{"Id": "0", "Code": "InternalError"}], "Successful": []}
    )

    with pytest.raises(CafeError, match="InternalError"):
        redrive(environment, "load", 3, per_second=1000, on_moved=lambda _: None)

    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = sqs().get_queue_attributes(QueueUrl=dead["load/deadletters/url"], AttributeNames=names)["Attributes"]
    assert sum(map(int, counts.values())) == 3


def test_no_more_are_moved_than_there_were_at_first(dead: dict[str, Any]) -> None:
    environment = open_environment("dev")

    assert redrive(environment, "load", 2, per_second=1000, on_moved=lambda _: None) == 2
    assert len(bodies(dead["load/deadletters/url"])) == 1
