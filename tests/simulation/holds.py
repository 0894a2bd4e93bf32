"""Which corrections must be held, computed from committed states and from what the files say, without load's SQL."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set

from shared.senders import HEAD_OFFICE
from simulation.process import FEWEST_REMOVED, MOST_REMOVED_PERCENT
from simulation.tables import Row

type Tables = Mapping[str, list[Row]]
# An order and its branch.
type Orders = frozenset[tuple[str, int]]


def hold_faults(before: Tables, after: Tables, approved: Set[str], stated: Callable[[str], Orders]) -> Iterable[str]:
    """Yield corrections that removed too much in a commit, and such as were held for no reason."""
    claims: defaultdict[str, set[str]] = defaultdict(set)
    for row in before["ops.order_claims"]:
        claims[row["file_id"]].add(row["order_id"])
    branches = {row["order_id"]: row["branch_id"] for row in before["core.orders"]}
    left = {row["order_id"] for row in after["core.orders"]}
    outcomes = {row["file_id"]: row["outcome"] for row in before["ops.files"]}
    files = {row["file_id"]: row for row in after["ops.files"]}
    for live in (row for row in before["ops.files"] if row["is_live"]):
        claimed = claims[live["file_id"]]
        newer = files.get(files[live["file_id"]]["replaced_by"])
        if newer and newer["file_id"] not in approved:
            removed = claimed - left
            if _is_too_much(newer, len(claimed), removed, branches, stated(newer["file_id"])):
                yield f"file {newer['file_id']} removed {len(removed)} of {len(claimed)} orders, and nobody approved it"
    for held in files.values():
        if held["outcome"] == "held" and outcomes.get(held["file_id"]) != "held" and held["reason"] != "unknown_cafe":
            own = stated(held["file_id"])
            older = [
                row
                for row in before["ops.files"]
                if row["is_live"]
                and row["document"] == held["document"]
                and row["version_order"] < held["version_order"]
            ]
            missing = {row["file_id"]: claims[row["file_id"]] - {order_id for order_id, _ in own} for row in older}
            if not any(
                _is_too_much(held, len(claims[file_id]), removed, branches, own) for file_id, removed in missing.items()
            ):
                yield f"file {held['file_id']} is held for no reason"


def _is_too_much(newer: Row, orders: int, removed: Set[str], branches: Mapping[str, int], own: Orders) -> bool:
    is_much = len(removed) >= FEWEST_REMOVED and len(removed) * 100 > orders * MOST_REMOVED_PERCENT
    own_branches = {branch_id for _, branch_id in own}
    is_foreign = any(branches[order_id] not in own_branches for order_id in removed)
    return is_much or (is_foreign and newer["sender"] != HEAD_OFFICE)
