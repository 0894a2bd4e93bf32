"""Measure the pipeline beside what people would use instead: ``python -m bench.peers [stages] [end-to-end]``."""

import os
import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from bench.peers import end_to_end, stages
from bench.peers.comparing import Comparison
from bench.peers.running import peers_python, versions
from cafe.errors import CafeError
from cafe.terminal.documents import write_document
from cafe.terminal.presentation import Listing, out, plain, show_error, table

FAILED = 2
ROUNDS = {1_000: 5, 10_000: 5, 1_000_000: 3}
QUICK_ROWS = 200


class Part(StrEnum):
    """What can be compared."""

    STAGES = "stages"
    END_TO_END = "end-to-end"


def main(
    parts: Annotated[list[Part] | None, typer.Argument(help="What to compare; everything if none is named.")] = None,
    rows: Annotated[
        list[int] | None,
        typer.Option(
            min=1, metavar="N", help="Rows of the file of the stages, instead of every size; repeat for more."
        ),
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Rounds, instead of 5 for small sizes and 3 for large ones.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One round of a tiny size: whether everything runs and writes the same.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, from which the charts are drawn.")] = False,
) -> None:
    """Compare the pipeline with csv.DictReader, pandas, polars, duckdb and dlt, side by side on this machine.

    In each round every side runs once, in a fresh process. First it is proven that all wrote the same orders, items and
    pence by café and day; what a peer leaves out stands beside its figure. Ratios compare runs of a round: above
    1, the pipeline is faster. Other work on the machine changes seconds much, and ratios little.

    Exit code 2: something failed, or two sides wrote different sales.
    """
    chosen = set(parts or Part)
    sizes = [QUICK_ROWS] if quick else rows or list(ROUNDS)
    measures: dict[Part, Callable[[], list[Comparison]]] = {
        Part.STAGES: lambda: [
            comparison
            for size in sizes
            for comparison in stages.compare(size, 1 if quick else rounds or ROUNDS.get(size, 3))
        ],
        Part.END_TO_END: lambda: end_to_end.compare(
            end_to_end.QUICK if quick else end_to_end.INPUTS, 1 if quick else rounds or 3
        ),
    }
    try:
        peers_python()
        comparisons = [found for part, measure in measures.items() if part in chosen for found in measure()]
        machine = {"processors": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
        used = versions()
    except CafeError as error:
        show_error(error)
        raise typer.Exit(FAILED) from None
    if as_json:
        write_document(
            {
                "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
                "machine": machine,
                "versions": used,
                "comparisons": [comparison.document() for comparison in comparisons],
            }
        )
    else:
        out().print(_table(comparisons))
        out().print(plain(", ".join(f"{name} {version}" for name, version in used.items())))


def _table(comparisons: Sequence[Comparison]) -> Listing:
    """Lay out comparisons for people."""
    grid = table(
        "task",
        "rows",
        "peer",
        "times as long (min to max)",
        "s",
        "processor s",
        "peak MB",
        "leaves out",
        right=["rows", "times as long (min to max)", "s", "processor s", "peak MB"],
        prose=["leaves out"],
    )
    for comparison in comparisons:
        found = comparison.document()
        ratio, ours, theirs = found["times_as_long"], found["ours"], found["theirs"]
        grid.add_row(
            plain(comparison.task),
            f"{comparison.rows:,}",
            plain(comparison.peer),
            f"{ratio['median']:.2f} ({ratio['min']:.2f} to {ratio['max']:.2f})",
            *(
                f"{_spelled(theirs[name], form)} / {_spelled(ours[name], form)}"
                for name, form in (("seconds", ".2f"), ("processor_seconds", ".2f"), ("peak_megabytes", ".0f"))
            ),
            plain(comparison.leaves_out),
        )
    return grid


def _spelled(value: float | None, form: str) -> str:
    return "?" if value is None else f"{value:{form}}"


if __name__ == "__main__":
    typer.run(main)
