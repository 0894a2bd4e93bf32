"""Rules that hold after every commit, so that no reader ever sees half of a file."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from load.rules import FailureReason
from simulation.holds import hold_faults
from simulation.schedule import ROW_TOO_LONG
from simulation.tables import Row, Rows

_KEYS: dict[str, list[tuple[str, ...]]] = {
    "core.branches": [("branch_id",), ("branch_name",)],
    "core.products": [("product_id",), ("product_name", "size", "flavour")],
    "core.orders": [("order_id",)],
    "core.order_items": [("order_id", "product_id", "unit_price")],
    "fact.items_sold": [("order_id", "product_id", "unit_price")],
    "ops.files": [("file_id",)],
    "ops.file_days": [("file_id", "branch_id", "day")],
    "ops.file_parts": [("file_id", "plan_id", "part")],
    "ops.order_claims": [("order_id", "file_id")],
    "ops.rejects": [("file_id", "line_number")],
}


class CommittedState:
    """Checks the committed tables, and that no row of the ledger goes back to an earlier state.

    ``approved`` are the files that a person approved. ``stated`` returns the orders that a file states, with branches.
    """

    def __init__(self) -> None:
        self.approved: set[str] = set()
        self.stated: Callable[[str], frozenset[tuple[str, int]]] = lambda _: frozenset()
        self.violations: list[str] = []
        self._ledger: dict[str, Row] = {}
        self._checked: dict[str, Rows] = {}

    def check(self, committed: Mapping[str, Rows]) -> None:
        """Check the tables, unless they are the same as the last time."""
        if self.violations or all(self._checked.get(name) is rows for name, rows in committed.items()):
            return
        before = {name: list(rows.values()) for name, rows in self._checked.items()}
        self._checked = dict(committed)
        tables = {name: list(rows.values()) for name, rows in committed.items()}
        self.violations = [*faults_of(tables), *self._steps_back(tables["ops.files"])]
        if before:
            self.violations += hold_faults(before, tables, self.approved, self.stated)
        self._ledger = {row["file_id"]: row for row in tables["ops.files"]}

    def _steps_back(self, files: list[Row]) -> Iterable[str]:
        now = {row["file_id"]: row for row in files}
        for file_id, before in self._ledger.items():
            after = now.get(file_id)
            if after is None:
                yield f"file {file_id} left the ledger"
            elif after is not before and before["outcome"] != "failed":
                yield from _step_back(before, after, file_id in self.approved)


def _step_back(before: Row, after: Row, is_approved: bool) -> Iterator[str]:
    """Yield forbidden changes of a file's row. Only a newer version, a retraction or an approval may change it."""
    step = f"file {before['file_id']}: {before['outcome']} became {after['outcome']}"
    is_retracted = after["outcome"] == "retracted"
    allowed = {"loaded": {"loaded", "retracted"}, "held": {"held", "superseded", "retracted"}}
    if is_approved:
        allowed["held"] |= {"loaded", "rejected"}
    if after["outcome"] not in allowed.get(before["outcome"], {before["outcome"]}):
        yield step
    if after["is_live"] and not before["is_live"] and before["outcome"] != "held":
        yield f"{step}, live again"
    if before["is_live"] and not after["is_live"] and not after["replaced_by"] and not is_retracted:
        yield f"{step}, and nothing replaced it"


def faults_of(tables: Mapping[str, list[Row]]) -> list[str]:
    """List the rules that are broken in the tables that one reader sees."""
    return [*_duplicates(tables), *_halves(tables), *_losses(tables)]


def _duplicates(tables: Mapping[str, list[Row]]) -> Iterable[str]:
    for table, keys in _KEYS.items():
        for key in keys:
            distinct = {tuple(row[column] for column in key) for row in tables[table]}
            if len(distinct) < len(tables[table]):
                yield f"{table}: {len(tables[table]) - len(distinct)} rows too many by {', '.join(key)}"


