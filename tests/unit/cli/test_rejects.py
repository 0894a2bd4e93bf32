"""`cafe rejects`: every refusal with its rule and its remedy."""

import csv
import json

import pytest

from cafe.answers.remedies import remedy_for
from unit.cli.builders import NO_LEDGER, FakeWarehouse, answer, refusal_row
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("aws", "warehouse")


def test_each_line_is_shown_with_its_rule_and_what_to_do(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(
        refusal_row(), refusal_row(line_number=1234, stage="transform", rule="total_mismatch", detail="item 2")
    )

    result = run("rejects", "--env", "dev")

    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()[2:4]] == [
        ["7", "bad_total", "extract"],
        ["1,234", "total_mismatch", "transform", "item", "2"],
    ]
    assert "total_mismatch: The items do not add up" in result.stdout


def test_a_file_refused_whole_has_no_line(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(refusal_row(line_number=None, stage="file", rule="unknown_dialect"))

    result = run("rejects", "--env", "dev")

    assert "whole file" in result.stdout
    assert remedy_for("unknown_dialect") in result.stdout


def test_json_is_a_list_with_remedies(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(refusal_row())

    [described] = json.loads(run("rejects", "--env", "dev", "--json").stdout)

    assert described == refusal_row() | {"remedy": remedy_for("bad_total")}


def test_csv_has_a_header_line_and_survives_commas(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(refusal_row(source_key="2021/2/23/a, b.csv", line_number=None))

    result = run("rejects", "--env", "dev", "--csv")

    [described] = csv.DictReader(result.stdout.splitlines())
    assert described["source_key"] == "2021/2/23/a, b.csv"
    assert described["line_number"] == ""


def test_the_file_asked_for_is_bound_not_pasted(warehouse: FakeWarehouse, run: Run) -> None:
    run("rejects", "o'brien.csv", "--limit", "7", "--env", "dev")

    [(sql, parameters)] = warehouse.asked
    assert "o'brien" not in sql
    assert parameters == {"file": "o'brien.csv", "most": 8}


def test_more_than_the_limit_is_said(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = answer(*(refusal_row(line_number=number) for number in range(1, 4)))

    result = run("rejects", "--limit", "2", "--env", "dev", "--json")

    assert len(json.loads(result.stdout)) == 2
    assert "there are more" in result.stderr


def test_nothing_refused_is_good_news(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["rejects"] = NO_LEDGER

    result = run("rejects", "--env", "dev")

    assert result.exit_code == 0
    assert "Nothing was refused" in result.stdout


def test_json_and_csv_at_once_are_refused(run: Run) -> None:
    result = run("rejects", "--json", "--csv", "--env", "dev")

    assert result.exit_code == 2
    assert "Both --json and --csv" in result.stderr
