"""`cafe replay`: arrived files sent through the pipeline again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated

import typer

from cafe.answers.remedies import remedies
from cafe.commands.reconcile import described, send, show
from cafe.deployed.drop_bucket import StoredVersion, list_versions
from cafe.deployed.environment import Environment, open_environment
from cafe.errors import CafeError
from cafe.sending.resend import DEFAULT_RATE, NEVER_ENDED, Resend, files_to_read_anew, moment_of, reading_at, version_of
from cafe.terminal.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, RateOption, teach
from cafe.terminal.presentation import remark, write_json
from cafe.warehouse.ledger import FAILED, FileVersion, Ledger

HELP = teach(
    """
    Send files that arrived through the pipeline again: one by its key, those since a moment, or those of which a rule
    refused rows.

    A file that came to its end is not loaded twice, so plainly sent again it changes nothing. With [bold]--again[/]
    it is read anew, by the rules as they are deployed now, and takes the place of its earlier reading in one
    transaction; [bold]--rule[/] implies it. Only the newest version of a key is read anew (or the one that
    [bold]--version[/] names), and a retracted file only if its key is named.

    Files lie in the drop bucket for 7 days. After that, the branch has to send them again.
    """,
    examples={
        "cafe replay 2021/8/25/leeds.csv": "one file, should its event or its messages be lost",
        "cafe replay --since 2h --dry-run": "what S3 received in the last two hours; nothing is sent",
        "cafe replay --rule bad_timestamp": "after a mended rule was deployed: the files that it had refused rows of",
    },
    exit_codes={SUCCESS: "sent", BAD_NEWS: "a file that was asked for is not in the bucket (any more)"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", help=HELP)(replay)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a replay is about: what there is of it, and what there is not any more."""

    versions: list[StoredVersion]
    gone: list[str]


def replay(
    key: Annotated[str | None, typer.Argument(help="The key of a file.", show_default=False)] = None,
    version: Annotated[str | None, typer.Option(help="Of the key, this version only.")] = None,
    since: Annotated[str | None, typer.Option(help="Versions written since: 2h, 3d, or a time in UTC.")] = None,
    rule: Annotated[str | None, typer.Option(help="Files of which this rule refused rows, or refused whole.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Read them anew, even if they came to their end.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, send nothing.")] = False,
    rate: RateOption = DEFAULT_RATE,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Send files again."""
    if [key, since, rule].count(None) != 2:
        raise CafeError("Name one of: a key, --since, --rule.", "`cafe replay --help` shows examples.")
    if version is not None and key is None:
        raise CafeError("--version is of one key, and none is named.", "cafe replay KEY --version ID")
    if rule is not None and rule not in remedies():
        raise CafeError(f"There is no rule {rule}.", f"Did you mean {_alike(rule)}? docs/reject-rules.md lists all.")
    now, environment = datetime.now(UTC), open_environment(env)
    again = again or rule is not None
    asked = _asked_for(environment, key, version, rule, moment_of(since, now) if since else None)
    outcomes = Ledger(environment.warehouse()).outcomes([version_of(stored) for stored in asked.versions])
    if again:
        files = files_to_read_anew(asked.versions, outcomes, is_named=key is not None)
    else:
        ends = {known: outcome.outcome for known, outcome in outcomes.items()}
        files = [Resend(stored, ends.get(version_of(stored), NEVER_ENDED)) for stored in asked.versions]
    if not dry_run:
        send(environment, files, rate, reading_at(now) if again else "")
    if as_json:
        write_json({"sent": not dry_run, "read_anew": again, "files": described(files), "gone": asked.gone})
    else:
        show(files)
        _remark(files, asked.gone, again=again)
    raise typer.Exit(BAD_NEWS if asked.gone else SUCCESS)


def _asked_for(
    environment: Environment, key: str | None, version: str | None, rule: str | None, since: datetime | None
) -> _Asked:
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    stored = list_versions(s3, bucket, key or "")
    if key is not None:
        found = [one for one in stored if one.key == key and version in (None, one.version_id)]
        return _Asked(found, [] if found else [key])
    if since is not None:
        return _Asked([one for one in stored if one.written_at >= since], [])
    wanted = Ledger(environment.warehouse()).with_rule(rule or "")
    found = [one for one in stored if version_of(one) in wanted]
    return _Asked(found, sorted(_keys(wanted) - {one.key for one in found}))


def _alike(rule: str) -> str:
    return ", ".join(get_close_matches(rule, remedies(), cutoff=0))


def _keys(versions: set[FileVersion]) -> set[str]:
    return {version.key for version in versions}


def _remark(files: Sequence[Resend], gone: Sequence[str], *, again: bool) -> None:
    ended = sum(file.why not in (NEVER_ENDED, FAILED) for file in files)
    if not files and not gone:
        remark("No file matches: nothing to send", "dim")
    if ended and not again:
        remark(f"{ended:,} ended before: nothing will change; --again reads them anew", "dim")
    for key in gone:
        remark(f"{key} is not in the drop bucket (any more): the branch has to send it again", "yellow")
