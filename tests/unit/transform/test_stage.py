"""A part that transform cannot read ends its file at once, and a row that it cannot read only itself."""

import zlib
from collections.abc import Iterator
from copy import replace
from typing import Any

import pytest

from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from shared.carried_rows import UnreadableRows, rows_of
from shared.contracts import (
    FAILED_PLAN_ID,
    MAX_CARRIED_CHARACTERS,
    MAX_MESSAGE_BYTES,
    ExtractedPart,
    Outcome,
    TransformedPart,
    encode,
)
from shared.errors import TransientError
from transform.rules import FailureReason, Rule
from transform.stage import Transformed, transform_part
from transform.third_normal_form import Normaliser

BODY = b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n" * 3


class Staged(FakeObjects):
    """Staged objects that answer for lines with one error."""

    error: Exception

    def lines(self, key: str) -> Iterator[list[bytes]]:
        del key
        raise self.error


def transformed_with(error: Exception) -> tuple[Transformed, FakeOutbox]:
    objects, outbox, sent = Staged({"leeds.csv": BODY}), FakeOutbox(), FakeOutbox()
    objects.error = error
    extract_file(arrival_of("leeds.csv"), objects, outbox)
    (message,) = outbox.sent
    assert isinstance(message, ExtractedPart)
    early = replace(message.without_rows(), file=replace(message.file, parts=0, unfinished=True))
    return transform_part(early, objects, sent), sent


def test_an_error_that_is_no_outage_ends_the_file_under_a_plan_of_its_own() -> None:
    result, sent = transformed_with(zlib.error("Ada Tester"))

    (part,) = sent.sent
    assert isinstance(part, TransformedPart)
    assert (part.file.plan_id, part.file.parts, part.part, part.orders) == (FAILED_PLAN_ID, 1, 1, 0)
    assert (part.file.outcome, part.file.reason) == (Outcome.FAILED, FailureReason.BROKE_TRANSFORM)
    assert not part.file.unfinished
    assert part.file.detail == "error"
    assert isinstance(result.failure, zlib.error)


@pytest.mark.parametrize("error", [TransientError("S3 is down"), MemoryError()], ids=["outage", "no memory"])
def test_an_outage_is_tried_again(error: Exception) -> None:
    with pytest.raises(type(error)):
        transformed_with(error)


@pytest.mark.parametrize(
    "row",
    [
        b"2\tLeeds\t2026-11-20 09:00:00\t - \t2.45\tCARD\t1",
        b"2\tLeeds\t2026-11-20 09:00:00\tLatte - 2.45\t2.45\tCARD",
        b"2\tLe\xff\t2026-11-20 09:00:00\tLatte - 2.45\t2.45\tCARD\t1",
        b"2",
    ],
    ids=["no price", "a field fewer", "not UTF-8", "no field"],
)
def test_a_row_that_cannot_be_read_is_a_reject(row: bytes) -> None:
    good = b"1\tLeeds\t2026-11-20 09:00:00\tLatte - 2.45\t2.45\tCARD\t1"
    normaliser = Normaliser("f" * 32)

    made = normaliser.normalise([good, row, good.replace(b"1\tL", b"3\tL")])

    assert [(reject.line_number, reject.rule) for reject in made.rejects] == [(2, Rule.UNREADABLE_ROW)]
    assert normaliser.orders == 2


def transformed(body: bytes, **options: bool) -> tuple[TransformedPart, FakeObjects]:
    """Transform a file of one part; return its message and the objects."""
    objects, outbox, sent = FakeObjects({"leeds.csv": body}), FakeOutbox(), FakeOutbox()
    extract_file(arrival_of("leeds.csv"), objects, outbox)
    (message,) = outbox.sent
    assert isinstance(message, ExtractedPart)
    return transform_part(message, objects, sent, **options).part, objects


def staged_tables(objects: FakeObjects) -> dict[str, str]:
    found = [key for key in objects.staged if key.startswith("transformed/")]
    return {key.rpartition("/")[2].removesuffix(".csv.gz"): objects.text(key) for key in found}


def test_the_rows_of_a_small_file_are_in_its_message_and_nowhere_else() -> None:
    carrying, without = transformed(BODY)
    pointing, objects = transformed(BODY, may_carry=False)

    assert staged_tables(without) == {}
    assert {name: rows_of(text).decode() for name, text in carrying.tables.items()} == staged_tables(objects)
    assert carrying.without_rows() == pointing


def test_the_rows_of_a_message_and_those_of_its_object_give_the_same() -> None:
    objects, outbox, sent = FakeObjects({"leeds.csv": BODY}), FakeOutbox(), FakeOutbox()
    extract_file(arrival_of("leeds.csv"), objects, outbox)
    (message,) = outbox.sent
    assert isinstance(message, ExtractedPart)
    pointed = transform_part(message.without_rows(), objects, sent)

    # There is no object to read.
    carried = transform_part(message, FakeObjects(), sent)

    assert carried == pointed
    assert carried.part.orders == 3


def test_a_message_that_carries_no_rows_that_can_be_read_ends_its_file() -> None:
    outbox, sent = FakeOutbox(), FakeOutbox()
    extract_file(arrival_of("leeds.csv"), FakeObjects({"leeds.csv": BODY}), outbox)
    (message,) = outbox.sent
    assert isinstance(message, ExtractedPart)

    result = transform_part(replace(message, carried=message.carried[:-8]), FakeObjects(), sent)

    assert (result.part.file.outcome, result.part.file.reason) == (Outcome.FAILED, FailureReason.ROWS_MISSING)
    assert isinstance(result.failure, UnreadableRows)


@pytest.mark.parametrize("rows", [300, 2000])
def test_a_message_carries_as_many_rows_as_it_may(rows: int) -> None:
    lines = (
        f"20/11/2026 {9 + n % 9:02}:{n % 60:02},Leeds,Ada Tester,Large Latte - {n}.45,{n}.45,CASH,\n"
        for n in range(1, rows + 1)
    )

    part, objects = transformed("".join(lines).encode())

    assert bool(part.tables) == (rows == 300)
    assert bool(staged_tables(objects)) == (rows == 2000)
    assert len(encode(part).encode()) <= MAX_CARRIED_CHARACTERS + MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    "change",
    [{"outcome": Outcome.HELD, "reason": "unknown_cafe"}, {"parts": 2}],
    ids=["waits for a person", "waits for other parts"],
)
def test_the_rows_of_a_file_that_waits_are_in_objects(change: dict[str, Any]) -> None:
    objects, outbox, sent = FakeObjects({"leeds.csv": BODY}), FakeOutbox(), FakeOutbox()
    extract_file(arrival_of("leeds.csv"), objects, outbox)
    (message,) = outbox.sent
    assert isinstance(message, ExtractedPart)

    part = transform_part(replace(message, file=replace(message.file, **change)), objects, sent).part

    assert part.tables == {}
    assert staged_tables(objects).keys() == {"orders", "order_items", "dimensions"}
