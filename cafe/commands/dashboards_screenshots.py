"""`cafe dashboards screenshots`: a picture of every board of a preview, taken in a headless Chromium."""

from pathlib import Path
from typing import Annotated

import typer

from cafe.commands.dashboards_preview import PAGE
from cafe.commands.stack import show_step
from cafe.dashboards.boards import FOLDER, read_boards
from cafe.dashboards.preview.browser import headless_page
from cafe.dashboards.preview.pictures import WIDTH, take_pictures
from cafe.errors import CafeError
from cafe.local.layout import checkout
from cafe.terminal.options import SUCCESS, teach
from cafe.terminal.presentation import out, plain

PICTURES = Path("docs") / "images"

HELP = teach(
    """
    Take a picture of every board, as the preview draws it, for the documentation.

    Needs a Chromium on the PATH. Opens the page without a network.
    """,
    examples={"cafe dashboards screenshots": "the pictures of the last preview into docs/images"},
    exit_codes={SUCCESS: "the pictures are taken"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("screenshots", help=HELP)(screenshots)


def screenshots(
    source: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="The preview.", show_default=str(PAGE))
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Where to.", show_default=str(PICTURES))
    ] = None,
) -> None:
    """Take the pictures."""
    root = checkout().root
    page = (source or root / PAGE).resolve()
    if not page.is_file():
        raise CafeError(f"There is no preview at {page}.", "`make preview` makes it.")
    uids = [board.uid for board in read_boards(root / FOLDER)]
    with show_step(f"Take {len(uids)} pictures"), headless_page(WIDTH, WIDTH) as browser:
        for path in take_pictures(browser, page, uids, (target or root / PICTURES).resolve()):
            out().print(plain(str(path)), soft_wrap=True)
