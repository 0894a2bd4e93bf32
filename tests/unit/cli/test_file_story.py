"""The story of a file: its steps in order, where it is now, and what to type."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cafe.answers.file_story import FileStory, RetryRules, Situation, situation_of, steps_of
from cafe.deployed.dead_letters import DeadLetter
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.logs import LogLine
from cafe.warehouse.ledger import LedgerEntry
from load.rules import FailureReason
from unit.cli.builders import FILE_ID, ledger_row

NOW = datetime(2026, 11, 25, 3, 0, 0, tzinfo=UTC)
ARRIVED = NOW - timedelta(hours=2)
KEY = "2026/11/24/leeds.csv"
STORED = StoredVersion("drop", KEY, "v1", "etag", 109, ARRIVED)
NOTHING_WAITS = {"extract": 0, "transform": 0, "load": 0}
RETRIES = dict.fromkeys(NOTHING_WAITS, RetryRules(again_after_seconds=740, tries=140))


def story(*lines: LogLine, entry: dict[str, Any] | None = None, **known: Any) -> FileStory:
    """Build the story of a file in the bucket; ``entry`` overrides fields of a loaded file's row in the ledger."""
    row = None if entry is None else LedgerEntry.from_row(ledger_row(source_key=KEY, **entry))
    defaults: dict[str, Any] = {"stored": STORED, "backlog": NOTHING_WAITS, "retries": RETRIES}
    return FileStory(FILE_ID, KEY, "v1", entry=row, lines=lines, **(defaults | known))


def line(stage: str, message: str, minutes: float, **fields: Any) -> LogLine:
    """Build a log line, written this many minutes after the arrival."""
    level = "ERROR" if message.endswith("failed") else "INFO"
    return LogLine(ARRIVED + timedelta(minutes=minutes), stage, level, message, fields, "")


def extracted(parts: int = 1) -> LogLine:
    return line("extract", "file.extracted", 1, parts=parts, rows=3, rejects=1, dialect="feed-b", duration_ms=500)


def transformed(part: int = 1, parts: int = 1) -> LogLine:
    return line("transform", "part.transformed", 2, part=part, parts=parts, orders=3, items=6, rejects=0, pence=1470)


COMPLETED = line("load", "file.completed", 3, outcome="loaded", rows_in=4, rows_loaded=3, duration_ms=9)
LETTER = DeadLetter("load", "m1", KEY, (FILE_ID,), ARRIVED, 140)


def failed(minutes: float, error: str = "Throttled", stage: str = "transform", tries: int = 1) -> LogLine:
    return line(stage, "message.failed", minutes, error=error, receive_count=tries)


def of_plan(plan_id: str, *lines: LogLine) -> list[LogLine]:
    """Say of log lines that they are about one reading of a file."""
    return [replace(line, fields={**line.fields, "plan_id": plan_id}) for line in lines]


@pytest.mark.parametrize(
    "newest",
    [of_plan("rejected", extracted()), of_plan("new", extracted(3), transformed())],
    ids=["refused", "by other rules"],
)
def test_parts_of_an_earlier_reading_do_not_count(newest: list[LogLine]) -> None:
    died = of_plan("old", *(transformed(part) for part in (1, 2, 3)))

    waiting = situation_of(story(*died, *newest, backlog=NOTHING_WAITS | {"transform": 1}), NOW)

    assert "lost" not in waiting.where
    assert "transform" in waiting.where


def test_the_steps_are_in_order_from_the_bucket_to_the_ledger() -> None:
    steps = steps_of(
        story(extracted(), transformed(), COMPLETED, entry={"recorded_at": ARRIVED + timedelta(minutes=4)})
    )

    assert [(step.what, (step.time - ARRIVED).total_seconds()) for step in steps] == [
        ("arrived", 0),
        ("event", 59.5),
        ("extract", 60),
        ("transform", 120),
        ("load", 180),
        ("ledger", 240),
    ]
    assert steps[2].words == "3 rows, 1 rejected, dialect feed-b, 1 part, 500 ms"
    assert steps[3].words == "part 1 of 1: 3 orders, 6 items, 0 rejected, £14.70, 0 ms"
    assert not any(step.is_failure for step in steps)


