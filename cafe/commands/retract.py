"""`cafe retract`: take a file's orders out of the warehouse again."""

from typing import Annotated

import typer

from cafe.deployed.environment import open_environment
from cafe.deployed.load_function import ask_load
from cafe.terminal.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import out, plain, remark, write_json
from cafe.warehouse.ledger import Ledger

HELP = teach(
    """
    Take a file out again: a day that was sent twice under two names, a test file, another chain's sales.

    The file ceases to be live, and the orders that no other live file states leave the warehouse, in one transaction.
    The ledger keeps the file as [bold]retracted[/], with what left. It does not come back by itself; a new version
    under the same key, or `cafe replay KEY --again`, brings it back.
    """,
    examples={
        "cafe retract '2021/8/25/leeds copy.csv'": "shows what would leave, and asks",
        "cafe retract 2021/8/25/leeds.csv --yes --env prod --json": "without asking, for a script",
    },
    exit_codes={SUCCESS: "retracted", BAD_NEWS: "no live file has this key, or you said no"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retract", help=HELP)(retract)


def retract(
    key: Annotated[str, typer.Argument(help="The key of a file, exactly.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Retract the live files of a key."""
    environment = open_environment(env)
    live = Ledger(environment.warehouse()).live_files(key)
    if not live:
        remark(f"No live file has the key {key}: nothing to retract.", "yellow")
        if as_json:
            write_json({"retracted": []})
        raise typer.Exit(BAD_NEWS)
    orders, pounds = sum(file.orders for file in live), sum(file.amount for file in live)
    question = f"{key} states {orders:,} orders of £{pounds:,}. Those that no other file states will leave. Retract it?"
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(BAD_NEWS)
    answer = ask_load(environment, "retract", {"key": key})
    if as_json:
        write_json(answer)
        return
    for file in answer["retracted"]:
        out().print(plain(f"{file['file_id']}: {file['orders']:,} orders of £{file['pence'] / 100:,.2f} left"))
