"""Which marts are not as load created them: lost, or replaced by somebody. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

MISSING = "missing"
DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class FaultyMart:
    """A mart, and its problem: MISSING or DIFFERS."""

    name: str
    problem: str


def definition_of(view: str) -> str:
    """Compute 32 hex digits from a view's text as the warehouse prints it, for the ledger of marts."""
    return sha256(view.encode()).hexdigest()[:32]


def faulty_marts(
    expected: Iterable[str], recorded: Mapping[str, str], views: Mapping[str, str | None]
) -> list[FaultyMart]:
    """Compare the marts that should exist with those that do, by name.

    ``recorded`` has the `definition_of` each mart when it was created, ``views`` the texts of today.
    """
    faults = []
    for name in sorted({*expected, *recorded}):
        if name not in views:
            faults.append(FaultyMart(name, MISSING))
        elif definition_of(views[name] or "") != recorded.get(name):
            faults.append(FaultyMart(name, DIFFERS))
    return faults
