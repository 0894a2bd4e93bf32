"""Let time pass in the emulator at once, so that a test of alarms does not wait for minutes.

No clock is turned: the functions and the clients have clocks of their own, and must agree with the emulator. Instead,
everything that the emulator dated is dated earlier: the values of metrics, and the messages in queues. A message may
become visible by that, also one that a function is working on. So let time pass while nothing is at work.

POST /_cafe/minutes?pass=2 lets two minutes pass.
"""

import asyncio
import http
from collections.abc import Callable
from typing import Any

from patched_ministack import seams

PATH = "/_cafe/minutes"
MINUTE_SECONDS = 60
MAX_MINUTES = 24 * 60

type Response = tuple[int, dict[str, str], bytes]


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
    """Date every metric value and every message a minute earlier.

    A whole minute, because the values that are collected by the minute are dated at its start.
    """
    for data in list(seams.METRICS.value.values()):
        for datum in list(data):
            datum["Timestamp"] -= MINUTE_SECONDS
    for queue in list(seams.QUEUES.value.values()):
        for message in list(queue["messages"]):
            message["sent_at"] -= MINUTE_SECONDS
            message["visible_at"] -= MINUTE_SECONDS
            message["sys"]["SentTimestamp"] = str(int(message["sent_at"] * 1000))


def _answer(status: http.HTTPStatus, text: str) -> Response:
    return status, {"Content-Type": "text/plain"}, text.encode()
