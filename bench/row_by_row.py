"""The simplest version of extract and transform: a dictionary for each row, the standard library's parsers, no caches.

The stages are compared with it (`bench.stages`). It has the same two steps, the same rows between them, and the same
checks, ids and compression. It reads feed B only and stops at a bad row.
"""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import batched
from pathlib import Path

from shared.contracts import ROWS_PER_PART
from shared.part_files import COMPRESSION_LEVEL

BRANCH_COLUMNS = ("time", "branch", "customer", "items", "total", "payment", "card")
ROW_COLUMNS = ("line_number", "branch", "ordered_at", "basket", "total", "payment", "occurrence")
ORDER_COLUMNS = ("order_id", "file_id", "branch_id", "ordered_at", "payment", "total_amount")
ITEM_COLUMNS = ("order_id", "product_id", "unit_price", "quantity")
DIMENSION_COLUMNS = ("kind", "id", "name", "size", "flavour")
FIRST_SALE = datetime(2000, 1, 1)  # noqa: DTZ001  till time has no zone
CARD_LIKE = re.compile(r"(?:[0-9][ -]?){12}")
INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]")


class BadRow(ValueError):
    """A row does not match feed B."""


@contextmanager
def writing(path: Path, columns: tuple[str, ...], delimiter: str = ",") -> Iterator["csv.DictWriter[str]"]:
    """Open a compressed file for rows as dictionaries."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", COMPRESSION_LEVEL, encoding="utf-8", newline="") as file:
        yield csv.DictWriter(file, columns, delimiter=delimiter, lineterminator="\n")


def extract(branch_file: Path, folder: Path, last_sale: datetime) -> list[Path]:
    """Read a feed B file and write its canonical rows, part by part."""
    occurrences: Counter[tuple[str, ...]] = Counter()
    parts = []
    with branch_file.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, fieldnames=BRANCH_COLUMNS)
        for number, rows in enumerate(batched(enumerate(reader, start=1), ROWS_PER_PART, strict=False), start=1):
            parts.append(folder / "extracted" / f"{number:05d}.tsv.gz")
            with writing(parts[-1], ROW_COLUMNS, "\t") as writer:
                for line_number, row in rows:
                    writer.writerow(canonical_row(line_number, row, occurrences, last_sale))
    return parts


def canonical_row(
    line_number: int, row: dict[str, str], occurrences: Counter[tuple[str, ...]], last_sale: datetime
) -> dict[str, object]:
    """Check a row of feed B and drop the customer and the card."""
    ordered_at = datetime.strptime(row["time"], "%d/%m/%Y %H:%M")  # noqa: DTZ007  till time has no zone
    branch, payment = " ".join(row["branch"].split()), row["payment"].upper()
    if not FIRST_SALE <= ordered_at <= last_sale or not branch or payment not in ("CARD", "CASH"):
        raise BadRow(line_number)
    for kept in (branch, row["items"]):
        if CARD_LIKE.search(kept) or INVISIBLE.search(kept):
            raise BadRow(line_number)
    basket = []
    for item in row["items"].split(", "):
        label, separator, price = item.rpartition(" - ")
        if not separator:
            raise BadRow(line_number)
        basket.append(f"{' '.join(label.split())} - {Decimal(price):.2f}")
    canonical = {
        "branch": branch,
        "ordered_at": ordered_at.strftime("%Y-%m-%d %H:%M:%S"),
        "basket": ", ".join(basket),
        "total": f"{Decimal(row['total']):.2f}",
        "payment": payment,
    }
    key = tuple(canonical.values())
    occurrences[key] += 1
    return {"line_number": line_number, **canonical, "occurrence": occurrences[key]}


def transform(part: Path, folder: Path, file_id: str) -> None:
    """Read one part's canonical rows and write its orders, order items and dimensions."""
    dimensions: dict[tuple[str, int], dict[str, object]] = {}
    tables = folder / "transformed" / part.name.removesuffix(".tsv.gz")
    with (
        gzip.open(part, "rt", encoding="utf-8", newline="") as file,
        writing(tables / "orders.csv.gz", ORDER_COLUMNS) as orders,
        writing(tables / "order_items.csv.gz", ITEM_COLUMNS) as order_items,
    ):
        for row in csv.DictReader(file, fieldnames=ROW_COLUMNS, delimiter="\t"):
            order_id = sha256("\t".join([row[column] for column in ROW_COLUMNS[1:]]).encode()).hexdigest()[:32]
            total = Decimal(0)
            for item, quantity in Counter(row["basket"].split(", ")).items():
                product, unit_price = parse_item(item)
                total += unit_price * quantity
                product_id = key_of("\t".join((product["size"], product["name"], product["flavour"])))
                dimensions["product", product_id] = {"kind": "product", "id": product_id, **product}
                order_items.writerow(
                    {"order_id": order_id, "product_id": product_id, "unit_price": unit_price, "quantity": quantity}
                )
            if total != Decimal(row["total"]):
                raise BadRow(row["line_number"])
            branch_id = key_of(row["branch"])
            dimensions["branch", branch_id] = {"kind": "branch", "id": branch_id, "name": row["branch"]}
            orders.writerow(
                {
                    "order_id": order_id,
                    "file_id": file_id,
                    "branch_id": branch_id,
                    "ordered_at": row["ordered_at"],
                    "payment": row["payment"],
                    "total_amount": row["total"],
                }
            )
    with writing(tables / "dimensions.csv.gz", DIMENSION_COLUMNS) as writer:
        writer.writerows(dimensions.values())


def parse_item(item: str) -> tuple[dict[str, str], Decimal]:
    """Read one item, ``Large Flavoured latte - Vanilla - 2.85``: the product and its price."""
    label, _, price = item.rpartition(" - ")
    name, _, flavour = label.partition(" - ")
    size, _, rest = name.partition(" ")
    if size not in ("Regular", "Large"):
        size, rest = "", name
    return {"name": rest, "size": size, "flavour": flavour}, Decimal(price)


def key_of(natural_key: str) -> int:
    """Hash a natural key to 63 bits."""
    return int.from_bytes(sha256(natural_key.encode()).digest()[:8]) >> 1
