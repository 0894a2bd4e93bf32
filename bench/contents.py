"""Sum up what a run wrote, in any order of rows, to compare two runs."""

import gzip
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from bench.folder_aws import STAGING_BUCKET


@dataclass(frozen=True, slots=True)
class Contents:
    """Counts and sums of the orders and items in a folder. Two sets of ids differ if their sums or xors differ."""

    orders: int
    ids_sum: int
    ids_xor: int
    pence: int
    items: int
    items_sum: int


class DifferentContents(Exception):
    """Two runs wrote different orders or items, so their figures cannot be compared."""

    def __init__(self, one: Contents, other: Contents) -> None:
        super().__init__(f"two runs wrote different orders or items:\n  {one}\n  {other}")


def contents_of(folder: Path) -> Contents:
    """Read all tables that a run wrote to the staging folder."""
    orders = ids_sum = ids_xor = pence = items = items_sum = 0
    staged = folder / STAGING_BUCKET / "transformed"
    for path in staged.rglob("orders.csv.gz"):
        with gzip.open(path) as lines:
            for line in lines:
                order_id, _, _, _, _, total = line.split(b",")
                number = int(order_id, 16)
                orders += 1
                ids_sum += number
                ids_xor ^= number
                pence += int(total.replace(b".", b""))
    for path in staged.rglob("order_items.csv.gz"):
        with gzip.open(path) as lines:
            for line in lines:
                items += 1
                items_sum += int.from_bytes(blake2b(line, digest_size=8).digest())
    return Contents(orders, ids_sum, ids_xor, pence, items, items_sum)


def check_equal(one: Contents, other: Contents) -> None:
    """Raise DifferentContents unless two runs wrote the same orders and items."""
    if one != other:
        raise DifferentContents(one, other)
