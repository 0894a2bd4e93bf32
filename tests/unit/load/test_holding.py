"""Which corrections are held, and in which order the versions of a document come."""

from copy import replace
from pathlib import Path

import pytest

from load.holding import Hold, Removal, hold_on
from load.plan import one_version_at_a_time, order_in_document, plan_approval
from load.rules import HoldReason
from shared.contracts import SourceFile, TransformedPart, decode_transformed_part
from shared.senders import HEAD_OFFICE

LEEDS = "2026/11/20/leeds_20-11-2026_17-00-00.csv"
LEEDS_BY_HEAD_OFFICE = f"head-office/{LEEDS}"
MESSAGE = Path("tests/contracts/golden/transformed_part.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("orders", "removed", "percent", "is_held"),
    [
        (30, 10, 33, True),
        (30, 9, 33, False),
        (31, 10, 33, False),
        (10, 10, 33, True),
        (9, 9, 33, False),
        (200, 66, 33, False),
        (200, 67, 33, True),
        (200, 200, 100, False),
        (200, 10, 0, True),
        (200, 0, 0, False),
    ],
)
@pytest.mark.parametrize("sender", ["leeds", HEAD_OFFICE])
def test_a_correction_that_would_remove_more_than_its_share_and_ten_orders_is_held(
    orders: int, removed: int, percent: float, is_held: bool, sender: str
) -> None:
    hold = hold_on(Removal("f", orders, removed, 0), sender, percent)

    assert hold == (Hold(HoldReason.REMOVES_MUCH, f"would remove {removed} of {orders} orders") if is_held else None)


@pytest.mark.parametrize(("sender", "is_held"), [("leeds", True), (HEAD_OFFICE, False), ("", False)])
def test_only_head_office_removes_an_order_of_another_cafe(sender: str, is_held: bool) -> None:
    hold = hold_on(Removal("f", 40, 1, 1), sender, 33)

    assert (hold.reason if hold else None) == (HoldReason.REMOVES_FOREIGN if is_held else None)


def test_head_offices_place_in_a_second_is_after_the_places_of_the_cafe() -> None:
    def order(key: str, version_order: str) -> str:
        return order_in_document(SourceFile("f", "b", key, "v", "2026-11-20T20:01:00Z", version_order, 1, ""))

    cafe, again = order(LEEDS, "2026-11-20T20:01:00Z 0007"), order(LEEDS, "2026-11-20T20:01:00Z 0007 20261124T051200Z")
    head_office = order(LEEDS_BY_HEAD_OFFICE, "2026-11-20T20:01:00Z 0000")
    later = order(LEEDS, "2026-11-20T20:01:01Z 0000")

    assert cafe < again < head_office < later


def part(key: str, version_order: str, file_id: str) -> TransformedPart:
    golden = decode_transformed_part(MESSAGE)
    source = replace(golden.file.source, key=key, version_order=version_order, file_id=file_id)
    return replace(golden, file=replace(golden.file, source=source))


def test_a_transaction_has_one_version_of_a_document_the_oldest_first() -> None:
    first = part(LEEDS, "2026-11-20T20:01:00Z 0000", "a")
    second = part(LEEDS_BY_HEAD_OFFICE, "2026-11-20T20:02:00Z 0000", "b")
    third = part(LEEDS, "2026-11-20T20:03:00Z 0000", "c")
    other = part("head-office/york.csv", "2026-11-20T20:09:00Z 0000", "y")

    split = one_version_at_a_time([third, second, other, first, first], lambda message: message)

    assert split == [[other, first, first], [second], [third]]


@pytest.mark.parametrize("outcome", ["loaded", "superseded", "retracted", "failed", "rejected"])
def test_only_a_held_file_is_approved(outcome: str) -> None:
    known = [("part", "f", "plan", 1, 1, MESSAGE, ""), ("file", "f", "plan", 0, 0, "", outcome)]

    assert plan_approval(known).files == ()


def test_an_approval_takes_the_parts_of_the_plan_that_is_held_in_their_order() -> None:
    other_plan = ("part", "f", "another", 1, 1, "not read", "")
    known = [("part", "f", "plan", 1, 1, MESSAGE, ""), other_plan, ("file", "f", "plan", 0, 0, "", "held")]

    batch = plan_approval(known)

    assert [file.parts for file in batch.files] == [(decode_transformed_part(MESSAGE),)]
    assert (batch.has_failed_before, batch.has_leftover_rejects) == (True, False)
