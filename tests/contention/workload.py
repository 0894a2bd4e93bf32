"""Branch files with overlapping orders, drawn from a seed, and the sales that the warehouse must have in the end.

The oracle here has no queues, parts, transactions or ids: it counts sales.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from unittest.mock import patch

from shared.contracts import TransformedPart
from staging import stage_file, written_at_minute

ITEMS = {"Large Latte": "2.45", "Large Mocha": "2.70", "Cake": "3.00"}
CAFES = ("Leeds", "York")
ROWS_PER_PART = 3
NO_SUCH_DAY = "31/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"


@dataclass(frozen=True, order=True, slots=True)
class Sale:
    """An order with one item, as the till recorded it. Two equal sales may belong to different customers."""

    minute: int
    cafe: str
    item: str

    def row(self) -> str:
        """Write the sale as a row of feed B."""
        price = ITEMS[self.item]
        clock = f"{9 + self.minute // 60:02}:{self.minute % 60:02}"
        return f"20/11/2026 {clock},{self.cafe},Ada Tester,{self.item} - {price},{price},CASH,\n"

    def as_stored(self) -> tuple[str, str, str, Decimal]:
        """Return the sale as the warehouse is queried for it: café, time, product, amount."""
        clock = f"{9 + self.minute // 60:02}:{self.minute % 60:02}:00"
        return self.cafe, f"2026-11-20 {clock}", self.item.removeprefix("Large "), Decimal(ITEMS[self.item])


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of one branch file. ``minute`` is when S3 wrote it."""

    key: str
    version_id: str
    minute: int
    sales: tuple[Sale, ...]
    bad_rows: int

    def body(self) -> bytes:
        """Write the file's content, as a branch would."""
        return ("".join(sale.row() for sale in self.sales) + NO_SUCH_DAY * self.bad_rows).encode()


@dataclass(frozen=True, slots=True)
class Workload:
    """The files of one schedule, and for each file the messages that load gets."""

    files: tuple[FileVersion, ...]
    messages: tuple[tuple[TransformedPart, ...], ...]

    def expected_sales(self) -> Counter[tuple[str, str, str, Decimal]]:
        """Count the sales that the warehouse must have."""
        return expected_sales(sorted(self.files, key=lambda file: file.minute))


def expected_sales(files: Iterable[FileVersion]) -> Counter[tuple[str, str, str, Decimal]]:
    """Count the right sales of files that are given in the order of their versions.

    Of each key, the newest version with a sale counts. A sale that is in two files is one sale; two equal sales in one
    file are two.
    """
    newest = {file.key: file for file in files if file.sales}
    union: Counter[Sale] = Counter()
    for file in newest.values():
        union |= Counter(file.sales)
    return Counter({sale.as_stored(): count for sale, count in union.items()})


def draw_workload(chance: Random, put: Callable[[str, bytes], None]) -> Workload:
    """Draw some files with overlapping sales, corrections and rejected rows, and stage them."""
    pool = [Sale(chance.randrange(90), chance.choice(CAFES), chance.choice(list(ITEMS))) for _ in range(10)]
    files = []
    for number in range(chance.randint(2, 4)):
        for version in range(chance.choice((1, 1, 2, 3))):
            sales = tuple(sorted(chance.choices(pool, k=chance.randint(0, 7))))
            minute = 10 * number + version
            files.append(
                FileVersion(f"2026/11/20/{number}.csv", f"v{version}", minute, sales, chance.choice((0, 0, 1)))
            )
    with small_parts():
        messages = tuple(tuple(_stage(file, put)) for file in files)
    return Workload(tuple(files), messages)


def _stage(file: FileVersion, put: Callable[[str, bytes], None]) -> list[TransformedPart]:
    parts = stage_file(file.body(), put, key=file.key, version_id=file.version_id)
    return written_at_minute(parts, file.minute)


@contextmanager
def small_parts() -> Iterator[None]:
    """Split files into parts of few rows, so that many files have several parts."""
    with patch("extract.stage.ROWS_PER_PART", ROWS_PER_PART):
        yield
