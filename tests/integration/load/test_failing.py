"""A file that fails for good is in the ledger with its reason and counts for nothing. It may still be loaded."""

import gzip
from collections.abc import Callable
from copy import replace
from decimal import Decimal
from typing import Any

import pytest

from integration.load.conftest import Loader
from load.checks import run_checks
from load.rules import HashCollision, StagedRowsDiffer, failure_detail, failure_reason
from load.stage import record_failed, retract_files
from load.warehouse import StatementFailed
from shared.contracts import TransformedPart
from shared.object_keys import transformed_key

LATTE = "20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
MOCHA = "20/11/2026 09:01,Leeds,Ben Sample,Large Mocha - 2.70,2.70,CASH,\n"
KEY = "2026/11/20/leeds.csv"


def faults(loader: Loader) -> dict[str, int]:
    return {result.name: result.faults for result in run_checks(loader.session) if result.faults}


def fail(loader: Loader, part: TransformedPart, error: Exception) -> None:
    record_failed(part, failure_reason(error), failure_detail(error), loader.session)


def ledger(loader: Loader) -> list[tuple[Any, ...]]:
    return loader.rows("select outcome, reason, detail, is_live, rows_in, rows_loaded from ops.files")


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        (StatementFailed("22P02", "bad value Ada Tester"), "not_copied", "22P02"),
        (StagedRowsDiffer("orders", 2, 1), "rows_differ", "orders: 1 staged, 2 promised."),
        (HashCollision("order", "0" * 32, 0), "hash_collision", "order 00000000000000000000000000000000"),
    ],
    ids=["a refused copy", "other rows", "a collision"],
)
def test_F52_a_file_that_fails_for_good_is_in_the_ledger_with_its_reason_and_not_the_warehouses_message(
    loader: Loader, error: Exception, reason: str, detail: str
) -> None:
    (part,) = loader.stage((LATTE + MOCHA).encode())

    fail(loader, part, error)
    fail(loader, part, error)

    ((outcome, recorded, recorded_detail, is_live, rows_in, rows_loaded),) = ledger(loader)
    assert (outcome, recorded, is_live, rows_in, rows_loaded) == ("failed", reason, False, 2, 0)
    assert recorded_detail.startswith(detail)
    assert "Ada Tester" not in recorded_detail
    assert faults(loader) == {}


def test_a_file_that_failed_and_loads_after_all_has_one_row_in_the_ledger(loader: Loader) -> None:
    (part,) = loader.stage((LATTE + MOCHA).encode())
    fail(loader, part, StagedRowsDiffer("orders", 2, 1))

    loader.load([part])

    assert ledger(loader) == [("loaded", "", "", True, 2, 2)]
    assert faults(loader) == {}


def test_a_failure_that_comes_late_does_not_undo_a_file_that_is_loaded(loader: Loader) -> None:
    (part,) = loader.stage((LATTE + MOCHA).encode())
    loader.load([part])

    fail(loader, part, StagedRowsDiffer("orders", 2, 1))

    assert ledger(loader) == [("loaded", "", "", True, 2, 2)]


# --- one id for two things


def place_of(loader: Loader, part: TransformedPart, table: str) -> tuple[str, str]:
    """Return the bucket and key of a staged file of a part."""
    return loader.bucket, transformed_key(part.file.plan_id, part.file.source.file_id, part.part, table)


def rewrite(loader: Loader, part: TransformedPart, table: str, change: Callable[[str], str]) -> None:
    """Change a staged file of a part."""
    contents, place = loader.warehouse.objects.contents, place_of(loader, part, table)
    contents[place] = gzip.compress(change(gzip.decompress(contents[place]).decode()).encode())


def staged_id(loader: Loader, part: TransformedPart, table: str, place: int) -> str:
    """Read a cell of the first line of a staged file."""
    text = gzip.decompress(loader.warehouse.objects.contents[place_of(loader, part, table)]).decode()
    return text.splitlines()[0].split(",")[place]


