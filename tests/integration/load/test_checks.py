"""Each check finds its fault, and a sound warehouse has none."""

import json
from collections.abc import Callable

import pytest

from integration.load.conftest import Loader
from load.check_rules import Check
from load.checks import count_files, record_run, run_checks
from load.measures import take_measures
from load.schema import migrate, restore_marts
from load.statements import check_names, columns_of, mart_names, statement

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
    "marts_intact": "drop view mart.nights",
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
    assert sorted(FAULTS) == sorted(Check)
    assert {*check_names()} == {*Check} - {Check.MARTS_INTACT}


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


# --- what a check shows


@pytest.mark.parametrize("check", check_names())
def test_the_columns_of_a_check_are_those_of_its_answer(sound: Loader, check: str) -> None:
    cursor = sound.warehouse.connect().cursor()
    cursor.execute(statement(f"checks/{check}"))

    assert columns_of(statement(f"checks/{check}")) == tuple(
        name.decode() if isinstance(name, bytes) else name for name, *_ in cursor.description
    )


def test_a_check_shows_the_first_three_of_its_rows(sound: Loader) -> None:
    sound.session.execute("insert into ops.files select * from ops.files")
    sound.session.execute("update ops.files set lines_in = 9")
    sound.session.commit()

    (result,) = [check for check in run_checks(sound.session) if check.name == "lines_conserved"]

    assert (result.faults, len(result.samples)) == (4, 3)
    assert result.samples[0].keys() == {"file_id", "source_key", "lines_in", "lines_accounted"}
    assert result.samples[0]["lines_in"] == "9"


def test_two_files_that_disagree_are_shown_by_their_keys(sound: Loader) -> None:
    sound.load(sound.stage((MOCHA + LATTE).encode(), key="2026/11/20/leeds fixed.csv"))

    (result,) = [check for check in run_checks(sound.session) if check.faults]

    assert {result.samples[0]["key"], result.samples[0]["other_key"]} >= {"2026/11/20/leeds fixed.csv"}


def test_what_the_checks_found_is_recorded_with_the_number_of_files_before(sound: Loader) -> None:
    sound.session.execute(FAULTS["orders_unique"])
    sound.session.commit()
    results = run_checks(sound.session)

    record_run(results, count_files(sound.session), sound.session)

    [(checks, files, found)] = sound.rows("select checks, files, found from ops.check_runs")
    assert (checks, files) == (len(Check), 2)
    assert json.loads(found) == {check.name: check.faults for check in results if check.faults}


# --- marts that somebody dropped or replaced

MART_FAULTS = {
    "drop view mart.nights": [("nights", "missing")],
    "drop view mart.expected_cafe_days cascade": [
        (name, "missing") for name in ("expected_cafe_days", "missing_cafe_days", "nights", "unusual_cafe_days")
    ],
    "drop schema mart cascade": [(name, "missing") for name in sorted(mart_names())],
    "create view mart.like_for_like_days as select 1 as one": [("like_for_like_days", "differs")],
}


@pytest.mark.parametrize(("change", "problems"), list(MART_FAULTS.items()), ids=[*MART_FAULTS])
def test_a_mart_that_is_lost_or_replaced_is_found_and_restored(
    sound: Loader, change: str, problems: list[tuple[str, str]]
) -> None:
    if change.startswith("create"):
        sound.session.execute("drop view mart.like_for_like_days")
    sound.session.execute(change)
    sound.session.commit()

    (result,) = [check for check in run_checks(sound.session) if check.faults]

    assert (result.name, result.faults) == ("marts_intact", len(problems))
    assert [(one["mart"], one["problem"]) for one in result.samples] == problems[:3]
    assert migrate(sound.session) == [], "a new session does not restore it unseen"
    assert restore_marts(sound.session) == [name for name, _ in problems]
    assert restore_marts(sound.session) == []
    assert found(sound) == set()
    for mart in mart_names():
        sound.rows(f"select count(*) from mart.{mart}")  # noqa: S608


def test_checks_and_measures_that_read_a_lost_mart_are_left_out(sound: Loader) -> None:
    before = {check.name for check in run_checks(sound.session)}, take_measures(sound.session)
    sound.session.execute("drop schema mart cascade")
    sound.session.commit()

    checks, measures = {check.name for check in run_checks(sound.session)}, take_measures(sound.session)

    assert before[0] - checks == {"live_files_agree"}
    assert measures.keys() < before[1].keys()
    assert "FilesHeld" in measures


def test_a_restored_mart_may_be_read_by_the_reader_of_marts(sound: Loader) -> None:
    sound.session.execute("create user analyst password 'Made-up-for-tests-1'")
    sound.session.execute("grant role mart_reader to analyst")
    sound.session.execute("drop schema mart cascade")
    sound.session.commit()

    restore_marts(sound.session)

    cursor = sound.warehouse.connect(autocommit=True, user="analyst", password="Made-up-for-tests-1").cursor()
    try:
        cursor.execute("select count(*) from mart.nights")
        assert cursor.fetchall() == ([1],)
    finally:
        sound.session.execute("drop user analyst")
        sound.session.commit()
