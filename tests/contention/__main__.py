"""Run loads that compete or lose their connection, on PostgreSQL behind the local Redshift endpoint."""

import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from contention.cables import run_cuts
from contention.ground import own_ground
from contention.races import Outcome, run_schedule
from local_redshift.session import SERIALIZABLE, SNAPSHOT

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]
SeedOption = Annotated[int, typer.Option(help="The first seed; each schedule has the next one.")]


@app.command()
def races(
    schedules: Annotated[int, typer.Option(help="How many schedules: half of them at each isolation level.")] = 2000,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Run schedules of many concurrent loaders, at snapshot and at serializable isolation."""
    started = time.monotonic()
    outcomes: list[Outcome] = []
    for isolation in (SNAPSHOT, SERIALIZABLE):
        with own_ground(isolation) as ground:
            for number in range(schedules // 2):
                outcomes.append(run_schedule(ground, seed + number))
                _progress(f"{isolation}, {number + 1} of {schedules // 2}", outcomes)
    _print_report(
        {
            "schedules": len(outcomes),
            "deliveries": sum(outcome.deliveries for outcome in outcomes),
            "crashes": sum(outcome.crashes for outcome in outcomes),
            "errors": dict(sum((outcome.errors for outcome in outcomes), start=Counter())),
            "seconds": round(time.monotonic() - started),
        },
        outcomes,
        as_json=as_json,
    )


@app.command()
def cables(
    cuts: Annotated[int, typer.Option(help="How many cables to cut.")] = 1000,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Cut or delay the connection between loader and warehouse, or leave it half-open, most often around the commit."""
    started, made = time.monotonic(), 0
    outcomes: list[Outcome] = []
    kinds: dict[str, int] = {}
    with own_ground() as ground:
        while made < cuts:
            outcome, cut_kinds = run_cuts(ground, seed + len(outcomes))
            outcomes.append(outcome)
            made += sum(cut_kinds.values())
            kinds = {kind: kinds.get(kind, 0) + cut_kinds.get(kind, 0) for kind in sorted(kinds | cut_kinds)}
            _progress(f"{made} of {cuts} cuts", outcomes)
    _print_report({"cuts": made, **kinds, "seconds": round(time.monotonic() - started)}, outcomes, as_json=as_json)


def _progress(what: str, outcomes: list[Outcome]) -> None:
    wrong = sum(not outcome.is_right for outcome in outcomes)
    end = "\r" if sys.stderr.isatty() else "\n"
    if sys.stderr.isatty() or len(outcomes) % 100 == 0:
        print(f"{what}, {wrong} wrong", end=end, file=sys.stderr, flush=True)  # noqa: T201


def _print_report(figures: dict[str, object], outcomes: list[Outcome], *, as_json: bool) -> None:
    wrong = [outcome for outcome in outcomes if not outcome.is_right]
    figures |= {
        "rows_too_many": sum(outcome.rows_too_many for outcome in outcomes),
        "rows_too_few": sum(outcome.rows_too_few for outcome in outcomes),
        "wrong": [asdict(outcome) for outcome in wrong],
    }
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    if wrong:
        raise typer.Exit(1)


app()
