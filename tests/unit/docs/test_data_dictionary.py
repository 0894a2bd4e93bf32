"""docs/data-dictionary.md has exactly the columns of the migrations and the fields of the messages and files."""

import re

import pytest

from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of, tables_of
from load.statements import COPIED_COLUMNS, REJECTS, migrations, statements
from shared.contracts import ExtractedPart, FileSummary, LineCounts, SourceFile, TransformedPart
from unit.docs.pages import blocks, page, sections, table_rows

PAGE = page("data-dictionary")
CHAPTERS = sections(PAGE, 2)
_TABLE = re.compile(r"create (?:temp )?table (?:if not exists )?([\w.]+) \((.+?)\n\)", re.DOTALL)
_COLUMN = re.compile(r"^    (\w+) ((?:decimal|varchar|char)\(.+?\)|\w+)(.*?),?$", re.MULTILINE)
_ADDED = re.compile(r"alter table ([\w.]+) add column (\w+) ((?:decimal|varchar|char)\(.+?\)|\w+)(.*)")
_CONSTRAINTS = ("primary", "foreign")
TRANSFORMED = ("orders", "order_items", "discounts", "dimensions", "rejects")


def columns_of(sql: str) -> dict[str, list[tuple[str, str, str]]]:
    """Read name, type and attributes of the columns of every table that the SQL creates or adds columns to."""
    columns = {
        table: [column for column in _COLUMN.findall(body) if column[0] not in _CONSTRAINTS]
        for table, body in _TABLE.findall(sql)
    }
    for table, *column in _ADDED.findall(sql):
        columns[table].append(tuple(column))
    return columns


MIGRATED = columns_of(";\n".join(sql for migration in migrations() for sql in migration.statements))
STAGED = columns_of(";\n".join(statements("load/stage_tables")))
SCHEMAS = ("Sales: schema core", "Derived: schema fact", "Ledger: schema ops")
DOCUMENTED = {table: text for schema in SCHEMAS for table, text in sections(CHAPTERS[schema], 3).items()}


def named(section: str, column: str) -> list[tuple[str, str]]:
    return [(row[column], row["type"]) for row in table_rows(section)]


def test_migrations_hold_only_the_statements_that_this_test_can_read() -> None:
    made = [sql for migration in migrations() for sql in migration.statements if not sql.startswith("update ")]

    assert {" ".join(sql.split()[:2]) for sql in made} == {"create schema", "create table", "alter table"}
    assert all(_ADDED.match(sql.rstrip(";")) for sql in made if sql.startswith("alter"))


def test_the_page_has_every_table_and_no_other() -> None:
    assert set(DOCUMENTED) == set(MIGRATED)


@pytest.mark.parametrize("table", MIGRATED)
def test_a_table_has_the_documented_columns_in_order(table: str) -> None:
    assert named(DOCUMENTED[table], "column") == [(name, kind) for name, kind, _ in MIGRATED[table]]


@pytest.mark.parametrize("table", MIGRATED)
def test_a_table_states_its_grain_and_every_column_unit_source_and_meaning(table: str) -> None:
    rows = table_rows(DOCUMENTED[table])

    assert "\nGrain: " in DOCUMENTED[table]
    assert all(row["unit"] and row["source"] and row["meaning"] for row in rows)


def test_the_page_names_the_only_column_that_may_be_null() -> None:
    nullable = [
        f"{table}.{name}" for table, columns in MIGRATED.items() for name, _, rest in columns if "not null" not in rest
    ]

    assert nullable == ["ops.load_mutex.holder"]


@pytest.mark.parametrize("table", TRANSFORMED)
def test_a_transformed_file_has_the_documented_fields_in_the_order_of_copy(table: str) -> None:
    target = REJECTS if table == "rejects" else f"stage_{table}"
    types = {name: kind for name, kind, _ in (STAGED | MIGRATED)[target]}

    documented = named(sections(CHAPTERS["Staged files"], 3)[f"transformed {table}"], "field")

    assert documented == [(name, types[name]) for name in COPIED_COLUMNS[target]]


@pytest.mark.parametrize("message", [ExtractedPart, TransformedPart, FileSummary, SourceFile, LineCounts])
def test_a_message_has_the_documented_fields_in_order(message: type) -> None:
    documented = named(sections(CHAPTERS["Messages"], 3)[message.__name__], "field")

    kinds = message.__annotations__.items()
    assert documented == [(name, getattr(kind, "__name__", kind)) for name, kind in kinds]


def test_the_stages_write_the_rows_of_the_example() -> None:
    example = CHAPTERS["One order from the till to the warehouse"]
    (written,) = blocks(example, "csv")
    objects = FakeObjects({"chesterfield.csv": written.encode()})

    extract_file(arrival_of("chesterfield.csv"), objects, FakeOutbox())

    extracted = "".join(objects.text(key) for key in objects.staged)
    assert blocks(example, "extracted") == [extracted]
    for table, lines in tables_of(written.encode()).items():
        (shown,) = blocks(example, table)
        assert set(shown.splitlines()) == lines


def test_an_extracted_row_has_the_documented_fields() -> None:
    (row,) = blocks(CHAPTERS["One order from the till to the warehouse"], "extracted")

    documented = table_rows(sections(CHAPTERS["Staged files"], 3)["extracted rows"])

    assert [field["field"] for field in documented] == [
        "line_number", "branch", "ordered_at", "basket", "total", "payment", "occurrence", "discount",
    ]  # fmt: skip
    # The example has no discount.
    assert len(row.split("\t")) == len(documented) - 1
