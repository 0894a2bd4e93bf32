"""Open the preview in a real browser without a network, and compare every panel with figures calculated by hand.

The expected figures come from `fixtures.trading` and `fixtures.known_metrics`, never from the page's own data.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cafe.dashboards.boards import Board, Panel, read_boards
from cafe.dashboards.preview.browser import NoChromium, Page, find_chromium, headless_page
from cafe.dashboards.preview.page import NODE, PREVIEW_FOLDER, Sources, answer_boards, write_page
from cafe.dashboards.preview.pictures import WIDTH, open_board
from cafe.local.layout import checkout
from fixtures.known_metrics import KnownMetrics
from fixtures.trading import CHEAP_TEA, DAYS, DEARER, DISAGREEING, MISSING, SHORT, Trading, taken_pence
from transform.ids import branch_id

ROOT = checkout().root
BOARDS = {board.uid: board for board in read_boards()}
PANELS = [
    pytest.param(board, panel, id=f"{board.uid}: {panel.title}")
    for board in BOARDS.values()
    for panel in board.panels
    if not panel.is_row
]
MOST_BYTES = 8_000_000
# The café for which this panel of Café detail has data; Bath has none.
CAFE_OF = {"Missing days": "Ely"}
# Everything that people can read in a panel: its title, its text, and its rows if it is a table.
READ = """(() => {
    const panel = document.querySelector('[data-panel="%s"]');
    const rows = [...panel.querySelectorAll('[role="row"]')].map(
        (row) => [...row.querySelectorAll('[role="gridcell"]')].map((cell) => cell.innerText.trim()));
    return JSON.stringify({ title: panel.querySelector('h2').innerText, text: panel.innerText, rows });
})()"""
PLOT = """(() => {
    const plot = document.querySelector('[data-panel="%s"] .u-over').getBoundingClientRect();
    return JSON.stringify([plot.left, plot.top, plot.width, plot.height]);
})()"""
HOVERED = "document.querySelector('[data-testid=\"data-testid viz-tooltip-wrapper\"]')?.innerText ?? ''"

pytestmark = [
    pytest.mark.skipif(
        find_chromium() is None,
        reason=str(NoChromium()),
    ),
    pytest.mark.skipif(
        not (ROOT / NODE).exists() or not (ROOT / PREVIEW_FOLDER / "node_modules").exists(),
        reason="the packages of the preview are missing: make preview-install",
    ),
]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a panel must show: lines of text, cells of one row, and the tooltip of a chart at a moment."""

    texts: tuple[str, ...] = ()
    row: tuple[str, ...] = ()
    at: datetime | None = None
    hovered: tuple[str, ...] = ()
    weeks: float | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview's file, and when its period ends."""

    page: Path
    bytes: int
    now: datetime
    trading: Trading


@pytest.fixture(scope="module")
def given(trading: Trading) -> dict[str, Any]:
    """The page's data, from the known warehouse."""
    sources = Sources(lambda: trading.warehouse, KnownMetrics(trading.now), "Cafe/dev", workers=1)
    return answer_boards(list(BOARDS.values()), sources, trading.now, "Known figures.", lambda _done, _of: None)


@pytest.fixture(scope="module")
def made(given: dict[str, Any], trading: Trading, tmp_path_factory: pytest.TempPathFactory) -> Preview:
    """The preview of the known warehouse at this moment."""
    page = tmp_path_factory.mktemp("preview") / "dashboards.html"
    return Preview(page, write_page(given, ROOT, page), trading.now, trading)


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    """A browser with one page, which no network can reach."""
    with headless_page(WIDTH, WIDTH) as page:
        yield page


def id_of(cafe: str) -> str:
    """The value of a café's choice."""
    return str(branch_id(cafe))


