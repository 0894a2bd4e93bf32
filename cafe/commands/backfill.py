"""`cafe backfill`: send a history of branch files, slowly enough for the pipeline."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from cafe.answers.wording import counted
from cafe.deployed.drop_bucket import list_versions
from cafe.deployed.environment import Environment, open_environment
from cafe.sending.backfill import Source, find_files, sort_by_day, without_known
from cafe.terminal.documents import write_json
from cafe.terminal.drops import DropInterrupted, sending
from cafe.terminal.options import EXIT_INTERRUPTED, EXIT_OK, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain, remark, say_more, table
from cafe.waiting import paced
from shared.personal_text import mask_key

DEFAULT_FILES_A_MINUTE = 60.0
FILES_SHOWN = 30

HELP = help_text(
    """
    Put a history of branch files into the drop bucket, oldest day first, at a fixed rate.

    Head office sends it, so files of any name are accepted, under keys like those of [bold]cafe drop[/]. The source is
    a folder, or [bold]s3://bucket/prefix[/], from which files are copied. A file that is in the drop bucket already,
    with the same content, is skipped, even if a café sent it. So after an interruption the same command continues, and
    a correction that a branch has sent since stays the newest version. (The bucket keeps files for 7 days. If a file is
    sent again later, its orders are still counted once.) Objects that were uploaded to the source in several parts
    have no checksum to compare, and are copied each time.
    """,
    examples={
        "cafe backfill history --dry-run": "list what would be sent",
        "cafe backfill history --rate 300": "a folder, five files per second",
        "cafe backfill s3://old-till-exports/2020 --env prod": "from another bucket, one file per second",
    },
    exit_codes={EXIT_OK: "all files are in the drop bucket"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backfill", help=HELP)(backfill)


def backfill(
    source: Annotated[str, typer.Argument(help="A folder, or s3://bucket/prefix.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")] = False,
    rate: Annotated[float, typer.Option(min=1, help="Files per minute.")] = DEFAULT_FILES_A_MINUTE,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Send a history."""
    environment = open_environment(env)
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    found = sort_by_day(find_files(source, s3))
    waiting = without_known(found, list_versions(s3, bucket))
    if not dry_run:
        _send(environment, waiting, rate)
    if as_json:
        keys = [mask_key(file.key) for file in waiting]
        write_json({"found": len(found), "known": len(found) - len(waiting), "sent": not dry_run, "keys": keys})
        return
    _show(waiting)
    done = "would be sent" if dry_run else "were sent"
    known = len(found) - len(waiting)
    of_all = f"{len(waiting):,} of {counted(len(found), 'file')}"
    out().print(plain(f"{done}: {of_all}; in the drop bucket already: {known:,}"))


def _send(environment: Environment, files: Sequence[Source], rate: float) -> None:
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    try:
        # In a thread, so that Ctrl-C does not cut a file off, of which nobody would know whether it is in the bucket.
        with sending("backfilling", len(files)) as count, ThreadPoolExecutor(1) as pool:
            for file in paced(files, rate / 60):
                putting = pool.submit(file.put, s3, bucket)
                try:
                    putting.result()
                except KeyboardInterrupt:
                    if putting.exception() is None:
                        count()
                    raise
                count()
    except DropInterrupted as interrupt:
        remark(interrupt.described())
        remark("The same command continues from here.", "dim")
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _show(files: Sequence[Source]) -> None:
    grid = table("key", "bytes", right=["bytes"], keys=["key"])
    for file in files[:FILES_SHOWN]:
        grid.add_row(plain(mask_key(file.key)), f"{file.size_bytes:,}")
    if files:
        out().print(grid)
    say_more(len(files) - FILES_SHOWN)
