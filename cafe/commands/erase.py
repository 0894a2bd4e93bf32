"""`cafe erase`: erase raw files from the drop bucket for good, and list what was erased."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cafe.answers.naming import refuse_several
from cafe.answers.wording import counted
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment, open_environment
from cafe.drop_keys import keys_meant
from cafe.errors import CafeError, Misused
from cafe.sending.erasure import (
    Erasure,
    erase,
    erasures,
    everything_before,
    everything_of_key,
    everything_that_ends,
)
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, WarehouseOption, help_text
from cafe.terminal.presentation import can_ask, confirm, out, plain, remark, say_more, table
from cafe.warehouse.ledger import Ledger
from shared.personal_text import mask_key

FILES_SHOWN = 30

HELP = help_text(
    """
    Erase raw files, which hold personal data, from the drop bucket: every version and every delete marker.

    Sales stay in the warehouse: they hold no personal data. A file that was not loaded yet is never loaded. S3 deletes
    raw files by itself after 7 days, so this is for a person who asks to be forgotten, and for files that never should
    have been sent.

    What was erased is recorded in the staging bucket, below erased/: the files, when, and by whom.
    [bold]--list[/] shows these records.
    """,
    examples={
        "cafe erase --file 2021/8/25/leeds.csv": "show what would be erased, and ask",
        "cafe erase --older-than 3 --dry-run": "list all versions that arrived more than three days ago; erase nothing",
        "cafe erase --file 2021/8/25/leeds.csv --yes --env prod --json": "do not ask, for a script",
        "cafe erase --list": "what was erased, when, and by whom",
    },
    exit_codes={
        EXIT_OK: "everything that was named is erased",
        EXIT_UNHEALTHY: "the drop bucket does not have the file, or you answered no",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("erase", help=HELP)(erase_files)


def erase_files(
    file: Annotated[str | None, typer.Option(metavar="KEY", help="A key or, without --yes, the end of a key.")] = None,
    older_than: Annotated[
        int | None, typer.Option(min=0, metavar="DAYS", help="All versions that arrived more than DAYS days ago.")
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List what was erased; erase nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be erased; erase nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    warehouse: WarehouseOption = True,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Erase raw files, or list what was erased."""
    if [file is not None, older_than is not None, show_list].count(True) != 1:
        raise Misused("Give exactly one of: --file, --older-than, --list.", "`cafe erase --help` shows examples.")
    environment, now = open_environment(env), datetime.now(UTC)
    if show_list:
        _show_records(erasures(environment), as_json=as_json)
        return
    if file is not None:
        found = _versions_of(environment, file, is_asked=not yes)
        asked_for = f"--file {file}"
    else:
        found = everything_before(environment, now - timedelta(days=older_than or 0))
        asked_for = f"--older-than {older_than}"
    if file is not None and not found:
        remark(f"{mask_key(file)} is not in the drop bucket, or no longer: nothing to erase.", "yellow")
    waiting = _not_loaded_yet(environment, found) if warehouse else []
    if not as_json:
        _show(found)
    if waiting and found:
        remark(f"{counted(len(waiting), 'version')} did not complete yet. If erased now, the sales are lost.", "yellow")
    record = None
    if found and not dry_run:
        if not yes and not _is_confirmed(found):
            remark("Nothing was erased.")
            if as_json:
                write_json(_answer(found, waiting, None))
            raise typer.Exit(EXIT_UNHEALTHY)
        record = erase(environment, found, asked_for, now)
    if as_json:
        write_json(_answer(found, waiting, record))
    else:
        out().print(plain(f"{counted(len(found), 'version')} {'erased' if record else 'found; nothing is erased'}."))
    raise typer.Exit(EXIT_UNHEALTHY if file is not None and not found else EXIT_OK)


def _versions_of(environment: Environment, file: str, *, is_asked: bool) -> list[StoredVersion]:
    """List what the drop bucket has of a file, named by its key or the end of it.

    Raises CafeError if several keys end like this, and for the end of a key where no question comes before the erasure.
    """
    for meant in keys_meant(file):
        if found := everything_of_key(environment, meant):
            return found
    found = everything_that_ends(environment, file)
    keys = sorted({one.shown_key for one in found})
    refuse_several(keys)
    if keys and not is_asked:
        raise CafeError(f"{mask_key(file)} is only the end of a key.", f"With --yes, give the whole key: {keys[0]}")
    return found


def _not_loaded_yet(environment: Environment, found: Sequence[StoredVersion]) -> list[StoredVersion]:
    versions = [one for one in found if not one.is_delete_marker]
    known = Ledger(environment.warehouse()).outcomes([one.in_ledger for one in versions]) if versions else {}
    return [one for one in versions if one.in_ledger not in known]


def _is_confirmed(found: Sequence[StoredVersion]) -> bool:
    if not can_ask():
        raise Misused("There is no terminal to ask on.", "Look with --dry-run first, then add --yes.")
    keys = {one.key for one in found}
    return confirm(f"{counted(len(found), 'version')} of {counted(len(keys), 'file')} will be erased for good. Erase?")


def _show(found: Sequence[StoredVersion]) -> None:
    grid = table("key", "written (UTC)", "bytes", "version", right=["bytes"], keys=["key"], spare=["version"])
    for one in found[:FILES_SHOWN]:
        size = "delete marker" if one.is_delete_marker else f"{one.size_bytes:,}"
        grid.add_row(plain(one.shown_key), f"{one.written_at:%Y-%m-%d %H:%M:%S}", size, plain(one.version_id))
    if found:
        out().print(grid)
    say_more(len(found) - FILES_SHOWN)


def _answer(found: Sequence[StoredVersion], waiting: Sequence[StoredVersion], record: Erasure | None) -> dict[str, Any]:
    return {
        "erased": record is not None,
        "record": record and asdict(record),
        "versions": [
            {
                "key": one.shown_key,
                "version_id": one.version_id,
                "written_at": one.written_at,
                "size_bytes": one.size_bytes,
                "is_delete_marker": one.is_delete_marker,
                "is_complete": one not in waiting,
            }
            for one in found
        ],
    }


def _show_records(records: Sequence[Erasure], *, as_json: bool) -> None:
    if as_json:
        write_json({"erasures": [asdict(record) for record in records]})
        return
    if not records:
        out().print("Nothing was erased.")
        return
    texts, counts = ("by", "asked for"), ("files", "versions")
    grid = table("erased at (UTC)", *texts, *counts, "complete", right=counts, prose=texts)
    for record in records:
        grid.add_row(
            plain(record.erased_at),
            plain(record.erased_by),
            plain(record.asked_for),
            f"{len(record.keys):,}",
            f"{len(record.versions):,}",
            "yes" if record.is_complete else "no",
        )
    out().print(grid)
