"""`cafe approve`: load a file that is held for a person."""

from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

import typer

from cafe.answers.file_story import FileStory, situation_of
from cafe.answers.held import Decision, decision_about, entries_named, held_among
from cafe.answers.remedies import remedy_of
from cafe.answers.wording import counted, describe_sender, first_names, typed
from cafe.deployed.environment import Environment, open_environment
from cafe.deployed.load_function import invoke_load
from cafe.errors import CafeError
from cafe.terminal.documents import write_json
from cafe.terminal.ledger_json import outcome_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import confirm, err, out, outcome_cell, plain, remark, require_answer_or_yes, say
from cafe.warehouse.ledger import Ledger, LedgerEntry
from extract.rules import FileReason

LOADED = "loaded"
NAMES_SHOWN = 3

HELP = help_text(
    """
    Load a file that is [bold]held[/]: one that would take away more orders than a correction may, or that names a café
    which is not in the register.

    It shows why the file is held, what would be removed and added, and asks. Then load brings the file into the
    warehouse as any other, in one transaction: it replaces the older versions of its document. Nothing else is
    approved: the next file like this is held again. For an unknown café, rather register it: [bold]cafe cafes add[/].

    [bold]FILE[/] is a key, the end of a key, or a file id. If several held files match, they are listed, and nothing is
    changed. To drop a held file instead, type [bold]cafe retract KEY[/]; a better file, sent under the same name,
    settles it too. It does no harm to approve a file twice.
    """,
    examples={
        "cafe approve leeds_26-11-2026_21-00-00.csv": "show what would change, and ask",
        "cafe approve 5d41402abc4b2a76b9719d911017c592 --yes --env prod --json": "do not ask, for a script",
    },
    exit_codes={
        EXIT_OK: "the file is loaded, now or already before",
        EXIT_UNHEALTHY: "the file is not held and not loaded either, or you answered no",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("approve", help=HELP)(approve)


def approve(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A key, the end of a key, or a file id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Approve a held file."""
    environment = open_environment(env)
    ledger = Ledger(environment.warehouse())
    entries = entries_named(ledger.of_file(file) if file else [], file)
    if not entries:
        raise CafeError(f"The ledger has no file {file!r}.", f"To see where it is, type: cafe trace {typed(file)}")
    held = held_among(entries)
    if len(held) > 1:
        raise CafeError(
            f"{len(held)} files that are held match {file!r}.",
            "Approve them one by one: give the whole key or, of several versions, the file id.",
            output="\n".join(f"{entry.file_id}  {entry.source_key}  {entry.why}" for entry in held),
        )
    if not held:
        _end_without(entries, as_json=as_json)
    decision = decision_about(held[0], ledger.of_file(held[0].document))
    if not (as_json and yes):
        _show(decision)
    require_answer_or_yes(yes)
    if not yes and not confirm("Load it?"):
        remark("Nothing was loaded.")
        if as_json:
            write_json({**_decision_json(decision), "approved": []})
        raise typer.Exit(EXIT_UNHEALTHY)
    approved = _approve(environment, held[0])
    if not approved:
        # Somebody else approved, retracted or replaced it since it was looked up.
        _end_without(entries_named(ledger.of_file(held[0].file_id), held[0].file_id), as_json=as_json)
    if as_json:
        write_json({**_decision_json(decision), "approved": approved})
    else:
        for one in approved:
            _show_outcome(one)
    raise typer.Exit(EXIT_OK if all(one["outcome"] == LOADED for one in approved) else EXIT_UNHEALTHY)


def _approve(environment: Environment, held: LedgerEntry) -> list[dict[str, Any]]:
    try:
        return list(invoke_load(environment, "approve", {"file_id": held.file_id})["approved"])
    except CafeError as error:
        again = f"cafe replay {typed(held.source_key)} --again"
        raise CafeError(
            error.message,
            f"{error.remedy} If the file is older than two weeks, its staged rows are deleted: send it again, or type "
            f"`{again}`, and approve what is held then.",
        ) from error


def _end_without(entries: list[LedgerEntry], *, as_json: bool) -> NoReturn:
    """Say what a file is that is not held, and end the command."""
    keys = sorted({entry.source_key for entry in entries})
    newest = entries[0]
    if as_json:
        write_json({"held": None, "approved": [], "files": [outcome_json(entry) for entry in entries]})
    elif len(keys) > 1:
        remark(f"None of the {len(keys)} files that end like this is held: {first_names(keys, NAMES_SHOWN)}.", "yellow")
    else:
        story = FileStory(newest.file_id, newest.source_key, newest.version_id, entry=newest)
        situation = situation_of(story, datetime.now(UTC))
        remark(f"{newest.source_key} is not held: {situation.where}.", "yellow")
        if situation.remedy:
            remark(situation.remedy, "cyan")
    raise typer.Exit(EXIT_OK if len(keys) == 1 and newest.outcome == LOADED else EXIT_UNHEALTHY)


def _show(decision: Decision) -> None:
    """Show on standard error what the question is about; the answer is on standard output."""
    console, file = err(), decision.file
    console.print(plain(file.source_key, "bold"), soft_wrap=True)
    say(console, plain(f"held: {file.why}", "yellow"), 2)
    say(console, plain(f"sent by {describe_sender(file.sender)}; file id {file.file_id}", "dim"), 2)
    rejected = f"; {counted(file.rows_rejected, 'row')} rejected" if file.rows_rejected else ""
    lines = [f"this file: {counted(file.orders, 'order')} of £{file.amount_accepted:,}{rejected}"]
    lines += [
        f"loaded now: {counted(live.orders, 'order')} of £{live.amount_accepted:,}, from {live.source_key}, "
        f"received {live.last_modified:%a %d %b %Y %H:%M}"
        for live in decision.live
    ] or ["loaded now: no version of it"]
    lines.append(_change(decision))
    for line in lines:
        say(console, plain(f"  {line}"), 4)
    if file.reason == FileReason.UNKNOWN_CAFE:
        say(console, plain(f"  {remedy_of(file)}", "cyan"), 4)


def _change(decision: Decision) -> str:
    removed, added = decision.would_remove, decision.would_add
    if removed is None or added is None:
        return "it replaces what is loaded now: orders that no other file has are removed"
    return f"it would remove {counted(removed, 'order')}, and add {counted(added, 'order')} at most"


def _show_outcome(approved: dict[str, Any]) -> None:
    counts = f": {counted(approved['rows_loaded'], 'order')} added, {approved['rows_removed']:,} removed"
    out().print(plain(f"{approved['key']} ") + outcome_cell(str(approved["outcome"])) + plain(counts), soft_wrap=True)


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "held": outcome_json(decision.file),
        "live": [outcome_json(live) for live in decision.live],
        "would_remove": decision.would_remove,
        "would_add": decision.would_add,
    }
