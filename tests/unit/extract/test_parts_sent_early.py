"""A part is sent as soon as another follows it; the last part's message says what was found in the whole file."""

import gzip
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.arrivals import Arrival
from extract.objects import StoredFile
from extract.registers import Registers
from extract.stage import Extracted, extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from shared.contracts import PLAN_ID, REJECTED_PLAN_ID, ExtractedPart, FileSummary, Outcome

KEY = "leeds.csv"


def row(minute: int, basket: str = "Latte - 2.45") -> bytes:
    return f"20/11/2026 {9 + minute // 60:02d}:{minute % 60:02d},Leeds,Ada Tester,{basket},2.45,CASH,\n".encode()


def rows(count: int) -> bytes:
    return b"".join(map(row, range(count)))


class WatchedObjects(FakeObjects):
    """Objects that remember how many messages had been sent when each chunk was read, and never change a staged one."""

    def __init__(self, body: bytes, outbox: FakeOutbox, chunk_bytes: int = 1 << 18) -> None:
        super().__init__({KEY: body}, chunk_bytes=chunk_bytes)
        self._outbox = outbox
        self.sent_by_chunk: list[int] = []
        self.opened = 0

    def open(self, arrival: Arrival) -> StoredFile:
        self.opened += 1
        stored = super().open(arrival)
        return StoredFile(stored.written_at, stored.size_bytes, self._watched(stored))

    def _watched(self, stored: StoredFile) -> Generator[bytes]:
        for chunk in stored.chunks:
            self.sent_by_chunk.append(len(self._outbox.sent))
            yield chunk

    def put(self, key: str, body: bytes) -> None:
        assert self.staged.get(key, body) == body, f"{key} was sent to transform, and now it has other rows"
        super().put(key, body)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)


def extract(
    body: bytes, chunk_bytes: int = 1 << 18, *, sends_early: bool = True
) -> tuple[Extracted, list[ExtractedPart], WatchedObjects]:
    outbox = FakeOutbox()
    objects = WatchedObjects(body, outbox, chunk_bytes)
    extracted = extract_file(arrival_of(KEY), objects, outbox, sends_early=sends_early)
    return extracted, [message for message in outbox.sent if isinstance(message, ExtractedPart)], objects


def test_parts_are_sent_while_the_file_is_read() -> None:
    _, sent, objects = extract(rows(599), chunk_bytes=100)

    assert [message.part for message in sent] == list(range(1, 301))
    assert objects.sent_by_chunk[0] == 0
    assert objects.sent_by_chunk[-1] > 290


@pytest.mark.parametrize("is_sorted", [True, False], ids=["sorted", "unsorted"])
def test_without_sending_early_the_same_messages_follow_when_the_file_is_read(*, is_sorted: bool) -> None:
    body = rows(599) if is_sorted else rows(598) + row(0)

    _, early, _ = extract(body, chunk_bytes=100)
    _, late, objects = extract(body, chunk_bytes=100, sends_early=False)

    assert set(objects.sent_by_chunk) == {0}
    assert [message.part for message in late] == list(range(1, 301))
    assert late == early[-300:]


def test_without_sending_early_no_part_of_a_file_that_is_refused_is_sent() -> None:
    _, sent, _ = extract(gzip.compress(rows(600))[:-8], chunk_bytes=100, sends_early=False)

    assert [message.file.plan_id for message in sent] == [REJECTED_PLAN_ID]


def test_only_the_last_message_says_what_is_in_the_file() -> None:
    extracted, sent, _ = extract(rows(5))

    *others, last = sent
    assert (last.file, last.part, last.rows) == (extracted.file, 3, 1)
    assert (last.file.parts, last.file.rows, last.file.unfinished) == (3, 5, False)
    assert [(message.part, message.rows) for message in others] == [(1, 2), (2, 2)]
    for message in others:
        assert (message.file.source, message.file.plan_id) == (last.file.source, last.file.plan_id)
        assert (message.file.parts, message.file.rows, message.file.unfinished) == (0, 0, True)


@pytest.mark.parametrize("count", [1, 2])
def test_a_file_of_one_part_gives_one_whole_message(count: int) -> None:
    _, (message,), _ = extract(rows(count))

    assert (message.file.parts, message.file.unfinished) == (1, False)


def test_a_file_that_is_refused_after_its_first_parts_has_another_plan() -> None:
    extracted, sent, _ = extract(gzip.compress(rows(600))[:-8], chunk_bytes=100)

    assert (extracted.file.outcome, extracted.file.reason) == (Outcome.REJECTED, "bad_gzip")
    *others, last = sent
    assert others
    assert {message.file.plan_id[: len(PLAN_ID)] for message in others} == {PLAN_ID}
    assert (last.file.plan_id, last.file.parts, last.part, last.rows) == (REJECTED_PLAN_ID, 1, 1, 0)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["Latte - 2.45", "Mocha - 2.45"])), min_size=3, max_size=12)
)
def test_a_part_that_was_sent_stays_right_if_the_file_turns_out_unsorted(orders: list[tuple[int, str]]) -> None:
    """WatchedObjects refuses a part that is written again with other rows."""
    extracted, sent, _ = extract(b"".join(row(minute, basket) for minute, basket in orders))

    minutes = [minute for minute, _ in orders]
    assert extracted.was_unsorted == (minutes != sorted(minutes))
    last_of_each = {message.part: message.rows for message in sent}
    assert sum(last_of_each.values()) == len(orders)
    assert {message.file.plan_id for message in sent} == {extracted.file.plan_id}


@pytest.mark.parametrize(("most_bytes", "reads"), [(10, 1), (1_000_000, 2)])
def test_a_large_file_is_not_read_under_an_old_register(
    monkeypatch: pytest.MonkeyPatch, most_bytes: int, reads: int
) -> None:
    monkeypatch.setattr("extract.stage.MOST_INNOCENT_BYTES", most_bytes)
    outbox = FakeOutbox()
    objects = WatchedObjects(row(1), outbox)
    registers = Registers(objects)
    registers.fetch()
    learned = FakeObjects({"leeds.csv": row(1)})
    extract_file(arrival_of("leeds.csv"), learned, FakeOutbox())
    objects.register = learned.register

    extract_file(arrival_of(KEY), objects, outbox, registers=registers)

    assert objects.opened == reads


def test_what_is_sent_early_promises_nothing() -> None:
    """So that a stage which does not look at `unfinished` finds no counts to believe."""
    _, (first, *_), _ = extract(rows(5))

    source, plan_id = first.file.source, first.file.plan_id
    assert first.file == FileSummary(
        source, plan_id, 0, Outcome.READ, "", "", "", first.file.lines, 0, 0, unfinished=True
    )
    assert first.file.lines.accounted == first.file.lines.total == 0
