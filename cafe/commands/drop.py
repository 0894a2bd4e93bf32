"""`cafe drop`: upload branch files to the drop bucket and, with --wait, wait for their outcomes."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment, open_environment
from cafe.drop_keys import branch_key, head_office_key
from cafe.errors import Misused
from cafe.sending.uploads import DropPlan, plan_drop
from cafe.terminal import drops
from cafe.terminal.documents import write_json
from cafe.terminal.ledger_json import outcome_with_rules_json
from cafe.terminal.options import (
    DEFAULT_TIMEOUT_SECONDS,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNHEALTHY,
    EachOption,
    EnvironmentOption,
    JsonOption,
    TimeoutOption,
    WaitOption,
    help_text,
)
from cafe.terminal.presentation import out, plain, remark, say_more, table
from shared.personal_text import mask_key

HELP = help_text(
    """
    Drop branch files, or folders of them, into the drop bucket, as head office.

    A file of any name is accepted. Its key is [bold]head-office/year/month/day/name[/]: the day of the folders that it
    is in, or else of its name, or else today. Hidden files in a folder are left out, and listed. It does no harm to
    drop a file again: its orders are counted once.

    With [bold]--as CAFÉ[/], it does what that café itself would do, with no more permissions than the café has: the
    key is [bold]year/month/day/name[/], and the name must be that of the café's own files. CAFÉ is its name, or its
    name as its files spell it.

    With [bold]--wait[/], it shows the outcome of each file: rows in, loaded, duplicate (orders that the warehouse
    had already), replaced (orders of an older version), rejected, and why. It also shows which orders a correction has
    removed. Of more than 25 files, it shows how many had which outcome, what went wrong, and which were known already;
    [bold]--each[/] shows them all. A file that is [bold]held[/] waits for a person: the command to type is shown.
    """,
    examples={
        "cafe drop last-night --wait": "a folder of files, and the outcome of each",
        "cafe drop '25-08-2021 chesterfield.csv' --wait --json": "one file, with its outcome for a script",
        "cafe drop leeds_25-08-2021_21-00-00.csv --as Leeds": "a file that the café could not send, under its own key",
        "cafe drop tonight --env dev": "a folder into the drop bucket on AWS",
    },
    exit_codes={
        EXIT_OK: "every file was dropped (with --wait: and is loaded, or has nothing to load)",
        EXIT_UNHEALTHY: "with --wait: a whole file was rejected, is held, failed, or had no outcome in time",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drop", help=HELP)(drop)


def drop(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Branch files, or folders of branch files.")],
    wait: WaitOption = False,
    each: EachOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
    cafe: Annotated[
        str | None, typer.Option("--as", metavar="CAFÉ", help="Act as this café.", show_default="as head office")
    ] = None,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Drop files and, with --wait, wait for their outcomes."""
    if cafe is not None and not cafe.strip():
        raise Misused("--as needs a café.", "cafe drop FILE --as Leeds")
    plan = plan_drop(paths, head_office_key if cafe is None else branch_key)
    environment = open_environment(env)
    try:
        timeout_seconds = timeout if wait else None
        _drop(environment, plan, cafe or "", timeout_seconds=timeout_seconds, each=each, as_json=as_json)
    except drops.DropInterrupted as interrupt:
        remark(interrupt.described())
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _drop(
    environment: Environment, plan: DropPlan, cafe: str, *, timeout_seconds: float | None, each: bool, as_json: bool
) -> None:
    """Drop the files, and wait for their outcomes if a time to wait is given."""
    started = time.monotonic()
    if timeout_seconds is None:
        _show_dropped(drops.drop(environment, plan, cafe), plan, each=each, as_json=as_json)
        return
    dropped, outcomes = drops.drop_and_wait(environment, plan, timeout_seconds, cafe)
    seconds = time.monotonic() - started
    entries = [outcomes.get(file.in_ledger) for file in dropped]
    if as_json:
        answer = _drop_json(dropped, plan) | {"seconds": round(seconds, 3)}
        for file, entry in zip(answer["files"], entries, strict=True):
            file["outcome"] = outcome_with_rules_json(entry)
        write_json(answer)
    else:
        drops.show_outcomes(dropped, outcomes, seconds, timeout_seconds, each=each)
    if any(entry is None or entry.needs_attention for entry in entries):
        raise typer.Exit(EXIT_UNHEALTHY)


def _show_dropped(dropped: Sequence[StoredVersion], plan: DropPlan, *, each: bool, as_json: bool) -> None:
    if as_json:
        write_json(_drop_json(dropped, plan))
        return
    grid = table("key", "bytes", "version", right=["bytes"], keys=["key"], spare=["version"])
    shown = dropped if each else dropped[: drops.MOST_SHOWN_EACH]
    for file in shown:
        grid.add_row(plain(file.shown_key), f"{file.size_bytes:,}", plain(file.version_id))
    out().print(grid)
    say_more(len(dropped) - len(shown))
    remark("The files are on their way; `cafe status` shows their outcomes.", "dim")


def _drop_json(dropped: Sequence[StoredVersion], plan: DropPlan) -> dict[str, Any]:
    return {
        "files": [
            {
                "path": mask_key(str(upload.path)),
                "key": stored.shown_key,
                "version_id": stored.version_id,
                "size_bytes": stored.size_bytes,
            }
            for upload, stored in zip(plan.uploads, dropped, strict=True)
        ],
        "skipped": [str(path) for path in plan.skipped],
    }
