"""Measure the size of the dashboards' preview, and how soon a newly started browser has drawn it."""

import statistics
from dataclasses import replace
from pathlib import Path

from bench.figures import Figure
from cafe.dashboards.boards import FOLDER, read_boards
from cafe.dashboards.preview.browser import headless_page
from cafe.dashboards.preview.pictures import WIDTH, open_board
from cafe.errors import CafeError
from cafe.local.layout import PREVIEW, checkout

ROUNDS = 5
MOST_MEGABYTES = 8.0
MOST_SECONDS = 3.0
# Counted from the start of the navigation to the file.
SECONDS_TO_DRAW = "performance.getEntriesByName('drawn')[0].startTime / 1000"


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Open the last preview at each of its boards, each time in a new Chromium."""
    root = checkout().root
    page = replace(checkout(), workspace=PREVIEW).page
    if not page.is_file():
        raise CafeError("There is no preview to measure.", "Run `make preview`.")
    boards = [board.uid for board in read_boards(root / FOLDER)]
    size = Figure("preview, size", page.stat().st_size / 1e6, MOST_MEGABYTES, "MB", page.name)
    return [size, *(_drawn(page, board, rounds) for board in boards)]


def _drawn(page: Path, board: str, rounds: int) -> Figure:
    seconds = []
    for _ in range(rounds):
        with headless_page(WIDTH, WIDTH) as browser:
            open_board(browser, page, board)
            seconds.append(float(browser.evaluate(SECONDS_TO_DRAW)))
    note = f"median of {rounds} in headless Chromium, worst {max(seconds):.2f} s"
    return Figure(f"preview, {board} drawn", statistics.median(seconds), MOST_SECONDS, "s", note)
