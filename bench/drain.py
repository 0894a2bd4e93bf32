"""Measure how long the pipeline takes for the files of a large chain, all dropped at once on a separate local stack."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.branch_files import bench_folder
from bench.figures import Figure
from bench.pipeline import GATHERING, ROWS_A_FILE, Drops, fresh_stack
from cafe.generate.dialects import Dialect
from cafe.generate.history import plan
from cafe.generate.writing import write_folder
from cafe.sending.uploads import plan_drop
from cafe.terminal.presentation import remark

FILES = 10_000
CAFES = 20
MOST_SECONDS = 300.0
TIMEOUT_SECONDS = 1_800.0


def measure(files: int = FILES) -> list[Figure]:
    """Drop the files of CAFES cafés, one for each day, and wait until all orders are in the warehouse."""
    days = -(-files // CAFES)
    with TemporaryDirectory(dir=bench_folder()) as name, fresh_stack(GATHERING) as environment:
        remark(f"writing {CAFES * days:,} files …")
        history = plan(feed=Dialect().feed, seed=1, branches=CAFES, days=days, orders=CAFES * days * ROWS_A_FILE)
        write_folder(history, Dialect(), Path(name), seed=1)
        drops = Drops(environment, TIMEOUT_SECONDS)
        seconds = drops.seconds(plan_drop([Path(name)]).uploads)
        drops.check_orders()
    note = (
        f"{seconds / (CAFES * days) * 1000:.1f} ms a file; one run, from the first upload to the last row of the ledger"
    )
    return [Figure(f"{CAFES * days:,} files of {ROWS_A_FILE} rows", seconds, MOST_SECONDS, "s", note)]
