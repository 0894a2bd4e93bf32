"""What a transaction loads: which files, which objects, and the checks of what messages promised."""

import json
from collections.abc import Sequence
from copy import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from load.plan import Batch, CompleteFile, Findings, check_findings, keys_to_copy, manifest, plan_batch
from load.rules import HashCollision, StagedRowsDiffer
from load.statements import STAGE_FILES_COLUMNS
from shared.contracts import GONE_PLAN_ID, Outcome, TransformedPart, decode_transformed_part, encode

GOLDEN = Path("tests/contracts/golden/transformed_part.json")


@pytest.fixture
def part() -> TransformedPart:
    return decode_transformed_part(GOLDEN.read_text(encoding="utf-8"))


def test_a_ledger_row_holds_what_the_messages_report(part: TransformedPart) -> None:
    row = dict(zip(STAGE_FILES_COLUMNS, CompleteFile((part,)).ledger_row(), strict=True))

    assert row["last_modified"] == datetime.fromisoformat("2026-11-20 20:00:07")
    assert (row["outcome"], row["rows_in"], row["rows_accepted"], row["rows_rejected"]) == ("loaded", 4, 2, 2)
    assert row["amount_accepted"] == Decimal("7.85")
    assert row["lines_in"] == 4


@pytest.mark.parametrize(("outcome", "name"), [(Outcome.EMPTY, "empty"), (Outcome.REJECTED, "rejected")])
def test_the_ledger_has_its_own_names_for_outcomes(part: TransformedPart, outcome: Outcome, name: str) -> None:
    file = CompleteFile((replace(part, file=replace(part.file, outcome=outcome)),))

    assert name in file.ledger_row()


def of_plan(part: TransformedPart, number: int, of: int, plan_id: str = "v3-r100000") -> TransformedPart:
    return replace(part, part=number, file=replace(part.file, plan_id=plan_id, parts=of))


def known_part(part: TransformedPart) -> tuple[object, ...]:
    return ("part", part.file.source.file_id, part.file.plan_id, part.part, part.file.parts, encode(part), "")


def in_ledger(part: TransformedPart, outcome: str, plan_id: str = "v3-r100000") -> tuple[object, ...]:
    return ("file", part.file.source.file_id, plan_id, 0, 0, "", outcome)


def test_a_part_completes_its_file_with_those_that_came_before(part: TransformedPart) -> None:
    first, second = of_plan(part, 1, 2), of_plan(part, 2, 2)

    batch = plan_batch([second], [known_part(first)])

    assert batch.files == (CompleteFile((first, second)),)
    assert batch.new_parts == ((part.file.source.file_id, "v3-r100000", 2, 2, encode(second)),)


def test_a_part_that_came_before_is_not_recorded_again(part: TransformedPart) -> None:
    first = of_plan(part, 1, 2)

    assert plan_batch([first, first], [known_part(first)]) == Batch((), ())


@pytest.mark.parametrize(
    "parts",
    [[(1, 0), (2, 0)], [(1, 0), (3, 3)], [(2, 2), (3, 0)], [(1, 0), (2, 2), (3, 0)]],
    ids=["the last is missing", "one between is missing", "one beyond the last", "all, and one beyond the last"],
)
def test_only_the_last_part_with_all_before_it_completes_a_file(
    part: TransformedPart, parts: list[tuple[int, int]]
) -> None:
    assert plan_batch([of_plan(part, number, of) for number, of in parts], []).files == ()


def test_rejects_that_a_file_left_behind_are_noticed_when_it_is_loaded(part: TransformedPart) -> None:
    left = ("rejects", part.file.source.file_id, "", 0, 0, "", "")

    assert plan_batch([part], [left]).has_leftover_rejects
    assert not plan_batch([part], [left, in_ledger(part, "loaded")]).has_leftover_rejects


def test_files_are_planned_in_the_order_of_their_ids(part: TransformedPart) -> None:
    other = replace(part, file=replace(part.file, source=replace(part.file.source, file_id="0" * 32)))

    batch = plan_batch([part, other], [])

    assert batch.files == (CompleteFile((other,)), CompleteFile((part,)))


@pytest.mark.parametrize(
    ("arrived", "plans"),
    [([("a", 1, 2), ("b", 2, 2)], []), ([("b", 1, 1), ("a", 1, 1)], ["b"]), ([("b", 1, 2), ("a", 1, 1)], ["a"])],
    ids=["never mixed", "the later of two", "the one that is complete"],
)
def test_of_the_plans_of_a_file_one_that_is_complete_is_taken(
    part: TransformedPart, arrived: list[tuple[str, int, int]], plans: list[str]
) -> None:
    batch = plan_batch([of_plan(part, number, of, plan_id) for plan_id, number, of in arrived], [])

    assert [file.summary.plan_id for file in batch.files] == plans