def expected_of(board: Board, panel: Panel, made: Preview) -> Expected:
    """Return what a panel must show, calculated by hand: for the last 30 days, on Pipeline for the last night."""
    day = made.trading.day
    yesterday, an_hour_ago = day(1), made.now - timedelta(hours=1)
    first_file = day(DAYS) + timedelta(hours=20)
    cash = 29 * (4 * 7.15 + 2.70) + 10 * 4 * 0.15 - 7.30 - 7.30 - 0.40 + 2.30
    of_all = {
        "Best-selling products": Expected(row=("Latte", "229", "£572.60", "4")),
        "Worst-selling products": Expected(row=("Flavoured latte", "114", "£290.70", "4")),
    }
    by_board = {
        "cafe-overview": of_all
        | {
            "Key figures": Expected(texts=("£1,479.30", "487", "Items per order")),
            "Like for like": Expected(texts=("£1,479.30", "487")),
            "Revenue by day and café": Expected(("York", "£433.25"), at=yesterday, hovered=("Ely", "£12.45", "£15.15")),
            "Card and cash": Expected(("Cash to bank", f"£{cash:.2f}", f"£{1479.30 - cash:.2f}")),
            "Best cafés": Expected(row=("York", "£433.25", "145", f"{yesterday:%d/%m/%Y} 16:30")),
            "Worst cafés": Expected(row=("Ely", "£342.90", "112")),
            "Busiest hours": Expected(row=("09:00", "8")),
        },
        "cafe-detail": {
            "Key figures": Expected(texts=("£345.50", "113")),
            "Revenue against a week before": Expected(at=day(SHORT), hovered=("£2.60", "£12.45")),
            "Like for like, week by week": Expected(row=_a_week_of_bath(made.trading)),
            "Days": Expected(row=(f"{yesterday:%a %d/%m/%Y}", "£12.45", "4", "£7.30", "09:05", "16:30")),
            "Busiest hours": Expected(row=("13:00", "1")),
            "Basket sizes": Expected(("1 item", "57", "2 items", "56")),
            "Best-selling products": Expected(row=("Red Label tea", "56", "£67.20")),
            "Unusual days": Expected(row=(f"{day(SHORT):%a %d/%m/%Y}", "1", "4", "25%")),
            "Missing days": Expected(row=(f"{day(MISSING):%a %d/%m/%Y}", "4")),
        },
        "products": of_all
        | {
            "Best and worst in each café": Expected(row=(f"{yesterday:%m/%Y}", "York", "Flavoured latte")),
            "Sizes": Expected(("Regular", "457", "Large", "258")),
            "Flavours": Expected(("No flavour", "601", "Vanilla", "114")),
            "Bought together": Expected(row=("Latte", "Mocha", "114")),
            "Price list": Expected(row=("Latte", "Large", "£2.60", "£2.45", "229")),
            "Price changes": Expected(row=(f"{day(DEARER):%a %d/%m/%Y}", "Latte", "Large", "£2.45", "£2.60", "£0.15")),
            "Charges that are not the usual price": Expected(
                row=(f"{day(CHEAP_TEA):%a %d/%m/%Y}", "York", "Red Label tea", "£1.20", "£1.00", "2", "£-0.40")
            ),
        },
        "pipeline": {
            # After noon, tonight is the night that begins today. It has no files yet.
            "Files tonight": Expected(("Cafés expected", "4", "Files arrived", "6" if made.now.hour < 12 else "0")),
            "The last fourteen nights": Expected(row=(f"{day(MISSING):%a %d/%m/%Y}", "4", "3")),
            "Missing cafés": Expected(row=(f"{day(MISSING):%a %d/%m/%Y}", "Ely", "4")),
            "Freshness": Expected(row=("Bath", f"{yesterday:%d/%m/%Y} 16:30")),
            "Files that failed or were refused": Expected(row=("rejected", "unknown_dialect")),
            "Rows refused, by rule": Expected(("bad_timestamp", "total_mismatch", "1")),
            "Café-days that disagree": Expected(row=(f"{day(DISAGREEING):%a %d/%m/%Y}", "Leeds")),
            "Unusual café-days": Expected(row=(f"{day(SHORT):%a %d/%m/%Y}", "Bath", "1", "4", "25%")),
            "Dead letters": Expected(("3",)),
            "Messages waiting": Expected(at=an_hour_ago, hovered=("17",)),
            "Oldest message": Expected(at=an_hour_ago, hovered=("41 s",)),
            "Function errors": Expected(at=an_hour_ago, hovered=("2",)),
            "Duration, 95 of 100 runs": Expected(at=an_hour_ago, hovered=("815 ms",)),
            "Throttled runs": Expected(at=an_hour_ago, hovered=("6",)),
            "Failures that a retry does not fix": Expected(at=an_hour_ago, hovered=("transform", "4")),
            "From arrival to warehouse": Expected(
                ("Slowest",), weeks=(made.trading.now - first_file) / timedelta(weeks=1)
            ),
            "Warehouse at work": Expected(at=an_hour_ago, hovered=("2.67 hours",)),
            # 9,600 seconds at 0.375 dollars an hour.
            "Warehouse cost by day": Expected(at=an_hour_ago, hovered=("$1.00",)),
            "Warehouse storage": Expected(("512 MB",)),
            "Host checks failed": Expected(("5",)),
            "Soundness of the warehouse": Expected(("8", "1", "14 hour", "2.5%")),
        },
    }
    return by_board[board.uid][panel.title]


