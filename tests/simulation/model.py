"""A model of the warehouse: a second implementation of each statement of load's SQL, in Python.

The model looks up a statement by its text. An unknown statement fails the run, so that none can be forgotten.
"""

import csv
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from decimal import Decimal
from io import StringIO
from typing import Any

from load.plan import VERIFICATIONS
from load.statements import COPIED_COLUMNS, mart_revisions, migrations, statement, statements, union_statement
from load.warehouse import StatementFailed
from simulation.tables import Conflict, Database, Row, Tables

type Answer = list[tuple[Any, ...]]
type Performer = Callable[..., Answer | None]

_INSERT = re.compile(r"insert into ([\w.]+) \(([\w, ]+)\) values \(")
_DELETE_ALL = re.compile(r"delete from (\w+)")
_COPY = re.compile(
    r"copy ([\w.]+) \([\w, ]+\) from 's3://[^/]+/([^']+)' iam_role '[^']+' format as csv gzip manifest .*"
)
# A list of bound values; the model performs the statement whatever its length.
_LIST = re.compile(r"in \(%s(, %s)*\)")
_CREATE = re.compile(r"create temp table (\w+)")
_PERFORMERS: dict[str, Performer] = {}
_KNOWN_FILES: set[str] = set()
_ZERO = Decimal(0)


class UnknownStatement(Exception):
    """Load ran a statement that the model does not implement."""


def known_files() -> set[str]:
    """Return the names of the SQL files whose statements the model performs."""
    return set(_KNOWN_FILES)


def performs(name: str, place: int = 0, of: int = 1) -> Callable[[Performer], Performer]:
    """Register a function as the model of one statement of an SQL file.

    ``place`` is the statement's position in the file, from 0; ``of`` is how many statements the file has.
    """

    def register(performer: Performer) -> Performer:
        texts = statements(name)
        if len(texts) != of:
            raise UnknownStatement(f"{name} has {len(texts)} statements, the model has {of}")
        _PERFORMERS[texts[place]] = performer
        _KNOWN_FILES.add(name)
        return performer

    return register


