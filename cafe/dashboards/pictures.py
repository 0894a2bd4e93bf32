"""Look at a preview in a browser: go to a board, wait until it is drawn, take its picture."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from cafe.dashboards.browser import Page

# The last preview, below the root of the project.
PAGE = Path(".cafe") / "dashboards.html"
WIDTH = 1440
# The page says what it has drawn: board|period|café.
DRAWN = "document.documentElement?.dataset.drawn"
# What the page is as high as, without the window's own height.
HEIGHT = "document.getElementById('root').firstElementChild.lastElementChild.getBoundingClientRect().bottom + scrollY"


def show(browser: Page, page: Path, board: str, **choices: str) -> str:
    """Open a preview at a board and wait until it is drawn, all of it in view; give what it says to have drawn."""
    browser.open(f"{page.as_uri()}#{board}?{urlencode(choices)}")
    drawn = str(browser.wait_for(f"{DRAWN}?.startsWith('{board}|') && {DRAWN}"))
    height = browser.evaluate(HEIGHT)
    browser.resize(WIDTH, round(height))
    return drawn


def take_pictures(browser: Page, page: Path, boards: Iterable[str], folder: Path) -> Iterator[Path]:
    """Take a picture of each board, named by its uid; yields each when it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for board in boards:
        show(browser, page, board)
        path = folder / f"{board}.png"
        path.write_bytes(browser.picture())
        yield path
