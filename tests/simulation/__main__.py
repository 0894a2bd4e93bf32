"""The command line of the simulator: `make simulate` and `make simulate-replay` call it."""

import json
from typing import Annotated

import typer

from simulation.campaign import run_campaign, shortened
from simulation.clock import Clock
from simulation.process import simulated_surroundings
from simulation.runs import Run, Simulator
from simulation.schedule import Schedule, draw

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@app.command()
def run(
    schedules: Annotated[int, typer.Option(min=1, help="How many schedules to run.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The first seed; each schedule has the next one.")] = 1,
    processes: Annotated[int, typer.Option(min=1, help="How many processors to use.")] = 2,
    as_json: Json = False,
) -> None:
    """Run many schedules against the model of the warehouse. Exit code 1 if one is violated."""

    def print_progress(done: int, violated: int) -> None:
        if done % 2000 == 0 or done == schedules:
            typer.echo(f"{done} of {schedules} schedules, {violated} violated", err=True)

    campaign = run_campaign(seed, schedules, processes, print_progress)
    if as_json:
        facts = {
            "schedules": campaign.schedules,
            "first_seed": campaign.first_seed,
            "seconds": round(campaign.seconds, 1),
            "violated_seeds": sorted(run.schedule.seed for run in campaign.violated),
            "shortest": _to_json(campaign.shortest) if campaign.shortest else None,
        }
        typer.echo(json.dumps(facts))
    else:
        last = campaign.first_seed + campaign.schedules - 1
        typer.echo(
            f"{campaign.schedules} schedules, seeds {campaign.first_seed} to {last}, in {campaign.seconds:.0f} s "
            f"({campaign.schedules / campaign.seconds:.0f} a second): {len(campaign.violated)} violated"
        )
        if campaign.shortest:
            typer.echo("seeds: " + " ".join(str(run.schedule.seed) for run in campaign.violated[:20]))
            typer.echo("the shortest violated schedule:")
            _print_run(campaign.shortest)
    raise typer.Exit(1 if campaign.violated else 0)


@app.command()
def one(
    seed: Annotated[int | None, typer.Option(help="Run the schedule of this seed.")] = None,
    schedule: Annotated[str | None, typer.Option(help="Run this schedule, as another run printed it.")] = None,
    shorten: Annotated[bool, typer.Option(help="Shrink it as far as possible.")] = False,
    as_json: Json = False,
) -> None:
    """Run one schedule against the model. Exit code 1 if it is violated."""
    if (seed is None) == (schedule is None):
        raise typer.BadParameter("give either --seed or --schedule")
    chosen = Schedule.from_json(schedule) if schedule else draw(seed or 0)
    simulator = Simulator()
    with simulated_surroundings(simulator.clock):
        found = simulator.run(chosen)
    if found.violations and shorten:
        found = shortened(found)
    if as_json:
        typer.echo(json.dumps(_to_json(found)))
    else:
        _print_run(found)
    raise typer.Exit(1 if found.violations else 0)


@app.command()
def replay(
    schedules: Annotated[int, typer.Option(min=1, help="How many schedules to run.")] = 2000,
    seed: Annotated[int, typer.Option(help="The first seed; each schedule has the next one.")] = 1,
    as_json: Json = False,
) -> None:
    """Run schedules on the model and with the real SQL on a real database. Exit code 1 if the results differ."""
    # Imported here because it needs a database; the other commands do not.
    from simulation.replay import RealEngines, differences, real_warehouse, replayable

    clock, different = Clock(), {}
    with real_warehouse() as warehouse, simulated_surroundings(clock):
        real = RealEngines(warehouse)
        for number in range(seed, seed + schedules):
            if found := differences(replayable(number), clock, real):
                different[number] = found
            if (number + 1 - seed) % 100 == 0:
                typer.echo(f"{number + 1 - seed} of {schedules} schedules, {len(different)} differ", err=True)
    if as_json:
        typer.echo(json.dumps({"schedules": schedules, "first_seed": seed, "different": different}))
    else:
        typer.echo(
            f"{schedules} schedules, seeds {seed} to {seed + schedules - 1}: {len(different)} with a different result"
        )
        for number, found in list(different.items())[:3]:
            typer.echo("\n  ".join([f"seed {number}: {replayable(number).to_json()}", *found[:5]]))
    raise typer.Exit(1 if different else 0)


def _to_json(found: Run) -> dict[str, object]:
    return {"schedule": json.loads(found.schedule.to_json()), "violations": found.violations, "calls": found.calls}


def _print_run(found: Run) -> None:
    for drop in found.schedule.drops:
        typer.echo(f"  second {drop.second:g}: {drop.key} is dropped, {drop.word!r}")
    for incident in found.schedule.incidents:
        typer.echo(f"  {incident.kind} {incident.place} {incident.number} ({incident.amount})")
    for violation in found.violations or ("no violation",):
        typer.echo(f"  -> {violation}")
    typer.echo(f"run again: python -m simulation one --schedule '{found.schedule.to_json()}'")


if __name__ == "__main__":
    app()