class ModelEngine:
    """A session of the model: see `load.warehouse.Session`.

    ``staged`` reads an object. ``is_cut_short`` is called at each COPY and returns whether it drops its last row.
    """

    def __init__(
        self,
        database: Database,
        staged: Callable[[str], bytes | None],
        is_cut_short: Callable[[], bool],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._tables = Tables(database)
        self._staged = staged
        self._is_cut_short = is_cut_short
        self._fail = fail

    def execute(self, sql: str, values: Sequence[object] = ()) -> Answer:
        """Run a statement."""
        if sql == union_statement(*VERIFICATIONS):
            return [row for name in VERIFICATIONS for row in self.execute(statement(name))]
        if performer := _PERFORMERS.get(_LIST.sub("in (%s)", sql)):
            if performer is not _no_snapshot:
                self._tables.begin()
            return performer(self._tables, *values) or []
        self._tables.begin()
        if found := _INSERT.match(sql):
            columns = found[2].split(", ")
            rows = [values[start : start + len(columns)] for start in range(0, len(values), len(columns))]
            self._tables.insert(found[1], [dict(zip(columns, row, strict=True)) for row in rows])
        elif found := _DELETE_ALL.fullmatch(sql):
            self._tables.delete(found[1])
        elif found := _COPY.fullmatch(sql):
            self._copy(found[1], found[2])
        elif found := _CREATE.match(sql):
            self._tables.create(found[1])
        elif sql == statement("schema/applied_migrations"):
            return [(migration.version,) for migration in migrations()]
        elif sql == statement("schema/marts"):
            return list(mart_revisions().items())
        elif sql == statement("schema/isolation_level"):
            return [("Snapshot Isolation",)]
        elif sql != statement("schema/ping"):
            error = UnknownStatement(sql)
            self._fail(error)
            raise error
        return []

    def execute_alone(self, sql: str) -> None:
        """Fail: no schedule creates a role."""
        raise UnknownStatement(sql)

    def commit(self) -> None:
        """Commit the transaction."""
        try:
            self._tables.commit()
        except Conflict as error:
            self._tables.rollback()
            raise StatementFailed("40001", "could not serialize access due to concurrent update") from error

    def rollback(self) -> None:
        """Roll the transaction back."""
        self._tables.rollback()

    def close(self) -> None:
        """Roll the transaction back: the model has nothing else to close."""
        self._tables.rollback()

    def _copy(self, table: str, manifest_key: str) -> None:
        entries = json.loads(self._object(manifest_key))["entries"]
        texts = [zlib.decompress(self._object(entry["url"].split("/", 3)[3]), 31).decode() for entry in entries]
        columns, defaults = COPIED_COLUMNS[table], _DEFAULTS.get(table, {})
        readers = [_READERS.get(column, str) for column in columns]
        rows: list[Row] = [
            defaults | {name: read(cell) for name, read, cell in zip(columns, readers, cells, strict=True)}
            for text in texts
            for cells in csv.reader(StringIO(text))
        ]
        self._tables.insert(table, rows[:-1] if self._is_cut_short() else rows)

    def _object(self, key: str) -> bytes:
        content = self._staged(key)
        if content is None:
            raise StatementFailed("XX000", "a mandatory file of the manifest is missing", was_copying=True)
        return content


_READERS: dict[str, Callable[[str], Any]] = {
    "branch_id": int,
    "product_id": int,
    "id": int,
    "quantity": int,
    "line_number": int,
    "total_amount": Decimal,
    "unit_price": Decimal,
    "discount": Decimal,
    "ordered_at": datetime.fromisoformat,
}


# What COPY does not bring.
_DEFAULTS: dict[str, Row] = {"stage_orders": {"discount": Decimal(0)}}


def _group_by(rows: Iterable[Row], *columns: str) -> dict[Any, list[Row]]:
    """Group rows by one column or by several."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    if len(columns) == 1:
        (column,) = columns
        for row in rows:
            groups[row[column]].append(row)
    else:
        for row in rows:
            groups[tuple(row[column] for column in columns)].append(row)
    return groups


# --- statements that take no snapshot and change nothing


@performs("load/lock")
@performs("load/work_timeout")
def _no_snapshot(tables: Tables) -> None:
    del tables


# --- parts and files


@performs("load/find_known")
def _find_known(tables: Tables, *file_ids: str) -> Answer:
    wanted = set(file_ids)
    columns = ("file_id", "plan_id", "part", "parts", "message")
    with_rejects = {row["file_id"] for row in tables.read("ops.rejects")} & wanted
    return [
        *(
            ("part", *(row[column] for column in columns), "")
            for row in tables.read("ops.file_parts")
            if row["file_id"] in wanted
        ),
        *(
            ("file", row["file_id"], row["plan_id"], 0, 0, "", row["outcome"])
            for row in tables.read("ops.files")
            if row["file_id"] in wanted
        ),
        *(("rejects", file_id, "", 0, 0, "", "") for file_id in with_rejects),
    ]


@performs("load/drop_leftover_rejects")
def _drop_leftover_rejects(tables: Tables) -> None:
    staged = {row["file_id"] for row in tables.read("stage_files")}
    tables.delete("ops.rejects", lambda row: row["file_id"] in staged)


@performs("load/set_discounts")
def _set_discounts(tables: Tables) -> None:
    stated = {row["order_id"]: row["discount"] for row in tables.read("stage_discounts")}
    tables.update(
        "stage_orders", lambda row: {"discount": stated[row["order_id"]]} if row["order_id"] in stated else None
    )


# --- findings about the staged rows


@performs("load/count_staged_orders")
def _count_staged_orders(tables: Tables) -> Answer:
    return [
        ("orders", file_id, len(rows), int(sum(row["total_amount"] for row in rows) * 100))
        for file_id, rows in _group_by(tables.read("stage_orders"), "file_id").items()
    ]


@performs("load/count_staged_others")
def _count_staged_others(tables: Tables) -> Answer:
    files = {row["file_id"] for row in tables.read("stage_files")}
    rejects = sum(row["file_id"] in files for row in tables.read("ops.rejects"))
    items, discounts = (len(list(tables.read(f"stage_{name}"))) for name in ("order_items", "discounts"))
    return [("items", "", items, 0), ("discounts", "", discounts, 0), ("rejects", "", rejects, 0)]


@performs("load/find_missing_dimensions")
def _find_missing_dimensions(tables: Tables) -> Answer:
    brought = {(row["kind"], row["id"]) for row in tables.read("stage_dimensions")}
    brought |= {("branch", row["branch_id"]) for row in tables.read("core.branches")}
    brought |= {("product", row["product_id"]) for row in tables.read("core.products")}
    needed = {
        "branch": [row["branch_id"] for row in tables.read("stage_orders")],
        "product": [row["product_id"] for row in tables.read("stage_order_items")],
    }
    return [(f"{kind} missing", "", sum((kind, id_) not in brought for id_ in ids), 0) for kind, ids in needed.items()]


@performs("load/find_new_dimensions")
def _find_new_dimensions(tables: Tables) -> Answer:
    known = {("branch", row["branch_id"]) for row in tables.read("core.branches")}
    known |= {("product", row["product_id"]) for row in tables.read("core.products")}
    new = Counter(row["kind"] for row in tables.read("stage_dimensions") if (row["kind"], row["id"]) not in known)
    return [(f"{kind} new", "", new[kind], 0) for kind in ("branch", "product")]


@performs("load/find_known_orders")
def _find_known_orders(tables: Tables) -> Answer:
    known = _group_by(tables.read("core.orders"), "order_id")
    pairs = [(row, other) for row in tables.read("stage_orders") for other in known.get(row["order_id"], ())]
    colliding = [("order collides", row["order_id"], 1, 0) for row, other in pairs if _cells(row) != _cells(other)]
    return [*colliding, ("order known", "", len(pairs) - len(colliding), 0)]


@performs("load/find_collisions")
def _find_collisions(tables: Tables) -> Answer:
    faults: Answer = []
    branches = _group_by(tables.read("core.branches"), "branch_id")
    products = _group_by(tables.read("core.products"), "product_id")
    for (kind, id_), rows in _group_by(tables.read("stage_dimensions"), "kind", "id").items():
        meanings = {(row["name"], row["size"], row["flavour"]) for row in rows}
        if kind == "branch":
            meanings = {(name, "", "") for name, _, _ in meanings}
            meanings |= {(row["written_as"] or row["branch_name"], "", "") for row in branches.get(id_, ())}
        else:
            meanings |= {(row["product_name"], row["size"], row["flavour"]) for row in products.get(id_, ())}
        if len(meanings) > 1:
            faults.append((f"{kind} collides", str(id_), 1, 0))
    return faults


@performs("load/compare_orders_with_items")
def _compare_orders_with_items(tables: Tables) -> Answer:
    items, orders = (_group_by(tables.read(f"stage_{name}"), "order_id") for name in ("order_items", "orders"))
    findings = [("order missing", order_id, 1, 0) for order_id in items if order_id not in orders]
    repeated = 0
    for order_id, rows in orders.items():
        amounts = [row["unit_price"] * row["quantity"] for row in items.get(order_id, ())]
        if sum(row["total_amount"] + row["discount"] for row in rows) != (sum(amounts) if amounts else -1):
            findings.append(("items collides", order_id, 1, 0))
        elif len(rows) > 1:
            repeated += 1
    return [*findings, ("order repeated", "", repeated, 0)]


@performs("load/find_repeated_collisions")
def _find_repeated_collisions(tables: Tables) -> Answer:
    faults: Answer = []
    items = _group_by(tables.read("stage_order_items"), "order_id")
    for order_id, rows in _group_by(tables.read("stage_orders"), "order_id").items():
        if len(rows) == 1:
            continue
        if len({_cells(row) for row in rows}) > 1 or len(rows) > len({row["file_id"] for row in rows}):
            faults.append(("order collides", order_id, 1, 0))
        distinct = {(row["product_id"], row["unit_price"], row["quantity"]) for row in items.get(order_id, ())}
        total = sum((price * quantity for _, price, quantity in distinct), _ZERO) if distinct else -1
        if min(row["total_amount"] + row["discount"] for row in rows) != total:
            faults.append(("items collides", order_id, 1, 0))
    return faults


def _cells(order: Row) -> tuple[object, ...]:
    return tuple(order[column] for column in ("branch_id", "ordered_at", "payment", "total_amount", "discount"))


# --- versions


@performs("load/find_other_versions")
def _find_other_versions(tables: Tables) -> Answer:
    known = _group_by(tables.read("ops.files"), "source_bucket", "document")

    def finding(row: Row, other: Row) -> str:
        if other["version_order"] > row["version_order"]:
            return "newer version"
        return "held version" if other["outcome"] == "held" else "older version"

    return [
        (finding(row, other), row["file_id"], 1, 0)
        for row in tables.read("stage_files")
        for other in known.get((row["source_bucket"], row["document"]), ())
        if other["version_order"] != row["version_order"]
    ]


@performs("load/mark_superseded_files")
def _mark_superseded_files(tables: Tables) -> None:
    counted = (
        row
        for row in tables.read("ops.files")
        if row["outcome"] in ("loaded", "retracted") and row["rows_loaded"] + row["rows_duplicate"] > 0
    )
    known = _group_by(counted, "source_bucket", "document")

    def mark(row: Row) -> Row | None:
        versions = known.get((row["source_bucket"], row["document"]), ())
        is_late = any(version["version_order"] > row["version_order"] for version in versions)
        return {"outcome": "superseded"} if row["outcome"] in ("loaded", "held") and is_late else None

    tables.update("stage_files", mark)


@performs("load/drop_left_out_orders")
def _drop_left_out_orders(tables: Tables) -> None:
    left_out = {row["file_id"] for row in tables.read("stage_files") if row["outcome"] in ("superseded", "held")}
    tables.delete("stage_orders", lambda row: row["file_id"] in left_out)


@performs("load/drop_left_out_items")
def _drop_left_out_items(tables: Tables) -> None:
    left = {row["order_id"] for row in tables.read("stage_orders")}
    tables.delete("stage_order_items", lambda row: row["order_id"] not in left)


@performs("load/find_replaced_files")
def _find_replaced_files(tables: Tables) -> None:
    newer = _group_by(
        (row for row in tables.read("stage_files") if row["outcome"] == "loaded" and row["rows_accepted"] > 0),
        "source_bucket",
        "document",
    )
    tables.insert(
        "retired_files",
        [
            {"file_id": live["file_id"], "replaced_by": other["file_id"]}
            for live in tables.read("ops.files")
            if live["is_live"]
            for other in newer.get((live["source_bucket"], live["document"]), ())
            if other["version_order"] > live["version_order"]
        ],
    )


@performs("load/find_removals")
def _find_removals(tables: Tables) -> Answer:
    replaced_by = {row["file_id"]: row["replaced_by"] for row in tables.read("retired_files")}
    stay = {row["file_id"] for row in tables.read("ops.files") if row["is_live"]} - replaced_by.keys()
    claims = list(tables.read("ops.order_claims"))
    staying = {row["order_id"] for row in claims if row["file_id"] in stay}
    branches = {row["order_id"]: row["branch_id"] for row in tables.read("core.orders")}
    stated = {(row["file_id"], row["order_id"]) for row in tables.read("stage_orders")}
    own = {(row["file_id"], row["branch_id"]) for row in tables.read("stage_orders")}
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in claims:
        order_id = row["order_id"]
        if row["file_id"] in replaced_by and order_id in branches:
            newer = replaced_by[row["file_id"]]
            leaves = order_id not in staying and (newer, order_id) not in stated
            counts = found[newer]
            counts[0] += 1
            counts[1] += leaves
            counts[2] += leaves and (newer, branches[order_id]) not in own
    return [(file_id, *counts) for file_id, counts in found.items()]


@performs("load/hold_file")
def _hold_file(tables: Tables, reason: str, detail: str, file_id: str) -> None:
    held = {"outcome": "held", "reason": reason, "detail": detail}
    tables.update("stage_files", lambda row: held if row["file_id"] == file_id else None)


@performs("load/keep_live_files")
def _keep_live_files(tables: Tables) -> None:
    held = {row["file_id"] for row in tables.read("stage_files") if row["outcome"] == "held"}
    tables.delete("retired_files", lambda row: row["replaced_by"] in held)


@performs("load/settle_held_files")
def _settle_held_files(tables: Tables) -> None:
    loaded = [row for row in tables.read("stage_files") if row["outcome"] == "loaded" and row["rows_accepted"] > 0]
    newest = {(row["source_bucket"], row["document"]): row["version_order"] for row in loaded}

    def settle(row: Row) -> Row | None:
        is_older = row["version_order"] < newest.get((row["source_bucket"], row["document"]), "")
        return {"outcome": "superseded", **_all_superseded(row)} if row["outcome"] == "held" and is_older else None

    tables.update("ops.files", settle)


def _all_superseded(row: Row) -> Row:
    """Count the accepted orders of a file that never counted as superseded; a loaded file has none left to count."""
    return {
        "rows_superseded": row["rows_in"] - row["rows_rejected"] - row["rows_loaded"] - row["rows_duplicate"],
        "amount_superseded": row["amount_accepted"] - row["amount_loaded"] - row["amount_duplicate"],
    }


@performs("load/removed_orders")
def _removed_orders(tables: Tables) -> Answer:
    replaced_by = {row["file_id"]: row["replaced_by"] for row in tables.read("retired_files")}
    return list(Counter(replaced_by[row["file_id"]] for row in tables.read("retired_orders")).items())


@performs("load/retire_files", 0, of=6)
def _retire_files(tables: Tables) -> None:
    retired = {row["file_id"]: row["replaced_by"] for row in tables.read("retired_files")}

    def retire(row: Row) -> Row | None:
        if row["file_id"] not in retired:
            return None
        return {"is_live": False, "replaced_by": retired[row["file_id"]]}

    tables.update("ops.files", retire)


@performs("load/retire_files", 1, of=6)
def _find_retired_orders(tables: Tables) -> None:
    retired = {row["file_id"] for row in tables.read("retired_files")}
    if not retired:
        return
    live = {row["file_id"] for row in tables.read("ops.files") if row["is_live"]}
    known = {row["order_id"] for row in tables.read("core.orders")}
    claims = _group_by(tables.read("ops.order_claims"), "order_id")
    found = []
    for order_id, rows in claims.items():
        files = [row["file_id"] for row in rows]
        mine = [file_id for file_id in files if file_id in retired]
        if mine and order_id in known and not any(file_id in live for file_id in files):
            found.append({"order_id": order_id, "file_id": min(mine)})
    tables.insert("retired_orders", found)


@performs("load/retire_files", 2, of=6)
def _count_removed(tables: Tables) -> None:
    known = _group_by(tables.read("core.orders"), "order_id")
    removed = {
        file_id: [order["total_amount"] for row in rows for order in known.get(row["order_id"], ())]
        for file_id, rows in _group_by(tables.read("retired_orders"), "file_id").items()
    }

    def count(row: Row) -> Row | None:
        amounts = removed.get(row["file_id"])
        return {"rows_removed": len(amounts), "amount_removed": sum(amounts, _ZERO)} if amounts else None

    tables.update("ops.files", count)


@performs("load/retire_files", 3, of=6)
def _remove_items_sold(tables: Tables) -> None:
    if retired := {row["order_id"] for row in tables.read("retired_orders")}:
        tables.delete("fact.items_sold", lambda row: row["order_id"] in retired)


@performs("load/retire_files", 4, of=6)
def _remove_items(tables: Tables) -> None:
    if retired := {row["order_id"] for row in tables.read("retired_orders")}:
        tables.delete("core.order_items", lambda row: row["order_id"] in retired)


@performs("load/retire_files", 5, of=6)
def _remove_orders(tables: Tables) -> None:
    if retired := {row["order_id"] for row in tables.read("retired_orders")}:
        tables.delete("core.orders", lambda row: row["order_id"] in retired)


# --- sales


@performs("load/drop_known_orders")
def _drop_known_orders(tables: Tables) -> None:
    known = {row["order_id"] for row in tables.read("core.orders")}
    places = {row["file_id"]: (row["version_order"], row["file_id"]) for row in tables.read("stage_files")}
    staged = _group_by(tables.read("stage_orders"), "order_id")
    credited = {
        order_id: min((row["file_id"] for row in rows), key=lambda file_id: places[file_id])
        for order_id, rows in staged.items()
    }
    tables.delete("stage_orders", lambda row: row["order_id"] in known or row["file_id"] != credited[row["order_id"]])


@performs("load/insert_branches")
def _insert_branches(tables: Tables) -> None:
    known = {row["branch_id"] for row in tables.read("core.branches")}
    wanted = {row["branch_id"] for row in tables.read("stage_orders")} - known
    found = _group_by((row for row in tables.read("stage_dimensions") if row["kind"] == "branch"), "id")
    tables.insert(
        "core.branches",
        [
            {"branch_id": id_, "branch_name": min(row["name"] for row in rows), "written_as": ""}
            for id_, rows in found.items()
            if id_ in wanted
        ],
    )


@performs("load/insert_products")
def _insert_products(tables: Tables) -> None:
    known = {row["product_id"] for row in tables.read("core.products")}
    wanted = {row["product_id"] for row in tables.read("stage_order_items")} - known
    found = _group_by((row for row in tables.read("stage_dimensions") if row["kind"] == "product"), "id")
    tables.insert(
        "core.products",
        [
            {
                "product_id": id_,
                "product_name": min(row["name"] for row in rows),
                "size": min(row["size"] for row in rows),
                "flavour": min(row["flavour"] for row in rows),
            }
            for id_, rows in found.items()
            if id_ in wanted
        ],
    )


@performs("load/insert_orders")
def _insert_orders(tables: Tables) -> None:
    columns = ("order_id", "branch_id", "ordered_at", "payment", "total_amount", "discount")
    tables.insert("core.orders", [{column: row[column] for column in columns} for row in tables.read("stage_orders")])


@performs("load/insert_order_items")
def _insert_order_items(tables: Tables) -> None:
    tables.insert("core.order_items", list(tables.read("stage_order_items")))


@performs("load/insert_items_sold")
def _insert_items_sold(tables: Tables) -> None:
    orders = _group_by(tables.read("stage_orders"), "order_id")
    tables.insert(
        "fact.items_sold",
        [
            item | {"branch_id": order["branch_id"], "day": datetime.combine(order["ordered_at"].date(), time())}
            for item in tables.read("stage_order_items")
            for order in orders.get(item["order_id"], ())
        ],
    )


@performs("load/keep_items_once", 0, of=4)
def _gather_items_once(tables: Tables) -> None:
    columns = COPIED_COLUMNS["stage_order_items"]
    distinct = dict.fromkeys(tuple(row[column] for column in columns) for row in tables.read("stage_order_items"))
    tables.insert("stage_items_once", [dict(zip(columns, cells, strict=True)) for cells in distinct])


@performs("load/keep_items_once", 1, of=4)
def _drop_staged_items(tables: Tables) -> None:
    tables.delete("stage_order_items", lambda _: True)


@performs("load/keep_items_once", 2, of=4)
def _stage_items_once(tables: Tables) -> None:
    tables.insert("stage_order_items", list(tables.read("stage_items_once")))


@performs("load/keep_items_once", 3, of=4)
def _drop_items_once(tables: Tables) -> None:
    tables.delete("stage_items_once", lambda _: True)


@performs("load/insert_claims")
def _insert_claims(tables: Tables) -> None:
    tables.insert(
        "ops.order_claims",
        [{"order_id": row["order_id"], "file_id": row["file_id"]} for row in tables.read("stage_orders")],
    )


@performs("load/insert_file_days")
def _insert_file_days(tables: Tables) -> None:
    days = Counter(
        (row["file_id"], row["branch_id"], datetime.combine(row["ordered_at"].date(), time()))
        for row in tables.read("stage_orders")
    )
    columns = ("file_id", "branch_id", "day")
    tables.insert(
        "ops.file_days",
        [dict(zip(columns, key, strict=True)) | {"orders": orders} for key, orders in days.items()],
    )


# --- the ledger


@performs("load/forget_failed_files")
def _forget_failed_files(tables: Tables) -> None:
    staged = {row["file_id"] for row in tables.read("stage_files")}
    tables.delete(
        "ops.files",
        lambda row: (row["outcome"] in ("failed", "held") or row["plan_id"] == "gone") and row["file_id"] in staged,
    )


@performs("load/insert_files")
def _insert_files(tables: Tables) -> None:
    loaded = {
        file_id: [row["total_amount"] for row in rows]
        for file_id, rows in _group_by(tables.read("stage_orders"), "file_id").items()
    }

    def ledger_row(staged: Row) -> Row:
        row = dict(staged)
        accepted, is_late = row.pop("rows_accepted"), row["outcome"] == "superseded"
        is_left_out = row["outcome"] in ("superseded", "held")
        orders = loaded.get(row["file_id"], [])
        amount = sum(orders, _ZERO)
        return row | {
            "is_live": row["outcome"] == "loaded",
            "rows_loaded": len(orders),
            "rows_duplicate": 0 if is_left_out else accepted - len(orders),
            "rows_superseded": accepted if is_late else 0,
            "amount_loaded": amount,
            "amount_duplicate": _ZERO if is_left_out else row["amount_accepted"] - amount,
            "amount_superseded": row["amount_accepted"] if is_late else _ZERO,
            **_LEDGER_DEFAULTS,
        }

    tables.insert("ops.files", [ledger_row(row) for row in tables.read("stage_files")])


_LEDGER_DEFAULTS: Row = {"replaced_by": "", "rows_removed": 0, "amount_removed": _ZERO}


@performs("load/drop_known_files")
def _drop_known_files(tables: Tables) -> None:
    known = {row["file_id"] for row in tables.read("ops.files")}
    tables.delete("stage_files", lambda row: row["file_id"] in known)


@performs("load/select_outcomes")
def _select_outcomes(tables: Tables) -> Answer:
    staged = Counter(row["file_id"] for row in tables.read("stage_files"))
    columns = (
        "file_id", "outcome", "rows_in", "rows_loaded", "rows_duplicate", "rows_superseded", "rows_rejected", "reason",
        "detail",
    )  # fmt: skip
    return [
        tuple(row[column] for column in columns)
        for row in tables.read("ops.files")
        for _ in range(staged[row["file_id"]])
    ]


@performs("measures/files_held")
def _files_held(tables: Tables) -> Answer:
    return [(sum(row["outcome"] == "held" for row in tables.read("ops.files")),)]


# --- retractions


@performs("load/find_files_to_retract")
def _find_files_to_retract(tables: Tables, key: str, takes_live: bool, takes_held: bool) -> None:
    of_key = [row for row in tables.read("ops.files") if row["source_key"] == key]
    tables.insert(
        "retired_files",
        [
            {"file_id": row["file_id"], "replaced_by": ""}
            for row in of_key
            if (row["is_live"] and takes_live) or (row["outcome"] == "held" and takes_held)
        ],
    )


@performs("load/mark_retracted_files")
def _mark_retracted_files(tables: Tables) -> None:
    retired = {row["file_id"] for row in tables.read("retired_files")}
    tables.update(
        "ops.files",
        lambda row: {"outcome": "retracted", **_all_superseded(row)} if row["file_id"] in retired else None,
    )


@performs("load/retracted_files")
def _retracted_files(tables: Tables) -> Answer:
    retired = {row["file_id"] for row in tables.read("retired_files")}
    return [
        (row["file_id"], row["rows_removed"], int(row["amount_removed"] * 100))
        for row in tables.read("ops.files")
        if row["file_id"] in retired
    ]
