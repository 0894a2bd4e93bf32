"""`cafe cost`: what an installation costs, in dollars a night and a month, line by line."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from cafe.answers.cost.bill import BOARDS, DAYS_A_MONTH, Bill, Use, make_bill, use_of_nights
from cafe.answers.cost.inventory import take_inventory
from cafe.answers.cost.prices import Prices, read_prices
from cafe.answers.wording import counted
from cafe.deployed.environment import open_environment
from cafe.deployed.template import read_template
from cafe.errors import CafeError
from cafe.terminal.documents import write_json
from cafe.terminal.options import (
    EXIT_OK,
    EnvironmentOption,
    JsonOption,
    ParametersOption,
    help_text,
    parse_parameters,
)
from cafe.terminal.presentation import cell, out, plain, remark, say, table
from cafe.warehouse.ledger import Ledger

HELP = help_text(
    """
    Estimate what an installation costs: US dollars a night and a month, line by line, without tax.

    It reads template.yaml, so every resource and every parameter counts as it would be deployed. Prices are Amazon's
    list prices, each with its page and date, in cafe/answers/cost/prices.toml. Nothing was measured on AWS. Without
    [bold]--ledger[/], no stack is needed.

    The warehouse costs most. It is billed while it works, and at least a minute each time it wakes. So the number of
    loads counts, not that of rows: see what [bold]--spread[/], [bold]--looks[/] and another
    [bold]LoadBatchingWindowSeconds[/] do.
    """,
    examples={
        "cafe cost": "18 cafés, each with a file a night",
        "cafe cost --cafes 200 --grafana-hours 0": "a larger chain, without Grafana's host and boards",
        "cafe cost --parameter LoadBatchingWindowSeconds=20": "if load waited less for more files",
        "cafe cost --ledger --env prod": "by the files of the last 30 days; on AWS this wakes the warehouse",
        "cafe cost --prices my-region.toml --json": "with the prices of another region, for a script",
    },
    exit_codes={EXIT_OK: "the bill was written"},
)
DEFAULT = Use()
LEDGER_DAYS = 30


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cost", help=HELP)(cost)


def cost(
    ctx: typer.Context,
    cafes: Annotated[
        int | None, typer.Option(min=1, help="How many cafés send files.", show_default=f"{DEFAULT.cafes}")
    ] = None,
    files: Annotated[int | None, typer.Option(min=0, help="Files a night.", show_default="one a café")] = None,
    rows_per_file: Annotated[
        int | None, typer.Option(min=0, help="Orders in a file.", show_default=f"{DEFAULT.rows_a_file}")
    ] = None,
    bytes_per_file: Annotated[
        int | None, typer.Option(min=0, help="Size of a file.", show_default=f"{DEFAULT.bytes_a_file}")
    ] = None,
    spread: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="MINUTES",
            help="From a night's first file to its last.",
            show_default=f"{DEFAULT.spread_minutes:g}",
        ),
    ] = None,
    checks: Annotated[
        int | None, typer.Option(min=0, help="Checks a day.", show_default="those of CheckSchedule")
    ] = None,
    looks: Annotated[float, typer.Option(min=0, help="How often a day a board wakes the warehouse.")] = DEFAULT.looks,
    grafana_hours: Annotated[
        float,
        typer.Option(min=0, max=24, help="Hours a day in which Grafana's host runs. [bold]0[/]: no host, no boards."),
    ] = DEFAULT.grafana_hours,
    failing: Annotated[
        float, typer.Option(min=0, help="Files a month that the warehouse refuses until their tries are used up.")
    ] = DEFAULT.failing,
    parameter: ParametersOption = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Prices of another region.", show_default="N. Virginia")
    ] = None,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Use the files of the last 30 days; on AWS this wakes the warehouse.")
    ] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Estimate a bill, and show it."""
    given: dict[str, Any] = {
        "cafes": cafes,
        "files": files,
        "rows_a_file": rows_per_file,
        "bytes_a_file": bytes_per_file,
        "spread_minutes": spread,
        "checks": checks,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if cafes is not None and not ledger:
        chosen.setdefault("files", cafes)
    list_prices = read_prices(prices)
    stack = take_inventory(read_template(), parse_parameters(parameter or []))
    env_source = ctx.get_parameter_source("env")
    # CAFE_ENV may be set for other commands.
    if not ledger and env_source is not None and env_source.name == "COMMANDLINE":
        raise CafeError(
            "--env says whose ledger to read, and without --ledger none is read.",
            "Add --ledger. Or leave out --env: template.yaml is the same for every stack, and --parameter changes it.",
        )
    start = _use_of_ledger(env) if ledger else DEFAULT
    use = replace(start, looks=looks, grafana_hours=grafana_hours, failing=failing, **chosen)
    bill = make_bill(stack, use, list_prices)
    if as_json:
        write_json(_as_json(bill, use, list_prices))
    else:
        _show(bill, use, list_prices)


def _use_of_ledger(env: str) -> Use:
    found = Ledger(open_environment(env).warehouse()).nights(datetime.now(UTC) - timedelta(days=LEDGER_DAYS))
    if found is None:
        raise CafeError(
            f"The ledger has no file of the last {LEDGER_DAYS} days.",
            "Leave out --ledger, and give the figures: --cafes.",
        )
    return use_of_nights(found)


def _dollars(amount: float, digits: str = "0.01") -> Decimal:
    return Decimal(amount).quantize(Decimal(digits))


def _as_json(bill: Bill, use: Use, prices: Prices) -> dict[str, object]:
    lines = [
        {
            "name": line.name,
            "group": line.group,
            "amount": round(line.amount, 3),
            "unit": line.unit,
            "night": _dollars(line.night, "0.0001"),
            "month": _dollars(line.month, "0.0001"),
        }
        for line in bill.lines
    ]
    return {
        "region": prices.region,
        "noted": prices.noted,
        "use": asdict(use) | {"loads": bill.loads, "checks": bill.checks},
        "lines": lines,
        "night": _dollars(bill.month / DAYS_A_MONTH),
        "month": _dollars(bill.month),
        "month_without_grafana": _dollars(bill.month_without_grafana),
    }


def _show(bill: Bill, use: Use, prices: Prices) -> None:
    shown = [line for line in bill.lines if line.month >= 0.005]  # half a cent
    grid = table("line", "a night", "a month", "of", right=["a night", "a month"], prose=["line", "of"])
    for line in shown:
        grid.add_row(
            cell(line.name),
            cell(f"{line.night:.2f}"),
            cell(f"{line.month:.2f}"),
            cell(f"{line.amount:,.1f} × {line.unit}"),
        )
    grid.add_row(cell("together"), cell(f"{bill.month / DAYS_A_MONTH:.2f}"), cell(f"{bill.month:.2f}"), cell(""))
    out().print(grid)
    summary = (
        f"{counted(use.cafes, 'café')}, {counted(use.files, 'file')} a night within {use.spread_minutes:g} minutes, "
        f"{counted(round(bill.loads), 'load')}, {counted(bill.checks, 'check')} a day. "
        f"{counted(len(bill.lines) - len(shown), 'other line')} of less than a cent."
    )
    say(out(), plain(summary))
    if any(line.group == BOARDS for line in bill.lines):
        say(out(), plain(f"Without Grafana's host and boards: {bill.month_without_grafana:.2f} a month."))
    remark(f"An estimate in US dollars by list prices of {prices.region}, noted by {prices.noted}. Nothing was billed.")
