"""Open a preview in a browser: go to a board, wait until it is drawn, take its picture."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from cafe.dashboards.preview.browser import Page

WIDTH = 1440
# After each drawing the page sets this to board|period|café.
DRAWN = "document.documentElement?.dataset.drawn"
# The height of the page's content, which may be less or more than the window's.
HEIGHT = "document.getElementById('root').firstElementChild.lastElementChild.getBoundingClientRect().bottom + scrollY"


def open_board(browser: Page, page: Path, board: str, **choices: str) -> str:
    """Open a preview at a board, wait until it is drawn, and make it fit the window; return board|period|café."""
    browser.open(f"{page.as_uri()}#{board}?{urlencode(choices)}")
    drawn = str(browser.wait_for(f"{DRAWN}?.startsWith('{board}|') && {DRAWN}"))
    height = browser.evaluate(HEIGHT)
    browser.resize(WIDTH, round(height))
    return drawn


def take_pictures(browser: Page, page: Path, boards: Iterable[str], folder: Path) -> Iterator[Path]:
    """Take a picture of each board, named by its uid; yield each path once it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for board in boards:
        open_board(browser, page, board)
        path = folder / f"{board}.png"
        path.write_bytes(browser.picture())
        yield path