def _halves(tables: Mapping[str, list[Row]]) -> Iterable[str]:
    """Yield orders without their file in the ledger, files without their orders, and orders without items."""
    files = {row["file_id"]: row for row in tables["ops.files"]}
    orders = {row["order_id"]: row for row in tables["core.orders"]}
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for row in tables["ops.order_claims"]:
        claims[row["file_id"]].append(row["order_id"])
    if unknown := claims.keys() - files.keys():
        yield f"claims of files that are not in the ledger: {len(unknown)}"
    claimed = {
        order
        for file_id, stated in claims.items()
        if file_id in files and files[file_id]["is_live"]
        for order in stated
    }
    if claimed != orders.keys():
        orphans, absent = orders.keys() - claimed, claimed - orders.keys()
        yield f"orders without a live file: {len(orphans)}, claimed but missing: {len(absent)}"
    rejects = Counter(row["file_id"] for row in tables["ops.rejects"])
    if unknown := rejects.keys() - files.keys():
        yield f"rejects of files that are not in the ledger: {len(unknown)}"
    for file_id, file in files.items():
        states = file["rows_loaded"] + file["rows_duplicate"]
        if len(claims.get(file_id, ())) != states:
            yield f"file {file_id} ({file['outcome']}) claims {len(claims.get(file_id, ()))} orders, not {states}"
        if rejects[file_id] != file["rows_rejected"]:
            yield f"file {file_id} ({file['outcome']}) has {rejects[file_id]} rejects, not {file['rows_rejected']}"
        if file["is_live"] and file["outcome"] != "loaded":
            yield f"file {file_id} is live and {file['outcome']}"
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in tables["core.order_items"]:
        sums[row["order_id"]] += row["unit_price"] * row["quantity"]
    if sums != {order_id: row["total_amount"] + row["discount"] for order_id, row in orders.items()}:
        yield "orders and their items differ"
    if sorted(_item(row) for row in tables["core.order_items"]) != sorted(
        _item(row) for row in tables["fact.items_sold"]
    ):
        yield "fact.items_sold and core.order_items differ"
    for row in tables["fact.items_sold"]:
        order = orders.get(row["order_id"])
        if order and (row["branch_id"], row["day"].date()) != (order["branch_id"], order["ordered_at"].date()):
            yield f"an item of order {row['order_id']} has another branch or day than its order"
    if {row["branch_id"] for row in orders.values()} - {row["branch_id"] for row in tables["core.branches"]}:
        yield "orders without branch"
    if {row["product_id"] for row in tables["core.order_items"]} - {
        row["product_id"] for row in tables["core.products"]
    }:
        yield "items without product"


def _item(row: Row) -> tuple[str, int, Decimal, int]:
    return row["order_id"], row["product_id"], row["unit_price"], row["quantity"]


def _losses(tables: Mapping[str, list[Row]]) -> Iterable[str]:
    """Yield rows and amounts that are not accounted for."""
    rows, amount = 0, Decimal(0)
    live: Counter[str] = Counter()
    for file in tables["ops.files"]:
        rows += file["rows_loaded"] - file["rows_removed"]
        amount += file["amount_loaded"] - file["amount_removed"]
        live[file["document"]] += file["is_live"] and file["rows_in"] > file["rows_rejected"]
        if file["outcome"] == "failed":
            if file["reason"] == FailureReason.NOT_COPIED and file["detail"] != ROW_TOO_LONG[0]:
                yield f"file {file['file_id']} failed for a fault of the warehouse: {file['detail']}"
            continue
        if file["outcome"] == "held":
            if file["is_live"] or file["rows_loaded"] + file["rows_duplicate"] + file["rows_superseded"]:
                yield f"file {file['file_id']} is held and counts"
            continue
        accounted = file["rows_loaded"] + file["rows_duplicate"] + file["rows_superseded"] + file["rows_rejected"]
        if file["rows_in"] != accounted:
            yield f"file {file['file_id']}: {file['rows_in']} rows in, {accounted} accounted for"
        if file["amount_accepted"] != file["amount_loaded"] + file["amount_duplicate"] + file["amount_superseded"]:
            yield f"file {file['file_id']}: its amounts do not add up"
    if rows != len(tables["core.orders"]):
        yield f"the ledger accounts for {rows} orders, the warehouse has {len(tables['core.orders'])}"
    if amount != sum(row["total_amount"] for row in tables["core.orders"]):
        yield "the amounts in the ledger and in the warehouse differ"
    for document, versions in live.items():
        if versions > 1:
            yield f"{versions} versions of {document} are live"
