"""An invocation's output is its own, however late a busy machine brings it."""

import queue
import threading
from pathlib import Path

import pytest

from patched_ministack import output
from patched_ministack.output import END, output_of

FIRST, SECOND = END.format("first"), END.format("second")


def lines(*texts: str) -> "queue.Queue[str]":
    found: queue.Queue[str] = queue.Queue()
    for text in texts:
        found.put(text)
    return found


@pytest.mark.parametrize(
    ("written", "first", "second"),
    [
        (["a", "b", FIRST, "c", SECOND], "a\nb", "c"),
        ([FIRST, SECOND], "", ""),
        (["a", f"b{FIRST}", "c", SECOND], "a\nb", "c"),
        (["a", FIRST, FIRST, "c", SECOND], "a", "c"),
    ],
    ids=["lines", "nothing", "without a line feed", "answered twice"],
)
def test_each_invocation_has_its_own_lines(written: list[str], first: str, second: str) -> None:
    waiting = lines(*written)

    assert [output_of(name, waiting, lambda: True) for name in ("first", "second")] == [first, second]


def test_a_line_that_comes_late_is_waited_for() -> None:
    waiting = lines("a")
    for seconds, line in ((2 * output.POLL_SECONDS, "b"), (4 * output.POLL_SECONDS, FIRST)):
        threading.Timer(seconds, waiting.put, [line]).start()

    assert output_of("first", waiting, lambda: True) == "a\nb"


def test_the_output_of_a_process_that_died_is_what_it_wrote() -> None:
    assert output_of("first", lines("a"), lambda: False) == "a"


def test_no_end_is_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "MOST_SECONDS", 3 * output.POLL_SECONDS)

    assert output_of("first", lines("a"), lambda: True) == "a"


def test_both_environments_know_the_same_end() -> None:
    client = Path(output.__file__).with_name("runtime_client.py").read_text(encoding="utf-8")

    assert f"END = {END!r}".replace("'", '"') in client
