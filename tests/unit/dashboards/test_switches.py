"""The positions of a board's switches, and the periods and values of each."""

from datetime import UTC, datetime, timedelta

from cafe.dashboards.boards import ALL, Board, Variable, read_boards
from cafe.dashboards.preview.switches import Switches, switches_of

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BOARDS = {board.uid: board for board in read_boards()}
CAFES = ["Bath", "York"]


def switches(board: Board, cafes: list[str] = CAFES) -> Switches:
    def choices(variable: Variable) -> list[str]:
        return cafes if variable.name == "cafe" else [f"some-{variable.name}"]

    return switches_of(board, choices, NOW)


def test_a_board_of_many_cafes_opens_with_all_of_them() -> None:
    found = switches(BOARDS["cafe-overview"])

    assert (found.cafes, found.default_span) == ((ALL, "Bath", "York"), "30d")
    assert [(setting.span, setting.cafe, setting.values["cafe"]) for setting in found.settings[:3]] == [
        ("7d", ALL, CAFES),
        ("7d", "Bath", ["Bath"]),
        ("7d", "York", ["York"]),
    ]


def test_a_board_of_one_cafe_opens_with_the_first() -> None:
    assert switches(BOARDS["cafe-detail"]).cafes == ("Bath", "York")


def test_a_board_that_opens_with_a_day_has_short_periods_and_no_cafe() -> None:
    found = switches(BOARDS["pipeline"])

    assert (found.spans, found.default_span, found.cafes) == (("24h", "7d", "30d"), "24h", ("",))
    assert found.settings[0].period.end - found.settings[0].period.start == timedelta(days=1)
    assert found.settings[0].values["queue"] == ["some-queue"]


def test_without_cafes_in_the_warehouse_there_is_no_cafe_switch() -> None:
    for uid in ("cafe-overview", "cafe-detail"):
        found = switches(BOARDS[uid], cafes=[])

        assert (found.cafes, found.settings[0].values["cafe"]) == (("",), [""])
        assert found.as_json()["variable"] is None
