"""Let time pass in the emulator at once, so that a test of alarms does not wait for minutes.

No clock is turned: the functions and the clients have clocks of their own, and must agree with the emulator. Instead,
everything that the emulator dated is dated earlier: the values of metrics, the messages in queues, and the start of
each execution that runs. A message may become visible by that, but never one that a function is working on: it would be
delivered twice because a test let time pass, and not because of anything that the test is about.

POST /_cafe/minutes?pass=2 lets two minutes pass.
"""

import asyncio
import http
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from patched_ministack import seams

PATH = "/_cafe/minutes"
MINUTE_SECONDS = 60
MAX_MINUTES = 24 * 60

type Response = tuple[int, dict[str, str], bytes]


class Work:
    """The messages that functions are working on, by their ids, and how many minutes have been let pass."""

    def __init__(self) -> None:
        self.changing = threading.Lock()
        self.minutes = 0
        self._messages: Counter[str] = Counter()

    def begin(self, messages: list[dict[str, Any]]) -> None:
        """Note what a function is given. The caller holds `changing`."""
        self._messages.update(message["id"] for message in messages)

    def end(self, messages: list[dict[str, Any]]) -> None:
        """Forget it again."""
        with self.changing:
            self._messages.subtract(message["id"] for message in messages)
            self._messages += Counter()  # drops those that count none

    def has(self, message: dict[str, Any]) -> bool:
        """Whether a function is working on a message."""
        return message["id"] in self._messages


_work = Work()


def now() -> float:
    """Return the time in seconds, as a clock shows it that all the minutes have moved on."""
    return time.time() + _work.minutes * MINUTE_SECONDS


def note_work() -> None:
    """Note the messages of each batch from the moment in which it leaves its queue."""
    stock_receive, stock_run = seams.RECEIVE_BATCH.value, seams.RUN_BATCH.value

    def receive(*arguments: Any) -> list[dict[str, Any]]:
        with _work.changing:
            batch: list[dict[str, Any]] = stock_receive(*arguments)
            _work.begin(batch)
        return batch

    def run(source: Any, function: Any, event: Any, batch: list[dict[str, Any]], *more: Any) -> None:
        try:
            stock_run(source, function, event, batch, *more)
        finally:
            _work.end(batch)

    seams.RECEIVE_BATCH.replace(receive)
    seams.RUN_BATCH.replace(run)


def serve(let_minutes_pass: Callable[[int], None]) -> None:
    """Answer requests for time to pass, besides what the emulator answers."""
    stock_handle = seams.HANDLE_BEFORE_BODY.value

    async def handle(method: str, path: str, headers: dict[str, str], query: dict[str, Any], request_id: str) -> Any:
        if path != PATH:
            return await stock_handle(method, path, headers, query, request_id)
        try:
            minutes = minutes_of(method, query)
        except ValueError as problem:
            return _answer(http.HTTPStatus.BAD_REQUEST, str(problem))
        await asyncio.to_thread(let_minutes_pass, minutes)
        return _answer(http.HTTPStatus.OK, f"{minutes} minutes have passed")

    seams.HANDLE_BEFORE_BODY.replace(handle)


def minutes_of(method: str, query: dict[str, Any]) -> int:
    """Read a request. Raises ValueError, which says what a request looks like."""
    text = (query.get("pass") or [""])[0]
    if method != "POST" or not text.isdecimal() or not 1 <= int(text) <= MAX_MINUTES:
        raise ValueError(f"expected: POST {PATH}?pass=MINUTES, from 1 to {MAX_MINUTES}")
    return int(text)


def age_by_a_minute() -> None:
    """Date every metric value, message and execution a minute earlier.

    A whole minute, because the values that are collected by the minute are dated at its start.
    """
    for data in list(seams.METRICS.value.values()):
        for datum in list(data):
            datum["Timestamp"] -= MINUTE_SECONDS
    with _work.changing:
        _work.minutes += 1
        for queue in list(seams.QUEUES.value.values()):
            for message in list(queue["messages"]):
                _age(message)
    # ministack looks for messages that have become visible once a second.
    seams.POLLER_WAKES.value.set()


def _age(message: dict[str, Any]) -> None:
    message["sent_at"] -= MINUTE_SECONDS
    message["sys"]["SentTimestamp"] = str(int(message["sent_at"] * 1000))
    if not _work.has(message):
        message["visible_at"] -= MINUTE_SECONDS


def _answer(status: http.HTTPStatus, text: str) -> Response:
    return status, {"Content-Type": "text/plain"}, text.encode()
