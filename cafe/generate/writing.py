"""Write invented history to disk: a folder of branch files, or one long file. No file is ever seen half written."""

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
# No printed order holds this sign; it parts them on disk, since an order may take several lines.
_SEPARATOR = "\x1e"

# Called with the number of orders just written.
Advance = Callable[[int], None]

_pence_of = itemgetter(2)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: `pence` adds up the orders that a reader must accept, `broken_rows` counts the others."""

    files: int = 0
    rows: int = 0
    broken_rows: int = 0
    pence: int = 0
    bytes: int = 0

    def __add__(self, other: "Written") -> "Written":
        """Add up two counts."""
        return Written(
            files=self.files + other.files,
            rows=self.rows + other.rows,
            broken_rows=self.broken_rows + other.broken_rows,
            pence=self.pence + other.pence,
            bytes=self.bytes + other.bytes,
        )


def fault_plan(fault_every: int) -> FaultPlan | None:
    """Plan the faults that hand-written files have, in each n-th row; none for 0."""
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
    """Write one file a branch-day below the folder, laid out as the drop bucket's keys."""
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
    """Write files of known orders below the folder, each under its key."""
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
    """Write all branch-days into one file, one after another, in bounded memory however long it gets, even shuffled."""
    branch_days = tuple(branch_days)
    tally = Tally(dialect, faults)
    with ExitStack() as stack:
        texts = order_texts(tally.watch(_told(branch_days, advance)), dialect, faults)
        if dialect.shuffled:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch = stack.enter_context(TemporaryDirectory(dir=path.parent, prefix=f".{path.name}."))
            rows = sum(branch_day.orders for branch_day in branch_days)
            texts = _shuffled_on_disk(texts, Path(scratch), rows, seed)
        return tally.written(write_whole(path, file_bytes(texts, replace(dialect, shuffled=False))))


def write_whole(path: Path, chunks: Iterable[bytes]) -> int:
    """Write a file under a passing name and rename it once it is whole; return its bytes.

    Whatever interrupts, Ctrl-C too, leaves neither half a file nor the passing one.
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
    """Count orders as they pass by on their way into a file."""

    def __init__(self, dialect: Dialect, faults: FaultPlan | None = None) -> None:
        """Know which orders a reader will refuse: the broken ones, and all of a foreign file."""
        self._unreadable = dialect.layout is Layout.FOREIGN
        self._faults = faults
        self._rows = self._broken = self._pence = 0

    def watch(self, orders: Iterable[Order]) -> Iterator[Order]:
        """Pass the orders on, counting them."""
        for position, order in enumerate(orders):
            self._rows += 1
            if self._unreadable or (self._faults is not None and self._faults(position) is not None):
                self._broken += 1
            else:
                self._pence += sum(map(_pence_of, order.items))
            yield order

    def written(self, size: int) -> Written:
        """Return the counts of the file that the orders went into, once it is written."""
        return Written(files=1, rows=self._rows, broken_rows=self._broken, pence=self._pence, bytes=size)


def _told(branch_days: Iterable[BranchDay], advance: Advance) -> Iterator[Order]:
    for branch_day in branch_days:
        yield from branch_day_orders(branch_day)
        advance(branch_day.orders)


def _shuffled_on_disk(texts: Iterable[str], scratch: Path, rows: int, seed: int) -> Iterator[str]:
    """Deal texts into buckets on disk at random, then shuffle each bucket in memory: as fair as shuffling them all."""
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
