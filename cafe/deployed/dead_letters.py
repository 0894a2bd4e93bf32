"""Read dead letters and move them back: receive, send, delete, in this order.

An interruption between two of these steps duplicates a message at worst.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from cafe.counting import counted
from cafe.deployed.environment import Environment
from cafe.deployed.queues import MESSAGES_A_CALL, send_batch
from cafe.errors import CafeError
from cafe.waiting import paced
from shared.contracts import file_id_of
from shared.personal_text import mask_key

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef, MessageTypeDef

# A message must be deleted within this time after it was received; later, another command could receive it too.
HIDDEN_SECONDS = 60
# A queue counts as empty after this many empty answers: SQS samples only some of its servers for each call.
EMPTY_ANSWERS = 3
NOT_READABLE = "not readable"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter: what it is about, when it was first sent, how often it was received.

    ``file_ids`` are the files that it names; empty if it is not readable.
    """

    stage: str
    message_id: str
    about: str
    file_ids: tuple[str, ...]
    sent_at: datetime
    receives: int


def count_dead_letters(environment: Environment, stage: str) -> int:
    """Return SQS's approximate number of dead letters that can be received now."""
    answer = environment.client("sqs").get_queue_attributes(
        QueueUrl=environment.fact(f"{stage}/deadletters/url"), AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def look_at_dead_letters(environment: Environment, stage: str) -> list[DeadLetter]:
    """Read a stage's dead letters without moving them."""
    with _held(environment, stage) as received:
        return [_letter(stage, message) for message in received.values()]


def discard_unreadable(environment: Environment, stage: str) -> list[DeadLetter]:
    """Delete a stage's dead letters that name no file, since no stage can read them, and return them.

    All others stay in the queue.
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
def _held(environment: Environment, stage: str) -> Iterator[dict[str, "MessageTypeDef"]]:
    """Receive all of a stage's dead letters, by message id. Those still in the dict at exit become visible again."""
    sqs, url = environment.client("sqs"), environment.fact(f"{stage}/deadletters/url")
    # By message id: a message may become visible and be received again, and only its last receipt is valid.
    received: dict[str, MessageTypeDef] = {}
    try:
        for messages in _receive(environment, stage, MESSAGES_A_CALL):
            known = len(received)
            received |= {message["MessageId"]: message for message in messages}
            if len(received) == known:
                break
        yield received
    finally:
        for some in batched(received.values(), MESSAGES_A_CALL, strict=False):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
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
    """Move at most ``most`` dead letters back into the stage's queue. Returns how many were moved.

    A message is deleted only after it was sent. ``most`` keeps a message that fails again from being moved for ever.
    Raises CafeError if a message could not be sent: it stays, and becomes visible after HIDDEN_SECONDS.
    """
    sqs = environment.client("sqs")
    queue, dead = environment.fact(f"{stage}/queue/url"), environment.fact(f"{stage}/deadletters/url")
    moved = 0
    # A message waits for its turn after it was received, and must still be hidden from others by then.
    size = max(1, min(MESSAGES_A_CALL, int(per_second * HIDDEN_SECONDS / 2)))
    for some in paced(_receive(environment, stage, size, most), per_second / size, sleep=sleep):
        sent = send_batch(sqs, queue, [message["Body"] for message in some])
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
                f"The queue of {stage} refused {counted(len(failed), 'message')}: {failed[0]['Code']}. Moved: {moved}.",
                "They are still dead letters. Run the command again.",
            )
    return moved


def _receive(
    environment: Environment, stage: str, size: int, most: int | None = None
) -> Iterator[list["MessageTypeDef"]]:
    """Yield at most ``most`` dead letters, in groups of at most ``size``, hidden from others for HIDDEN_SECONDS."""
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


def _letter(stage: str, message: "MessageTypeDef") -> DeadLetter:
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
    """Return which file a message is about, and no more of its text: a stray message may contain anything."""
    try:
        message = json.loads(body)
        if "Records" in message:
            keys = [unquote_plus(record["s3"]["object"]["key"]) for record in message["Records"]]
            return ", ".join(map(mask_key, keys)), tuple(map(_announced_file_id, message["Records"], keys))
        source = message["file"]["source"]
        parts = message["file"]["parts"]
        # Of a file that was still being read, the number of parts is not known.
        part = f"part {message['part']}" + (f" of {parts}" if parts else "")
        about = f"{source['key']}, {part}, {source['file_id']}"
        return about, (source["file_id"],)
    except (ValueError, KeyError, TypeError, IndexError):
        return NOT_READABLE, ()


def _announced_file_id(record: dict[str, Any], key: str) -> str:
    """Return the file id that extract would give the file; "" if S3 did not name a version."""
    stored, re_extract = record["s3"], record.get("cafe", {}).get("reading", "")
    if "versionId" not in stored["object"]:
        return ""
    return file_id_of(stored["bucket"]["name"], key, stored["object"]["versionId"], re_extract)
