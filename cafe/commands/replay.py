"""`cafe replay`: send files that have arrived through the pipeline again."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated

import typer

from cafe.answers.naming import NamedFile, find_file, why_not_sent
from cafe.answers.remedies import remedies
from cafe.deployed.drop_bucket import StoredVersion, list_versions
from cafe.deployed.environment import Environment, open_environment
from cafe.errors import Misused
from cafe.sending.resend import DEFAULT_RATE, NEVER_COMPLETED, Resend, files_to_re_extract, re_extract_at
from cafe.terminal import drops
from cafe.terminal.documents import write_json
from cafe.terminal.ledger_json import outcome_with_rules_json
from cafe.terminal.options import (
    DEFAULT_TIMEOUT_SECONDS,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNHEALTHY,
    EnvironmentOption,
    JsonOption,
    RateOption,
    TimeoutOption,
    WaitOption,
    help_text,
)
from cafe.terminal.presentation import remark
from cafe.terminal.resends import resends_json, send_again, show_resends
from cafe.terminal.times import parse_moment
from cafe.warehouse.ledger import FAILED, Ledger

SEND_AGAIN = "To load it again, its sender has to send it again."

HELP = help_text(
    """
    Send files that have arrived through the pipeline again: one by its key, the end of its key or its file id, all
    since a moment, or all that a rule rejected, whole or in part.

    A complete file is not loaded twice, so sending it again changes nothing. With [bold]--again[/] it is extracted
    again, by the rules that are deployed now, and its new orders replace the earlier ones in one transaction.
    [bold]--rule[/] implies [bold]--again[/]. With [bold]--wait[/], it shows the outcome of each file, as
    [bold]cafe drop[/] does. Only the newest version of a key is extracted again, or the one that
    [bold]--version[/] names; a retracted file is extracted again only if its key is named.

    The drop bucket keeps files for 7 days. After that, the branch has to send them again.
    """,
    examples={
        "cafe replay 2021/8/25/leeds.csv": "one file whose event or messages were lost",
        "cafe replay --since 2h --dry-run": "list what S3 received in the last two hours; send nothing",
        "cafe replay leeds.csv --again --wait": "one file by the rules that are deployed now, and its new outcome",
        "cafe replay --rule bad_timestamp": "after a fixed rule was deployed: all files that it had rejected rows of",
    },
    exit_codes={
        EXIT_OK: "the files were sent (with --wait: and are loaded, or have nothing to load)",
        EXIT_UNHEALTHY: "the raw file of a requested file is gone; with --wait: or a whole file was rejected, is held,"
        " failed, or had no outcome in time",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", help=HELP)(replay)


@dataclass(frozen=True, slots=True)
class _Requested:
    """The requested versions, and the requested files that are not in the bucket: why, by key."""

    versions: list[StoredVersion]
    gone: dict[str, str]


def replay(
    key: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A key, the end of a key, or a file id.", show_default=False),
    ] = None,
    version: Annotated[str | None, typer.Option(help="Only this version of the key.")] = None,
    since: Annotated[str | None, typer.Option(help="All versions since: 2h, 3d, or a time in UTC.")] = None,
    rule: Annotated[str | None, typer.Option(help="All files that this rule rejected, whole or in part.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Extract them again, even if they are complete.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")] = False,
    wait: WaitOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
    rate: RateOption = DEFAULT_RATE,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Send files again."""
    if [key, since, rule].count(None) != 2:
        raise Misused("Give exactly one of: a key, --since, --rule.", "`cafe replay --help` shows examples.")
    if version is not None and key is None:
        raise Misused("--version needs a key.", "cafe replay KEY --version ID")
    if rule is not None and rule not in remedies():
        raise Misused(f"There is no rule {rule}.", f"Did you mean {_similar(rule)}? docs/reject-rules.md lists all.")
    if wait and dry_run:
        raise Misused("--wait and --dry-run cannot be used together.", "Leave out one of them.")
    now = datetime.now(UTC)
    written_since = parse_moment(since, now) if since else None
    environment, again = open_environment(env), again or rule is not None
    requested = _find(environment, now, key, version, rule, written_since)
    outcomes = Ledger(environment.warehouse()).outcomes([stored.in_ledger for stored in requested.versions])
    if again:
        files = files_to_re_extract(requested.versions, outcomes, is_named=key is not None)
    else:
        known = {version: entry.outcome for version, entry in outcomes.items()}
        files = [Resend(stored, known.get(stored.in_ledger, NEVER_COMPLETED)) for stored in requested.versions]
    started = time.monotonic()
    if not dry_run:
        send_again(environment, files, rate, re_extract_at(now) if again else "")
    sent = [file.stored for file in files]
    try:
        # What is complete stays as it is, unless it is extracted again.
        earlier = {one: entry for one, entry in outcomes.items() if again or entry.outcome == FAILED}
        found = drops.wait(environment, sent, timeout, earlier) if wait else {}
    except drops.DropInterrupted as interrupt:
        remark(interrupt.described())
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        listed = resends_json(files)
        for file, stored in zip(listed, sent, strict=True) if wait else ():
            file["outcome"] = outcome_with_rules_json(found.get(stored.in_ledger))
        write_json({"sent": not dry_run, "read_anew": again, "files": listed, "gone": [*requested.gone]})
    else:
        if wait and files:
            drops.show_outcomes(sent, found, time.monotonic() - started, timeout)
        else:
            show_resends(files)
        _explain(files, requested.gone, again=again)
    awaited = [found.get(stored.in_ledger) for stored in sent] if wait else []
    is_well = not requested.gone and not any(entry is None or entry.needs_attention for entry in awaited)
    raise typer.Exit(EXIT_OK if is_well else EXIT_UNHEALTHY)


def _find(
    environment: Environment,
    now: datetime,
    name: str | None,
    version: str | None,
    rule: str | None,
    since: datetime | None,
) -> _Requested:
    if name is not None:
        return _named(find_file(environment, name, now), version, now)
    stored = list_versions(environment.client("s3"), environment.fact("drop/bucket/name"))
    if since is not None:
        return _Requested([one for one in stored if one.written_at >= since], {})
    wanted = Ledger(environment.warehouse()).with_rule(rule or "")
    found = [one for one in stored if one.in_ledger in wanted]
    gone = sorted({one.key for one in wanted} - {one.in_ledger.key for one in found})
    return _Requested(found, {key: f"{key}: its raw file is gone. {SEND_AGAIN}" for key in gone})


def _named(named: NamedFile, version: str | None, now: datetime) -> _Requested:
    stored = named.stored
    if version is None:
        return _Requested(stored, {} if stored else {named.key: why_not_sent(named, now)})
    if chosen := [one for one in stored if one.version_id == version]:
        return _Requested(chosen, {})
    known = ", ".join(one.version_id for one in stored)
    has = f"The drop bucket has: {known}." if known else why_not_sent(named, now)
    return _Requested([], {named.key: f"{named.key} has no version {version} in the drop bucket. {has}"})


def _similar(rule: str) -> str:
    return ", ".join(get_close_matches(rule, remedies(), cutoff=0))


def _explain(files: Sequence[Resend], gone: Mapping[str, str], *, again: bool) -> None:
    complete = sum(file.why not in (NEVER_COMPLETED, FAILED) for file in files)
    if not files and not gone:
        remark("No file matches: nothing to send.", "dim")
    if complete and not again:
        remark(f"{complete:,} are complete already, so nothing will change. --again extracts them again.", "dim")
    for why in gone.values():
        remark(why, "yellow")
