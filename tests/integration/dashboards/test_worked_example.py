"""docs/dashboards.md, "Adding a panel": what it says to write makes a board that Grafana can show, with its figures."""

import copy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cafe.dashboards.boards import Board, WarehouseTarget, read_board
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.answers import answer
from cafe.dashboards.variables import texts_in_sql
from cafe.local.layout import checkout
from fixtures.trading import CAFES, Trading, taken_pence
from grafana.layout import ALL_CAFES
from grafana.writing import read_back
from unit.dashboards.test_boards import MOST_QUERIES, queries_of
from unit.docs.pages import blocks, page, sections

CHAPTER = sections(page("dashboards"), 2)["Adding a panel"]
QUERY = Path("grafana/queries/weekdays.sql")
BOARD = Path("grafana/dashboards/cafe-overview.json")
DAYS_OF_THE_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Board:
    """The board after the steps of the page, in a copy of grafana/."""
    copied = tmp_path_factory.mktemp("example")
    shutil.copytree(checkout().root / "grafana", copied / "grafana", ignore=shutil.ignore_patterns("preview", "__*__"))
    for kept in ("__init__.py", "__main__.py"):
        for path in (checkout().root / "grafana").glob(f"**/{kept}"):
            if "preview" not in path.parts:
                shutil.copy(path, copied / path.relative_to(checkout().root))
    (query,), (change,) = blocks(CHAPTER, "sql"), blocks(CHAPTER, "diff")
    assert f"`{QUERY.name}` in `{QUERY.parent}/`" in CHAPTER
    (copied / QUERY).write_text(query, encoding="utf-8")

    subprocess.run(["git", "apply", "-"], cwd=copied, input=change, text=True, check=True)
    subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-m", "grafana"], cwd=copied, check=True)

    return read_board(copied / BOARD)


def test_the_board_has_one_more_panel_and_room_for_another(followed: Board) -> None:
    committed = read_board(checkout().root / BOARD)

    (added,) = {panel.title for panel in followed.panels} - {panel.title for panel in committed.panels}
    assert added == "Weekdays"
    assert len(queries_of(followed)) == len(queries_of(committed)) + 1 < MOST_QUERIES


def test_the_line_of_the_table_names_the_panel_and_its_mart(followed: Board) -> None:
    (line,) = (line.strip() for line in CHAPTER.splitlines() if line.startswith("    | "))
    _, question, mart, board, title, _ = (cell.strip(" `") for cell in line.split("|"))

    assert question.endswith("?")
    assert board == followed.title
    assert f" {mart} " in " ".join(queries_of(followed)[-1].split())
    assert followed.panel(title).description


def test_grafana_keeps_the_panel_and_its_statement_takes_only_numbers(followed: Board) -> None:
    assert read_back(copy.deepcopy(followed.json)) == followed.json
    assert list(texts_in_sql(followed)) == []


def test_the_panel_shows_the_revenue_of_each_weekday(followed: Board, trading: Trading) -> None:
    (target,) = followed.panel("Weekdays").targets
    assert isinstance(target, WarehouseTarget)

    frame = answer(target, trading.warehouse, Period.before(trading.now, followed.start), {"cafe": [ALL_CAFES]})

    expected = dict.fromkeys(DAYS_OF_THE_WEEK, 0.0)
    for ago in range(1, 30):
        expected[DAYS_OF_THE_WEEK[trading.day(ago).weekday()]] += sum(taken_pence(cafe, ago) for cafe in CAFES) / 100
    assert frame.field("weekday").values == DAYS_OF_THE_WEEK
    assert dict(zip(frame.field("weekday").values, frame.field("revenue").values, strict=True)) == pytest.approx(
        expected
    )
