"""Reading the ledger: outcomes by version, waiting, and settled failures."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import cafe.warehouse.sql
from cafe.warehouse.ledger import IDS_A_QUERY, FileVersion, Ledger, LedgerEntry, RuleCount, still_at, wait_for_outcomes
from cafe.warehouse.port import WarehouseError
from unit.cli.builders import NO_LEDGER, FakeWarehouse, answer, ledger_row

ISLE = FileVersion("2021/2/23/isle-of-wight.csv", "v1")
LEEDS = FileVersion("2021/2/23/leeds.csv", "v2")


def outcome(**overrides: Any) -> LedgerEntry:
    return LedgerEntry.from_row(ledger_row(**overrides))


def columns_in(path: Path) -> list[str]:
    """Return the columns that a statement lists one a line."""
    chosen = path.read_text(encoding="utf-8").partition("\nfrom ")[0].splitlines()
    lines = (line.strip().removesuffix(",").rpartition(" as ")[2] for line in chosen)
    return [line.removeprefix("f.") for line in lines if re.fullmatch(r"[a-z_.]+", line)]


def test_one_file_lists_the_columns_of_an_entry_and_no_other_repeats_them() -> None:
    folder = Path(cafe.warehouse.sql.__file__).parent
    entry = [field.name for field in fields(LedgerEntry) if field.name != "rules"]

    listed = {path.stem: columns_in(path) for path in folder.rglob("*.sql")}

    assert listed.pop("_entries") == ["select", *entry]
    assert {name for name, columns in listed.items() if len(set(columns) & set(entry)) > len(entry) / 2} == set()


class Waiting:
    """A wait whose clock moves only by its own pauses."""

    def __init__(
        self, warehouse: FakeWarehouse, *versions: FileVersion, timeout_seconds: float = 10, **options: Any
    ) -> None:
        self.now = 0.0
        self.progress: list[int] = []
        self.found = wait_for_outcomes(
            Ledger(warehouse),
            versions,
            timeout_seconds=timeout_seconds,
            on_progress=self.progress.append,
            clock=lambda: self.now,
            sleep=self.pass_time,
            **options,
        )

    def pass_time(self, seconds: float) -> None:
        self.now += seconds


def test_waiting_ends_when_every_file_has_its_outcome() -> None:
    isle, leeds = ledger_row(), ledger_row(source_key=LEEDS.key, version_id=LEEDS.version_id, file_id="f" * 32)
    warehouse = FakeWarehouse({"outcomes": [NO_LEDGER, answer(), answer(isle), answer(isle, leeds)]})

    waiting = Waiting(warehouse, ISLE, LEEDS)

    assert set(waiting.found) == {ISLE, LEEDS}
    assert waiting.progress == [0, 0, 1, 2]


def test_the_outcome_of_before_does_not_count() -> None:
    before, after = ledger_row(outcome="failed"), ledger_row()
    warehouse = FakeWarehouse({"outcomes": [answer(before), answer(before), answer(after)]})

    waiting = Waiting(warehouse, ISLE, earlier=Ledger(warehouse).outcomes([ISLE]))

    assert waiting.found[ISLE].outcome == "loaded"
    assert waiting.progress == [0, 1]


def test_only_files_without_an_outcome_are_queried_again() -> None:
    leeds = ledger_row(source_key=LEEDS.key, version_id=LEEDS.version_id)
    warehouse = FakeWarehouse({"outcomes": [answer(ledger_row()), answer(leeds)]})

    Waiting(warehouse, ISLE, LEEDS)

    assert [parameters["versions"] for _, parameters in warehouse.asked] == ["|v1|v2|", "|v2|"]


def test_waiting_ends_when_the_time_is_over() -> None:
    waiting = Waiting(FakeWarehouse({"outcomes": answer(ledger_row())}), ISLE, LEEDS, timeout_seconds=5)

    assert set(waiting.found) == {ISLE}
    assert 5 <= waiting.now < 8


def test_the_same_version_id_under_another_key_is_another_file() -> None:
    warehouse = FakeWarehouse({"outcomes": answer(ledger_row(source_key="other.csv"))})

    assert Ledger(warehouse).outcomes([ISLE]) == {}


def test_rules_are_added_to_the_files_that_have_rejects() -> None:
    rules = answer({"file_id": "a" * 32, "rule": "bad_total", "rejects": 2})
    warehouse = FakeWarehouse({"rule_counts": rules})

    with_rejects, without = Ledger(warehouse).with_rules(
        [outcome(file_id="a" * 32, rows_rejected=2), outcome(file_id="b" * 32)]
    )

    assert with_rejects.rules == (RuleCount("bad_total", 2),)
    assert without.rules == ()
    assert [parameters["files"] for _, parameters in warehouse.asked] == [f"|{'a' * 32}|"]


def test_many_files_are_queried_in_several_statements() -> None:
    warehouse = FakeWarehouse()

    Ledger(warehouse).outcomes(FileVersion(f"{number}.csv", f"{number:032}") for number in range(IDS_A_QUERY + 1))

    lengths = [len(str(parameters["versions"])) for _, parameters in warehouse.asked]
    assert len(lengths) == 2
    assert max(lengths) < 65_535


def test_an_error_of_the_warehouse_is_not_an_empty_ledger() -> None:
    with pytest.raises(WarehouseError):
        Ledger(FakeWarehouse({"outcomes": WarehouseError("no route to host")})).outcomes([ISLE])


def test_the_newest_version_decides_whether_a_file_failed() -> None:
    first = outcome(outcome="failed")
    later = first.recorded_at + timedelta(hours=1)

    assert still_at("failed", [first]) == [first]
    assert still_at("failed", [first, outcome(version_id="v2", recorded_at=later)]) == []
    assert still_at("failed", [outcome(version_id="v0"), outcome(outcome="failed", recorded_at=later)]) != []
