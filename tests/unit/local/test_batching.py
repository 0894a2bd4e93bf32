"""The batches that the emulator hands to a function: as full, and gathered for as long, as on AWS."""

from typing import Any

import pytest

from patched_ministack import seams
from patched_ministack.batching import MAX_EVENT_BYTES, fill_the_batch, how_many_fit, seconds_to_wait

NOW = 1_000_000.0


def messages(*ages: float, body: str = "") -> list[dict[str, Any]]:
    """Messages by the seconds for which they have been visible; a negative age is still hidden."""
    return [{"body": body, "visible_at": NOW - age} for age in ages]


@pytest.mark.parametrize(
    ("source", "waiting", "seconds"),
    [
        ({"MaximumBatchingWindowInSeconds": 20, "BatchSize": 100}, messages(3, 1), 17),
        ({"MaximumBatchingWindowInSeconds": 20, "BatchSize": 100}, messages(20, 1), 0),
        ({"MaximumBatchingWindowInSeconds": 20, "BatchSize": 2}, messages(3, 1), 0),
        ({"MaximumBatchingWindowInSeconds": 20, "BatchSize": 2}, messages(3, -1), 17),
        ({"MaximumBatchingWindowInSeconds": 20, "BatchSize": 100}, messages(-5), 0),
        ({"MaximumBatchingWindowInSeconds": 20, "BatchSize": 100}, messages(*[3] * 30, body="x" * 250_000), 0),
        ({"MaximumBatchingWindowInSeconds": 0, "BatchSize": 10}, messages(0), 0),
        ({"BatchSize": 10}, messages(0), 0),
    ],
    ids=["waits", "the window is over", "full", "a hidden one does not fill", "nothing there", "6 MB", "no window",
         "not set"],
)  # fmt: skip
def test_a_batch_is_gathered_until_it_is_full_or_its_window_ends(
    source: dict[str, Any], waiting: list[dict[str, Any]], seconds: float
) -> None:
    assert seconds_to_wait(source, waiting, NOW) == seconds


def test_an_event_has_at_most_six_megabytes() -> None:
    large = messages(*[1] * 40, body="x" * 250_000)

    fit = how_many_fit(large)

    assert fit == 25
    assert 250_000 * fit < MAX_EVENT_BYTES < 250_000 * (fit + 1)


@pytest.mark.parametrize(("there", "most", "received"), [(250, 100, 100), (37, 100, 37), (37, 10, 10), (0, 100, 0)])
def test_a_batch_may_have_more_messages_than_sqs_gives_at_once(
    monkeypatch: pytest.MonkeyPatch, there: int, most: int, received: int
) -> None:
    queue = messages(*[1] * there)
    for message in queue:
        message["visible_at"] = 0

    def stock(_url: str, number: int) -> list[dict[str, Any]]:
        assert number <= 10
        taken = queue[:number]
        del queue[:number]
        return taken

    patched: list[Any] = []
    monkeypatch.setattr(seams, "QUEUES", type("Queues", (), {"value": {"queue": {"messages": queue}}}))
    monkeypatch.setattr(
        seams, "RECEIVE_BATCH", type("Receive", (), {"value": staticmethod(stock), "replace": patched.append})
    )
    fill_the_batch()

    assert len(patched[0]("queue", most)) == received
