"""Test the deployed local stack: kill workers, deliver twice, lose events, purge queues, take permissions away."""

from typing import Annotated

import typer

from ordeal.grants import remove_each
from ordeal.night import run
from proof_report import report, say

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
SeedOption = Annotated[int, typer.Option(help="The same seed draws the same files and faults.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]
FILES_A_KILL = 5


@app.command()
def kills(
    count: Annotated[int, typer.Option("--kills", help="How many workers to kill.")] = 200,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Kill running workers of all three functions while files flow."""
    report(run(FILES_A_KILL * count, seed, say, kills=count, double=0.1), as_json=as_json)


@app.command()
def night(
    files: Annotated[int, typer.Option(help="How many branch files.")] = 10_000,
    duplicates: Annotated[float, typer.Option(help="The share of files that is announced twice.")] = 0.10,
    dying: Annotated[float, typer.Option("--kills", help="Workers killed, for each file.")] = 0.02,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Load a big night with doubled deliveries and killed workers; totals must be right to the penny."""
    report(run(files, seed, say, kills=round(files * dying), double=duplicates), as_json=as_json)


@app.command()
def reconcile(
    files: Annotated[int, typer.Option(help="How many branch files.")] = 500,
    lose: Annotated[float, typer.Option(help="The share of events that is lost.")] = 0.05,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Lose events, purge a queue, and let `cafe reconcile` find what is missing."""
    report(run(files, seed, say, lose=lose), as_json=as_json)


@app.command()
def permissions(
    only: Annotated[str, typer.Option(metavar="TEXT", help="Only grants with this in their names.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Remove every grant that the local stack can use, one at a time; each must then be missed."""
    report(remove_each(say, only), as_json=as_json)


app()
