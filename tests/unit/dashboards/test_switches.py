"""The positions of a board's switches, and the periods and values of each."""

from datetime import UTC, datetime, timedelta

from cafe.dashboards.boards import ALL, Board, Variable, read_boards
from cafe.dashboards.preview.switches import Switches, switches_of
from cafe.dashboards.variables import Choice, Values

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BOARDS = {board.uid: board for board in read_boards()}
BATH, YORK = Choice("7", "Bath"), Choice("9", "York")
EVERY = Choice(ALL, "All cafés")
CAFES = [BATH, YORK]


def switches(board: Board, cafes: list[Choice] = CAFES) -> Switches:
    def choices(variable: Variable, _values: Values) -> list[Choice]:
        some = f"some-{variable.name}"
        return cafes if variable.name == "cafe" else [Choice(some, some)]

    return switches_of(board, choices, NOW)


def test_a_board_of_many_cafes_opens_with_all_of_them() -> None:
    found = switches(BOARDS["cafe-overview"])

    assert (found.cafes, found.default_span) == ((EVERY, BATH, YORK), "30d")
    assert [(setting.span, setting.cafe, setting.values["cafe"]) for setting in found.settings[:3]] == [
        ("7d", ALL, ["0"]),
        ("7d", "7", ["7"]),
        ("7d", "9", ["9"]),
    ]


def test_the_switch_shows_names_and_holds_ids() -> None:
    shown = switches(BOARDS["cafe-overview"]).as_json()["cafes"]

    assert shown == [
        {"value": ALL, "label": "All cafés"},
        {"value": "7", "label": "Bath"},
        {"value": "9", "label": "York"},
    ]


def test_a_board_of_one_cafe_opens_with_the_first() -> None:
    assert switches(BOARDS["cafe-detail"]).cafes == (BATH, YORK)


def test_a_board_that_opens_with_a_day_has_short_periods_and_no_cafe() -> None:
    found = switches(BOARDS["pipeline"])

    assert (found.spans, found.default_span, found.cafes) == (("24h", "7d", "30d"), "24h", ())
    assert found.settings[0].period.end - found.settings[0].period.start == timedelta(days=1)
    assert found.settings[0].values["queue"] == ["some-queue"]


def test_before_the_first_sale_a_board_asks_for_all_cafes_or_for_none() -> None:
    none = Choice("-1", "No café has sold yet")

    for uid, value in (("cafe-overview", "0"), ("cafe-detail", "-1")):
        assert switches(BOARDS[uid], cafes=[none]).settings[0].values["cafe"] == [value]