def test_a_part_of_a_file_that_is_still_read_has_a_number_only() -> None:
    (step,) = [step for step in steps_of(story(transformed(2, 0))) if step.what == "transform"]

    assert step.words.startswith("part 2: 3 orders")


def test_equal_failures_in_a_row_are_one_step() -> None:
    failures = [failed(minute, tries=minute) for minute in range(2, 100)]

    steps = steps_of(story(extracted(), *failures, failed(100, error="TimedOut")))

    assert [(step.what, step.times) for step in steps[3:]] == [("transform", 98), ("transform", 1)]
    assert steps[3].last == ARRIVED + timedelta(minutes=99)
    assert all(step.is_failure for step in steps[3:])


@pytest.mark.parametrize(
    ("known", "where", "remedy"),
    [
        (story(), "not in any log, and no message waits for extract", "cafe reconcile"),
        (story(backlog=NOTHING_WAITS | {"extract": 1}), "on its way: in the bucket, 1 message before extract", "Wait"),
        (
            story(extracted(2), transformed(1, 2), backlog=NOTHING_WAITS | {"transform": 2}),
            "on its way: extracted, 1 of 2 parts transformed, 2 messages before transform",
            "cafe logs --stage transform",
        ),
        (
            story(transformed(1, 0), transformed(2, 0), backlog=NOTHING_WAITS | {"extract": 1}),
            "on its way: being read, 2 parts transformed, 1 message before extract",
            "Wait",
        ),
        (
            story(transformed(1, 0), extracted(2), backlog=NOTHING_WAITS | {"transform": 1}),
            "on its way: extracted, 1 of 2 parts transformed, 1 message before transform",
            "Wait",
        ),
        (story(extracted(2), transformed(1, 2)), "no message waits for transform: its message", "cafe reconcile"),
        (
            story(extracted(), transformed(), parts_at_load=1, backlog=NOTHING_WAITS | {"load": 1}),
            "transformed, 1 of its parts at load, 1 message before load",
            "Wait",
        ),
        (
            story(extracted(), failed(110), failed(115)),
            "failed 2 times in transform (Throttled); its message is retried in 7 min, 140 times in all",
            f"cafe logs {FILE_ID}",
        ),
        (story(extracted(), failed(5), failed(6)), "is retried any moment now", "Fix the cause"),
        (
            story(extracted(), transformed(), failed(115, stage="load")),
            "comes back in 7 min, 140 times in all; load tries it the first four times, then every second time",
            f"cafe logs {FILE_ID}",
        ),
        (story(extracted(), transformed(), dead_letters=(LETTER,)), "a dead letter of load", "type: cafe redrive load"),
        (story(entry={"outcome": "rejected", "reason": "not_utf8"}), "rejected: not_utf8", "Save it as CSV UTF-8"),
        (
            story(entry={"outcome": "failed", "reason": "not_copied"}, dead_letters=(LETTER,)),
            "failed: not_copied; its message is a dead letter of load",
            FailureReason.NOT_COPIED.remedy.replace("KEY", KEY),
        ),
        (
            story(entry={"outcome": "held", "reason": "removes_much", "detail": "would remove 9 of 12 orders"}),
            "held for a person: removes_much: would remove 9 of 12 orders; its 3 orders of £12.35 are not in the",
            f"cafe approve {KEY}",
        ),
        (
            story(entry={"outcome": "held", "reason": "unknown_cafe", "detail": "1 unknown café"}),
            "held for a person: unknown_cafe: 1 unknown café",
            "cafe cafes add NAME",
        ),
        (
            story(entry={"rows_loaded": 0, "rows_duplicate": 3}),
            "nothing new: all its 3 orders were known already",
            "",
        ),
        (
            story(
                entry={
                    "rows_loaded": 0,
                    "rows_duplicate": 3,
                    "rows_taken_away": 2,
                    "amount_taken_away": Decimal("7.50"),
                }
            ),
            "were known already, 2 orders of £7.50 removed, which only earlier versions have",
            "",
        ),
        (story(entry={"rows_loaded": 0, "rows_rejected": 3}), "nothing was loaded, 3 rows rejected", "cafe rejects"),
        (story(entry={"replaced_by": "f" * 32}), "replaced by another version", f"cafe trace {'f' * 32}"),
        (story(entry={"outcome": "retracted"}), "retracted", f"cafe replay {KEY} --again"),
        (story(entry={"rows_rejected": 2}), "loaded: 3 orders of £12.35, 2 rows rejected", f"cafe rejects {KEY}"),
        (story(extracted(), stored=None), "and it never completed", "The branch has to send it again."),
    ],
    ids=[
        "no event", "waits for extract", "waits for transform", "is being read", "parts before extract ended",
        "lost after extract", "waits for load", "fails",
        "fails, soon again", "fails in load", "dead letter", "rejected", "failed", "held", "held for its café",
        "duplicates", "only removes", "all refused", "replaced", "retracted", "refused rows", "purged",
    ],
)  # fmt: skip
def test_where_a_file_is_and_what_to_type(known: FileStory, where: str, remedy: str) -> None:
    situation = situation_of(known, NOW)

    assert where in situation.where
    assert remedy in situation.remedy