@pytest.mark.parametrize(
    ("table", "place"), [("orders", 0), ("orders", 2), ("order_items", 1)], ids=["order", "branch", "product"]
)
@pytest.mark.parametrize("is_known", [True, False], ids=["known to the warehouse", "in one batch"])
def test_two_natural_keys_with_one_id_are_refused_and_not_merged(
    loader: Loader, table: str, place: int, is_known: bool
) -> None:
    (first,) = loader.stage(LATTE.encode(), may_carry=False)
    (second,) = loader.stage(MOCHA.replace("Leeds", "York").encode(), key="2026/11/20/york.csv", may_carry=False)
    taken, spoiled = staged_id(loader, first, table, place), staged_id(loader, second, table, place)
    for name in ("orders", "order_items", "dimensions"):
        rewrite(loader, second, name, lambda text: text.replace(spoiled, taken))
    batch = [second] if is_known else [first, second]
    if is_known:
        loader.load([first])

    with pytest.raises(HashCollision):
        loader.load(batch)
    loader.session.rollback()

    assert loader.count("core.orders") == int(is_known)


@pytest.mark.parametrize("doubled", [("orders",), ("orders", "order_items")], ids=["alone", "with its items"])
def test_F54_an_order_that_is_twice_in_one_staged_file_is_refused(loader: Loader, doubled: tuple[str, ...]) -> None:
    (part,) = loader.stage(LATTE.encode(), may_carry=False)
    for table in doubled:
        rewrite(loader, part, table, lambda text: text * 2)

    with pytest.raises(HashCollision):
        loader.load([replace(part, orders=2, pence=2 * part.pence, items=len(doubled))])


def test_orders_whose_items_do_not_sum_to_their_total_are_refused(loader: Loader) -> None:
    (part,) = loader.stage(LATTE.encode(), may_carry=False)
    rewrite(loader, part, "order_items", lambda text: text.replace("2.45", "2.54"))

    with pytest.raises(HashCollision):
        loader.load([part])


def test_items_without_their_order_are_refused(loader: Loader) -> None:
    (part,) = loader.stage(LATTE.encode(), may_carry=False)
    rewrite(loader, part, "order_items", lambda text: text + text.replace(text[:32], "0" * 32))

    with pytest.raises(StagedRowsDiffer, match="without their order"):
        loader.load([replace(part, items=2 * part.items)])


# --- taking a file out again


def test_a_retracted_file_leaves_with_the_orders_that_no_other_live_file_claims(loader: Loader) -> None:
    loader.load(loader.stage((LATTE + MOCHA).encode()))
    loader.load(loader.stage(MOCHA.encode(), key="2026/11/20/leeds copy.csv"))

    (retracted,) = retract_files(KEY, loader.session)

    assert (retracted.orders, retracted.pence) == (1, 245)
    assert loader.rows("select total_amount from core.orders") == [(Decimal("2.70"),)]
    assert loader.rows("select outcome, is_live from ops.files where rows_removed = 1") == [("retracted", False)]
    assert faults(loader) == {}


def test_retracting_twice_removes_nothing_more(loader: Loader) -> None:
    loader.load(loader.stage(LATTE.encode()))
    retract_files(KEY, loader.session)

    assert retract_files(KEY, loader.session) == []
    assert loader.count("ops.files") == 1
    assert faults(loader) == {}


def test_a_retracted_file_that_is_delivered_again_stays_out(loader: Loader) -> None:
    parts = loader.stage(LATTE.encode())
    loader.load(parts)
    retract_files(KEY, loader.session)

    assert loader.load(parts) == []
    assert loader.count("core.orders") == 0


def test_a_re_extract_of_a_retracted_file_is_loaded(loader: Loader) -> None:
    loader.load(loader.stage(LATTE.encode()))
    retract_files(KEY, loader.session)

    loader.load(loader.stage(LATTE.encode(), re_extract="20261124T051200Z"))

    assert loader.count("core.orders") == 1
    assert faults(loader) == {}


def test_an_older_version_that_comes_after_a_newer_one_was_retracted_is_superseded(loader: Loader) -> None:
    newer = loader.stage(MOCHA.encode(), version_id="v2", re_extract="20261124T051200Z")
    loader.load(newer)
    retract_files(KEY, loader.session)

    (older,) = loader.load(loader.stage(LATTE.encode()))

    assert older.outcome == "superseded"
    assert loader.count("core.orders") == 0
