"""The SQL that load runs, read from the .sql files of the package. Text only; opens no connection.

Files contain whole statements that end with ";". Values are always bound, never written into a statement. Only COPY's
text is built, here, from validated parts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path

SQL = Path(__file__).parent / "sql"
_COMMENT = re.compile(r"--[^\n]*")
_MIGRATION = re.compile(r"([0-9]{4})_([a-z0-9_]+)\.sql")
_MART = re.compile(r"\bmart\.(\w+)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_S3_URI = re.compile(r"s3://[a-z0-9.-]{3,63}/[A-Za-z0-9/_.-]+")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+")

# The file of grants among the marts, and its name in ops.marts.
GRANTS = "_grant"
STAGE_ORDERS = "stage_orders"
STAGE_ORDER_ITEMS = "stage_order_items"
STAGE_DIMENSIONS = "stage_dimensions"
STAGE_DISCOUNTS = "stage_discounts"
FILE_PARTS = "ops.file_parts"
REJECTS = "ops.rejects"
FILE_PARTS_COLUMNS = ("file_id", "plan_id", "part", "parts", "message")
STAGE_FILES_COLUMNS = (
    "file_id",
    "plan_id",
    "source_bucket",
    "source_key",
    "document",
    "sender",
    "sent_by",
    "version_id",
    "last_modified",
    "version_order",
    "size_bytes",
    "outcome",
    "reason",
    "detail",
    "dialect",
    "parts",
    "lines_in",
    "order_lines",
    "continuation_lines",
    "header_lines",
    "blank_lines",
    "rejected_lines",
    "rows_in",
    "rows_accepted",
    "rows_rejected",
    "amount_accepted",
)
# How many rows an insert has, and how many values a list. The warehouse compiles each form of a statement once, which
# takes seconds, so there are few forms.
SIZES = (1, 4, 16, 64, 256)
# What COPY fills, with the columns in the order of the files' fields. Rejects are copied straight to their place: a
# file is completed once, and no later step needs them.
COPIED_COLUMNS = {
    STAGE_ORDERS: ("order_id", "file_id", "branch_id", "ordered_at", "payment", "total_amount"),
    STAGE_ORDER_ITEMS: ("order_id", "product_id", "unit_price", "quantity"),
    STAGE_DIMENSIONS: ("kind", "id", "name", "size", "flavour"),
    STAGE_DISCOUNTS: ("order_id", "discount"),
    REJECTS: ("file_id", "line_number", "stage", "rule", "detail"),
}


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema."""

    version: int
    name: str
    statements: tuple[str, ...]


@cache
def statements(name: str) -> tuple[str, ...]:
    """Read the statements of ``sql/<name>.sql``, without comments and semicolons."""
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return tuple(statement for part in _COMMENT.sub("", text).split(";") if (statement := part.strip()))


def statement(name: str) -> str:
    """Read the one statement of ``sql/<name>.sql``."""
    (only,) = statements(name)
    return only


@cache
def migrations() -> tuple[Migration, ...]:
    """List all migrations in order."""
    found = []
    for path in (SQL / "migrations").iterdir():
        if parts := _MIGRATION.fullmatch(path.name):
            stem = path.name.removesuffix(".sql")
            found.append(Migration(int(parts[1]), parts[2], statements(f"migrations/{stem}")))
    return tuple(sorted(found, key=lambda migration: migration.version))


@cache
def check_names() -> tuple[str, ...]:
    """List the names of all checks, each a query that returns no row if all is well."""
    return _names("checks")


@cache
def measure_names() -> tuple[str, ...]:
    """List the names of all measures, each a query that returns one number."""
    return _names("measures")


@cache
def mart_names() -> tuple[str, ...]:
    """List the names of all marts, each after the marts that it reads."""
    return tuple(TopologicalSorter({name: marts_read(name) for name in _names("marts")}).static_order())


@cache
def marts_read(name: str) -> tuple[str, ...]:
    """List the other marts that a mart reads, by name, in alphabetical order."""
    return marts_in(statement(f"marts/{name}"), besides=name)


def marts_in(sql: str, *, besides: str = "") -> tuple[str, ...]:
    """List the marts that a statement names, in alphabetical order."""
    # Sorted, not a set: revisions depend on the order and must be the same in every process.
    return tuple(sorted({*_MART.findall(sql)} - {besides}))


