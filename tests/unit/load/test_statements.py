"""The SQL files as load reads them, and the one statement that is built."""

import re
from pathlib import Path

import pytest
import sqlfluff

from load.statements import (
    COPIED_COLUMNS,
    SIZES,
    check_names,
    copy_statement,
    in_sizes,
    insert_statement,
    list_statement,
    migrations,
    statement,
    statements,
    union_statement,
)

SQL = Path("src/load/sql")
FILES = sorted(SQL.rglob("*.sql"))
ROLE = "arn:aws:iam::000000000000:role/cafe-dev-CopyRole-1"
MANIFEST = "s3://cafe-dev-staging-000000000000/transformed/batches/1-2/stage_orders.json"
# Words that Redshift does not support or that would hide a fault. sqlfluff accepts some of them. A declared key would
# hide the row that breaks it: Redshift does not enforce it and believes it.
FORBIDDEN = re.compile(
    r"\b(on conflict|returning|serial|distinct on|filter \(|create index|lateral|qualify|truncate|fnv_hash"
    r"|remove duplicates|select \*|minus|pivot|if exists|primary key|foreign key|references|unique)\b"
)


def name_of(path: Path) -> str:
    return path.relative_to(SQL).with_suffix("").as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("-- ")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_contains_whole_statements(path: Path) -> None:
    assert statements(name_of(path))
    assert path.read_text(encoding="utf-8").rstrip().endswith(";")
    # Splitting at semicolons and removing comments is correct only if no quoted text contains either.
    assert not re.search(r"'[^'\n]*(;|--)[^'\n]*'", "\n".join(statements(name_of(path))))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_uses_what_redshift_does_not_support(path: Path) -> None:
    for sql in statements(name_of(path)):
        without_text = re.sub(r"'[^']*'", "''", sql.lower())
        assert not FORBIDDEN.search(without_text)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_parses_as_redshift(path: Path) -> None:
    with_values = path.read_text(encoding="utf-8").replace("%s", "0")
    violations = sqlfluff.lint(with_values, dialect="redshift", rules=["CP01"])

    assert [violation["description"] for violation in violations if violation["code"] == "PRS"] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_range_of_days_is_a_range_of_the_sort_key(path: Path) -> None:
    """A function of the sort key uses no zone map, so that every order of all years would be read."""
    compared = re.compile(
        r"date_trunc\('\w+', \w+\.ordered_at\)\s*(?:[<>=]|between)|[<>=]\s*date_trunc\('\w+', \w+\.ordered"
    )
    by_day = re.compile(r"\bmart\.(cafe_day_sales|cafe_hour_sales|payment_mix) as (\w+)(?s:.*?)where\s+\2\.day ")

    for sql in statements(name_of(path)):
        assert not compared.search(sql)
        assert not by_day.search(sql)


def test_the_lock_is_one_statement_that_takes_no_snapshot() -> None:
    assert statement("load/lock") == "lock ops.load_mutex"


def test_checks_and_migrations_are_found() -> None:
    assert "orders_unique" in check_names()
    assert migrations()[0].name == "schemas_and_mutex"


@pytest.mark.parametrize("table", COPIED_COLUMNS)
def test_copy_names_its_columns_and_never_guesses(table: str) -> None:
    sql = copy_statement(table, MANIFEST, ROLE)

    assert sql.startswith(f"copy {table} ({', '.join(COPIED_COLUMNS[table])}) from '{MANIFEST}' iam_role '{ROLE}' ")
    assert sql.endswith("csv gzip manifest null as '  ' timeformat 'YYYY-MM-DD HH:MI:SS' compupdate off statupdate off")


@pytest.mark.parametrize(
    ("uri", "role"),
    [
        ("s3://bucket/it's", ROLE),
        ("s3://bucket/a b", ROLE),
        ("http://bucket/key", ROLE),
        (MANIFEST, "default"),
        (MANIFEST, "arn:aws:iam::000000000000:role/x' csv"),
        (MANIFEST + "\n", ROLE),
    ],
)
def test_copy_refuses_an_invalid_source_or_role(uri: str, role: str) -> None:
    with pytest.raises(ValueError, match="COPY needs"):
        copy_statement("stage_orders", uri, role)


def test_values_of_several_rows_are_bound_never_written() -> None:
    assert insert_statement("t", ("a", "b"), 2) == "insert into t (a, b) values (%s, %s), (%s, %s)"


def test_rows_are_inserted_in_few_sizes_and_none_is_left_out() -> None:
    for count in range(301):
        pieces = list(in_sizes(range(count)))

        assert {len(piece) for piece in pieces} <= set(SIZES)
        assert [row for piece in pieces for row in piece] == list(range(count))


def test_a_list_is_filled_up_to_a_size_with_its_last_value() -> None:
    sql, values = list_statement("load/find_known", ["a", "b", "c", "d", "e"])

    assert sql.count("in (" + ", ".join(["%s"] * 16) + ")") == 3
    assert values == [*"abcde", *"e" * 11] * 3


@pytest.mark.parametrize("count", [0, 257])
def test_a_list_that_has_no_size_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"a list of {count} values"):
        list_statement("load/find_known", ["a"] * count)


def test_several_queries_become_one() -> None:
    assert union_statement("schema/ping", "schema/ping").split("\n\nunion all\n\n") == [statement("schema/ping")] * 2
