"""What a transaction loads: which files, which objects, and the checks of what messages promised."""

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from load.plan import CompleteFile, check_promised_rows, group_parts, keys_to_copy, manifest
from load.rules import StagedRowsDiffer
from load.statements import STAGE_FILES_COLUMNS
from shared.contracts import Outcome, TransformedPart, decode_transformed_part

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


def test_parts_are_gathered_by_file(part: TransformedPart) -> None:
    other = replace(part, file=replace(part.file, source=replace(part.file.source, file_id="0" * 32)))

    files = group_parts([other, part, replace(part, part=2)])

    assert [len(file.parts) for file in files] == [1, 2]
    assert files[1].orders == 4


def test_only_objects_that_were_written_are_copied(part: TransformedPart) -> None:
    file_id = part.file.source.file_id

    keys = keys_to_copy([CompleteFile((part, replace(part, part=2, orders=0, rejects=0)))])

    assert keys == {
        "stage_orders": [f"transformed/v2-r100000/{file_id}/00001/orders.csv.gz"],
        "stage_order_items": [f"transformed/v2-r100000/{file_id}/00001/order_items.csv.gz"],
        "stage_dimensions": [f"transformed/v2-r100000/{file_id}/00001/dimensions.csv.gz"],
        "stage_rejects": [f"rejects/v2-r100000/{file_id}/00001.csv.gz", f"rejects/v2-r100000/{file_id}/extract.csv.gz"],
    }


def test_a_file_without_rows_has_nothing_to_copy(part: TransformedPart) -> None:
    empty = replace(part, orders=0, items=0, rejects=0, pence=0, file=replace(part.file, rejects=0))

    assert keys_to_copy([CompleteFile((empty,))]) == {}


def test_every_object_of_a_manifest_is_mandatory() -> None:
    assert json.loads(manifest("b", ["k/1", "k/2"])) == {
        "entries": [{"url": "s3://b/k/1", "mandatory": True}, {"url": "s3://b/k/2", "mandatory": True}]
    }


def test_rows_as_promised_pass(part: TransformedPart) -> None:
    check_promised_rows([CompleteFile((part,))], [(part.file.source.file_id, 2, 785)], (2, 2))


@pytest.mark.parametrize(
    ("orders", "others"),
    [
        ([], (2, 2)),
        ([("FILE", 1, 785)], (2, 2)),
        ([("FILE", 2, 784)], (2, 2)),
        ([("FILE", 2, 785), ("0" * 32, 1, 1)], (2, 2)),
        ([("FILE", 2, 785)], (1, 2)),
        ([("FILE", 2, 785)], (2, 3)),
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
    part: TransformedPart, orders: list[tuple[str, int, int]], others: tuple[int, int]
) -> None:
    staged = [(file_id.replace("FILE", part.file.source.file_id), *rest) for file_id, *rest in orders]

    with pytest.raises(StagedRowsDiffer):
        check_promised_rows([CompleteFile((part,))], staged, others)
