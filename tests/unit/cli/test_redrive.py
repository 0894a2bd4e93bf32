"""`cafe redrive`: dead letters go back into their queues, each sent before it is deleted."""

import json
from typing import Any

import boto3
import pytest

from cafe.deployed.dead_letters import HIDDEN_SECONDS, redrive
from cafe.deployed.environment import open_environment
from cafe.errors import CafeError
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


def test_a_dry_run_shows_each_dead_letter_and_moves_none(run: Run, dead: dict[str, Any]) -> None:
    result = run("redrive", "--dry-run", "--env", "dev")

    assert result.exit_code == 1
    assert "2021/2/23/york.csv" in result.stdout
    assert result.stdout.count("2021/2/23/leeds.csv, part 2 of 3") == 3
    assert len(bodies(dead["load/deadletters/url"])) == 3, "they are visible again at once"


def test_a_part_of_a_file_that_is_still_read_has_a_number_only(run: Run, deployed: dict[str, Any]) -> None:
    body = PART | {"file": PART["file"] | {"parts": 0}}  # type: ignore[operator]
    sqs().send_message(QueueUrl=deployed["transform/deadletters/url"], MessageBody=json.dumps(body))

    assert "2021/2/23/leeds.csv, part 2, 000" in run("redrive", "--dry-run", "--env", "dev").stdout


def test_all_are_moved_to_their_own_stages_queue(run: Run, dead: dict[str, Any]) -> None:
    result = run("redrive", "--rate", "1000", "--json", "--env", "dev")

    assert json.loads(result.stdout)["data"] == {"moved": {"extract": 1, "transform": 0, "load": 3}}
    assert [json.loads(body)["n"] for body in bodies(dead["load/queue/url"])] == [0, 1, 2]
    assert len(bodies(dead["extract/queue/url"])) == 1
    assert bodies(dead["load/deadletters/url"]) == []


def test_one_stage_alone(run: Run, dead: dict[str, Any]) -> None:
    run("redrive", "extract", "--env", "dev")

    assert bodies(dead["load/queue/url"]) == []
    assert len(bodies(dead["extract/queue/url"])) == 1


@pytest.mark.usefixtures("deployed")
def test_nothing_to_move_is_exit_code_0(run: Run) -> None:
    assert run("redrive", "--dry-run", "--env", "dev").exit_code == 0
    assert run("redrive", "--env", "dev").exit_code == 0


def test_an_unreadable_message_is_shown_without_its_text(run: Run, deployed: dict[str, Any]) -> None:
    sqs().send_message(QueueUrl=deployed["extract/deadletters/url"], MessageBody="Ada Tester 4111111111111111")

    shown = (
        run("redrive", "--dry-run", "--env", "dev").output
        + run("redrive", "--dry-run", "--json", "--env", "dev").output
    )

    assert "not readable" in shown
    assert "Ada Tester" not in shown


def test_only_unreadable_messages_are_discarded(run: Run, dead: dict[str, Any]) -> None:
    for url in (dead["load/deadletters/url"], dead["extract/deadletters/url"]):
        sqs().send_message(QueueUrl=url, MessageBody="Ada Tester 4111111111111111")

    result = run("redrive", "--discard-unreadable", "--env", "dev")
    again = run("redrive", "--discard-unreadable", "--json", "--env", "dev")

    assert (result.exit_code, result.stdout.strip()) == (0, "2 unreadable dead letters discarded")
    assert json.loads(again.stdout)["data"] == {"discarded": []}
    assert [json.loads(body)["n"] for body in bodies(dead["load/deadletters/url"])] == [0, 1, 2]
    assert len(bodies(dead["extract/deadletters/url"])) == 1
    assert bodies(dead["load/queue/url"]) == []


@pytest.mark.usefixtures("deployed")
def test_a_dry_run_cannot_discard(run: Run) -> None:
    assert run("redrive", "--dry-run", "--discard-unreadable", "--env", "dev").exit_code == 2


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


def test_a_dry_run_that_is_interrupted_gives_back_what_it_received(
    run: Run, deployed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = deployed["load/deadletters/url"]
    for _ in range(12):
        sqs().send_message(QueueUrl=url, MessageBody="{}")
    client, calls = open_environment("dev").client("sqs"), []
    monkeypatch.setattr("cafe.deployed.environment.Environment.client", lambda *_: client)
    receive = client.receive_message

    def interrupted(**arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return receive(**arguments)

    monkeypatch.setattr(client, "receive_message", interrupted)
    monkeypatch.setattr("cafe.deployed.environment.Environment.fact", lambda _self, name: deployed[name])

    assert run("redrive", "load", "--dry-run", "--env", "dev").exit_code == 130
    names = ["ApproximateNumberOfMessages"]
    assert sqs().get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] == {names[0]: "12"}


def test_a_slow_rate_receives_no_more_than_it_can_send_while_hidden(dead: dict[str, Any]) -> None:
    slept: list[float] = []
    environment = open_environment("dev")
    for number in range(20):
        sqs().send_message(QueueUrl=dead["load/deadletters/url"], MessageBody=str(number))

    assert redrive(environment, "load", 23, per_second=0.1, on_moved=lambda _: None, sleep=slept.append) == 23
    assert 0 < slept[0] <= HIDDEN_SECONDS / 2


def test_no_more_are_moved_than_there_were_at_first(dead: dict[str, Any]) -> None:
    environment = open_environment("dev")

    assert redrive(environment, "load", 2, per_second=1000, on_moved=lambda _: None) == 2
    assert len(bodies(dead["load/deadletters/url"])) == 1
