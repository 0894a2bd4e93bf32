"""`cafe demo`: a night of branch files through the whole pipeline, and what the warehouse then says of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from cafe.commands.drop import drop_and_wait, show_outcomes
from cafe.commands.stack import show_step
from cafe.deployed.environment import LOCAL, Environment, open_environment
from cafe.deployed.load_function import ask_load
from cafe.local import stack
from cafe.local.layout import checkout
from cafe.local.state import running_stack
from cafe.sending.uploads import plan_drop
from cafe.terminal.options import BAD_NEWS, INTERRUPTED, SUCCESS, teach
from cafe.terminal.presentation import out, plain, remark, result_table
from cafe.warehouse.port import Warehouse
from cafe.warehouse.sql import statement

NIGHT = Path("samples") / "night"
DRAIN_TIMEOUT_SECONDS = 120.0

HELP = teach(
    """
    Bring the local stack up empty, drop a night of branch files, and show what became of them.

    The files are `samples/night`: 19 branches on both feeds, some of them saved again by Excel or pandas, one with bad
    rows, one that is no branch file at all. What the demo started it stops again, also on Ctrl-C; a stack that was up
    already is used as it is, and left up.
    """,
    examples={
        "cafe demo": "the whole tour, and nothing left running",
        "cafe demo --keep": "the same, with the stack left up to play with",
    },
    exit_codes={SUCCESS: "every order and every penny is accounted for", BAD_NEWS: "something is not"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help=HELP)(demo)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack up afterwards.")] = False,
) -> None:
    """Show the pipeline at work."""
    try:
        with _stack_for_the_demo(keep=keep):
            sound = _show_a_night(open_environment(LOCAL))
    except KeyboardInterrupt:
        remark("Interrupted: what the demo started is stopped.")
        raise typer.Exit(INTERRUPTED) from None
    _show_what_next(stays_up=running_stack() is not None)
    if not sound:
        raise typer.Exit(BAD_NEWS)


@contextmanager
def _stack_for_the_demo(*, keep: bool) -> Iterator[None]:
    if running_stack() is not None:
        remark("The stack is up already: the night is added to what it holds.", "dim")
        yield
        return
    try:
        stack.reset(show_step)
        yield
    except BaseException:
        stack.down()
        raise
    if not keep:
        with show_step("Stop what the demo started"):
            stack.down()


def _show_a_night(environment: Environment) -> bool:
    """Drop the night, wait for it, show it; tell whether all is accounted for."""
    plan = plan_drop([checkout().root / NIGHT])
    started = time.monotonic()
    with show_step(f"Drop {len(plan.arrivals)} branch files and let the queues drain"):
        dropped, outcomes = drop_and_wait(environment, plan, DRAIN_TIMEOUT_SECONDS)
    _headline("What became of each file")
    show_outcomes(dropped, outcomes, time.monotonic() - started, DRAIN_TIMEOUT_SECONDS)
    warehouse = environment.warehouse()
    sound = _show_conservation(warehouse) and _show_checks(environment) and len(outcomes) == len(dropped)
    _show_sales(warehouse)
    return sound


def _show_conservation(warehouse: Warehouse) -> bool:
    _headline("Nothing lost, nothing doubled")
    (ledger,) = warehouse.query(statement("tour/conservation")).as_dicts()
    parts = ("rows_loaded", "rows_duplicate", "rows_superseded", "rows_rejected")
    rows_agree = ledger["rows_in"] == sum(_number(ledger[part]) for part in parts)
    amounts_agree = ledger["ledger_amount"] == ledger["orders_amount"] == ledger["items_amount"]
    _verdict(
        rows_agree,
        f"{ledger['rows_in']:,} rows in = {ledger['rows_loaded']:,} loaded + {ledger['rows_duplicate']:,} duplicate"
        f" + {ledger['rows_superseded']:,} replaced + {ledger['rows_rejected']:,} rejected",
    )
    _verdict(
        amounts_agree,
        f"£{ledger['ledger_amount']:,} in the ledger = £{ledger['orders_amount']:,} of orders"
        f" = £{ledger['items_amount']:,} of items",
    )
    return rows_agree and amounts_agree


def _show_checks(environment: Environment) -> bool:
    """Have load run its checks, as its schedule does morning and night."""
    faults: dict[str, int] = ask_load(environment, "check")["faults"]
    _verdict(not any(faults.values()), f"{len(faults)} checks of the warehouse, {sum(faults.values())} rows at fault")
    return not any(faults.values())


def _show_sales(warehouse: Warehouse) -> None:
    console = out()
    _headline("The five best cafés")
    console.print(result_table(warehouse.query(statement("tour/best_cafes"))))
    _headline("The five products that sold least")
    console.print(result_table(warehouse.query(statement("tour/worst_products"))))
    (facts,) = warehouse.query(statement("tour/spend_and_hour")).as_dicts()
    hour = int(_number(facts["hour"]))
    _headline("At a glance")
    console.print(f"Average spend £{facts['average_spend']:,}; busiest from {hour:02d}:00 to {hour + 1:02d}:00, "
                  f"with {facts['orders']:,} orders.")  # fmt: skip


def _show_what_next(*, stays_up: bool) -> None:
    _headline("What to try next")
    first = [] if stays_up else [("cafe up", "bring the stack up again; the warehouse kept its data")]
    steps = [
        *first,
        ("cafe drop samples/night --wait", "the same night again: every order is known already"),
        ("cafe rejects", "each refused row, its rule, and what to do"),
        ("cafe sql 'select * from ops.files'", "ask the ledger, or anything else"),
        ("cafe generate --branches 3 --days 30 out", "a month of your own"),
        ("cafe --help", "everything else"),
    ]
    shown = [(f".venv/bin/{command}", meaning) for command, meaning in steps]
    # Last, and by its own name: it installs what the preview is bundled from, which nothing else needs.
    shown.append(("make preview", "the dashboards as managers will see them, in your browser"))
    width = max(len(command) for command, _ in shown)
    for command, meaning in shown:
        out().print(plain(f"  {command:<{width}}  ", "cyan") + plain(meaning), soft_wrap=True)


def _headline(text: str) -> None:
    out().print()
    out().print(plain(text, "bold"))


def _verdict(holds: bool, text: str) -> None:
    out().print(plain("✓ " if holds else "✗ ", "green" if holds else "bold red") + plain(text), soft_wrap=True)


def _number(value: Any) -> Decimal:
    return Decimal(value)
