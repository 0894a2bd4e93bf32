"""`cafe sql`: one statement in, a table, JSON or CSV out."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

import pytest

from cafe.warehouse.port import Column, QueryResult, ResultStream, Value, WarehouseError
from unit.cli.builders import FakeWarehouse, answer
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
    result = run("sql", "create schema x", "--write", "--env", "dev")

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "done" in result.stderr


def test_a_refused_statement_gives_the_warehouses_message(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["select form"] = WarehouseError('syntax error at or near "form"')

    result = run("sql", "select form", "--env", "dev")

    assert result.exit_code == 2
    assert 'error: syntax error at or near "form"' in result.stderr
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


# --- large results


def many_rows(count: int) -> QueryResult:
    return QueryResult((Column("n", "int4"), Column("name", "varchar")), [(n, f"row {n}") for n in range(count)])


@pytest.mark.parametrize(("rows", "has_more"), [(1_000, False), (1_001, True)])
def test_a_screen_shows_a_thousand_rows_and_says_how_to_see_all(
    warehouse: FakeWarehouse, run: Run, rows: int, has_more: bool
) -> None:
    warehouse.answers["select 1"] = many_rows(rows)

    result = run("sql", "select 1", "--env", "dev")

    assert len(result.stdout.splitlines()) == 1_001
    assert ("there are more. To see all, add --all" in result.stderr) == has_more
    assert ("1,000 rows" in result.stderr) == (not has_more or "first 1,000 rows" in result.stderr)


def test_all_rows_are_laid_out_alike(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["select 1"] = many_rows(1_203)

    result = run("sql", "select 1", "--all", "--env", "dev")

    lines = result.stdout.splitlines()
    assert lines[0] == "  n  name"
    assert (lines[1], lines[1_000], lines[1_203]) == ("  0  row 0", "999  row 999", "1202  row 1202")
    assert "1,203 rows" in result.stderr


def test_all_rows_of_too_many_columns_are_blocks(
    warehouse: FakeWarehouse, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    warehouse.answers["select 1"] = many_rows(1_100)

    lines = run("sql", "select 1", "--all", "--env", "dev").stdout.splitlines()

    assert len(lines) == 3 * 1_100
    assert lines[-3:] == ["row 1100", "  n     1099", "  name  row 1099"]


def test_a_hostile_text_in_a_large_result_is_shown_as_text(warehouse: FakeWarehouse, run: Run) -> None:
    rows: list[tuple[Value, ...]] = [("Latte",)] * 1_500 + [("\x1b[2J\n",), (None,), (True,)]
    warehouse.answers["select 1"] = QueryResult((Column("name", "varchar"),), rows)

    lines = run("sql", "select 1", "--all", "--env", "dev").stdout.splitlines()

    assert lines[-3:] == [r"\u001b[2J\n", "null", "true"]


@pytest.mark.parametrize("option", ["--csv", "--json"])
def test_another_program_gets_all_rows(warehouse: FakeWarehouse, run: Run, option: str) -> None:
    warehouse.answers["select 1"] = many_rows(2_000)

    result = run("sql", "select 1", option, "--env", "dev")

    assert result.stderr == ""
    if option == "--csv":
        assert len(result.stdout.splitlines()) == 2_001
    else:
        data = json.loads(result.stdout)["data"]
        assert data["columns"] == [{"name": "n", "type": "int4"}, {"name": "name", "type": "varchar"}]
        assert (len(data["rows"]), data["count"]) == (2_000, 2_000)
        assert len(result.stdout.splitlines()) == 2_002


@pytest.mark.parametrize(("option", "held_back"), [("--csv", 0), ("--json", 1), ("--all", 0)])
def test_rows_are_written_as_they_come(
    warehouse: FakeWarehouse, run: Run, monkeypatch: pytest.MonkeyPatch, option: str, held_back: int
) -> None:
    written: list[int] = []

    def rows() -> Iterator[tuple[int]]:
        for number in range(3_000):
            yield (number,)
        sys.stdout.flush()
        written.append(sys.stdout.buffer.getvalue().count(b"\n"))  # type: ignore[union-attr]  # the runner's

    @contextmanager
    def stream(_sql: str, *, may_write: bool) -> Iterator[ResultStream]:
        assert not may_write
        yield ResultStream((Column("n", "int4"),), rows())

    monkeypatch.setattr(warehouse, "stream", stream)

    run("sql", "select 1", option, "--env", "dev")

    # The first line is the header of the CSV or of the table.
    assert written == [3_001 - held_back]


def test_json_of_no_rows_is_an_answer(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["select 1"] = many_rows(0)

    assert json.loads(run("sql", "select 1", "--json", "--env", "dev").stdout)["data"]["rows"] == []
    assert json.loads(run("sql", "drop x", "--write", "--json", "--env", "dev").stdout)["data"]["columns"] == []


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [(WarehouseError("The connection was lost."), "warehouse_refused", 2), (KeyboardInterrupt(), "interrupted", 130)],
    ids=["an error", "Ctrl-C"],
)
def test_json_that_breaks_off_is_completed_with_the_error(
    warehouse: FakeWarehouse, run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: str, exit_code: int
) -> None:
    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        raise error

    @contextmanager
    def stream(_sql: str, *, may_write: bool) -> Iterator[ResultStream]:
        assert not may_write
        yield ResultStream((Column("n", "int4"),), rows())

    monkeypatch.setattr(warehouse, "stream", stream)

    result = run("sql", "select 1", "--json", "--env", "dev")

    written = json.loads(result.stdout)
    assert result.exit_code == exit_code
    assert written["data"]["rows"] == [{"n": 1}]
    assert written["error"]["code"] == code


# --- what may run


@pytest.mark.parametrize(
    "statement",
    [
        "delete from core.orders",
        "truncate core.orders",
        "select 1 as n into core.copy",
        "with old as (select 1) delete from core.orders using old",
        "/* select */ drop table core.orders",
        "call p()",
        "grant role mart_reader to x",
        "(select 1 into x)",
    ],
)
def test_what_could_change_something_needs_write(warehouse: FakeWarehouse, run: Run, statement: str) -> None:
    refused = run("sql", statement, "--env", "dev")

    assert refused.exit_code == 2
    assert "add --write" in refused.stderr
    assert warehouse.asked == []
    assert run("sql", statement, "--write", "--env", "dev").exit_code == 0
    assert [sql for sql, _ in warehouse.asked] == [statement]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'delete from x' as \"update\"",
        "/* insert */ with a as (select 1 as n) select * from a",
        "show search_path",
        "explain select 1",
        "select rows_deleted, into_date from t",
    ],
)
def test_a_query_needs_nothing(run: Run, statement: str) -> None:
    assert run("sql", statement, "--env", "dev").exit_code == 0


# --- what is there


def test_the_tables_are_listed(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["tables"] = answer({"schema": "core", "table": "orders", "kind": "table"})

    assert "core    orders  table" in run("sql", "--tables", "--env", "dev").stdout


def test_a_table_is_described_by_its_name_in_any_case(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["columns"] = answer({"schema": "core", "table": "orders", "column": "order_id"})

    described = json.loads(run("sql", "--describe", "Core.Orders", "--json", "--env", "dev").stdout)["data"]

    assert described["rows"] == [{"schema": "core", "table": "orders", "column": "order_id"}]
    assert warehouse.asked[0][1] == {"table": "core.orders"}


def test_a_table_that_is_not_there_is_an_error(run: Run) -> None:
    result = run("sql", "--describe", "core.order", "--env", "dev")

    assert result.exit_code == 2
    assert "cafe sql --tables" in result.stderr


@pytest.mark.parametrize("arguments", [(), ("select 1", "--tables"), ("--tables", "--describe", "x")])
def test_exactly_one_thing_is_asked_for(run: Run, arguments: tuple[str, ...]) -> None:
    assert "Give exactly one of" in run("sql", *arguments, "--env", "dev").stderr
