"""Summarise what became of dropped files: counts of each outcome, what went wrong, what was known already. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cafe.answers.wording import counted, describe_removed
from cafe.deployed.drop_bucket import StoredVersion
from cafe.warehouse.ledger import LedgerEntry, Outcomes

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class OutcomeTotal:
    """The files of one outcome, with their orders and what they brought, in pounds."""

    outcome: str
    files: int
    rows_in: int
    rows_loaded: int
    rows_duplicate: int
    rows_superseded: int
    rows_rejected: int
    rows_taken_away: int
    amount_loaded: Decimal


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about one file, which is named by its key."""

    key: str
    text: str


def outcome_totals(dropped: Sequence[StoredVersion], outcomes: Outcomes) -> list[OutcomeTotal]:
    """Sum up the files of each outcome, in the order of their names."""
    entries = [outcomes.get(file.in_ledger) for file in dropped]
    names = sorted({WAITING if entry is None else entry.outcome for entry in entries})
    return [
        _total(name, [entry for entry in entries if (entry.outcome if entry else WAITING) == name]) for name in names
    ]


def _total(outcome: str, entries: Sequence[LedgerEntry | None]) -> OutcomeTotal:
    known = [entry for entry in entries if entry is not None]
    return OutcomeTotal(
        outcome,
        len(entries),
        sum(entry.rows_in for entry in known),
        sum(entry.rows_loaded for entry in known),
        sum(entry.rows_duplicate for entry in known),
        sum(entry.rows_superseded for entry in known),
        sum(entry.rows_rejected for entry in known),
        sum(entry.rows_taken_away for entry in known),
        sum((entry.amount_loaded for entry in known), Decimal()),
    )


def what_went_wrong(dropped: Sequence[StoredVersion], outcomes: Outcomes, timeout_seconds: float) -> list[Remark]:
    """Say why files, or some of their rows, are not in the warehouse: whole files first."""
    whole: list[Remark] = []
    rows: list[Remark] = []
    for file in dropped:
        entry = outcomes.get(file.in_ledger)
        if entry is None:
            whole.append(Remark(file.shown_key, f"no outcome within {timeout_seconds:g} s"))
        elif entry.reason or entry.rules:
            reasons = [entry.why] if entry.reason else []
            text = ", ".join(reasons + [f"{count.rejects:,} {count.rule}" for count in entry.rules])
            (whole if entry.reason else rows).append(Remark(file.shown_key, text))
    return whole + rows


def removed_orders(dropped: Sequence[StoredVersion], outcomes: Outcomes) -> list[Remark]:
    """Name the files that removed orders of earlier versions."""
    remarks = []
    for file in dropped:
        entry = outcomes.get(file.in_ledger)
        if entry and (text := describe_removed(entry.rows_taken_away, entry.amount_taken_away)):
            remarks.append(Remark(file.shown_key, text))
    return remarks


def known_already(dropped: Sequence[StoredVersion], outcomes: Outcomes) -> list[Remark]:
    """Name the files whose content was dropped twice, and those of which orders were known already."""
    first_with: dict[tuple[str, int], StoredVersion] = {}
    remarks = []
    for file in dropped:
        # S3's checksum of what was uploaded in one request is that of the content.
        first = first_with.setdefault((file.etag, file.size_bytes), file)
        entry = outcomes.get(file.in_ledger)
        if first is not file:
            remarks.append(Remark(file.shown_key, f"the same content as {first.shown_key}"))
        elif entry and entry.rows_duplicate:
            orders = counted(entry.orders, "order")
            share = (
                f"all its {orders}" if entry.rows_duplicate == entry.orders else f"{entry.rows_duplicate:,} of {orders}"
            )
            remarks.append(Remark(file.shown_key, f"{share} known already"))
    return remarks
