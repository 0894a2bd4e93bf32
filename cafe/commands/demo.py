"""`cafe demo`: send a night of branch files through the whole pipeline, and show the result."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from cafe.answers.wording import counted
from cafe.deployed.environment import LOCAL, Environment, open_environment
from cafe.deployed.load_function import invoke_load
from cafe.generate.history import yesterday
from cafe.generate.samples import write_night
from cafe.local import stack
from cafe.local.layout import DEMO, checkout, filling, using, workspace_option
from cafe.sending.uploads import plan_drop
from cafe.terminal.drops import drop_and_wait, show_outcomes
from cafe.terminal.options import EXIT_INTERRUPTED, EXIT_OK, EXIT_UNHEALTHY, help_text
from cafe.terminal.presentation import figure_cell, out, plain, remark, result_table, say
from cafe.terminal.steps import show_step
from cafe.terminal.typed_commands import in_workspace
from cafe.warehouse.port import Warehouse
from cafe.warehouse.sql import statement

DRAIN_TIMEOUT_SECONDS = 120.0

HELP = help_text(
    """
    Start an empty local stack, drop a night of branch files, and show the outcome of each.

    The files are those of `cafe generate --samples`, dated yesterday: 19 branches on both feeds. Some were saved again
    by Excel or pandas, one has bad rows, and one is not a branch file at all. The demo stops the stack that it
    started, also on Ctrl-C.

    It has a workspace of its own, [bold]demo[/], so it touches no data of yours. Each demo starts that workspace empty,
    and does not ask: what is in it is invented. Do not keep files of yours there.
    """,
    examples={
        "cafe demo": "the whole demo; nothing is left running",
        "cafe demo --keep": "the same, and the stack keeps running",
    },
    exit_codes={EXIT_OK: "every order and every penny is accounted for", EXIT_UNHEALTHY: "something is not"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help=HELP)(demo)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the stack running afterwards.")] = False,
) -> None:
    """Show the pipeline at work."""
    with filling(DEMO), stack.reserved(checkout()):
        try:
            with _stack_for_the_demo(keep=keep):
                sound = _show_a_night(open_environment(LOCAL))
        except KeyboardInterrupt:
            remark("Interrupted: everything that the demo started is stopped.")
            raise typer.Exit(EXIT_INTERRUPTED) from None
    # Without --keep, what comes next is for a workspace of one's own: the next demo empties this one.
    with using(DEMO) if keep else nullcontext():
        _show_what_next(stays_up=keep)
    if not sound:
        raise typer.Exit(EXIT_UNHEALTHY)


@contextmanager
def _stack_for_the_demo(*, keep: bool) -> Iterator[None]:
    try:
        stack.reset(show_step)
        yield
    except BaseException:
        stack.down()
        raise
    if not keep:
        with show_step("Stop everything that the demo started"):
            stack.down()


def _show_a_night(environment: Environment) -> bool:
    """Drop the night, wait for its outcomes, and show them. Returns whether everything is accounted for."""
    day = yesterday(datetime.now(UTC))
    with TemporaryDirectory(dir=checkout().run, prefix="night-") as folder:
        with show_step(f"Invent the branch files of yesterday, {day:%-d %B %Y}"):
            write_night(Path(folder), day)
        plan = plan_drop([Path(folder)])
        started = time.monotonic()
        with show_step(f"Drop {counted(len(plan.uploads), 'branch file')} and let the queues drain"):
            dropped, outcomes = drop_and_wait(environment, plan, DRAIN_TIMEOUT_SECONDS)
    _headline("The outcome of each file")
    show_outcomes(dropped, outcomes, time.monotonic() - started, DRAIN_TIMEOUT_SECONDS)
    warehouse = environment.warehouse()
    sound = _show_conservation(warehouse) and _show_checks(environment) and len(outcomes) == len(dropped)
    _show_sales(warehouse)
    return sound


def _show_conservation(warehouse: Warehouse) -> bool:
    _headline("Nothing lost, nothing counted twice")
    (ledger,) = warehouse.query(statement("tour/conservation")).as_dicts()
    parts = ("rows_loaded", "rows_duplicate", "rows_superseded", "rows_rejected")
    rows_agree = ledger["rows_in"] == sum(_number(ledger[part]) for part in parts)
    amounts_agree = ledger["ledger_amount"] == ledger["orders_amount"] == ledger["items_amount"]
    _verdict(
        rows_agree,
        f"{ledger['rows_in']:,} rows in"
        f" = {ledger['rows_loaded']:,} loaded + {ledger['rows_duplicate']:,} duplicate"
        f" + {ledger['rows_superseded']:,} replaced + {ledger['rows_rejected']:,} rejected",
    )
    _verdict(
        amounts_agree,
        f"£{ledger['ledger_amount']:,} in the ledger = £{ledger['orders_amount']:,} of orders"
        f" = £{ledger['items_amount']:,} of items",
    )
    return rows_agree and amounts_agree


def _show_checks(environment: Environment) -> bool:
    """Let load run its checks, as the schedule does twice a day."""
    faults: dict[str, int] = invoke_load(environment, "check")["faults"]
    _verdict(
        not any(faults.values()),
        f"{counted(len(faults), 'check')} of the warehouse, {counted(sum(faults.values()), 'faulty row')}",
    )
    return not any(faults.values())


def _show_sales(warehouse: Warehouse) -> None:
    console = out()
    _headline("The five best cafés")
    console.print(result_table(warehouse.query(statement("tour/best_cafes")), figure_cell))
    _headline("The five products that sold least")
    console.print(result_table(warehouse.query(statement("tour/worst_products")), figure_cell))
    (facts,) = warehouse.query(statement("tour/spend_and_hour")).as_dicts()
    hour = int(_number(facts["hour"]))
    _headline("At a glance")
    console.print(f"Average spend £{facts['average_spend']:,}; busiest from {hour:02d}:00 to {hour + 1:02d}:00, "
                  f"with {facts['orders']:,} orders.")  # fmt: skip


def _show_what_next(*, stays_up: bool) -> None:
    _headline("What to try next")
    # Not yesterday: the night has files of the same names, which these would correct.
    before = yesterday(datetime.now(UTC)) - timedelta(days=1)
    first = [] if stays_up else [("cafe up", "start a stack of your own, which keeps what you drop")]
    steps = [
        *first,
        ("cafe generate --samples last-night", "write the same night into a folder"),
        ("cafe drop last-night --wait", "drop its files, and see the outcome of each"),
        ("cafe status", "are all files in, and is all well?"),
        ("cafe rejects", "list each rejected row, its rule, and what to do"),
        ("cafe sql 'select key, outcome, rows_in from mart.files'", "query the ledger, or anything else"),
        (f"cafe generate --branches 3 --days 30 --until {before} out", "invent the month before"),
        ("cafe --help", "list all commands"),
    ]
    shown = [(in_workspace(f".venv/bin/{command}", workspace_option()), meaning) for command, meaning in steps]
    # Last, and a make target: it installs what only the preview needs.
    shown.append(("make preview", "open the dashboards in your browser, as managers will see them"))
    for command, meaning in shown:
        out().print(plain(f"  {command}", "cyan"), soft_wrap=True)
        say(out(), plain(f"    {meaning}"), 4)


def _headline(text: str) -> None:
    out().print()
    out().print(plain(text, "bold"))


def _verdict(holds: bool, text: str) -> None:
    say(out(), plain("✓ " if holds else "✗ ", "green" if holds else "bold red") + plain(text), 2)


def _number(value: Any) -> Decimal:
    return Decimal(value)
