"""Compare extract and transform with peers that read and split the same file, from process start to files closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.branch_files import BranchFile, bench_folder, provide
from bench.peers.comparing import Comparison, check_same
from bench.peers.running import Cost, sums, timed
from cafe.terminal.presentation import remark

TASK = "extract + transform"
FEW_ROWS = 100
NO_PIPELINE = "ids, reasons for refused rows, repeated rows, sizes and flavours, card numbers in other columns"


@dataclass(frozen=True, slots=True)
class Side:
    """One way to do the work: the name of its workload and the form of its output, as in `bench.peers.sums`."""

    name: str
    workload: str
    form: str
    leaves_out: str = ""
    is_ours: bool = False


OURS = Side("the pipeline", "stages", "staged", is_ours=True)
PEERS = (
    # The benches' own simplest version: it does all the work, with the standard library only.
    Side("csv.DictReader", "simple_stages", "staged", "reasons for refused rows: it stops at the first", is_ours=True),
    Side("pandas", "pandas", "parquet", NO_PIPELINE),
    Side("polars", "polars", "parquet", NO_PIPELINE),
    Side("duckdb", "duckdb", "parquet", NO_PIPELINE),
    Side("dlt to parquet", "dlt_parquet", "dlt", f"baskets and every check; {NO_PIPELINE}"),
)


def compare(rows: int, rounds: int) -> list[Comparison]:
    """Run every side once in each round, in an order that turns. Raises DifferentOutput, RunFailed."""
    bench_folder().mkdir(parents=True, exist_ok=True)
    source = provide(BranchFile(rows))
    _compile(provide(BranchFile(FEW_ROWS)))
    turns = [_round(source, number, rounds) for number in range(rounds)]
    ours = tuple(turn[OURS.name] for turn in turns)
    return [
        Comparison(TASK, rows, peer.name, peer.leaves_out, ours, tuple(turn[peer.name] for turn in turns))
        for peer in PEERS
    ]


def _compile(source: Path) -> None:
    """Run each side once without measuring it, so that all modules are compiled, and in the system's memory."""
    with TemporaryDirectory(dir=bench_folder()) as folder:
        for side in (OURS, *PEERS):
            timed(side.workload, source, Path(folder) / side.workload, is_ours=side.is_ours)


def _round(source: Path, number: int, rounds: int) -> dict[str, Cost]:
    """Time each side. Outputs are compared in the first round: each side always writes the same."""
    sides = _turned((OURS, *PEERS), number)
    costs = {}
    with TemporaryDirectory(dir=bench_folder()) as folder:
        written = {}
        for side in sides:
            target = Path(folder) / side.workload
            costs[side.name] = timed(side.workload, source, target, is_ours=side.is_ours)
            if number == 0:
                written[side.name] = sums(side.form, target)
        for peer in PEERS if number == 0 else ():
            check_same(peer.name, written[OURS.name], written[peer.name])
    seconds = ", ".join(f"{name} {cost.seconds:.2f} s" for name, cost in costs.items())
    remark(f"{source.name}, round {number + 1} of {rounds}: {seconds}", "dim")
    return costs


def _turned(sides: Sequence[Side], number: int) -> Sequence[Side]:
    start = number % len(sides)
    return (*sides[start:], *sides[:start])
