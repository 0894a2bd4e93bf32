"""Variables in queries and titles are replaced as in Grafana's browser code, and only numbers reach a statement."""

import copy
import json
from typing import Any

import pytest

from cafe.dashboards.boards import Board, board_of, read_boards
from cafe.dashboards.variables import (
    Choice,
    VariableError,
    choices_of,
    interpolate_sql,
    interpolate_text,
    texts_in_sql,
)

CAFES = {"cafe": ["2306719945660324355", "-1"]}
HOSTILE = ["A\\", "x\\') or 1=1 --", "$__timeFilter(x)", "${cafe}", "'; drop", "1) or (1=1", "1\n", "", "٣", "1" * 20]
COMMITTED = read_boards()
(OVERVIEW,) = json.loads(json.dumps([dict(board.json) for board in COMMITTED if board.uid == "cafe-overview"]))


def test_numbers_are_separated_by_commas() -> None:
    assert interpolate_sql("branch_id in (${cafe:csv})", CAFES) == "branch_id in (2306719945660324355,-1)"


def test_macros_and_grafanas_own_variables_are_left_alone() -> None:
    assert interpolate_sql("$__timeFilter(day) ${__from}", CAFES) == "$__timeFilter(day) ${__from}"


@pytest.mark.parametrize("use", ["$cafe", "${cafe}", "${cafe:raw}", "${cafe:sqlstring}", "${cafe:singlequote}"])
def test_a_form_that_is_not_a_list_of_numbers_never_reaches_the_warehouse(use: str) -> None:
    with pytest.raises(VariableError, match="not a list of numbers"):
        interpolate_sql(f"branch_id = {use}", CAFES)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_that_is_not_a_number_never_reaches_the_warehouse(value: str) -> None:
    with pytest.raises(VariableError, match="not a number"):
        interpolate_sql("branch_id in (${cafe:csv})", {"cafe": ["7", value]})


def test_a_variable_that_the_board_lacks_is_refused() -> None:
    with pytest.raises(VariableError, match="no variable shop"):
        interpolate_sql("${shop:csv}", CAFES)


def test_a_title_names_what_was_chosen() -> None:
    assert interpolate_text("$cafe at a glance", {"cafe": ["Leeds"]}) == "Leeds at a glance"
    assert interpolate_text("${cafe:text}", {"cafe": ["Leeds", "King's Lynn"]}) == "Leeds + King's Lynn"


@pytest.mark.parametrize(
    ("columns", "choices"),
    [
        ([("value", "string", ["7"]), ("text", "string", ["Leeds"])], [Choice("7", "Leeds")]),
        ([("text", "string", ["Leeds"]), ("value", "string", ["7"])], [Choice("7", "Leeds")]),
        ([("cafe", "string", ["Leeds", None])], [Choice("Leeds", "Leeds")]),
        # Grafana ignores a value that is a number, and takes the name for the value.
        ([("value", "number", [7]), ("text", "string", ["Leeds"])], [Choice("Leeds", "Leeds")]),
        ([("value", "string", [])], []),
    ],
    ids=["both", "in any order", "one column", "a number", "no rows"],
)
def test_choices_have_a_value_and_a_text(columns: list[tuple[str, str, list[Any]]], choices: list[Choice]) -> None:
    assert choices_of(columns) == choices


def test_an_answer_without_a_text_has_no_choices() -> None:
    with pytest.raises(VariableError, match="no text"):
        choices_of([("value", "number", [7])])


# --- the rule over all boards


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_no_statement_of_a_board_takes_anything_but_numbers(board: Board) -> None:
    assert list(texts_in_sql(board)) == []


def careless(**variable: Any) -> Board:
    """The committed board, with one variable declared differently."""
    board = copy.deepcopy(OVERVIEW)
    board["templating"]["list"][0].update(variable)
    return board_of(board)


@pytest.mark.parametrize(
    "variable",
    [{"regex": ""}, {"regex": "/.*/"}, {"allowCustomValue": True}, {"allValue": ""}, {"allValue": "' or"}],
    ids=str,
)
def test_a_variable_that_may_hold_text_is_noticed(variable: dict[str, Any]) -> None:
    assert set(texts_in_sql(careless(**variable))) == {"${cafe:csv}"}


@pytest.mark.parametrize(
    "use",
    [
        *("$cafe", "${cafe}", "${cafe:sqlstring}", "${cafe:raw}", "${cafe:text}", "${cafe.text}", "[[cafe]]"),
        *("${shop:csv}", "${__user.login}", "${__dashboard}", "$__unixEpochFilter"),
    ],
)
@pytest.mark.parametrize("place", ["panel", "variable", "annotation"])
def test_a_use_that_may_be_text_is_noticed_wherever_the_statement_is(use: str, place: str) -> None:
    board = copy.deepcopy(OVERVIEW)
    sql = f"select 1 where 'a' = {use}"
    match place:
        case "panel":
            board["panels"][1]["targets"][0]["rawSQL"] = sql
        case "variable":
            board["templating"]["list"][0]["query"]["rawSQL"] = sql
        case "annotation":
            board["annotations"] = {"list": [{"target": {"rawSQL": sql}}]}

    assert list(texts_in_sql(board_of(board))) == [use]
