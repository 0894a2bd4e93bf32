"""The long branch files of the benchmarks, which the project's generator makes once and .cafe/bench/ keeps."""

from dataclasses import dataclass, replace
from pathlib import Path

from cafe.generate.dialects import Dialect
from cafe.generate.history import plan
from cafe.generate.writing import write_file
from cafe.local.layout import BENCH, Layout, checkout
from cafe.terminal.presentation import remark

SEED = 1
BRANCHES = 18


@dataclass(frozen=True, slots=True)
class BranchFile:
    """A feed B file with orders of some cafés, sorted by time as real files are, or shuffled.

    They are spread over ``days`` days, or over as many as the cafés need to sell them.
    """

    rows: int
    is_shuffled: bool = False
    branches: int = BRANCHES
    days: int | None = None

    @property
    def path(self) -> Path:
        """Where the file is kept."""
        order = "shuffled" if self.is_shuffled else "sorted"
        others = f"-{self.branches}-cafes-{self.days}-days" if self.days else ""
        return bench_folder() / f"feed-b-{self.rows}-{order}-seed-{SEED}{others}.csv"


def bench_layout() -> Layout:
    """Return the workspace of the benchmarks, whose stack meets no other data."""
    return replace(checkout(), workspace=BENCH)


def bench_folder() -> Path:
    """Return the folder for everything that the benchmarks write. It is there then."""
    folder = bench_layout().state
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def provide(file: BranchFile) -> Path:
    """Write the file unless it exists; return its path."""
    if not file.path.exists():
        remark(f"making {file.path.name} …")
        history = plan(feed=Dialect().feed, seed=SEED, branches=file.branches, days=file.days, orders=file.rows)
        write_file(history, Dialect(shuffled=file.is_shuffled), file.path, seed=SEED)
    return file.path
