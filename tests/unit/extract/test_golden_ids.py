"""The ids of orders that were ever loaded stay the same, however files are read from now on.

The golden file has the number of orders and a hash of their ids for each sample, each small hostile file and some small
slips, as text, that had orders when it was written. An entry never changes. If it did, the orders in the warehouse would be counted twice
when their file is sent again.
"""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from fakes import tables_of
from hostile.corpus import CORPUS

TESTS = Path(__file__).parents[2]
SAMPLES = TESTS.parent / "samples" / "night"
GOLDEN = json.loads((TESTS / "contracts" / "golden" / "order_ids.json").read_text(encoding="utf-8"))
HOSTILE = {f"hostile: {file.name}": file for file in CORPUS}


def ids_of(body: bytes, key: str) -> dict[str, object]:
    """Read a file, and return the number of its orders and the hash of their ids, sorted."""
    ids = sorted(line.partition(",")[0] for line in tables_of(body, key)["orders"])
    return {"orders": len(ids), "sha256": sha256("\n".join(ids).encode()).hexdigest()}


def body_and_key(name: str) -> tuple[bytes, str]:
    """Return the content and the key of a file of the golden list."""
    kind, _, rest = name.partition(": ")
    if kind == "sample":
        return (SAMPLES / rest).read_bytes(), rest
    if kind == "hostile":
        return HOSTILE[name].body(), HOSTILE[name].key
    return rest.encode(), "leeds.csv"


@pytest.mark.parametrize("name", GOLDEN)
def test_the_ids_of_orders_do_not_change(name: str) -> None:
    assert ids_of(*body_and_key(name)) == GOLDEN[name]


def test_the_golden_list_has_every_sample_with_orders() -> None:
    listed = {name.partition(": ")[2] for name in GOLDEN if name.startswith("sample: ")}

    assert len(listed) == 19
    assert all((SAMPLES / name).is_file() for name in listed)
