"""The saved queries use events and fields that the code logs. The end-to-end tests compare them with real lines."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from template.saved_queries import COMMANDS, FUNCTIONS, SavedQuery, saved_queries
from template.stack import Stack, read_source

SOURCES = Path(__file__).parents[2] / "src"
QUERIES = saved_queries(Stack(read_source()))
# Fields that Logs Insights and the logger add.
ADDED = {"@timestamp", "@message", "message", "service"}


@cache
def trees() -> list[ast.AST]:
    return [ast.parse(source.read_text(encoding="utf-8")) for source in SOURCES.rglob("*.py")]


def logged_events() -> Iterator[str]:
    """Yield the events that the code logs: the first argument of each call of a logger."""
    for call in (node for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Call)):
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="logger"), attr="info" | "warning" | "error"),
                args=[ast.Constant(value=str(event)), *_],
            ):
                yield event


def logged_fields() -> Iterator[str]:
    """Yield every name that may be a log field: keys of dictionaries, and keys appended to the logger."""
    for node in (node for tree in trees() for node in ast.walk(tree)):
        match node:
            case ast.Dict(keys=keys):
                yield from (str(key.value) for key in keys if isinstance(key, ast.Constant))
            case ast.Call(func=ast.Attribute(attr="append_keys"), keywords=keywords):
                yield from (keyword.arg for keyword in keywords if keyword.arg)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_reads_events_and_fields_that_are_logged(query: SavedQuery) -> None:
    assert query.events <= set(logged_events())
    assert query.fields <= ADDED | set(logged_fields())


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_uses_commands_and_functions_of_the_language(query: SavedQuery) -> None:
    assert {stage.split()[0] for stage in query.stages} <= set(COMMANDS)
    assert query.functions <= FUNCTIONS
    # Logs Insights accepts at most two.
    assert sum(stage.startswith("stats") for stage in query.stages) <= 2


def test_the_queries_for_the_person_on_call_are_saved() -> None:
    assert {query.name for query in QUERIES} == {
        "life-of-a-file", "unfinished-files", "reject-rules", "retries", "slowest", "cold-starts",
    }  # fmt: skip


def test_a_misspelt_query_would_be_noticed() -> None:
    misspelt = SavedQuery("misspelt", 'filter message = "file.completd" | stats sum(rows_laoded) as rows by service')

    assert not misspelt.events <= set(logged_events())
    assert misspelt.fields - ADDED - set(logged_fields()) == {"rows_laoded"}


def test_queries_search_the_logs_of_all_three_functions() -> None:
    for query in Stack(read_source()).of_type("AWS::Logs::QueryDefinition"):
        assert query.properties["LogGroupNames"] == [
            {"Ref": f"{stage}LogGroup"} for stage in ("Extract", "Transform", "Load")
        ]
