"""Number the rows of a file that are equal in every canonical field: two customers, the same coffee, the same minute.

The number is part of an order's id, so it must not depend on how the file is sorted. Real files are sorted by time
within a branch; for those, one minute per branch is remembered. For any other file, the fingerprints of all rows are
collected first, 8 bytes each. Then only the rows with a repeated fingerprint are counted.
"""

from array import array
from bisect import bisect_left
from hashlib import blake2b
from itertools import pairwise
from typing import Protocol

# Memory limits for a sorted file: branches, and different rows of their latest minutes. A file beyond them is numbered
# like an unsorted one, whose memory depends on its number of rows only.
REMEMBERED_BRANCHES = 10_000
REMEMBERED_ROWS = 10_000
LONGEST_REMEMBERED_ROW = 4_000
_BUCKETS = 256


class OutOfOrder(Exception):
    """The file is not sorted by time within a branch: read it again with `RowFingerprints`."""


class Numbering(Protocol):
    """Gives a row its number among equal rows, from 1."""

    def number(self, branch: str, ordered_at: str, row: str) -> int:
        """Number a row. ``row`` is its whole canonical text, with ``branch`` and ``ordered_at`` in it."""


class SortedNumbering:
    """Number rows that are sorted by time within each branch. Raises OutOfOrder at the first other row."""

    def __init__(self) -> None:
        # By branch: its latest minute, that minute's first row, and the count of each row (None while there is one).
        self._minutes: dict[str, tuple[str, str, dict[str, int] | None]] = {}
        self._counted_rows = 0

    def number(self, branch: str, ordered_at: str, row: str) -> int:
        """See Numbering."""
        minutes = self._minutes
        minute = minutes.get(branch)
        if minute is None and len(minutes) >= REMEMBERED_BRANCHES:
            raise OutOfOrder
        if len(row) > LONGEST_REMEMBERED_ROW:
            raise OutOfOrder
        if minute is None or ordered_at > minute[0]:
            if minute and minute[2]:
                self._counted_rows -= len(minute[2])
            minutes[branch] = (ordered_at, row, None)
            return 1
        latest, first, counts = minute
        if ordered_at < latest:
            raise OutOfOrder
        if counts is None:
            counts = {first: 1}
            self._counted_rows += 1
            minutes[branch] = (latest, first, counts)
        number = counts[row] = counts.get(row, 0) + 1
        self._counted_rows += number == 1
        if self._counted_rows > REMEMBERED_ROWS:
            raise OutOfOrder
        return number


class RowFingerprints:
    """Collect the fingerprint of every row of a file in any order; then `numbering` numbers the repeated ones.

    A fingerprint has 64 bits. In a file of 5,000,000 rows, the chance that two different rows share one is below one in
    a million. Such a pair would be numbered 1 and 2, and no row would be lost.
    """

    def __init__(self) -> None:
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        self.rows = 0

    def number(self, branch: str, ordered_at: str, row: str) -> int:  # noqa: ARG002  the protocol's signature
        """Remember the row. Its number is not known yet, so every row gets 1."""
        fingerprint = _fingerprint(row)
        self._buckets[fingerprint >> 56].append(fingerprint)
        self.rows += 1
        return 1

    def numbering(self) -> "RepeatedNumbering":
        """Return the numbering for the second pass over the file, and free the fingerprints."""
        repeated = array("Q")
        # Buckets are ordered by the fingerprints' first byte, so the repeated fingerprints are sorted.
        while self._buckets:
            ordered = sorted(self._buckets.pop(0))
            previous_repeated = None
            for fingerprint, successor in pairwise(ordered):
                if fingerprint == successor != previous_repeated:
                    repeated.append(fingerprint)
                    previous_repeated = fingerprint
        return RepeatedNumbering(repeated)


class RepeatedNumbering:
    """Number the rows whose fingerprint is repeated; every other row gets 1."""

    def __init__(self, repeated: "array[int]") -> None:
        self._repeated = repeated
        self._counts = array("I", bytes(4 * len(repeated)))

    def number(self, branch: str, ordered_at: str, row: str) -> int:  # noqa: ARG002  the protocol's signature
        """See Numbering."""
        fingerprint = _fingerprint(row)
        place = bisect_left(self._repeated, fingerprint)
        if place == len(self._repeated) or self._repeated[place] != fingerprint:
            return 1
        self._counts[place] += 1
        return self._counts[place]


def _fingerprint(row: str) -> int:
    return int.from_bytes(blake2b(row.encode(), digest_size=8).digest())