def test_a_failure_that_a_later_try_made_good_is_not_shown() -> None:
    known = story(extracted(), failed(2), transformed(), backlog=NOTHING_WAITS | {"load": 1})

    assert situation_of(known, NOW).where.startswith("on its way: transformed")


def test_a_young_file_without_a_trace_can_be_reconciled_at_once() -> None:
    young = StoredVersion("drop", KEY, "v1", "etag", 109, NOW - timedelta(minutes=1))

    assert situation_of(story(stored=young), NOW).remedy == "Type: cafe reconcile --older-than 0s"


def test_a_file_that_loaded_needs_nothing() -> None:
    assert situation_of(story(entry={}), NOW) == Situation("loaded: 3 orders of £12.35", "")


def test_without_the_ledger_the_outcome_comes_from_the_log_of_load() -> None:
    known = story(extracted(), transformed(), COMPLETED)

    assert known.ended_well
    assert "the ledger was not queried" in situation_of(known, NOW).where


@pytest.mark.parametrize(
    ("outcome", "well"),
    [
        ("loaded", True),
        ("empty", True),
        ("superseded", True),
        ("retracted", True),
        ("rejected", False),
        ("failed", False),
        ("held", False),
    ],
)
def test_which_outcomes_are_good(outcome: str, well: bool) -> None:
    assert story(entry={"outcome": outcome}).ended_well is well


def test_the_step_of_load_says_why_a_file_is_held() -> None:
    held = line("load", "file.completed", 3, outcome="held", reason="removes_much", rows_in=4, rows_loaded=0)

    (step,) = [step for step in steps_of(story(extracted(), transformed(), held)) if step.what == "load"]

    assert step.words == "held: removes_much, 0 ms"


def test_the_steps_of_a_correction_say_what_it_removed() -> None:
    done = line("load", "file.completed", 3, outcome="loaded", rows_in=4, rows_loaded=1, rows_removed=2)

    steps = steps_of(story(extracted(), transformed(), done, entry={"rows_loaded": 1, "rows_taken_away": 2}))

    words = {step.what: step.words for step in steps}
    assert words["load"] == "loaded: 1 new order, 2 removed, 0 ms"
    assert words["ledger"] == "loaded: 1 order of £12.35, 2 of earlier versions removed"


def test_an_approval_is_a_step_and_without_the_ledger_its_outcome_counts() -> None:
    held = line("load", "file.completed", 3, outcome="held", reason="removes_much", rows_in=4)
    approved = line("load", "file.approved", 60, outcome="loaded", rows_loaded=5, rows_removed=28)

    known = story(extracted(), transformed(), held, approved)

    assert known.outcome == "loaded"
    assert [step.words for step in steps_of(known) if step.what == "approved"] == ["loaded: 5 new orders, 28 removed"]
