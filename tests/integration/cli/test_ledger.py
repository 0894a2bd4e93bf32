"""The statements of the command line, on the local Redshift endpoint, with the schema that load creates."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cafe.warehouse.driver import DriverWarehouse
from cafe.warehouse.ledger import FileVersion, Ledger, Reject, RetractableFile, RuleCount
from cafe.warehouse.port import MissingRelation, WarehouseError
from fixtures.warehouse import Warehouse
from integration.cli.conftest import record_file
from load.schema import migrate
from load.warehouse import RedshiftSession

EVENING = datetime(2021, 2, 23, 20, 0, 0)  # noqa: DTZ001  the warehouse's timestamps have no zone
LEEDS = "2021/2/23/leeds.csv"
HULL = "2021/2/23/hull_23-02-2021_21-00-00.csv"
OLD, NEW, YORK = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def ledger(asked: DriverWarehouse, empty_warehouse: Warehouse) -> Ledger:
    """A ledger of two versions of one file, the newer with rejects, and of one rejected file."""
    migrate(RedshiftSession(empty_warehouse.connect()))
    record_file(asked, OLD, key=LEEDS, version="v1", recorded_at=EVENING)
    record_file(asked, NEW, key=LEEDS, version="v2", recorded_at=EVENING + timedelta(hours=1), rows_rejected=3)
    record_file(
        asked,
        YORK,
        key="2021/2/23/york's 100%.csv",
        version="v3",
        recorded_at=EVENING + timedelta(hours=2),
        outcome="rejected",
        reason="not_utf8",
    )
    for file_id, line, rule in [
        (OLD, 1, "bad_total"),
        (NEW, 9, "bad_total"),
        (NEW, 7, "bad_total"),
        (NEW, 8, "bad_item"),
    ]:
        asked.query(
            "insert into ops.rejects (file_id, line_number, stage, rule, detail)"
            " values (:file_id, :line, 'extract', :rule, '')",
            {"file_id": file_id, "line": line, "rule": rule},
        )
    return Ledger(asked)


def reject(file_id: str, line: int | None, rule: str, *, key: str = LEEDS, stage: str = "extract") -> Reject:
    return Reject(key, file_id, line, stage, rule, "")


NEW_REJECTS = [reject(NEW, 7, "bad_total"), reject(NEW, 8, "bad_item"), reject(NEW, 9, "bad_total")]
YORK_REJECT = reject(YORK, None, "not_utf8", key="2021/2/23/york's 100%.csv", stage="file")


def test_outcomes_are_found_by_key_and_version(ledger: Ledger) -> None:
    wanted = [FileVersion(LEEDS, "v2"), FileVersion(LEEDS, "v9"), FileVersion("other.csv", "v1")]

    found = ledger.outcomes(wanted)

    assert list(found) == [wanted[0]]
    assert found[wanted[0]].file_id == NEW
    assert found[wanted[0]].amount_loaded == Decimal("12.35")


def test_a_correction_has_the_orders_that_it_took_away_from_every_file_before_it(
    ledger: Ledger, asked: DriverWarehouse
) -> None:
    for file_id, orders, pounds in [("d" * 32, 2, "4.50"), ("e" * 32, 1, "3.00")]:
        gone: dict[str, Any] = {"is_live": False, "replaced_by": NEW, "rows_removed": orders, "amount_removed": pounds}
        record_file(asked, file_id, key=LEEDS, version=file_id[0], recorded_at=EVENING, **gone)
    # A file that was retracted was replaced by none.
    record_file(asked, "f" * 32, key=HULL, version="v6", recorded_at=EVENING, is_live=False, rows_removed=9)

    found = {entry.file_id: entry for entry in ledger.recorded_since(EVENING)}

    assert (found[NEW].rows_taken_away, found[NEW].amount_taken_away) == (3, Decimal("7.50"))
    assert {entry.rows_taken_away for file_id, entry in found.items() if file_id != NEW} == {0}


def test_rules_are_counted_the_most_frequent_first(ledger: Ledger) -> None:
    [outcome] = ledger.with_rules(ledger.outcomes([FileVersion(LEEDS, "v2")]).values())

    assert outcome.rules == (RuleCount("bad_total", 2), RuleCount("bad_item", 1))


def test_recent_files_are_those_recorded_since(ledger: Ledger) -> None:
    recent = ledger.recorded_since(EVENING + timedelta(minutes=30))

    assert [file.file_id for file in recent] == [NEW, YORK]


def test_the_nights_since_a_moment_are_added_up(ledger: Ledger, asked: DriverWarehouse) -> None:
    """Two nights: files of one minute are one load, and a night is cut at noon."""
    record_file(asked, "d" * 32, key=HULL, version="v4", recorded_at=EVENING + timedelta(seconds=20))
    record_file(asked, "e" * 32, key=HULL, version="v5", recorded_at=EVENING + timedelta(days=1))

    found = ledger.nights(EVENING)

    assert found is not None
    assert {name: int(found[name]) for name in ("nights", "files", "loads", "minutes", "cafes")} == {
        "nights": 2,
        "files": 5,
        "loads": 4,
        "minutes": 120,
        "cafes": 0,
    }
    assert ledger.nights(EVENING + timedelta(days=2)) is None


def test_rejects_of_all_files_are_those_of_the_newest_versions(ledger: Ledger) -> None:
    assert ledger.rejects(most=100) == [YORK_REJECT, *NEW_REJECTS]


def test_the_limit_keeps_the_newest_files(ledger: Ledger) -> None:
    assert ledger.rejects(most=2) == [YORK_REJECT, NEW_REJECTS[0]]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("leeds.csv", NEW_REJECTS),
        (LEEDS, NEW_REJECTS),
        (OLD, [reject(OLD, 1, "bad_total")]),
        ("york's 100%.csv", [YORK_REJECT]),
        ("%.csv", [YORK_REJECT]),
        ("hull.csv", []),
    ],
    ids=["end of a key", "whole key", "an older version by its id", "quote and percent", "no wildcard", "unknown"],
)
def test_rejects_of_one_file(ledger: Ledger, file: str, expected: list[Reject]) -> None:
    assert ledger.rejects(file, most=100) == expected


def record_held(asked: DriverWarehouse, file_id: str = "e" * 32, **more: Any) -> None:
    """Write a file that is held: three orders, of which none is in the warehouse."""
    held: dict[str, Any] = {"outcome": "held", "reason": "unknown_cafe", "detail": "1 unknown café", "is_live": False}
    later = EVENING + timedelta(hours=3)
    fields: dict[str, Any] = {"key": HULL, "version": "v5", "recorded_at": later, "rows_loaded": 0, "amount_loaded": 0}
    record_file(asked, file_id, **(held | fields | more))


def test_held_files_are_those_that_wait_for_a_person_the_newest_of_each_version(
    ledger: Ledger, asked: DriverWarehouse
) -> None:
    assert ledger.held() == []
    record_held(asked)
    record_held(asked, "f" * 32, recorded_at=EVENING + timedelta(hours=4))
    record_held(asked, "0" * 32, key=LEEDS, version="v6", reason="removes_much")
    record_held(asked, "1" * 32, key=LEEDS, version="v7", outcome="retracted")

    assert [(file.file_id, file.why) for file in ledger.held()] == [
        ("f" * 32, "unknown_cafe: 1 unknown café"),
        ("0" * 32, "removes_much: 1 unknown café"),
    ]


def test_a_held_file_is_listed_with_the_rejects_and_found_by_its_reason(ledger: Ledger, asked: DriverWarehouse) -> None:
    record_held(asked)

    assert ledger.rejects("hull", most=9) == [Reject(HULL, "e" * 32, None, "file", "unknown_cafe", "1 unknown café")]
    assert ledger.with_rule("unknown_cafe") == {FileVersion(HULL, "v5")}


def test_a_held_file_can_be_retracted_and_has_no_orders_to_remove(ledger: Ledger, asked: DriverWarehouse) -> None:
    record_held(asked)

    assert [file.is_held for file in ledger.retractable_files(HULL)] == [True]


def test_the_later_re_extract_of_a_version_counts(ledger: Ledger, asked: DriverWarehouse) -> None:
    again: dict[str, Any] = {"version_order": "2021-02-23T20:00:00Z 0000 20261124T051200Z", "outcome": "rejected"}
    record_file(asked, "d" * 32, key=LEEDS, version="v2", recorded_at=EVENING, **again)

    (outcome,) = ledger.outcomes([FileVersion(LEEDS, "v2")]).values()

    assert outcome.file_id == "d" * 32


@pytest.mark.parametrize(
    ("rule", "versions"),
    [("bad_total", {"v1", "v2"}), ("bad_item", {"v2"}), ("not_utf8", {"v3"}), ("bad_branch", set())],
)
def test_files_are_found_by_the_rule_that_rejected_them_or_their_rows(
    ledger: Ledger, rule: str, versions: set[str]
) -> None:
    assert {version.version_id for version in ledger.with_rule(rule)} == versions


def test_the_live_files_of_a_key_have_what_would_be_removed(ledger: Ledger, asked: DriverWarehouse) -> None:
    asked.query("update ops.files set amount_accepted = 12.35, is_live = file_id = :file", {"file": OLD})

    assert ledger.retractable_files(LEEDS) == [RetractableFile(OLD, False, 3, Decimal("12.35"))]
    assert ledger.retractable_files("2021/2/23/leeds") == []


def test_before_the_first_load_the_ledger_is_empty(asked: DriverWarehouse) -> None:
    assert Ledger(asked).rejects(most=10) == []


def test_a_missing_table_differs_from_a_mistake(asked: DriverWarehouse) -> None:
    with pytest.raises(MissingRelation):
        asked.query("select * from ops.files")
    with pytest.raises(WarehouseError, match="syntax error"):
        asked.query("select from from")


def test_a_statement_can_have_percent_signs_casts_and_colons(asked: DriverWarehouse) -> None:
    result = asked.query("select '100%' as share, '12:30' as at, 1::decimal(8, 2) as pounds")

    assert result.as_dicts() == [{"share": "100%", "at": "12:30", "pounds": Decimal("1.00")}]
    assert [column.type for column in result.columns][2] == "numeric"
