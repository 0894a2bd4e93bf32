"""Fit text into the width of a screen: cut keys, choose the widths of columns, fold prose at blanks. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from rich.cells import cell_len

CUT = "…"
GAP = 2
# Shorter keys look alike, and narrower prose is a column of single words.
KEY_FLOOR = 24
PROSE_FLOOR = 24
NOTHING = frozenset({"", "0", "0.0", "0.00", "£0.00"})
# What is copied to a shell stays on one line: a text in backticks, and a command up to a comma.
UNBROKEN = re.compile(r"`[^`]+`\S*|(?:(?<=: )|^  )(?:cafe|make|aws|sam|eval) [^`,]+,?|\S+")


class Kind(Enum):
    """What may be done to a column where the screen is too narrow."""

    FIGURE = auto()
    """Numbers, times, names of stages and rules are whole; the column may be left out if all are zero or empty."""
    VALUE = auto()
    """Nothing: somebody asked for it."""
    KEY = auto()
    """It may be cut in the middle, as long as every cell still differs from the others."""
    PROSE = auto()
    """It may be folded at blanks."""
    SPARE = auto()
    """It may be left out: it is in --json."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a table fits: the width of each column that is shown, by its number, and the columns that are not."""

    widths: dict[int, int]
    of_zeros: tuple[int, ...] = ()
    spared: tuple[int, ...] = ()


def fit_columns(kinds: Sequence[Kind], cells: Sequence[Sequence[str]], width: int) -> Fit | None:
    """Choose the widths of columns, each given by its cells, heading first. None if the table needs records.

    Tried in this order: cut keys and fold prose, leave out columns in which every row has zero or nothing, leave out
    spare columns.
    """
    natural = [max((cell_len(line) for cell in column for line in cell.split("\n")), default=0) for column in cells]
    shown = list(range(len(cells)))
    of_zeros = tuple(at for at in shown if kinds[at] is not Kind.VALUE and _is_nothing(cells[at][1:]))
    spared = tuple(at for at in shown if kinds[at] is Kind.SPARE and at not in of_zeros)
    for left_out in ((), of_zeros, (*of_zeros, *spared)):
        kept = [at for at in shown if at not in left_out]
        widths = _narrowed({at: natural[at] for at in kept}, kinds, width - GAP * (len(kept) - 1))
        if widths is not None and all(
            _stay_different(cells[at][1:], widths[at]) for at in kept if kinds[at] is Kind.KEY
        ):
            zeros = tuple(at for at in left_out if at in of_zeros)
            return Fit(widths, zeros, tuple(at for at in left_out if at in spared))
    return None


def _is_nothing(cells: Sequence[str]) -> bool:
    return bool(cells) and all(cell in NOTHING for cell in cells)


def _narrowed(natural: dict[int, int], kinds: Sequence[Kind], room: int) -> dict[int, int] | None:
    """Take from the widest column that may shrink until all fit. None if they cannot."""
    floors = {Kind.KEY: KEY_FLOOR, Kind.PROSE: PROSE_FLOOR}
    widths = dict(natural)
    while (excess := sum(widths.values()) - room) > 0:
        can_shrink = {at: widths[at] - floors.get(kinds[at], widths[at]) for at in widths}
        widest = max((at for at in widths if can_shrink[at] > 0), key=lambda at: widths[at], default=None)
        if widest is None:
            return None
        second = max((widths[at] for at in widths if at != widest and can_shrink[at] > 0), default=0)
        widths[widest] -= max(1, min(excess, can_shrink[widest], widths[widest] - second))
    return widths


def _stay_different(keys: Sequence[str], width: int) -> bool:
    return len({shorten_key(key, width) for key in keys}) == len(set(keys))


def shorten_key(key: str, width: int) -> str:
    """Cut a key in the middle to ``width`` cells, first in its folders, so that the name of its file stays whole.

    ``head-office/2026/11/20/leeds.csv`` becomes ``head-office/…/leeds.csv``, ``…/leeds.csv`` or ``lee….csv``.
    """
    if cell_len(key) <= width:
        return key
    *folders, name = key.split("/")
    starts = ["/".join((folders[0], CUT, "")), f"{CUT}/"] if folders else []
    for start in starts:
        if cell_len(start) + cell_len(name) <= width:
            return start + name
    return _cut_middle(name, width) if cell_len(name) > width else name


def _cut_middle(text: str, width: int) -> str:
    """Keep both ends of a text, the beginning a little longer."""
    room = width - cell_len(CUT)
    return _first(text, room - room * 2 // 5) + CUT + _first(text[::-1], room * 2 // 5)[::-1]


def _first(text: str, width: int) -> str:
    """Return the longest beginning of a text that is at most ``width`` cells wide."""
    used, end = 0, 0
    while end < len(text) and (used := used + cell_len(text[end])) <= width:
        end += 1
    return text[:end]


def fold_words(text: str, width: int, indent: int = 0) -> Iterator[tuple[int, int]]:
    """Fold prose at blanks: give the start and end of each line. Lines after the first have less room, by ``indent``.

    No word, and no command to copy, is parted: what is longer than a line has a line of its own.
    """
    start = end = 0
    for word in UNBROKEN.finditer(text):
        room = width - (indent if start else 0)
        if end > start and cell_len(text[start : word.end()]) > room:
            yield start, end
            start = word.start()
        end = word.end()
    yield start, end
