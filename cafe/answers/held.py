"""Files that are held for a person: which one is meant, and what would change if it were loaded.

Pure; makes no AWS or warehouse calls.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cafe.warehouse.ledger import HELD, LedgerEntry, newest_of_each_version

# The detail that load gives a correction which it holds.
_WOULD_REMOVE = re.compile(r"would remove ([0-9]+) of ([0-9]+) orders")


@dataclass(frozen=True, slots=True)
class Decision:
    """A held file, and the versions of its document that are loaded now.

    ``would_remove`` and ``would_add`` count orders. They are None if load did not compute them: it does so for a
    correction that it holds itself. ``would_add`` is a maximum: an order that other files have too is not new.
    """

    file: LedgerEntry
    live: tuple[LedgerEntry, ...]

    @property
    def would_remove(self) -> int | None:
        """How many orders that are loaded now would be removed."""
        if found := _WOULD_REMOVE.search(self.file.detail):
            return int(found[1])
        return None if self.live else 0

    @property
    def would_add(self) -> int | None:
        """How many orders would be new, at most."""
        if found := _WOULD_REMOVE.search(self.file.detail):
            removed, of = int(found[1]), int(found[2])
            return max(self.file.orders - (of - removed), 0)
        return None if self.live else self.file.orders


def entries_named(entries: Iterable[LedgerEntry], file: str) -> list[LedgerEntry]:
    """Choose the entries that a name means: a file id, else a whole key, else all whose key ends like this."""
    entries = list(entries)
    return (
        [entry for entry in entries if entry.file_id == file]
        or [entry for entry in entries if entry.source_key == file]
        or [entry for entry in entries if entry.source_key.endswith(file)]
    )


def held_among(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Choose the entries that are held, the newest of each version, the longest wait first."""
    return newest_of_each_version(entry for entry in entries if entry.outcome == HELD)


def decision_about(file: LedgerEntry, of_document: Sequence[LedgerEntry]) -> Decision:
    """Compare a held file with the entries of all files whose key ends like its document."""
    return Decision(file, tuple(one for one in of_document if one.is_live and one.document == file.document))
