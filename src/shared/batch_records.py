"""What a delivery of SQS says about each of its messages. Pure."""

from typing import Any


def receive_count(record: dict[str, Any]) -> int:
    """Return how often a message was delivered, this time included."""
    return int(record["attributes"]["ApproximateReceiveCount"])
