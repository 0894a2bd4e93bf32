"""`cafe reconcile`: compare the drop bucket with the ledger, and send again what never completed."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cafe.answers.wording import counted
from cafe.deployed.drop_bucket import list_versions
from cafe.deployed.environment import open_environment
from cafe.sending.resend import DEFAULT_RATE, missing_files
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, RateOption, help_text
from cafe.terminal.presentation import out, plain
from cafe.terminal.resends import resends_json, send_again, show_resends
from cafe.terminal.times import parse_moment
from cafe.warehouse.ledger import Ledger

HELP = help_text(
    """
    Compare the drop bucket with the ledger, and send again the files that arrived but never completed.

    Use it after lost events, a purged queue, expired dead letters, or when the warehouse was restored from a snapshot:
    the bucket still has every file of the last 7 days. It does no harm to send a file that is on its way: its orders
    are counted once.
    """,
    examples={
        "cafe reconcile --dry-run": "list what is missing; send nothing",
        "cafe reconcile": "send missing files again, if they are older than 15 minutes",
        "cafe reconcile --older-than 2h --env prod --json": "only files older than two hours, for a script",
    },
    exit_codes={EXIT_OK: "no file was missing, or all were sent", EXIT_UNHEALTHY: "with --dry-run: files are missing"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reconcile", help=HELP)(reconcile)


def reconcile(
    older_than: Annotated[str, typer.Option(help="Only files older than this: an age, or a time in UTC.")] = "15m",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is missing; send nothing.")] = False,
    rate: RateOption = DEFAULT_RATE,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Send again the files that are in the bucket and not in the ledger."""
    written_before = parse_moment(older_than, datetime.now(UTC))
    environment = open_environment(env)
    versions = list(list_versions(environment.client("s3"), environment.fact("drop/bucket/name")))
    outcomes = Ledger(environment.warehouse()).outcomes([stored.in_ledger for stored in versions])
    missing = missing_files(versions, outcomes, written_before=written_before)
    if not dry_run:
        send_again(environment, missing, rate)
    if as_json:
        write_json({"in_bucket": len(versions), "sent": not dry_run, "missing": resends_json(missing)})
    else:
        show_resends(missing)
        done = "missing" if dry_run else "missing, and sent again"
        out().print(plain(f"{done}: {len(missing):,} of {counted(len(versions), 'file')} in the bucket"))
    raise typer.Exit(EXIT_UNHEALTHY if dry_run and missing else EXIT_OK)
