"""Compare extract and transform, on one processor, with csv.reader alone and with the simplest version."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.branch_files import BranchFile, bench_folder, provide
from bench.contents import check_equal, contents_of
from bench.figures import Figure
from bench.fresh_process import run
from bench.workloads import Result
from cafe.terminal.presentation import remark

ROWS = 1_000_000
ROUNDS = 5
# 5 % more than was measured on the slowest machine (docs/decisions/stages.md).
MOST_TIMES_CSV_READER = 8.8
LEAST_TIMES_AS_FAST = 3


def measure(rows: int = ROWS, rounds: int = ROUNDS) -> list[Figure]:
    """Run the three in turns. Each ratio is of runs of the same round; the figure is the median of all rounds.

    Raises DifferentContents if the stages and the simplest version do not write the same orders and items.
    """
    branch_file = provide(BranchFile(rows))
    turns = [_turn(branch_file, number, is_checked=number == 1) for number in range(1, rounds + 1)]
    plain, staged, simple = ([results[place]["seconds"] for results in turns] for place in range(3))
    extract, transform = (median(results[1][stage] for results in turns) for stage in ("extract", "transform"))
    return [
        Figure(
            name="extract + transform, times csv.reader",
            measured=median(map(_ratio, staged, plain)),
            limit=MOST_TIMES_CSV_READER,
            unit="x",
            note=f"{rows:,} rows: {extract:.2f} + {transform:.2f} s against {median(plain):.2f} s; {rounds} rounds",
        ),
        Figure(
            name="extract + transform, times as fast as row by row",
            measured=median(map(_ratio, simple, staged)),
            limit=LEAST_TIMES_AS_FAST,
            unit="x",
            note=f"{median(staged):.2f} s against {median(simple):.2f} s; the same orders and items",
            is_floor=True,
        ),
    ]


def _turn(branch_file: Path, number: int, *, is_checked: bool) -> tuple[Result, Result, Result]:
    with TemporaryDirectory(dir=bench_folder()) as staged, TemporaryDirectory(dir=bench_folder()) as simple:
        results = (
            run("csv_reader", branch_file, Path(staged)),
            run("stages", branch_file, Path(staged)),
            run("simple_stages", branch_file, Path(simple)),
        )
        if is_checked:
            check_equal(contents_of(Path(staged)), contents_of(Path(simple)))
    seconds = ", ".join(f"{result['seconds']:.2f} s" for result in results)
    remark(f"round {number}: csv.reader, stages, row by row: {seconds}", "dim")
    return results


def _ratio(one: float, other: float) -> float:
    return one / other
