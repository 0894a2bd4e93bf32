"""`cafe dashboards screenshots`: take a picture of every dashboard of a preview in a headless Chromium."""

from pathlib import Path
from typing import Annotated

import typer

from cafe.answers.wording import counted
from cafe.dashboards.boards import FOLDER, read_boards
from cafe.dashboards.preview.browser import headless_page
from cafe.dashboards.preview.pictures import WIDTH, take_pictures
from cafe.errors import CafeError
from cafe.local.layout import checkout
from cafe.terminal.options import EXIT_OK, help_text
from cafe.terminal.presentation import out, plain
from cafe.terminal.steps import show_step

PICTURES = Path("docs") / "images"

HELP = help_text(
    """
    Take a picture of every dashboard, as the preview draws it, for the documentation.

    It needs google-chrome or chromium on the PATH, and no network.
    """,
    examples={"cafe --workspace preview dashboards screenshots": "write pictures of the last preview to docs/images"},
    exit_codes={EXIT_OK: "the pictures are taken"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("screenshots", help=HELP)(screenshots)


def screenshots(
    source: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="The preview.", show_default="of the workspace")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where to write the pictures.", show_default=str(PICTURES)),
    ] = None,
) -> None:
    """Take the pictures."""
    root = checkout().root
    page = (source or checkout().page).resolve()
    if not page.is_file():
        raise CafeError(f"There is no preview at {page}.", "Make one with `make preview`.")
    uids = [board.uid for board in read_boards(root / FOLDER)]
    with show_step(f"Take {counted(len(uids), 'picture')}"), headless_page(WIDTH, WIDTH) as browser:
        for path in take_pictures(browser, page, uids, (target or root / PICTURES).resolve()):
            out().print(plain(str(path)), soft_wrap=True)
