"""Measure the figures that the pipeline promises: ``python -m bench [stages|dialects|memory|…|all] …``."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from bench import (
    boards,
    dialects,
    drain,
    growth,
    history,
    marts,
    memory,
    packages,
    pipeline,
    preview,
    results,
    stages,
    starts,
    statements,
)
from bench.figures import Figure, figures_table, write_figures_json
from cafe.errors import CafeError
from cafe.terminal.presentation import out, show_error

MISSED, FAILED = 1, 2


class Part(StrEnum):
    """What can be measured."""

    STAGES = "stages"
    DIALECTS = "dialects"
    MEMORY = "memory"
    STATEMENTS = "statements"
    PIPELINE = "pipeline"
    PACKAGES = "packages"
    STARTS = "starts"
    MARTS = "marts"
    BOARDS = "boards"
    GROWTH = "growth"
    DRAIN = "drain"
    HISTORY = "history"
    PREVIEW = "preview"
    RESULTS = "results"
    ALL = "all"


def main(
    parts: Annotated[list[Part] | None, typer.Argument(help="What to measure; everything if none is named.")] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=f"Rows of the file, instead of {stages.ROWS:,} (stages), {memory.ROWS:,} (memory) "
            f"and {history.ROWS:,} (history); "
            f"orders of the warehouse, instead of {marts.ORDERS:,} (marts, boards) and {growth.ORDERS:,} (growth); "
            f"of a result, instead of {results.ROWS:,} (results); files, instead of {drain.FILES:,} (drain).",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=f"Rounds, instead of {stages.ROUNDS} (stages), {pipeline.ROUNDS} (pipeline), "
            f"{marts.ROUNDS} (marts, boards), {growth.ROUNDS} (growth), {starts.ROUNDS} (starts).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Measure, and compare each figure with its limit. Exit code 1: a limit is missed."""
    chosen = set(parts or [Part.ALL])
    measures: dict[Part, Callable[[], list[Figure]]] = {
        Part.STAGES: lambda: stages.measure(rows or stages.ROWS, rounds or stages.ROUNDS),
        Part.DIALECTS: lambda: dialects.measure(rows or dialects.ROWS, rounds or dialects.ROUNDS),
        Part.MEMORY: lambda: memory.measure(rows or memory.ROWS),
        Part.STATEMENTS: statements.measure,
        Part.PIPELINE: lambda: pipeline.measure(rounds or pipeline.ROUNDS),
        Part.PACKAGES: packages.measure,
        Part.STARTS: lambda: starts.measure(rounds or starts.ROUNDS),
        Part.MARTS: lambda: marts.measure(rows or marts.ORDERS, rounds or marts.ROUNDS),
        Part.BOARDS: lambda: boards.measure(rows or marts.ORDERS, rounds or marts.ROUNDS),
        Part.GROWTH: lambda: growth.measure(rows or growth.ORDERS, rounds or growth.ROUNDS),
        Part.DRAIN: lambda: drain.measure(rows or drain.FILES),
        Part.HISTORY: lambda: history.measure(rows or history.ROWS),
        Part.RESULTS: lambda: results.measure(rows or results.ROWS),
        Part.PREVIEW: lambda: preview.measure(rounds or preview.ROUNDS),
    }
    try:
        figures = [figure for name, measure in measures.items() if chosen & {name, Part.ALL} for figure in measure()]
    except CafeError as error:
        show_error(error)
        raise typer.Exit(FAILED) from None
    if as_json:
        write_figures_json(figures)
    else:
        out().print(figures_table(figures))
    if not all(figure.is_met for figure in figures):
        raise typer.Exit(MISSED)


if __name__ == "__main__":
    typer.run(main)
