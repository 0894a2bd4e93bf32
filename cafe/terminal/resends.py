"""Send files again with a progress bar, and list them for people and for scripts."""

from collections.abc import Sequence
from typing import Any

from cafe.deployed.environment import Environment
from cafe.sending.resend import Resend, announce
from cafe.terminal.presentation import out, plain, progress_bar, say_more, table

MOST_SHOWN = 30


def send_again(environment: Environment, files: Sequence[Resend], rate: float, re_extract: str = "") -> None:
    """Announce files with a progress bar."""
    with progress_bar("sending", len(files)) as (progress, task):
        announce(
            environment,
            files,
            re_extract=re_extract,
            per_second=rate,
            on_sent=lambda count: progress.advance(task, count),
        )


def show_resends(files: Sequence[Resend]) -> None:
    """List files, and why each is sent again."""
    if not files:
        return
    grid = table("key", "version", "written (UTC)", "why", keys=["key"], spare=["version"])
    for file in files[:MOST_SHOWN]:
        stored = file.stored
        grid.add_row(
            plain(stored.shown_key), plain(stored.version_id), f"{stored.written_at:%Y-%m-%d %H:%M:%S}", plain(file.why)
        )
    out().print(grid)
    say_more(len(files) - MOST_SHOWN)


def resends_json(files: Sequence[Resend]) -> list[dict[str, Any]]:
    """List files for scripts."""
    return [
        {
            "key": file.stored.shown_key,
            "version_id": file.stored.version_id,
            "written_at": file.stored.written_at,
            "why": file.why,
        }
        for file in files
    ]
