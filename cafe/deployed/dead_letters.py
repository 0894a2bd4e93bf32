"""Move dead letters back: receive, send, delete, in this order; a break in between doubles a message at worst."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Any
from urllib.parse import unquote_plus

from cafe.deployed.environment import Environment
from cafe.errors import CafeError
from cafe.waiting import paced
from shared.contracts import file_id_of

MESSAGES_A_CALL = 10
# As long as a message may take from its receipt to its deletion before another command could take it too.
HIDDEN_SECONDS = 60
# A queue is empty when it said so so often: SQS asks a part of its servers at a time.
EMPTY_ANSWERS = 3
NOT_READABLE = "not readable"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up: what it is about, when it was first sent, how often it was received.

    ``file_ids`` are those of the files that it names; none if it is not readable.
    """

    stage: str
    message_id: str
    about: str
    file_ids: tuple[str, ...]
    sent_at: datetime
    receives: int


def count_dead_letters(environment: Environment, stage: str) -> int:
    """Count the dead letters that can be received now, about."""
    answer = environment.client("sqs").get_queue_attributes(
        QueueUrl=environment.fact(f"{stage}/deadletters/url"), AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def look_at_dead_letters(environment: Environment, stage: str) -> list[DeadLetter]:
    """Read a stage's dead letters and leave them where they are."""
    with _held(environment, stage) as received:
        return [_letter(stage, message) for message in received.values()]


def discard_unreadable(environment: Environment, stage: str) -> list[DeadLetter]:
    """Delete a stage's dead letters that name no file, since no stage will ever read them; give them.

    All others stay where they are.
    """
    sqs, url = environment.client("sqs"), environment.fact(f"{stage}/deadletters/url")
    discarded = []
    with _held(environment, stage) as received:
        for message_id, message in list(received.items()):
            letter = _letter(stage, message)
            if letter.about == NOT_READABLE:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                del received[message_id]
                discarded.append(letter)
    return discarded


@contextmanager
def _held(environment: Environment, stage: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Receive all of a stage's dead letters, by their ids; what the context leaves in it is given back."""
    sqs, url = environment.client("sqs"), environment.fact(f"{stage}/deadletters/url")
    # By message, since one that was hidden for too short a time comes again, and only its last receipt counts.
    received: dict[str, dict[str, Any]] = {}
    try:
        for messages in _receive(environment, stage, MESSAGES_A_CALL):
            known = len(received)
            received |= {message["MessageId"]: message for message in messages}
            if len(received) == known:
                break
        yield received
    finally:
        for some in batched(received.values(), MESSAGES_A_CALL, strict=False):
            entries = [
                {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
                for place, message in enumerate(some)
            ]
            sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def redrive(
    environment: Environment,
    stage: str,
    most: int,
    *,
    per_second: float,
    on_moved: Callable[[int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Move at most so many dead letters back into the stage's queue; give how many were moved.

    A message is deleted only after it was sent. ``most`` keeps a message that fails again from going round for ever.
    Raises CafeError if a message could not be sent: it stays, and shows again after HIDDEN_SECONDS.
    """
    sqs = environment.client("sqs")
    queue, dead = environment.fact(f"{stage}/queue/url"), environment.fact(f"{stage}/deadletters/url")
    moved = 0
    # What is received waits for its turn, and must still be hidden from others when it comes.
    size = max(1, min(MESSAGES_A_CALL, int(per_second * HIDDEN_SECONDS / 2)))
    for some in paced(_receive(environment, stage, size, most), per_second / size, sleep=sleep):
        sent = sqs.send_message_batch(
            QueueUrl=queue,
            Entries=[{"Id": str(place), "MessageBody": message["Body"]} for place, message in enumerate(some)],
        )
        done = [some[int(entry["Id"])] for entry in sent.get("Successful", [])]
        if done:
            sqs.delete_message_batch(
                QueueUrl=dead,
                Entries=[
                    {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]} for place, message in enumerate(done)
                ],
            )
        moved += len(done)
        on_moved(len(done))
        if failed := sent.get("Failed"):
            raise CafeError(
                f"The queue of {stage} refused {len(failed)} messages: {failed[0]['Code']}. {moved} were moved.",
                "They stay where they were. Run the command again.",
            )
    return moved


def _receive(
    environment: Environment, stage: str, size: int, most: int | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Yield a stage's dead letters in groups of at most ``size``, hidden from others for a while; at most so many."""
    sqs, url = environment.client("sqs"), environment.fact(f"{stage}/deadletters/url")
    empty, left = 0, most
    while empty < EMPTY_ANSWERS and (left is None or left > 0):
        messages = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=size if left is None else min(size, left),
            VisibilityTimeout=HIDDEN_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        ).get("Messages", [])
        empty = 0 if messages else empty + 1
        left = None if left is None else left - len(messages)
        if messages:
            yield messages


def _letter(stage: str, message: dict[str, Any]) -> DeadLetter:
    attributes = message["Attributes"]
    about, file_ids = _read(message["Body"])
    return DeadLetter(
        stage,
        message["MessageId"],
        about,
        file_ids,
        datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
        int(attributes["ApproximateReceiveCount"]),
    )


def _read(body: str) -> tuple[str, tuple[str, ...]]:
    """Say which file a message is about; never more of it, since a stray message may hold anything."""
    try:
        message = json.loads(body)
        if "Records" in message:
            keys = [unquote_plus(record["s3"]["object"]["key"]) for record in message["Records"]]
            return ", ".join(keys), tuple(map(_announced_file_id, message["Records"], keys))
        source = message["file"]["source"]
        about = f"{source['key']}, part {message['part']} of {message['file']['parts']}, {source['file_id']}"
        return about, (source["file_id"],)
    except (ValueError, KeyError, TypeError, IndexError):
        return NOT_READABLE, ()


def _announced_file_id(record: dict[str, Any], key: str) -> str:
    """Name the file that S3 announced as extract does; "" of a version that S3 did not name."""
    stored, reading = record["s3"], record.get("cafe", {}).get("reading", "")
    if "versionId" not in stored["object"]:
        return ""
    return file_id_of(stored["bucket"]["name"], key, stored["object"]["versionId"], reading)
