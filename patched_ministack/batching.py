"""Hand a function the batches that AWS would: as large as its event source says, and gathered for as long.

ministack hands over what is there, at once, and never more than ten messages. Lambda guide, "Batching behavior": Lambda
invokes a function when the batch is full, when the batching window ends, or when the event reaches 6 MB.
"""

import threading
import time
from collections.abc import Iterable
from itertools import islice
from typing import Any

from patched_ministack import seams

# How many messages ministack takes from a queue in one go.
MOST_AT_ONCE = 10
MAX_EVENT_BYTES = 6 * 1024 * 1024
# What the event says about a message besides its body.
RECORD_BYTES = 1024


def batch_as_lambda_does() -> None:
    """Apply both patches. Call it once, before the emulator serves its first request."""
    wait_for_the_window()
    fill_the_batch()


def wait_for_the_window() -> None:
    """Let an event source with a batching window wait for more messages, unless its batch is full."""
    stock_concurrency = seams.EVENT_SOURCE_CONCURRENCY.value
    waking: dict[str, float] = {}

    def concurrency(source: dict[str, Any], function: dict[str, Any], config: Any, queue: dict[str, Any]) -> int:
        seconds = seconds_to_wait(source, queue["messages"], time.time())
        if not seconds:
            return int(stock_concurrency(source, function, config, queue))
        wake_at = time.monotonic() + seconds
        if not time.monotonic() < waking.get(source["UUID"], 0) <= wake_at:
            # ministack polls once a second, or when it is woken.
            waking[source["UUID"]] = wake_at
            timer = threading.Timer(seconds, seams.POLLER_WAKES.value.set)
            timer.daemon = True
            timer.start()
        return 0

    seams.EVENT_SOURCE_CONCURRENCY.replace(concurrency)


def seconds_to_wait(source: dict[str, Any], messages: Iterable[dict[str, Any]], now: float) -> float:
    """Return how much of the window is left for the messages that can be received; 0 if they need not wait."""
    window: float = source.get("MaximumBatchingWindowInSeconds") or 0
    if not window:
        return 0
    waiting = [message for message in list(messages) if message.get("visible_at", 0) <= now]
    most = source.get("BatchSize", MOST_AT_ONCE)
    if not waiting or len(waiting) >= most or how_many_fit(waiting) < len(waiting):
        return 0
    first_visible: float = min(message.get("visible_at", 0) for message in waiting)
    return max(0.0, first_visible + window - now)


def fill_the_batch() -> None:
    """Receive as many messages as the event source's batch may have, and as fit into one event."""
    stock_receive = seams.RECEIVE_BATCH.value

    def receive(queue_url: str, most: int) -> list[dict[str, Any]]:
        now = time.time()
        # A long queue is not read to its end for a batch.
        messages = list(seams.QUEUES.value[queue_url]["messages"])
        visible = islice((message for message in messages if message.get("visible_at", 0) <= now), most)
        most = how_many_fit(visible) or 1
        batch: list[dict[str, Any]] = []
        while len(batch) < most:
            some = stock_receive(queue_url, min(MOST_AT_ONCE, most - len(batch)))
            batch += some
            if not some:
                break
        return batch

    seams.RECEIVE_BATCH.replace(receive)


def how_many_fit(messages: Iterable[dict[str, Any]]) -> int:
    """Count the first messages whose event has at most MAX_EVENT_BYTES."""
    size = fit = 0
    for message in messages:
        size += len(message["body"].encode()) + RECORD_BYTES
        if size > MAX_EVENT_BYTES:
            break
        fit += 1
    return fit
