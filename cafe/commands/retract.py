"""`cafe retract`: remove the orders of a file from the warehouse."""

from typing import Annotated

import typer

from cafe.answers.wording import counted
from cafe.deployed.environment import open_environment
from cafe.deployed.load_function import invoke_load
from cafe.drop_keys import keys_meant
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import confirm, out, plain, remark, require_answer_or_yes, write_json
from cafe.warehouse.ledger import Ledger
from shared.personal_text import mask_key

HELP = help_text(
    """
    Remove a file from the warehouse: a day that was sent twice under two names, a test file, another chain's sales.

    The file is no longer live, and orders that no other live file has are removed, in one transaction. The ledger
    keeps the file as [bold]retracted[/], with what was removed. A file that is held waits no longer. To bring a file
    back, send a new version under the same key, or type `cafe replay KEY --again`.
    """,
    examples={
        "cafe retract '2021/8/25/leeds copy.csv'": "show what would be removed, and ask",
        "cafe retract 2021/8/25/leeds.csv --yes --env prod --json": "do not ask, for a script",
    },
    exit_codes={
        EXIT_OK: "the file is retracted",
        EXIT_UNHEALTHY: "no live or held file has this key, or you answered no",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retract", help=HELP)(retract)


def retract(
    key: Annotated[str, typer.Argument(help="The whole key of a file, with or without head-office/.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Retract the live files of a key."""
    environment = open_environment(env)
    key, ledger = mask_key(key), Ledger(environment.warehouse())
    key, live = next(((meant, files) for meant in keys_meant(key) if (files := ledger.live_files(meant))), (key, []))
    if not live:
        remark(f"No live or held file has the key {key}: nothing to retract.", "yellow")
        if as_json:
            write_json({"retracted": []})
        raise typer.Exit(EXIT_UNHEALTHY)
    orders, pounds = sum(file.orders for file in live), sum(file.amount for file in live)
    require_answer_or_yes(yes)
    has = f"{key} has {counted(orders, 'order')} of £{pounds:,}"
    question = f"{has}. Those that no other file has will be removed. Retract it?"
    if not yes and not confirm(question):
        if as_json:
            write_json({"retracted": []})
        raise typer.Exit(EXIT_UNHEALTHY)
    answer = invoke_load(environment, "retract", {"key": key})
    if as_json:
        write_json({"retracted": answer["retracted"]})
        return
    for file in answer["retracted"]:
        out().print(
            plain(f"{file['file_id']}: {counted(file['orders'], 'order')} of £{file['pence'] / 100:,.2f} removed")
        )
