"""Measure extract and transform on histories: a café's and the chain's five years, as one file and as many.

The chain's file is about the largest that extract accepts. A row must take no more time in it than in a small one, and
the file no more memory.
"""

from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.branch_files import BranchFile, bench_folder, provide
from bench.figures import Figure
from bench.fresh_process import run
from bench.workloads import Result
from cafe.errors import CafeError
from cafe.terminal.presentation import remark

DAYS = 5 * 365
CAFE_ROWS = 600_000
# Ten million rows have 1,510 MB. Extract takes 1,500.
ROWS = 9_900_000
FILES = 60
MOST_TIMES = 1.2
MOST_MORE_MEGABYTES = 16
# Half of the function's Timeout (template.yaml).
MOST_SECONDS = 60


class RowsMissing(CafeError):
    """A run did not write an order for each row."""


def measure(rows: int = ROWS) -> list[Figure]:
    """Run both stages on each history, in fresh processes. Raises RowsMissing."""
    cafe = _stages(BranchFile(CAFE_ROWS, branches=1, days=DAYS))
    chain = BranchFile(rows, days=DAYS)
    whole, parts = _stages(chain), _stages_of_parts(chain)
    by_row = [result["seconds"] / result["rows"] * 1e6 for result in (cafe, whole, parts)]
    more = (whole["peak_bytes"] - cafe["peak_bytes"]) / 1e6
    return [
        Figure(
            "the chain's five years as one file, a row",
            by_row[1] / by_row[0],
            MOST_TIMES,
            "x",
            f"{by_row[1]:.1f} µs a row of {rows:,}; {by_row[0]:.1f} of a café's {CAFE_ROWS:,}",
        ),
        Figure(
            f"as one file, beside {FILES} files",
            whole["seconds"] / parts["seconds"],
            MOST_TIMES,
            "x",
            f"{whole['seconds']:.1f} s against {parts['seconds']:.1f} s",
        ),
        Figure(
            "more memory than for the café's",
            max(0.0, more),
            MOST_MORE_MEGABYTES,
            "MB",
            f"{whole['peak_bytes'] / 1e6:.1f} MB and {cafe['peak_bytes'] / 1e6:.1f} MB, without the functions' imports",
        ),
        Figure(
            "extract, the chain's as one file",
            whole["extract"],
            MOST_SECONDS,
            "s",
            f"{provide(chain).stat().st_size / 1e6:,.0f} MB; extract takes at most 1,500, and may run for 120 s",
        ),
    ]


def _stages(file: BranchFile) -> Result:
    source = provide(file)
    remark(f"one file of {file.rows:,} rows …")
    with TemporaryDirectory(dir=bench_folder()) as folder:
        return _complete(run("stages", source, Path(folder)), file)


def _stages_of_parts(file: BranchFile) -> Result:
    """Run both stages on FILES files, which have the rows of one."""
    with TemporaryDirectory(dir=bench_folder()) as name:
        parts = Path(name) / "parts"
        parts.mkdir()
        with provide(file).open("rb") as source:
            for number, lines in enumerate(batched(source, -(-file.rows // FILES), strict=False)):
                (parts / f"{number:02d}.csv").write_bytes(b"".join(lines))
        remark(f"{FILES} files of {file.rows // FILES:,} rows …")
        return _complete(run("stages_of_many", parts, Path(name) / "out"), file)


def _complete(result: Result, file: BranchFile) -> Result:
    if result["rows"] != file.rows:
        raise RowsMissing(f"{result['rows']:,.0f} of {file.rows:,} orders were written.")
    return result
