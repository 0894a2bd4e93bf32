"""The stages agree with the generator: good rows of invented files load, and broken ones are rejected."""

from pathlib import Path

import pytest
from hypothesis import given

from cafe.generate.dialects import Dialect, Feed
from cafe.generate.expectation import BranchFile, Expectation, expect
from cafe.generate.faults import Fault, every_nth
from cafe.generate.history import branch_day_orders, plan
from cafe.generate.rendering import render
from cafe.generate.samples import night
from fakes import extract_bytes, tables_of
from strategies import impostors

SAMPLES = Path(__file__).parents[3] / "samples" / "night"


def sums_of(tables: dict[str, set[str]]) -> tuple[int, int, int]:
    pence = sum(int(line.rpartition(",")[2].replace(".", "")) for line in tables["orders"])
    return len(tables["orders"]), len(tables["order_items"]), pence


def sums_expected(expectation: Expectation) -> tuple[int, int, int]:
    total = expectation.total
    return total.orders, total.item_rows, total.pence


@pytest.mark.parametrize(("key", "file"), [pytest.param(key, file, id=Path(key).name) for key, file in night()])
def test_each_committed_sample_gives_the_expected_rows(key: str, file: BranchFile) -> None:
    tables = tables_of((SAMPLES / key).read_bytes(), key)

    assert sums_of(tables) == sums_expected(expect([file]))


@pytest.mark.parametrize("padded", [False, True], ids=["plain", "padded"])
@pytest.mark.parametrize(
    ("fault", "feed"),
    [
        pytest.param(fault, feed, id=f"{fault} on feed {feed}")
        for fault in Fault
        for feed in Feed
        if not (fault is Fault.MONTH_FIRST_DATE and feed is Feed.A)
    ],
)
def test_a_broken_row_is_rejected_and_its_neighbours_load(fault: Fault, feed: Feed, padded: bool) -> None:
    (branch_day,) = plan(feed=feed, seed=1, branches=1, orders=40)
    broken = BranchFile(tuple(branch_day_orders(branch_day)), Dialect(feed=feed, padded=padded), every_nth(4, [fault]))

    tables = tables_of(b"".join(render(broken.orders, broken.dialect, broken.faults)))

    expected = expect([broken])
    assert (expected.rejected, expected.total.orders) == (10, 30)
    assert sums_of(tables) == sums_expected(expected)


@given(impostors())
def test_a_file_that_is_not_csv_is_rejected_under_any_name(impostor: tuple[str, bytes]) -> None:
    name, content = impostor

    extracted, rows = extract_bytes(content, f"2026/11/20/{name}")

    assert rows == ""
    assert extracted.file.rows == 0
    assert extracted.file.reason
