"""Measure the peak memory of each stage on a very long file: sorted as real files are, and shuffled."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.branch_files import BranchFile, bench_folder, provide
from bench.contents import Contents, check_equal, contents_of
from bench.figures import Figure
from bench.fresh_process import run
from cafe.terminal.presentation import remark

ROWS = 5_000_000
MOST_MEGABYTES = 96
MOST_BYTES_A_ROW = 16
STAGES = ("extract", "transform", "load")


def measure(rows: int = ROWS) -> list[Figure]:
    """Run each stage on the sorted and on the shuffled file.

    Raises DifferentContents if the two files do not give the same orders and items.
    """
    peaks, contents = _peaks(BranchFile(rows))
    shuffled_peaks, shuffled_contents = _peaks(BranchFile(rows, is_shuffled=True))
    check_equal(contents, shuffled_contents)
    return [_sorted_figure(stage, peaks[stage], rows) for stage in STAGES] + [
        _shuffled_figure(stage, shuffled_peaks[stage][0] - peaks[stage][0], rows) for stage in STAGES
    ]


def _peaks(file: BranchFile) -> tuple[dict[str, tuple[float, float]], Contents]:
    """Return each stage's peak memory and that of its imports alone, in bytes."""
    branch_file = provide(file)
    peaks = {}
    with TemporaryDirectory(dir=bench_folder()) as folder:
        for stage in STAGES:
            remark(f"{stage}, {branch_file.name} …")
            result = run(f"{stage}_memory", branch_file, Path(folder))
            peaks[stage] = result["peak_bytes"], result["imported_bytes"]
            remark(
                f"{stage}: {result['peak_bytes'] / 1e6:.1f} MB, {result['imported_bytes'] / 1e6:.1f} imported", "dim"
            )
        remark("summing up what was written …")
        return peaks, contents_of(Path(folder))


def _sorted_figure(stage: str, peak: tuple[float, float], rows: int) -> Figure:
    return Figure(
        name=f"{stage}, peak memory, sorted",
        measured=peak[0] / 1e6,
        limit=MOST_MEGABYTES,
        unit="MB",
        note=f"{rows:,} rows; {peak[1] / 1e6:.1f} MB are the function's imports and clients",
    )


def _shuffled_figure(stage: str, more_bytes: float, rows: int) -> Figure:
    return Figure(
        name=f"{stage}, more when shuffled",
        measured=max(0.0, more_bytes / rows),
        limit=MOST_BYTES_A_ROW,
        unit="B/row",
        note=f"{more_bytes / 1e6:+.1f} MB in all; the same orders and items as sorted",
    )
