"""Each check finds its fault, and a sound warehouse has none."""

from collections.abc import Callable

import pytest

from integration.load.conftest import Loader
from load.checks import run_checks
from load.statements import check_names

LATTE = "20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
MOCHA = "20/11/2026 09:01,Leeds,Ben Sample,Large Mocha - 2.70,2.70,CASH,\n"
TEA = "20/11/2026 09:02,Leeds,Cy Example,Cake - 3.00,3.00,CASH,\n"
# A change by hand that each check must find.
FAULTS = {
    "amounts_accounted": "update ops.files set amount_accepted = amount_accepted + 0.01",
    "amounts_conserved": "update core.orders set total_amount = total_amount + 0.01",
    "claims_hold": "delete from ops.order_claims",
    "dimensions_unique": "insert into core.branches select * from core.branches",
    "documents_agree": "update ops.files set document = ''",
    "file_days_agree": "update ops.file_days set orders = orders + 1",
    "files_unique": "insert into ops.files select * from ops.files",
    "held_files_add_nothing": "update ops.files set outcome = 'held'",
    "items_sold_agree": "update fact.items_sold set quantity = quantity + 1",
    "lines_conserved": "update ops.files set lines_in = lines_in + 1",
    "live_files_agree": "",
    "live_files_hold": "update ops.files set rows_in = rows_in + 1",
    "one_version_live": "update ops.files set is_live = true",
    "order_items_unique": "insert into core.order_items select * from core.order_items",
    "orders_unique": "insert into core.orders select * from core.orders",
    "references_hold": "delete from core.products",
    "rows_conserved": "update ops.files set rows_loaded = rows_loaded + 1",
    "totals_match_items": "update core.order_items set unit_price = unit_price + 0.01",
}


@pytest.fixture
def sound(loader: Loader) -> Loader:
    """A warehouse with a file that was extracted again."""
    for version_id, re_extract, body in [("v1", "", LATTE + MOCHA), ("v1", "20261124T051200Z", MOCHA + TEA)]:
        loader.load(loader.stage(body.encode(), version_id=version_id, re_extract=re_extract))
    return loader


def found(loader: Loader) -> set[str]:
    return {check.name for check in run_checks(loader.session) if check.faults}


def test_a_sound_warehouse_has_no_fault(sound: Loader) -> None:
    assert found(sound) == set()


def test_every_check_has_a_fault_here() -> None:
    assert sorted(FAULTS) == list(check_names())


@pytest.mark.parametrize("check", [check for check, change in FAULTS.items() if change])
def test_a_check_finds_its_fault(sound: Loader, check: str) -> None:
    sound.session.execute(FAULTS[check])
    sound.session.commit()

    assert check in found(sound)


def test_two_live_files_that_disagree_on_a_day_are_found(sound: Loader) -> None:
    sound.load(sound.stage((MOCHA + LATTE).encode(), key="2026/11/20/leeds fixed.csv"))

    assert found(sound) == {"live_files_agree"}


@pytest.mark.parametrize("table", ["core.orders", "core.order_items"])
def test_a_missing_row_is_found(sound: Loader, table: str) -> None:
    sound.session.execute(f"delete from {table} where order_id = (select min(order_id) from core.orders)")  # noqa: S608
    sound.session.commit()

    assert (
        found(sound)
        >= {"core.orders": {"amounts_conserved", "claims_hold"}, "core.order_items": {"totals_match_items"}}[table]
    )


def test_checks_change_nothing(sound: Loader, new_loader: Callable[[], Loader]) -> None:
    found(sound)

    assert found(new_loader()) == set()
