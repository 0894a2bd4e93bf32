"""docs/dashboards.md: for each question, the named panel reads the named mart."""

import re

from cafe.dashboards.boards import Board, WarehouseTarget, read_boards
from cafe.dashboards.preview.page import BOARD_ORDER
from load.statements import mart_names
from unit.dashboards.test_boards import MOST_QUERIES, queries_of
from unit.docs.pages import page, sections, table_rows

BOARDS = {board.title: board for board in read_boards()}
ROWS = table_rows(sections(page("dashboards"), 2)["Which panel answers which question"])
# The key figures calculate the same from mart.cafe_day_sales, which they read once; test_answers.py compares them.
ON_NO_BOARD = {"like_for_like_days"}


def marts_by_panel() -> dict[tuple[str, str], set[str]]:
    """The marts that each panel reads, by board and title."""
    return {
        (title, panel.title): set(re.findall(r"\bmart\.(\w+)", " ".join(target.sql for target in targets)))
        for title, board in BOARDS.items()
        for panel in board.panels
        if (targets := [target for target in panel.targets if isinstance(target, WarehouseTarget)])
    }


def test_the_named_panel_reads_the_named_mart() -> None:
    marts = marts_by_panel()

    wrong = [
        row for row in ROWS if row["mart"].removeprefix("mart.") not in marts.get((row["board"], row["panel"]), ())
    ]

    assert ROWS
    assert not wrong


def test_every_panel_with_a_warehouse_query_answers_a_question() -> None:
    assert {(row["board"], row["panel"]) for row in ROWS} == set(marts_by_panel())


def test_every_mart_answers_a_question_on_a_board() -> None:
    assert {row["mart"].removeprefix("mart.") for row in ROWS} == set(mart_names()) - ON_NO_BOARD


def test_the_page_says_how_much_room_each_board_has() -> None:
    rows = table_rows(sections(page("dashboards"), 2)["Room on the boards"])

    assert [(row["board"], int(row["queries"]), int(row["most"])) for row in rows] == [
        (board.title, len(queries_of(board)), MOST_QUERIES) for board in sorted(BOARDS.values(), key=_by_tab)
    ]


def _by_tab(board: Board) -> int:
    return BOARD_ORDER.index(board.uid)


def test_every_board_is_described() -> None:
    assert set(BOARDS) <= set(sections(page("dashboards"), 2))
