"""A night of branch files: the warehouse holds what the generator expects, however often the files are delivered."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cafe.generate.expectation import BranchSales, Expectation, expect
from cafe.generate.samples import NIGHT, night
from e2e.command_line import CommandResult, cafe
from e2e.pipeline import Pipeline, pence
from shared.senders import document_of

pytestmark = pytest.mark.e2e

# An order as the warehouse has it. The warehouse does not keep the sequence of an order's items.
type SoldOrder = tuple[str, str, str, frozenset[tuple[str, str, int, int]]]


@pytest.fixture(scope="module")
def expected() -> Expectation:
    """The expected sales of the night, calculated without the stages."""
    return expect(file for _, file in night())


@pytest.fixture(scope="module")
def dropped_night(pipeline: Pipeline, night_folder: Path) -> CommandResult:
    """The night, dropped once and loaded."""
    result = cafe("drop", night_folder, "--wait")
    pipeline.wait_until_idle()
    return result


def test_each_file_of_the_night_has_its_outcome(dropped_night: CommandResult, expected: Expectation) -> None:
    outcomes = {Path(file["key"]).name: file["outcome"] for file in dropped_night.answer["files"]}

    unusual = {name: outcome["reason"] for name, outcome in outcomes.items() if outcome["outcome"] != "loaded"}
    assert len(outcomes) == len(list(night()))
    assert unusual == {"epsom_20-11-2026_09-00-00.csv": "unknown_dialect"}
    assert dropped_night.exit_code == 1, "one file was refused"
    assert sum(outcome["rows_rejected"] for outcome in outcomes.values()) == expected.rejected


@pytest.mark.usefixtures("dropped_night")
def test_the_pipeline_is_healthy_after_the_night() -> None:
    status = cafe("status")

    # From other tests, an alarm may still be raised or a fault left in the warehouse. The night may be long ago.
    others = {"alarms", "failing_checks", "stale_sales"}
    assert {trouble["kind"] for trouble in status.answer["troubles"]} <= {"rejected_files", *others}
    assert (status.exit_code == 0) == status.answer["healthy"]
    assert not [queue for queue in status.answer["queues"] if queue["waiting"] or queue["in_flight"]]


@pytest.mark.usefixtures("dropped_night")
def test_the_warehouse_holds_the_nights_orders_items_and_pence_by_branch(
    pipeline: Pipeline, expected: Expectation
) -> None:
    assert sales_by_branch(pipeline) == expected.branches


@pytest.mark.usefixtures("dropped_night")
def test_the_warehouse_holds_every_order_of_the_night(pipeline: Pipeline, expected: Expectation) -> None:
    placed: Counter[SoldOrder] = Counter()
    for (branch, ordered_at, items, payment), times in expected.orders.items():
        sold = frozenset((item.size, item.name, item.pence, number) for item, number in Counter(items).items())
        placed[branch, f"{ordered_at}", payment, sold] += times

    assert orders_of_the_night(pipeline) == placed


@pytest.mark.usefixtures("dropped_night")
def test_every_check_of_the_warehouse_passes_after_the_night(pipeline: Pipeline) -> None:
    assert pipeline.faults() == {}


@pytest.mark.usefixtures("dropped_night")
def test_F01_the_same_night_again_under_the_same_keys_changes_nothing(pipeline: Pipeline, night_folder: Path) -> None:
    before = pipeline.totals()

    again = cafe("drop", night_folder, "--wait")

    assert pipeline.totals() == before
    for file in again.answer["files"]:
        outcome = file["outcome"]
        assert outcome["rows_loaded"] == 0
        assert outcome["rows_in"] == accounted(outcome)
    assert pipeline.faults() == {}


def test_F26_the_same_night_under_other_keys_counts_as_duplicates(
    pipeline: Pipeline, night_folder: Path, dropped_night: CommandResult
) -> None:
    first = {document_of(file["key"]): file["outcome"] for file in dropped_night.answer["files"]}
    files = {key: (night_folder / key).read_bytes() for key in first}
    before = pipeline.totals()

    copies = pipeline.drop({f"sent again/{key}": body for key, body in files.items()})

    assert pipeline.totals() == before
    for key, outcome in first.items():
        copy = copies[f"sent again/{key}"]
        assert (copy.rows_in, copy.rows_rejected) == (outcome["rows_in"], outcome["rows_rejected"])
        assert (copy.rows_loaded, copy.rows_duplicate) == (0, outcome["rows_loaded"])
        assert copy.amount_loaded == Decimal(0)
    assert pipeline.faults() == {}
    pipeline.wait_until_idle()


def accounted(outcome: dict[str, Any]) -> int:
    """Add up a file's rows by outcome."""
    return sum(outcome[f"rows_{fate}"] for fate in ("loaded", "duplicate", "superseded", "rejected"))


def sales_by_branch(pipeline: Pipeline) -> dict[str, BranchSales]:
    """Query the night's totals of each branch."""
    rows = pipeline.rows(
        f"""
        select
            branches.branch_name,
            count(distinct orders.order_id) as orders,
            count(*) as item_rows,
            sum(items.quantity) as items_sold,
            sum(items.unit_price * items.quantity) as amount
        from core.orders as orders
        inner join core.branches as branches
            on branches.branch_id = orders.branch_id
        inner join core.order_items as items
            on items.order_id = orders.order_id
        where cast(orders.ordered_at as date) = '{NIGHT}'
        group by branches.branch_name
        """  # noqa: S608  a constant date
    )
    return {
        row["branch_name"]: BranchSales(row["orders"], row["item_rows"], row["items_sold"], pence(row["amount"]))
        for row in rows
    }


def orders_of_the_night(pipeline: Pipeline) -> Counter[SoldOrder]:
    """Query every order of the night, with its items."""
    rows = pipeline.rows(
        f"""
        select
            orders.order_id,
            branches.branch_name,
            orders.ordered_at,
            orders.payment,
            products.size,
            products.product_name,
            products.flavour,
            items.unit_price,
            items.quantity
        from core.orders as orders
        inner join core.branches as branches
            on branches.branch_id = orders.branch_id
        inner join core.order_items as items
            on items.order_id = orders.order_id
        inner join core.products as products
            on products.product_id = items.product_id
        where cast(orders.ordered_at as date) = '{NIGHT}'
        """  # noqa: S608  a constant date
    )
    orders: dict[str, tuple[str, str, str]] = {}
    items: dict[str, set[tuple[str, str, int, int]]] = {}
    for row in rows:
        name = " - ".join(filter(None, (row["product_name"], row["flavour"])))
        item = (row["size"], name, pence(row["unit_price"]), row["quantity"])
        orders[row["order_id"]] = (row["branch_name"], f"{row['ordered_at']}", row["payment"])
        items.setdefault(row["order_id"], set()).add(item)
    return Counter((*order, frozenset(items[order_id])) for order_id, order in orders.items())
