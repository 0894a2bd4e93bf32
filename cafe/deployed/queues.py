"""What all of a stack's queues have in common: their names, and how messages are sent in batches."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cafe.deployed.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef, SendMessageBatchResultTypeDef

# The most that SQS sends, receives or deletes in one call.
MESSAGES_A_CALL = 10


def queue_name(environment: Environment, queue: str) -> str:
    """Return the name of ``load/queue``, ``load/deadletters`` and so on: the last part of its URL."""
    return environment.fact(f"{queue}/url").rsplit("/", 1)[-1]


def queue_arn(environment: Environment, queue: str) -> str:
    """Return the ARN of ``load/queue`` and so on. A queue's URL ends with its account and its name."""
    _, account, name = environment.fact(f"{queue}/url").rsplit("/", 2)
    return f"arn:aws:sqs:{environment.region}:{account}:{name}"


def send_batch(sqs: "SQSClient", queue_url: str, bodies: Iterable[str]) -> "SendMessageBatchResultTypeDef":
    """Send at most `MESSAGES_A_CALL` messages. In SQS's answer, each ``Id`` is the message's place in ``bodies``."""
    entries: list[SendMessageBatchRequestEntryTypeDef] = [
        {"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)
    ]
    return sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
