"""`cafe rejects`: every reject with its rule and its remedy."""

import csv
import json

import pytest

from cafe.answers.remedies import remedy_for
from unit.cli.builders import NO_LEDGER, FakeWarehouse, answer, reject_row
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("aws", "warehouse")


def test_each_line_is_shown_with_its_rule_and_what_to_do(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(
        reject_row(), reject_row(line_number=1234, stage="transform", rule="total_mismatch", detail="item 2")
    )

    result = run("rejects", "--env", "dev")

    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()[2:4]] == [
        ["7", "bad_total", "extract"],
        ["1,234", "total_mismatch", "transform", "item", "2"],
    ]
    assert "total_mismatch: The items do not add up" in result.stdout


def test_a_file_rejected_as_a_whole_has_no_line(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(reject_row(line_number=None, stage="file", rule="unknown_dialect"))

    result = run("rejects", "--env", "dev")

    assert "whole file" in result.stdout
    assert remedy_for("unknown_dialect") in result.stdout


def test_json_has_the_remedies(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(reject_row())

    [described] = json.loads(run("rejects", "--env", "dev", "--json").stdout)["data"]["rejects"]

    assert described == reject_row() | {"remedy": remedy_for("bad_total")}


def test_csv_has_a_header_line_and_survives_commas(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(reject_row(source_key="2021/2/23/a, b.csv", line_number=None))

    result = run("rejects", "--env", "dev", "--csv")

    [described] = csv.DictReader(result.stdout.splitlines())
    assert described["source_key"] == "2021/2/23/a, b.csv"
    assert described["line_number"] == ""


def test_the_name_of_the_file_is_a_bound_parameter(warehouse: FakeWarehouse, run: Run) -> None:
    run("rejects", "o'brien.csv", "--limit", "7", "--env", "dev")

    [(sql, parameters)] = warehouse.asked
    assert "o'brien" not in sql
    assert parameters == {"file": "o'brien.csv", "most": 8}


def test_it_says_if_there_are_more_than_the_limit(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(*(reject_row(line_number=number) for number in range(1, 4)))

    result = run("rejects", "--limit", "2", "--env", "dev", "--json")

    found = json.loads(result.stdout)["data"]
    assert (len(found["rejects"]), found["more"]) == (2, True)
    assert "There are more" in result.stderr


def test_without_rejects_it_says_so(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = NO_LEDGER

    result = run("rejects", "--env", "dev")

    assert result.exit_code == 0
    assert "Nothing was rejected" in result.stdout


def test_json_and_csv_together_are_an_error(run: Run) -> None:
    result = run("rejects", "--json", "--csv", "--env", "dev")

    assert result.exit_code == 2
    assert "--json and --csv cannot be used together" in result.stderr
