"""Open the preview in a real browser without a network, and compare every panel with figures calculated by hand.

The expected figures come from `fixtures.trading` and `fixtures.known_metrics`, never from the page's own data.
"""

import base64
import copy
import gzip
import json
import re
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
# What people could not read: a tab or a figure outside the screen, a cell whose text is cut, a text that is too small.
HARD_TO_READ = """(() => {
    const found = [];
    // A bar takes a second to its new width.
    document.head.insertAdjacentHTML('beforeend', '<style>* { transition: none !important }</style>');
    const beside = (box, edge) => box.left < edge.left - 1 || box.right > edge.right + 1;
    const screen = { left: 0, right: innerWidth };
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page is wider than the screen');
    for (const tab of document.querySelectorAll('[role=tab]')) {
        if (beside(tab.getBoundingClientRect(), screen)) found.push(`tab ${tab.innerText}`);
    }
    for (const cell of document.querySelectorAll('main [role=gridcell], main [role=columnheader]')) {
        const inner = [cell, ...cell.querySelectorAll('*')].filter((each) => each.innerText?.trim());
        if (inner.some((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)) {
            found.push(`cut: ${cell.innerText}`);
        }
    }
    for (const panel of document.querySelectorAll('[data-panel]')) {
        const edge = panel.getBoundingClientRect();
        const isTable = panel.querySelector('[role=grid]');
        const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
        for (let text = texts.nextNode(); text; text = texts.nextNode()) {
            const around = text.parentElement;
            if (!text.data.trim() || around.closest('style, script, svg')) continue;
            const size = parseFloat(getComputedStyle(around).fontSize);
            if (size < 11) found.push(`${size} px: ${text.data}`);
            const range = document.createRange();
            range.selectNodeContents(text);
            if (!isTable && beside(range.getBoundingClientRect(), edge)) found.push(`outside: ${text.data}`);
        }
        if (edge.height < 100) found.push(`low: ${panel.innerText}`);
    }
    return JSON.stringify([...new Set(found)]);
})()"""
TELEPHONE = 390
ANSWERS = '<script id="answers" type="application/octet-stream">'
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
    minutes: float | None = None


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
    cash = 29 * (4 * 7.15 + 2.70) + 10 * 4 * 0.15 - 7.30 - 7.30 - 0.40
    of_all = {"Products from best to worst": Expected(row=("Latte", "229", "32.0%", "£572.60"))}
    by_board = {
        "cafe-overview": of_all
        | {
            "The newest day in words": Expected(_about_yesterday(made.trading)),
            "Key figures": Expected(texts=("£1,479", "487", "Items per order", "Same cafés, week on week", "-0.6%")),
            "Revenue by day and café": Expected(("York", "£433"), at=yesterday, hovered=("Ely", "£12", "£15")),
            "Ways to pay": Expected(("Cash to bank", f"£{cash:.0f}", "£2", f"£{1479.30 - 2.30 - cash:.0f}")),
            "Cafés from best to worst": Expected(row=("York", "£433.25", "145", f"{yesterday:%d/%m/%Y} 16:30")),
            "Busiest hours": Expected(row=("09:00", "8")),
        },
        "cafe-detail": {
            "Key figures": Expected(texts=("£346", "113")),
            "Revenue against a week before": Expected(at=day(SHORT), hovered=("£3", "£12")),
            "Like for like, week by week": Expected(row=_a_week_of_bath(made.trading)),
            "Days": Expected(row=(f"{yesterday:%a %d/%m/%Y}", "£12.45", "4", "£7.30", "09:05", "16:30")),
            "Busiest hours": Expected(row=("13:00", "1")),
            "Basket sizes": Expected(("1 item", "57", "2 items", "56")),
            "Products from best to worst": Expected(row=("Red Label tea", "56", "£67.20")),
        },
        "products": of_all
        | {
            "Best and worst in each café": Expected(row=(f"{yesterday:%m/%Y}", "York", "Flavoured latte")),
            "Sizes and flavours": Expected(row=("All", "715", "258", "457", "–")),
            "Bought together": Expected(row=("Latte", "Mocha", "114")),
            "Price list": Expected(row=("Latte", "Large", "£2.60", "£2.45", "229")),
            "Price changes": Expected(row=(f"{day(DEARER):%a %d/%m/%Y}", "Latte", "Large", "£2.45", "£2.60", "£0.15")),
            "Charges that are not the usual price": Expected(
                row=(f"{day(CHEAP_TEA):%a %d/%m/%Y}", "York", "Red Label tea", "£1.20", "£1.00", "2", "-£0.40")
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
            "Unusual café-days": Expected(row=(f"{day(SHORT):%a %d/%m/%Y}", "Bath", "1", "4", "25.0%")),
            "Dead letters": Expected(("3",)),
            "Messages waiting": Expected(at=an_hour_ago, hovered=("17",)),
            "Oldest message": Expected(at=an_hour_ago, hovered=("00:00:41",)),
            "Function errors": Expected(at=an_hour_ago, hovered=("2",)),
            "Duration, 95 of 100 runs": Expected(at=an_hour_ago, hovered=("815 ms",)),
            "Throttled runs": Expected(at=an_hour_ago, hovered=("6",)),
            "Failures that a retry does not fix": Expected(at=an_hour_ago, hovered=("transform", "4")),
            "From arrival to warehouse": Expected(
                ("Slowest",), minutes=(made.trading.now - first_file) / timedelta(minutes=1)
            ),
            "Warehouse at work": Expected(at=an_hour_ago, hovered=("02:40:00",)),
            # 9,600 seconds at 0.375 dollars an hour.
            "Warehouse cost by day": Expected(at=an_hour_ago, hovered=("$1.00",)),
            "Warehouse storage": Expected(("512 MB",)),
            "Host checks failed": Expected(("5",)),
            "Are the data right?": Expected(("8", "1", "14 h", "2.5%")),
        },
    }
    return by_board[board.uid][panel.title]


def _about_yesterday(trading: Trading) -> tuple[str]:
    """York sells tea every day, and the others do not; all four sold at the new price, York with less of a change."""
    before = {cafe: sum(taken_pence(cafe, ago) for ago in (8, 15, 22, 29)) / 4 for cafe in ("Bath", "York")}
    best, worst = (100 * (taken_pence(cafe, 1) / before[cafe] - 1) for cafe in ("Bath", "York"))
    day = trading.day(1)
    bath = f"Bath did best, with £12.45, {best:.1f}% above its usual {day:%A}."
    return (f"{day:%A} {day.day} {day:%B}: {bath} York did worst, with £15.15, {worst:.1f}% above.",)


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

    open_board(browser, made.page, board.uid, **({"cafe": id_of("Bath")} if board.uid == "cafe-detail" else {}))

    read = json.loads(browser.evaluate(READ % panel.id))
    assert read["title"] == panel.title
    assert "No data" not in read["text"]
    assert set(expected.texts) <= set(read["text"].splitlines())
    if expected.minutes:
        # The file was loaded a little before the fixture read the clock.
        minutes = [float(line.removesuffix(" min")) for line in read["text"].splitlines() if line.endswith(" min")]
        assert max(minutes) == pytest.approx(expected.minutes, abs=60)
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
    assert "£1,479" in texts[()]
    assert f"£{week:,.0f}" in texts["7d",]
    assert "£433" in texts[id_of("York"),]
    assert f"£{york:,.0f}" in texts[id_of("York"), "90d"]


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


@pytest.mark.parametrize("uid", BOARDS)
def test_a_board_can_be_read_on_a_telephone(uid: str, made: Preview, browser: Page) -> None:
    open_board(browser, made.page, uid, TELEPHONE)

    assert json.loads(browser.evaluate(HARD_TO_READ)) == []


@pytest.mark.parametrize("uid", BOARDS)
def test_no_board_cuts_a_text_on_a_large_screen(uid: str, made: Preview, browser: Page) -> None:
    open_board(browser, made.page, uid)

    assert json.loads(browser.evaluate(HARD_TO_READ)) == []


def test_no_money_has_its_sign_after_the_pound(made: Preview, browser: Page) -> None:
    texts = []
    for uid in BOARDS:
        open_board(browser, made.page, uid)
        texts.append(browser.evaluate("document.body.innerText"))

    assert "-£0.40" in "".join(texts)
    assert not re.search(r"[£$]-", "".join(texts))


def test_a_hostile_name_is_shown_as_text(given: dict[str, Any], made: Preview, browser: Page, tmp_path: Path) -> None:
    earlier_problems = len(browser.problems())
    hostile = "<img src=x onerror=alert(1)> **bold** ${cafe} [a](javascript:alert(1))"
    frames = copy.deepcopy(given["frames"])
    for field in (field for frame in frames for field in frame["fields"]):
        if field["type"] == "string":
            field["values"] = [value if value is None else hostile for value in field["values"]]
    page = with_answers(made.page, given | {"frames": frames}, tmp_path / "hostile.html")

    for uid in BOARDS:
        open_board(browser, page, uid)
        assert hostile in browser.evaluate("document.querySelector('main').innerText"), uid
        assert browser.evaluate("document.querySelectorAll('main img, main strong').length") == 0

    assert browser.problems()[earlier_problems:] == []


def with_answers(page: Path, given: dict[str, Any], target: Path) -> Path:
    """Write a copy of a page with other answers, without bundling it again."""
    packed = base64.b64encode(gzip.compress(json.dumps(given).encode())).decode()
    before, marker, rest = page.read_text(encoding="utf-8").partition(ANSWERS)
    assert marker
    target.write_text(f"{before}{marker}{packed}</script>{rest.partition('</script>')[2]}", encoding="utf-8")
    return target


def test_boards_without_answers_show_it_and_report_no_error(
    given: dict[str, Any], made: Preview, browser: Page, tmp_path: Path
) -> None:
    earlier_problems = len(browser.problems())
    nothing = [{"refId": frame["refId"], "fields": []} for frame in given["frames"]]
    page = with_answers(made.page, given | {"frames": nothing}, tmp_path / "nothing.html")

    for uid, board in BOARDS.items():
        open_board(browser, page, uid)
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
