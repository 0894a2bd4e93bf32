"""`cafe retract`: remove the orders of a file from the warehouse."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from cafe.answers.naming import NamedFile, find_file, why_not_retracted
from cafe.answers.wording import counted, typed
from cafe.deployed.environment import open_environment
from cafe.deployed.load_function import invoke_load
from cafe.errors import CafeError
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import confirm, out, plain, remark, require_answer_or_yes
from cafe.warehouse.ledger import Ledger, RetractableFile

LIVE, HELD, BOTH = "live", "held", "both"
KINDS: dict[str, tuple[str, ...]] = {LIVE: (LIVE,), HELD: (HELD,), BOTH: (LIVE, HELD)}

HELP = help_text(
    """
    Remove a file from the warehouse: a day that was sent twice under two names, a test file, another chain's sales.

    The file is no longer live, and orders that no other live file has are removed, in one transaction. The ledger
    keeps the file as [bold]retracted[/], with what was removed. To bring a file back, send a new version under the same
    key, or type `cafe replay KEY --again`.

    [bold]FILE[/] is a key, the end of a key, or a file id. A key may have a live file and a correction of it that is
    [bold]held[/]. The command shows both, and [bold]--which[/] chooses; a file id means that version only.
    """,
    examples={
        "cafe retract '2021/8/25/leeds copy.csv'": "show what would be removed, and ask",
        "cafe retract 2021/8/25/leeds.csv --which held": "only the correction that waits; the live file stays",
        "cafe retract 2021/8/25/leeds.csv --yes --env prod --json": "do not ask, for a script",
    },
    exit_codes={
        EXIT_OK: "the file is retracted",
        EXIT_UNHEALTHY: "the file has nothing to retract, or you answered no",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retract", help=HELP)(retract)


def retract(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A key, the end of a key, or a file id.")],
    which: Annotated[
        Literal["live", "held", "both"] | None,
        typer.Option(help="Which files of the key to take out, if it has a live and a held one.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Retract the live and the held files of a key, or those of one kind."""
    environment, now = open_environment(env), datetime.now(UTC)
    named = find_file(environment, file, now)
    of_key = Ledger(environment.warehouse()).retractable_files(named.key)
    chosen = _chosen(of_key, named, which)
    if not chosen:
        why = _why_not(of_key, named, which, now)
        remark(why, "yellow")
        if as_json:
            write_json({"retracted": [], "why": why})
        raise typer.Exit(EXIT_UNHEALTHY)
    kinds = sorted({_kind(one) for one in chosen}, reverse=True)
    if len(kinds) > 1 and which is None:
        _require_choice(named.key, is_asked=not yes)
    require_answer_or_yes(yes)
    if not yes and not confirm(_question(named.key, chosen)):
        remark("Nothing was retracted.")
        if as_json:
            write_json({"retracted": [], "why": "you answered no"})
        raise typer.Exit(EXIT_UNHEALTHY)
    answer = invoke_load(environment, "retract", {"key": named.key, "kinds": kinds})
    if as_json:
        write_json({"retracted": answer["retracted"]})
        return
    for one in answer["retracted"]:
        out().print(plain(f"{one['file_id']}: {counted(one['orders'], 'order')} of £{one['pence'] / 100:,.2f} removed"))


def _chosen(of_key: Sequence[RetractableFile], named: NamedFile, which: str | None) -> list[RetractableFile]:
    of_kind = [one for one in of_key if which is None or _kind(one) in KINDS[which]]
    return [one for one in of_kind if one.file_id == named.chosen.file_id] if named.is_version_named else of_kind


def _kind(file: RetractableFile) -> str:
    return HELD if file.is_held else LIVE


def _why_not(of_key: Sequence[RetractableFile], named: NamedFile, which: str | None, now: datetime) -> str:
    if of_key and which is not None:
        return f"{named.key} has no {which} file, only one that is {_kind(of_key[0])}: nothing was retracted."
    return why_not_retracted(named, now)


def _require_choice(key: str, *, is_asked: bool) -> None:
    """Say that a live and a held file would go, and how to choose one. Raises CafeError if nobody can be asked."""
    remedy = f"To take out one of them: cafe retract {typed(key)} --which held, or --which live."
    if not is_asked:
        raise CafeError(f"{key} has a live and a held file.", f"{remedy} For both: --which both.")
    remark(f"{remedy} Answer no, and type that.", "yellow")


def _question(key: str, chosen: Sequence[RetractableFile]) -> str:
    live, held = [one for one in chosen if not one.is_held], [one for one in chosen if one.is_held]
    parts = []
    if live:
        orders, pounds = sum(one.orders for one in live), sum(one.amount for one in live)
        parts.append(
            f"{key} has {counted(orders, 'order')} of £{pounds:,}. Those that no other file has will be removed."
        )
    if held:
        orders = sum(one.orders for one in held)
        which = f"{key} is held" if not live else "A correction of it is held too"
        parts.append(f"{which}, with {counted(orders, 'order')} that do not count, and will not wait any longer.")
    return f"{' '.join(parts)} Retract {'both' if live and held else 'it'}?"