def _a_week_of_bath(trading: Trading) -> tuple[str, ...]:
    """A whole week, two to three weeks ago, in which nothing is planted at Bath and no price has changed."""
    monday = 14 + trading.day(0).weekday()
    week, before = (sum(taken_pence("Bath", ago) for ago in range(last, last - 7, -1)) for last in (monday, monday + 7))
    return f"{trading.day(monday):%a %d/%m/%Y}", f"£{week / 100:.2f}", f"£{before / 100:.2f}", "28"


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_shows_its_title_and_the_expected_figures(
    board: Board, panel: Panel, made: Preview, browser: Page
) -> None:
    expected = expected_of(board, panel, made)
    cafe = CAFE_OF.get(panel.title, "Bath")

    open_board(browser, made.page, board.uid, **({"cafe": id_of(cafe)} if board.uid == "cafe-detail" else {}))

    read = json.loads(browser.evaluate(READ % panel.id))
    assert read["title"] == panel.title
    assert "No data" not in read["text"]
    assert set(expected.texts) <= set(read["text"].splitlines())
    if expected.weeks:
        # The file was loaded a little before the fixture read the clock.
        weeks = [float(line.removesuffix(" weeks")) for line in read["text"].splitlines() if line.endswith(" weeks")]
        assert max(weeks) == pytest.approx(expected.weeks, abs=0.02)
    if expected.row:
        assert any(set(expected.row) <= set(row) for row in read["rows"]), read["rows"]
    if expected.at:
        assert set(expected.hovered) <= set(_hover(browser, board, panel, expected.at, made.now).splitlines())


def _hover(browser: Page, board: Board, panel: Panel, moment: datetime, now: datetime) -> str:
    """Move the mouse to a moment in a chart and return the text of the tooltip."""
    left, top, width, height = json.loads(browser.evaluate(PLOT % panel.id))
    start = now - timedelta(hours=24) if board.start == "now-24h" else now - timedelta(days=30)
    browser.point_at(left + 1, top + 1)
    browser.point_at(left + width * (moment - start) / (now - start), top + height / 2)
    return str(browser.wait_for(HOVERED))


def test_the_switches_change_the_figures(made: Preview, browser: Page) -> None:
    (panel,) = (panel for panel in BOARDS["cafe-overview"].panels if panel.title == "Key figures")

    texts = {}
    for choice in ({}, {"period": "7d"}, {"cafe": id_of("York")}, {"cafe": id_of("York"), "period": "90d"}):
        open_board(browser, made.page, "cafe-overview", **choice)
        texts[tuple(choice.values())] = json.loads(browser.evaluate(READ % panel.id))["text"]

    week = sum(taken_pence(cafe, ago) for cafe in ("Bath", "Ely", "Leeds", "York") for ago in range(1, 7)) / 100
    york = sum(taken_pence("York", ago) for ago in range(1, 65)) / 100
    assert "£1,479.30" in texts[()]
    assert f"£{week:,.2f}" in texts["7d",]
    assert "£433.25" in texts[id_of("York"),]
    assert f"£{york:,.2f}" in texts[id_of("York"), "90d"]


def test_a_click_on_a_switch_or_a_cafe_changes_the_board(made: Preview, browser: Page) -> None:
    open_board(browser, made.page, "cafe-overview")

    browser.evaluate("[...document.querySelectorAll('label')].find((label) => label.innerText === '7 days').click()")
    browser.wait_for("document.documentElement.dataset.drawn === 'cafe-overview|7d|$__all'")
    browser.evaluate("[...document.querySelectorAll('a')].find((link) => link.innerText === 'Leeds').click()")

    drawn = f"cafe-detail|7d|{id_of('Leeds')}"
    assert browser.wait_for(f"document.documentElement.dataset.drawn === '{drawn}'")


def test_no_board_reports_an_error_or_sends_a_request_in_either_theme(made: Preview, browser: Page) -> None:
    for theme in ("dark", "light"):
        for uid in BOARDS:
            open_board(browser, made.page, uid, theme=theme)

    assert browser.problems() == []
    assert {address.partition("#")[0] for address in browser.requests()} == {made.page.as_uri()}


def test_boards_without_answers_show_it_and_report_no_error(
    given: dict[str, Any], browser: Page, tmp_path: Path
) -> None:
    earlier_problems = len(browser.problems())
    nothing = [{"refId": frame["refId"], "fields": []} for frame in given["frames"]]
    write_page(given | {"frames": nothing}, ROOT, tmp_path / "nothing.html")

    for uid, board in BOARDS.items():
        open_board(browser, tmp_path / "nothing.html", uid)
        for panel in board.panels:
            if not panel.is_row:
                text = json.loads(browser.evaluate(READ % panel.id))["text"]
                assert panel.json["fieldConfig"]["defaults"]["noValue"] in text.splitlines(), (panel.title, text)

    assert browser.problems()[earlier_problems:] == []


def test_the_page_says_what_it_is_and_is_small(made: Preview, browser: Page) -> None:
    open_board(browser, made.page, "cafe-overview")

    text = browser.evaluate("document.body.innerText")
    assert "Drawn with Grafana's UI components, not a Grafana server." in text
    assert f"{made.now:%H:%M} UTC" in text
    assert made.bytes < MOST_BYTES
