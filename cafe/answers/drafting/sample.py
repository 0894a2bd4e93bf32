"""The first lines of a foreign file as a table: its separator, its header, and what is known of each column."""

import csv
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from cafe.answers.drafting.spelling import NOTHINGS, Look, is_like_a_person, look_of
from extract.dialects.document import DELIMITERS, column_name
from extract.dialects.layout import windows_text
from extract.lines import UNREADABLE
from shared.personal_text import has_card_or_phone, has_e_mail

LEAST_COLUMNS = 3
# A column is what most of its cells look like. Fewer than this share, and it is text.
MOST_CELLS = 0.7
# An order has one of them at least; no header has.
TYPED = frozenset({Look.MOMENT, Look.DAY, Look.CLOCK, Look.AMOUNT, Look.ITEMS, Look.TRIPLES, Look.QUANTITIES})
LONGEST_HEADING = 60


@dataclass(frozen=True)
class Facts:
    """What is known of one column. ``heading`` is "" without a header; ``values`` are its cells in order."""

    place: int
    heading: str
    values: tuple[str, ...]

    @cached_property
    def filled(self) -> list[str]:
        """The cells that hold something."""
        return [value for value in self.values if look_of(value) is not Look.BLANK]

    @cached_property
    def looks(self) -> Counter[Look]:
        """How many of the filled cells look like what."""
        return Counter(map(look_of, self.filled))

    @cached_property
    def look(self) -> Look:
        """What most of the filled cells look like."""
        if not self.looks:
            return Look.BLANK
        if self.looks[Look.AMOUNT] and self.looks[Look.AMOUNT] + self.looks[Look.WHOLE] >= MOST_CELLS * len(
            self.filled
        ):
            return Look.AMOUNT
        look, count = self.looks.most_common(1)[0]
        return look if count >= MOST_CELLS * len(self.filled) else Look.TEXT

    @cached_property
    def distinct(self) -> int:
        """How many different texts the filled cells have."""
        return len({value.strip() for value in self.filled})

    @cached_property
    def nothings(self) -> list[str]:
        """The words for nothing that stand in the column, in upper case."""
        return sorted({value.strip().upper() for value in self.values if value.strip().casefold() in NOTHINGS})

    @cached_property
    def people(self) -> float:
        """The share of the filled cells that look like the name of a person."""
        return sum(map(is_like_a_person, self.filled)) / len(self.filled) if self.filled else 0.0

    @property
    def words(self) -> frozenset[str]:
        """The words of the heading, in lower case."""
        spelled = "".join(character if character.isalnum() else " " for character in self.heading)
        return frozenset(spelled.casefold().split())


@dataclass(frozen=True)
class Sample:
    """A table. ``header`` is () if there is none. ``rows`` have as many cells as most lines, and ``short`` count those
    that lack the last."""

    delimiter: str
    is_windows: bool
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    short: int
    others: int
    columns: tuple[Facts, ...] = field(default=())

    @property
    def has_names(self) -> bool:
        """Whether the header has another name for each column."""
        names = [column_name(heading) for heading in self.header if heading.strip()]
        return bool(names) and len(set(names)) == len(names)


def sample_of(lines: Sequence[str]) -> Sample | None:
    """Read lines as a table; None if no separator makes rows of at least three cells."""
    tables = [(delimiter, _rows_of(lines, delimiter)) for delimiter in DELIMITERS]
    sized = [(delimiter, rows, _width_of(rows)) for delimiter, rows in tables]
    fitting = [one for one in sized if one[2] >= LEAST_COLUMNS]
    if not fitting:
        return None
    delimiter, rows, width = max(fitting, key=lambda one: (_share_of(one[1], one[2]), one[2]))
    is_windows = any(UNREADABLE.search(cell) for row in rows if len(row) == width for cell in row)
    whole = [tuple(map(windows_text, row)) for row in rows if len(row) == width]
    short = sum(len(row) == width - 1 for row in rows)
    header = whole[0] if _is_header(whole[0], whole[1:]) else ()
    body = [row for row in whole[1:] if row != header] if header else whole
    columns = tuple(
        Facts(place, header[place].strip() if header else "", tuple(row[place] for row in body))
        for place in range(width)
    )
    return Sample(delimiter, is_windows, header, tuple(body), short, len(rows) - len(whole) - short, columns)


def _rows_of(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    return [row for row in rows if any(map(str.strip, row)) and row[0].strip().lower() != "sep="]


def _width_of(rows: Sequence[Sequence[str]]) -> int:
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _share_of(rows: Sequence[Sequence[str]], width: int) -> float:
    return sum(len(row) == width for row in rows) / len(rows)


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row names the columns. A row of an order has a time or an amount, and no header has."""
    named = [cell for cell in first if cell.strip()]
    if len(named) < LEAST_COLUMNS or any(map(_is_no_heading, named)):
        return False
    # A damaged order may be first. Its café or its customer stands below it again.
    repeated = any(
        cell.strip() and cell == below
        for row in rest
        if list(row) != list(first)
        for cell, below in zip(first, row, strict=True)
    )
    if repeated:
        return False
    return any(look_of(cell) in TYPED for row in rest for cell in row)


def _is_no_heading(cell: str) -> bool:
    is_personal = has_card_or_phone(cell) or has_e_mail(cell)
    return is_personal or len(cell) > LONGEST_HEADING or look_of(cell) in TYPED | {Look.WHOLE, Look.CARD}