@pytest.mark.parametrize(
    ("plan_id", "known_outcome", "known_plan_id", "is_loaded"),
    [
        ("v3-r100000", "loaded", "v3-r100000", False),
        ("v3-r100000", "retracted", "v1-r100000", False),
        ("v3-r100000", "failed", "v3-r100000", True),
        ("v3-r100000", "rejected", GONE_PLAN_ID, True),
        (GONE_PLAN_ID, "rejected", GONE_PLAN_ID, False),
        (GONE_PLAN_ID, "loaded", "v3-r100000", False),
    ],
    ids=["again", "by another plan", "after a failure", "there after all", "gone again", "gone after it was loaded"],
)
def test_a_file_with_an_outcome_is_loaded_only_if_it_failed_or_was_gone(
    part: TransformedPart, plan_id: str, known_outcome: str, known_plan_id: str, is_loaded: bool
) -> None:
    batch = plan_batch([of_plan(part, 1, 1, plan_id)], [in_ledger(part, known_outcome, known_plan_id)])

    assert bool(batch.files) is is_loaded
    assert batch.has_failed_before is is_loaded


def test_only_objects_that_were_written_are_copied(part: TransformedPart) -> None:
    file_id = part.file.source.file_id

    keys = keys_to_copy([CompleteFile((part, replace(part, part=2, orders=0, rejects=0)))])

    assert keys == {
        "stage_orders": [f"transformed/v3-r100000/{file_id}/00001/orders.csv.gz"],
        "stage_order_items": [f"transformed/v3-r100000/{file_id}/00001/order_items.csv.gz"],
        "stage_dimensions": [f"transformed/v3-r100000/{file_id}/00001/dimensions.csv.gz"],
        "ops.rejects": [f"rejects/v3-r100000/{file_id}/00001.csv.gz", f"rejects/v3-r100000/{file_id}/extract.csv.gz"],
    }


def test_a_file_without_rows_has_nothing_to_copy(part: TransformedPart) -> None:
    empty = replace(part, orders=0, items=0, rejects=0, pence=0, file=replace(part.file, rejects=0))

    assert keys_to_copy([CompleteFile((empty,))]) == {}


def test_every_object_of_a_manifest_is_mandatory() -> None:
    assert json.loads(manifest("b", ["k/1", "k/2"])) == {
        "entries": [{"url": "s3://b/k/1", "mandatory": True}, {"url": "s3://b/k/2", "mandatory": True}]
    }


def findings_of(
    part: TransformedPart, orders: Sequence[tuple[str, int, int]], items: int, rejects: int, *others: tuple[str, str]
) -> Findings:
    file_id = part.file.source.file_id
    return Findings.of(
        [
            *(("orders", name.replace("FILE", file_id), found, pence) for name, found, pence in orders),
            ("items", "", items, 0),
            ("rejects", "", rejects, 0),
            *((finding, identifier, 1, 0) for finding, identifier in others),
        ]
    )


def test_rows_as_promised_pass(part: TransformedPart) -> None:
    check_findings([CompleteFile((part,))], findings_of(part, [("FILE", 2, 785)], 2, 2, ("order known", "")))


@pytest.mark.parametrize(
    ("orders", "items", "rejects"),
    [
        ([], 2, 2),
        ([("FILE", 1, 785)], 2, 2),
        ([("FILE", 2, 784)], 2, 2),
        ([("FILE", 2, 785), ("0" * 32, 1, 1)], 2, 2),
        ([("FILE", 2, 785)], 1, 2),
        ([("FILE", 2, 785)], 2, 3),
    ],
    ids=[
        "no orders",
        "an order missing",
        "a penny missing",
        "orders of an unknown file",
        "an item missing",
        "a reject too many",
    ],
)
def test_rows_other_than_promised_stop_the_load(
    part: TransformedPart, orders: list[tuple[str, int, int]], items: int, rejects: int
) -> None:
    with pytest.raises(StagedRowsDiffer):
        check_findings([CompleteFile((part,))], findings_of(part, orders, items, rejects))


@pytest.mark.parametrize("kind", ["branch", "product", "order"])
def test_a_row_without_its_branch_product_or_order_stops_the_load(part: TransformedPart, kind: str) -> None:
    with pytest.raises(StagedRowsDiffer, match=f"rows without their {kind}"):
        check_findings([CompleteFile((part,))], findings_of(part, [("FILE", 2, 785)], 2, 2, (f"{kind} missing", "")))


@pytest.mark.parametrize("kind", ["branch", "product", "order", "items"])
def test_an_id_of_two_things_stops_the_load(part: TransformedPart, kind: str) -> None:
    with pytest.raises(HashCollision, match=f"{kind} 77 and 1 more"):
        check_findings(
            [CompleteFile((part,))],
            findings_of(part, [("FILE", 2, 785)], 2, 2, (f"{kind} collides", "77"), (f"{kind} collides", "78")),
        )


def test_a_count_of_zero_is_no_finding() -> None:
    findings = Findings.of([("branch new", "", 0, 0), ("product new", "", 2, 0)])

    assert not findings.has("branch new")
    assert findings.has("branch new", "product new")
