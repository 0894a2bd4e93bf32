"""`cafe reconcile`: the drop bucket against the ledger; what never ended is sent again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cafe.deployed.drop_bucket import list_versions
from cafe.deployed.environment import Environment, open_environment
from cafe.sending.resend import DEFAULT_RATE, Resend, announce, missing_files, moment_of, version_of
from cafe.terminal.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, RateOption, teach
from cafe.terminal.presentation import out, plain, progress_bar, table, write_json
from cafe.warehouse.ledger import Ledger

HELP = teach(
    """
    Compare the drop bucket with the ledger, and send again what arrived but never came to its end.

    For lost events, a purged queue, expired dead letters, a warehouse that was restored from a snapshot: whatever
    happened, the bucket still knows what arrived in the last 7 days. A file that is on its way all the same is
    counted once.
    """,
    examples={
        "cafe reconcile --dry-run": "what is missing; nothing is sent",
        "cafe reconcile": "send it again, if it is older than 15 minutes",
        "cafe reconcile --older-than 2h --env prod --json": "leave younger files alone; for a script",
    },
    exit_codes={SUCCESS: "nothing was missing, or all of it was sent", BAD_NEWS: "with --dry-run: files are missing"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reconcile", help=HELP)(reconcile)


def reconcile(
    older_than: Annotated[str, typer.Option(help="Leave younger files alone: an age, or a time in UTC.")] = "15m",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is missing, send nothing.")] = False,
    rate: RateOption = DEFAULT_RATE,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Send again what is in the bucket and not in the ledger."""
    written_before = moment_of(older_than, datetime.now(UTC))
    environment = open_environment(env)
    versions = list(list_versions(environment.client("s3"), environment.fact("drop/bucket/name")))
    outcomes = Ledger(environment.warehouse()).outcomes([version_of(stored) for stored in versions])
    missing = missing_files(versions, outcomes, written_before=written_before)
    if not dry_run:
        send(environment, missing, rate)
    if as_json:
        write_json({"in_bucket": len(versions), "sent": not dry_run, "missing": described(missing)})
    else:
        show(missing)
        done = "are missing" if dry_run else "were missing and are sent again"
        out().print(plain(f"{len(missing):,} of {len(versions):,} files in the bucket {done}."))
    raise typer.Exit(BAD_NEWS if dry_run and missing else SUCCESS)


def send(environment: Environment, files: Sequence[Resend], rate: float, reading: str = "") -> None:
    """Announce files with a progress bar."""
    with progress_bar("sending", len(files)) as (progress, task):
        announce(
            environment, files, reading=reading, per_second=rate, on_sent=lambda count: progress.advance(task, count)
        )


def show(files: Sequence[Resend]) -> None:
    """List files and why they are sent."""
    if not files:
        return
    grid = table("key", "version", "written (UTC)", "why")
    for file in files:
        stored = file.stored
        grid.add_row(
            plain(stored.key), plain(stored.version_id), f"{stored.written_at:%Y-%m-%d %H:%M:%S}", plain(file.why)
        )
    out().print(grid)


def described(files: Sequence[Resend]) -> list[dict[str, Any]]:
    """List files for scripts."""
    return [
        {
            "key": file.stored.key,
            "version_id": file.stored.version_id,
            "written_at": file.stored.written_at,
            "why": file.why,
        }
        for file in files
    ]
