"""Which corrections are held for a person, because of what they would remove. Pure."""

from dataclasses import dataclass

from load.rules import HoldReason
from shared.senders import HEAD_OFFICE

# A correction of a quiet day may well remove half of its orders.
FEWEST_REMOVED = 10


@dataclass(frozen=True, slots=True)
class Removal:
    """What a correction would remove: of ``orders`` of the live file, ``removed``, ``of_others`` of other cafés."""

    file_id: str
    orders: int
    removed: int
    of_others: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a file is held: its reason and detail in the ledger."""

    reason: str
    detail: str


def hold_on(removal: Removal, sender: str, most_removed_percent: float) -> Hold | None:
    """Return why a correction from ``sender`` (see `sender_of`) is held, or None.

    Head office may remove orders of any café. A key that speaks for nobody is from before keys had to speak for one.
    """
    detail = f"would remove {removal.removed} of {removal.orders} orders"
    if removal.of_others and sender not in ("", HEAD_OFFICE):
        return Hold(HoldReason.REMOVES_FOREIGN, f"{detail}, {removal.of_others} of them of other cafés")
    is_much = removal.removed >= FEWEST_REMOVED and removal.removed * 100 > removal.orders * most_removed_percent
    return Hold(HoldReason.REMOVES_MUCH, detail) if is_much else None