def columns_of(query: str) -> tuple[str, ...]:
    """List the columns of a query that is written as ours are: one a line, below the first `select` at the margin."""
    lines = iter(query.splitlines())
    for line in lines:
        if line == "select":
            break
    names = []
    for line in lines:
        if not line.startswith(" "):
            break
        names.append(re.split(r"[ .]", line.rstrip(","))[-1])
    return tuple(names)


@cache
def mart_revisions() -> dict[str, str]:
    """Compute for each mart 32 hex digits that change when its statement, or that of a mart that it reads, changes.

    GRANTS has those of the grants and of the limits of sessions.
    """
    revisions: dict[str, str] = {}
    for name in mart_names():
        revisions[name] = _revision(statement(f"marts/{name}"), *(revisions[read] for read in marts_read(name)))
    grants = (*statements(f"marts/{GRANTS}"), *statements("schema/limit_sessions"))
    return revisions | {GRANTS: _revision(*grants)}


def drop_mart_statement(name: str) -> str:
    """Build the statement that drops a mart and what reads it. Raises ValueError for a name that is not one."""
    if not _NAME.fullmatch(name):
        raise ValueError("a mart's name has lower-case letters, digits and _ only")
    # A mart of the previous version may have read this one, and was dropped with it.
    return f"drop view if exists mart.{name} cascade"


def drop_key_statement(schema: str, table: str, key: str) -> str:
    """Build the statement that ends the declaration of a key. Raises ValueError for a name that is not one."""
    if not all(_NAME.fullmatch(name) for name in (schema, table, key)):
        raise ValueError("a name has lower-case letters, digits and _ only")
    return f"alter table {schema}.{table} drop constraint {key}"


def _revision(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()[:32]


def _names(folder: str) -> tuple[str, ...]:
    names = [path.name.removesuffix(".sql") for path in (SQL / folder).iterdir()]
    return tuple(sorted(name for name in names if not name.startswith("_")))


def copy_statement(table: str, manifest_uri: str, role_arn: str) -> str:
    """Build the COPY of one table from a manifest. Raises ValueError for a source or role that is not one."""
    if not _S3_URI.fullmatch(manifest_uri) or not _ROLE_ARN.fullmatch(role_arn):
        raise ValueError("COPY needs an s3:// manifest and a role's ARN")
    # By default, COPY reads the text \N as NULL, even in quotes, and a name may be \N. No name has two blanks in a row.
    # COPY would spend time on the compression and statistics of a temporary table.
    return (
        f"copy {table} ({', '.join(COPIED_COLUMNS[table])}) from '{manifest_uri}' iam_role '{role_arn}' "
        "format as csv gzip manifest null as '  ' timeformat 'YYYY-MM-DD HH:MI:SS' compupdate off statupdate off"
    )


def union_statement(*names: str) -> str:
    """Build one query of the rows of several, which have the same columns: one question instead of many."""
    return "\n\nunion all\n\n".join(statement(name) for name in names)


def list_statement(name: str, values: Sequence[str]) -> tuple[str, list[str]]:
    """Read a statement that has ``in (%s)`` for a list, and give it and its values, for each list in it.

    The last value is repeated until the list has one of SIZES. Raises ValueError for a list that is empty or too long.
    """
    size = next((size for size in SIZES if size >= len(values) > 0), None)
    if size is None:
        raise ValueError(f"a list of {len(values)} values")
    sql = statement(name)
    padded = [*values, *[values[-1]] * (size - len(values))]
    return sql.replace("in (%s)", f"in ({', '.join(['%s'] * size)})"), padded * sql.count("in (%s)")


def in_sizes[T](rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut rows into as few pieces as have one of SIZES."""
    start = 0
    while start < len(rows):
        size = max(size for size in SIZES if size <= len(rows) - start)
        yield rows[start : start + size]
        start += size


def insert_statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    """Build an insert of ``rows`` rows of bound values."""
    row = f"({', '.join(['%s'] * len(columns))})"
    return f"insert into {table} ({', '.join(columns)}) values {', '.join([row] * rows)}"  # noqa: S608  the names are constants
