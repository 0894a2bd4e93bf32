"""Write invented orders to disk: a folder of branch files, or one long file. Files appear only when complete."""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from cafe.drop_keys import drop_key
from cafe.generate.dialects import Dialect, Layout
from cafe.generate.expectation import BranchFile
from cafe.generate.faults import HANDWRITTEN_FAULTS, FaultPlan, every_nth
from cafe.generate.filenames import file_name
from cafe.generate.history import BranchDay, branch_day_orders
from cafe.generate.orders import Order
from cafe.generate.rendering import file_bytes, order_texts, render

_ROWS_A_BUCKET = 50_000
_MOST_BUCKETS = 256  # below the usual limit of open files
# Separates printed orders on disk, because an order may have several lines. No printed order holds it.
_SEPARATOR = "\x1e"

# Called with the number of orders just written.
Advance = Callable[[int], None]

_pence_of = itemgetter(2)


@dataclass(frozen=True, slots=True)
class Written:
    """Counts of what was written: `pence` is the sum of the good orders, `broken_rows` counts the others."""

    files: int = 0
    rows: int = 0
    broken_rows: int = 0
    pence: int = 0
    bytes: int = 0

    def __add__(self, other: "Written") -> "Written":
        """Add the counts of two writes."""
        return Written(
            files=self.files + other.files,
            rows=self.rows + other.rows,
            broken_rows=self.broken_rows + other.broken_rows,
            pence=self.pence + other.pence,
            bytes=self.bytes + other.bytes,
        )


def fault_plan(fault_every: int) -> FaultPlan | None:
    """Plan the faults of hand-written files in every n-th row; None for 0."""
    return every_nth(fault_every, HANDWRITTEN_FAULTS) if fault_every else None


def write_folder(
    branch_days: Iterable[BranchDay],
    dialect: Dialect,
    folder: Path,
    *,
    seed: int,
    faults: FaultPlan | None = None,
    advance: Advance = lambda _: None,
) -> Written:
    """Write one file per branch-day into the folder, under its key in the drop bucket."""
    files = (
        (
            drop_key(Path(file_name(branch_day, dialect))),
            BranchFile(tuple(branch_day_orders(branch_day)), dialect, faults),
        )
        for branch_day in branch_days
    )
    return write_branch_files(files, folder, seed=seed, advance=advance)


def write_branch_files(
    files: Iterable[tuple[str, BranchFile]], folder: Path, *, seed: int, advance: Advance = lambda _: None
) -> Written:
    """Write files of known orders into the folder, each under its key."""
    written = Written()
    for key, file in files:
        tally = Tally(file.dialect, file.faults)
        chunks = render(tally.watch(file.orders), file.dialect, file.faults, seed=seed)
        written += tally.written(write_whole(folder / key, chunks))
        advance(len(file.orders))
    return written


def write_file(
    branch_days: Iterable[BranchDay],
    dialect: Dialect,
    path: Path,
    *,
    seed: int,
    faults: FaultPlan | None = None,
    advance: Advance = lambda _: None,
) -> Written:
    """Write all branch-days into one file, in order or shuffled. Memory does not grow with the file."""
    branch_days = tuple(branch_days)
    tally = Tally(dialect, faults)
    with ExitStack() as stack:
        texts = order_texts(tally.watch(_report_progress(branch_days, advance)), dialect, faults)
        if dialect.shuffled:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch = stack.enter_context(TemporaryDirectory(dir=path.parent, prefix=f".{path.name}."))
            rows = sum(branch_day.orders for branch_day in branch_days)
            texts = _shuffled_on_disk(texts, Path(scratch), rows, seed)
        return tally.written(write_whole(path, file_bytes(texts, replace(dialect, shuffled=False))))


def write_whole(path: Path, chunks: Iterable[bytes]) -> int:
    """Write a file under a temporary name and rename it when it is complete; return its size in bytes.

    An interruption, such as Ctrl-C, leaves neither half a file nor the temporary one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            size = sum(file.write(chunk) for chunk in chunks)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return size


class Tally:
    """Counts orders while they are written into a file."""

    def __init__(self, dialect: Dialect, faults: FaultPlan | None = None) -> None:
        """Remember which orders will be rejected: the broken ones, or all orders in the foreign layout."""
        self._unreadable = dialect.layout is Layout.FOREIGN
        self._faults = faults
        self._rows = self._broken = self._pence = 0

    def watch(self, orders: Iterable[Order]) -> Iterator[Order]:
        """Yield the orders unchanged, and count them."""
        for position, order in enumerate(orders):
            self._rows += 1
            if self._unreadable or (self._faults is not None and self._faults(position) is not None):
                self._broken += 1
            else:
                self._pence += sum(map(_pence_of, order.items))
            yield order

    def written(self, size: int) -> Written:
        """Return the counts of the file, after it is written."""
        return Written(files=1, rows=self._rows, broken_rows=self._broken, pence=self._pence, bytes=size)


def _report_progress(branch_days: Iterable[BranchDay], advance: Advance) -> Iterator[Order]:
    for branch_day in branch_days:
        yield from branch_day_orders(branch_day)
        advance(branch_day.orders)


def _shuffled_on_disk(texts: Iterable[str], scratch: Path, rows: int, seed: int) -> Iterator[str]:
    """Put texts into random buckets on disk, then shuffle each bucket in memory. Every order is equally likely."""
    rng = random.Random(seed)
    buckets = min(_MOST_BUCKETS, 1 + rows // _ROWS_A_BUCKET)
    paths = [scratch / str(number) for number in range(buckets)]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", encoding="utf-8", newline="")) for path in paths]
        for text in texts:
            files[int(rng.random() * buckets)].write(f"{text}{_SEPARATOR}")
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            bucket = file.read().split(_SEPARATOR)[:-1]
        path.unlink()
        rng.shuffle(bucket)
        yield from bucket
