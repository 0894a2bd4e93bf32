"""No module of the tests reads the clock when it is imported: its tests may run long after.

A day may be taken: sales of the day before are as good.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CLOCKS = ("now", "utcnow", "today", "time.time")


def moments_of(source: str) -> list[int]:
    """Return the lines on which a module reads the clock when it is imported."""
    return [
        node.lineno
        for node in at_import(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(CLOCKS)
    ]


def at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Give every node that runs at import, without days: `datetime.now(UTC).date()`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda) or ast.unparse(node).endswith(".date()"):
            continue
        yield node
        yield from at_import(node)


def test_no_module_reads_the_clock_when_it_is_imported() -> None:
    found = [
        f"{file.relative_to(TESTS)}:{line}"
        for file in sorted(TESTS.rglob("*.py"))
        for line in moments_of(file.read_text(encoding="utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("NOW = datetime.now(UTC)", [1]),
        ("import time\nSTART = time.time() - 60", [2]),
        ("class Sample:\n    at: datetime = datetime.now(UTC)", [2]),
        ("TODAY = datetime.now(UTC).date()", []),
        ("def now():\n    return datetime.now(UTC)", []),
        ("make = lambda: datetime.now(UTC)", []),
    ],
)
def test_a_clock_that_is_read_at_import_is_noticed(source: str, found: list[int]) -> None:
    assert moments_of(source) == found
