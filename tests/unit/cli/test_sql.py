"""`cafe sql`: one statement in, a table, JSON or CSV out."""

import csv
import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from cafe.warehouse.port import Column, QueryResult, WarehouseError
from unit.cli.builders import FakeWarehouse
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("aws", "warehouse")

EVERY_TYPE = QueryResult(
    (
        Column("orders", "int8"),
        Column("total", "numeric"),
        Column("day", "date"),
        Column("at", "timestamp"),
        Column("name", "varchar"),
        Column("live", "bool"),
        Column("share", "float8"),
        Column("nothing", "varchar"),
    ),
    [
        (
            12345,
            Decimal("9.10"),
            date(2021, 2, 23),
            datetime(2021, 2, 23, 9, 0, 48),  # noqa: DTZ001  till times have no zone
            "Café, [bold]Leeds[/]",
            True,
            0.5,
            None,
        )
    ],
)
QUESTION = "select * from core.orders"


@pytest.fixture(autouse=True)
def answering(warehouse: FakeWarehouse) -> None:
    warehouse.answers[QUESTION] = EVERY_TYPE


def test_json_is_a_list_of_objects_with_exact_decimals(run: Run) -> None:
    result = run("sql", QUESTION, "--json", "--env", "dev")

    assert json.loads(result.stdout)["data"]["rows"] == [
        {
            "orders": 12345,
            "total": "9.10",
            "day": "2021-02-23",
            "at": "2021-02-23T09:00:48",
            "name": "Café, [bold]Leeds[/]",
            "live": True,
            "share": 0.5,
            "nothing": None,
        }
    ]


def test_csv_has_a_header_and_an_empty_cell_for_null(run: Run) -> None:
    result = run("sql", QUESTION, "--csv", "--env", "dev")

    header, row = csv.reader(result.stdout.splitlines())
    assert header == ["orders", "total", "day", "at", "name", "live", "share", "nothing"]
    assert row == [
        "12345", "9.10", "2021-02-23", "2021-02-23T09:00:48", "Café, [bold]Leeds[/]", "true", "0.5", "",
    ]  # fmt: skip


def test_a_table_shows_text_unchanged(run: Run) -> None:
    result = run("sql", QUESTION, "--env", "dev")

    assert result.exit_code == 0
    assert "Café, [bold]Leeds[/]" in result.stdout
    assert "null" in result.stdout
    assert "1 row" in result.stderr


def test_columns_that_do_not_fit_are_shown_one_a_line(
    warehouse: FakeWarehouse, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    names = [f"column_{number}" for number in range(20)]
    warehouse.answers["select 1"] = QueryResult(
        tuple(Column(name, "varchar") for name in names), [tuple(f"value of {name}" for name in names)] * 2
    )

    lines = run("sql", "select 1", "--env", "dev").stdout.splitlines()

    assert [line for line in lines if line.startswith("row ")] == ["row 1", "row 2"]
    assert lines[1:21] == [f"  {name:<9}  value of {name}" for name in names]


def test_a_single_long_column_stays_a_table(
    warehouse: FakeWarehouse, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    warehouse.answers["select 1"] = QueryResult((Column("name", "varchar"),), [("Latte " * 40,)])

    assert run("sql", "select 1", "--env", "dev").stdout.splitlines()[0].strip() == "name"


def test_control_characters_do_not_reach_the_terminal(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["select 1"] = QueryResult((Column("name", "varchar"),), [("Latte\x1b[2J",)])

    result = run("sql", "select 1", "--env", "dev")

    assert "\x1b" not in result.stdout
    assert r"Latte\u001b[2J" in result.stdout


def test_a_dash_reads_the_statement_from_standard_input(run: Run) -> None:
    result = run("sql", "-", "--json", "--env", "dev", stdin=f"{QUESTION};\n")

    assert json.loads(result.stdout)["data"]["rows"][0]["orders"] == 12345


def test_a_statement_without_a_result_is_done(run: Run) -> None:
    result = run("sql", "create schema x", "--env", "dev")

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "done" in result.stderr


def test_a_refused_statement_gives_the_warehouses_message(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["selec 1"] = WarehouseError('syntax error at or near "selec"')

    result = run("sql", "selec 1", "--env", "dev")

    assert result.exit_code == 2
    assert 'error: syntax error at or near "selec"' in result.stderr
    assert "Traceback" not in result.output


def test_an_empty_statement_is_an_error(run: Run) -> None:
    result = run("sql", " ; ", "--env", "dev")

    assert result.exit_code == 2
    assert "The statement is empty" in result.stderr


def test_columns_with_the_same_name_are_all_kept(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["select 1, 2"] = QueryResult((Column("n", "int4"), Column("n", "int4")), [(1, 2)])

    assert json.loads(run("sql", "select 1, 2", "--json", "--env", "dev").stdout)["data"]["rows"] == [
        {"n": 1, "n_2": 2}
    ]
