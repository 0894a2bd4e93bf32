"""Read the sales rows of a branch file in any dialect (docs/branch-files.md).

The dialects are documents (`extract.dialects`). The cells of a row show its dialect, or a header above it does. Headers
may repeat, and dialects may mix, but a file has one separator. This module never reads the cells with customer names
and cards.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from extract.cells import CellReaders, begins_with_day
from extract.dialects.catalogue import Catalogue, shipped
from extract.dialects.compiled import NO_DIRECT_ROW, NO_DISCOUNT, RowReader, readers_of
from extract.dialects.document import DELIMITERS
from extract.headers import column_names, is_header, is_title, is_total, may_be_header, starts_with_time
from extract.lines import OVERLONG_CELL, UNREADABLE, LineBlock
from extract.occurrences import Numbering
from extract.rules import FileReason, Rule, UnreadableBranchFile
from shared.contracts import MAX_DIALECT_CHARACTERS, LineCounts
from shared.rejects import Reject

if TYPE_CHECKING:
    import _csv

MAX_ORDER_LINES = 200
# A quoted cell may span a few lines. If it spans more, a quote was not closed.
MAX_RECORD_LINES = 16
MAX_RECORD_CHARACTERS = 65_536
# The separator is the one by which a dialect reads one of the first lines.
LINES_TO_SEPARATE = 200
# If this many lines are rejected before any order is recognised, the file is not a branch file.
LINES_TO_RECOGNISE = 200
# More lines than these above a table are no titles.
MOST_TITLES = 10
# If more lines than this, and than the orders, are headers, blank or rejected, the file is not a branch file either.
MAX_OTHER_LINES = 200_000
EXPECTED_COLUMNS = "time, branch, customer, items, total, payment, card"
# A row of which more cells cannot be read is not almost in a dialect.
MOST_MISFITS = 2
SHOWN_COLUMNS = 90

csv.field_size_limit(MAX_RECORD_CHARACTERS + MAX_RECORD_LINES)


class RowBlock(NamedTuple):
    """Canonical rows and rejects of one block of lines.

    A row is ``line number, branch, ordered at, basket, total, payment, occurrence``, joined by tabs, and ends with LF.
    The occurrence of a row whose till is known has the till's mark: ``1-5f3a9c1e``. A row with a discount has that as a
    further cell.
    """

    rows: list[str]
    rejects: list[Reject]


class _OpenOrder:
    """An order of several lines: its first line's cells, and what each line says of the basket."""

    def __init__(self, reader: RowReader, line_number: int, cells: list[str], texts: list[str], lines: int) -> None:
        self.reader, self.line_number, self.cells = reader, line_number, cells
        self.texts, self.lines = texts, lines


class BranchCsvReader:
    """Read one file once. The counts are final when `read` is exhausted.

    `read` may raise OutOfOrder from ``numbering``.
    """

    def __init__(self, numbering: Numbering, readers: CellReaders, catalogue: Catalogue | None = None) -> None:
        self.rejects = self.discounts = 0
        self.layouts: set[str] = set()
        # Of the headers: titles above a table, and totals below it. Of the orders: those with a till in a cell.
        self._titles = self._totals = self._tills = 0
        self._orders = self._continuations = self._headers = self._blanks = self._rejected_lines = 0
        # Headers and rejected lines with a byte that is not UTF-8, but for those in the personal cells of an order.
        self._unreadable_lines = 0
        self._numbering = numbering
        self._cells = readers
        self._catalogue = catalogue or shipped()
        self._delimiter = ""
        self._columns_seen = ""
        self._almost = ""
        self._last_header: list[str] = []
        self._has_unknown_header = self._has_strange_header = False
        self._open: _OpenOrder | None = None
        # The dialects that cells show, that of the last header, that of the last order, and that of the
        # last one which was read by places.
        self._readers: Sequence[RowReader] = ()
        self._table: RowReader | None = None
        self._leading: RowReader | None = None
        self._last: RowReader | None = None
        self._found = RowBlock([], [])

    @property
    def rows(self) -> int:
        """The orders of the file, accepted or rejected."""
        return self._orders + self.rejects

    @property
    def dialect(self) -> str:
        """What was found in the file: the names of its dialects and header, joined by "+", or how many if too long."""
        headers = self._headers - self._titles - self._totals
        tills = self._tills or (self._orders if self._cells.till_of_key else 0)
        seen = {"header": headers, "title": self._titles, "total": self._totals, "tills": tills}
        found = self.layouts | {name for name, count in seen.items() if count}
        joined = "+".join(sorted(found))
        return joined if len(joined) <= MAX_DIALECT_CHARACTERS else f"{len(found)} dialects"

    def line_counts(self, total: int) -> LineCounts:
        """Return this reader's counts with a ``total`` that was counted independently."""
        return LineCounts(total, self._orders, self._continuations, self._headers, self._blanks, self._rejected_lines)

    def read(self, blocks: Iterable[LineBlock]) -> Iterator[RowBlock]:
        """Yield the rows and rejects of each block. Raises UnreadableBranchFile if no line looks like a branch file."""
        held: list[str] = []
        for block in blocks:
            self._found = RowBlock([], [])
            lines = held + block.lines
            first = block.first - len(held)
            if not self._delimiter:
                if len(lines) < LINES_TO_SEPARATE and not block.is_last:
                    held = lines
                    continue
                self._use_delimiter(lines[:LINES_TO_SEPARATE])
            used = self._read_lines(lines, first, block.is_last)
            held = lines[used:]
            if block.is_last:
                self._close_order()
            self._require_a_layout(block)
            yield self._found

    def _use_delimiter(self, lines: list[str]) -> None:
        """Choose the separator by which a dialect reads a line; if none does, the one that stands in most lines."""
        for delimiter in (*self._catalogue.delimiters, _likely_delimiter(lines)):
            self._delimiter = delimiter
            self._readers = [RowReader(layout, self._cells) for layout in self._catalogue.layouts(delimiter)]
            with suppress(csv.Error):
                if any(map(self._is_known, self._records(lines))):
                    return

    def _is_known(self, cells: list[str]) -> bool:
        if self._catalogue.opened_by(cells, self._delimiter):
            return True
        return any(reader.is_evident(fitted) for reader, fitted in readers_of(self._readers, cells))

    def _records(self, lines: Iterable[str], *, strict: bool = False) -> "_csv.Reader":
        # A person who types a blank after each comma still means the quote after it.
        return csv.reader(lines, delimiter=self._delimiter, skipinitialspace=True, strict=strict)

    def _read_lines(self, lines: list[str], first: int, is_last: bool) -> int:
        """Read whole records and return the number of lines used. The last record may continue in the next block."""
        end = len(lines)
        if not is_last and lines and lines[-1].count('"') % 2:
            end -= 1
        used = self._read_one_line_records(lines[:end] if end < len(lines) else lines, first)
        while used < end:
            taken = self._read_carefully(lines, used, first + used, is_last)
            if taken == 0:
                return used
            used += taken
        return used

    def _read_one_line_records(self, lines: list[str], first: int) -> int:
        """Read records of one line each, fast. Stop at the first longer one and return the number of lines used."""
        records = self._records(lines)
        clocks, branches = self._cells.clocks, self._cells.branches
        number, add_row, till = self._numbering.number, self._found.rows.append, self._cells.till_of_key
        used, is_changed = 0, True
        try:
            while is_changed:
                # Rows that are whole orders in the dialect of the row before, as almost all are.
                leading, fast, is_changed = self._leading, 0, False
                direct = leading.direct if leading and leading.direct else NO_DIRECT_ROW
                count, time, place, goods, sum_, paid = direct.places
                days, basket_of, totals, payments = direct.days, direct.basket_of, direct.totals, direct.payments
                is_open = self._open is not None
                try:
                    for cells in records:
                        if records.line_num != used + 1:
                            break
                        used += 1
                        if len(cells) == count and not is_open:
                            day, _, clock = cells[time].partition(" ")
                            day, clock, branch = days[day], clocks[clock], branches[cells[place]]
                            basket, total, payment = basket_of(cells[goods]), totals[cells[sum_]], payments[cells[paid]]
                            if day and clock and branch and basket and total and payment:
                                ordered_at = f"{day} {clock}"
                                row = f"{branch}\t{ordered_at}\t{basket}\t{total}\t{payment}"
                                add_row(f"{first + used - 1}\t{row}\t{number(branch, ordered_at, row)}{till}\n")
                                fast += 1
                                continue
                        self._read_other(cells, first + used - 1, 1)
                        is_open = self._open is not None
                        if self._leading is not leading:
                            is_changed = True
                            break
                finally:
                    self._count_fast(leading, fast)
        except csv.Error:
            pass  # A cell is over the limit, because a quote was not closed. `_read_carefully` continues from here.
        return used

    def _count_fast(self, leading: RowReader | None, orders: int) -> None:
        if leading and orders:
            self._orders += orders
            self.layouts.add(leading.name)

    def _read_carefully(self, lines: list[str], start: int, line_number: int, is_last: bool) -> int:
        """Read the record that begins at ``start`` and return its number of lines, or 0 if it needs more lines."""
        record = lines[start : start + MAX_RECORD_LINES]
        # Strict, because text after a closing quote means that the quote does not belong to this cell. With line feeds,
        # so that a line break inside quotes separates words.
        records = self._records((f"{line}\n" for line in record), strict=True)
        try:
            cells = next(records)
        except csv.Error:
            cells = []
        spans = max(records.line_num, 1)
        if spans <= 1:
            self._read_other(cells, line_number, 1)
            return 1
        closed = sum(line.count('"') for line in record[:spans]) % 2 == 0
        # Two stray quotes can enclose whole orders, and the rest may look like one valid order.
        if closed and self._recognised(cells) and not any(map(self._may_be_an_order, record[1:spans])):
            self._read_other(cells, line_number, spans)
            return spans
        if not closed and spans == len(record) < MAX_RECORD_LINES and not is_last:
            return 0
        self._unreadable_lines += _is_unreadable(lines[start : start + 1])
        self._reject(line_number, Rule.STRAY_QUOTE)
        return 1

    def _read_other(self, cells: list[str], line_number: int, spans: int) -> None:
        """Read a record that is not on the fast path; ``spans`` is its number of lines."""
        if self._is_like_the_last(cells, line_number, spans):
            return
        if not any(map(str.strip, cells)) and cells != [OVERLONG_CELL]:
            self._blanks += spans
            return
        order = self._open
        if order and order.reader.continues(order.cells, cells):
            order.lines += spans
            if order.lines <= MAX_ORDER_LINES:
                order.texts.append(order.reader.basket_text(cells))
            return
        self._close_order()
        if self._is_header(cells, line_number):
            self._headers += spans
            self._unreadable_lines += spans * _is_unreadable(cells)
            return
        if self._has_strange_header and not self.layouts:
            self._note_almost(cells, line_number)
            raise UnreadableBranchFile(FileReason.UNKNOWN_DIALECT, self._columns())
        recognised = self._recognised(cells)
        if not recognised and self._is_around_the_table(cells):
            self._headers += spans
            self._unreadable_lines += spans * _is_unreadable(cells)
            return
        reader, fitted = recognised or self._of_table(cells)
        if reader is None:
            self._unreadable_lines += spans * _is_unreadable(cells)
            self._reject(line_number, self._unknown_row_rule(cells), lines=spans)
            self._note_almost(cells, line_number)
            return
        texts = [reader.basket_text(fitted)]
        self._last = reader
        if reader.direct:
            self._leading = reader
        if reader.is_single:
            self._read_order(reader, line_number, spans, fitted, texts)
        else:
            self._open = _OpenOrder(reader, line_number, fitted, texts, spans)

    def _is_like_the_last(self, cells: list[str], line_number: int, spans: int) -> bool:
        """Read a record that is a whole order in the dialect of the last one; return whether it is."""
        last = self._last
        if last is None or last.direct or not last.is_single or len(cells) != last.count or self._open:
            return False
        canonical = last.order(cells, [last.basket_text(cells)])
        if all(canonical):
            self.layouts.add(last.name)
            self._add_order(canonical, last.till(cells), line_number, spans)
        return all(canonical)

    def _is_header(self, cells: list[str], line_number: int) -> bool:
        """Return whether a row is a header. One that a document has opens its dialect, and any other closes it."""
        # Most orders begin with a digit.
        if cells[0][:1].isdigit():
            return False
        if cells == self._last_header:
            return True
        layout = self._catalogue.opened_by(cells, self._delimiter)
        is_first = line_number == 1 and may_be_header(cells)
        if not layout and not is_first and not is_header(cells):
            return False
        self._last_header = cells
        self._columns_seen = self._columns_seen or column_names(cells)
        self._table = RowReader(layout, self._cells) if layout else None
        # The same cells may be other columns under a header.
        self._leading = self._last = self._table
        if not layout and is_header(cells):
            self._has_strange_header = self._has_strange_header or not starts_with_time(cells)
        elif not layout:
            self._has_unknown_header = True
        return True

    def _is_around_the_table(self, cells: list[str]) -> bool:
        """Return whether a row that no dialect reads is a title above the table, or a total below it."""
        if self.layouts:
            reader = self._table or self._last
            self._totals += (found := is_total(reader.without_signs(cells) if reader else cells))
            return found
        if self.rejects or self._titles >= MOST_TITLES or not is_title(cells):
            return False
        self._titles += 1
        # A file of titles alone is no branch file.
        self._has_unknown_header = True
        return True

    def _recognised(self, cells: list[str]) -> tuple[RowReader, list[str]] | None:
        """Return the dialect of a row and the row as it fits, from the last header and the cells; None if unknown."""
        last = self._last
        if last and last.count == len(cells) and self._table in (None, last) and last.is_shown_by(cells):
            return last, cells
        fitted = self._table.fitted(cells) if self._table else []
        if self._table and fitted and self._table.is_shown_by(fitted):
            return self._table, fitted
        found = readers_of(self._readers, cells)
        return next((one for one in found if not fitted or one[0].is_evident(one[1])), None)

    def _of_table(self, cells: list[str]) -> tuple[RowReader | None, list[str]]:
        """Return the dialect of the last header for a row that has its number of cells, whatever they hold."""
        fitted = self._table.fitted(cells) if self._table else []
        return (self._table, fitted) if fitted else (None, [])

    def _may_be_an_order(self, line: str) -> bool:
        """Return whether a line is an order, or begins like one: with a day and any dialect's separator."""
        starts = [line.partition(delimiter) for delimiter in self._catalogue.delimiters]
        is_like_one = any(separator and begins_with_day(first) for first, separator, _ in starts)
        return is_like_one or bool(self._recognised(next(self._records([line]), [])))

    def _close_order(self) -> None:
        """Read the open order, if there is one, now that all its lines are known."""
        if self._open is None:
            return
        order, self._open = self._open, None
        if order.lines > MAX_ORDER_LINES:
            self.layouts.add(order.reader.name)
            self._reject(order.line_number, Rule.BAD_ITEM, f"more than {MAX_ORDER_LINES} lines", order.lines)
            return
        self._read_order(order.reader, order.line_number, order.lines, order.cells, order.texts)

    def _read_order(self, reader: RowReader, line_number: int, spans: int, cells: list[str], texts: list[str]) -> None:
        """Read an order from the cells of its first line, and from what each line says of its basket."""
        canonical = reader.order(cells, texts)
        if reader.is_evident(cells, canonical[2]):
            self.layouts.add(reader.name)
        if not all(canonical):
            self._note_almost(cells, line_number)
            self._unreadable_lines += spans * reader.has_unreadable(cells, texts)
            self._reject(line_number, *reader.fault(cells, texts), lines=spans)
            return
        self._add_order(canonical, reader.till(cells), line_number, spans)

    def _add_order(
        self, canonical: tuple[str, str, str, str, str, str], till: str, line_number: int, spans: int
    ) -> None:
        *cells, discount = canonical
        row = "\t".join(cells)
        # Absent, not 0.00: orders without a discount keep their ids.
        taken_off = ""
        if discount != NO_DISCOUNT:
            taken_off = f"\t{discount}"
            self.discounts += 1
        # The fast path numbers the rows of a file's own till by their text alone.
        other_till = "" if till == self._cells.till_of_key else till
        number = self._numbering.number(canonical[0], canonical[1], row + other_till + taken_off)
        self._tills += bool(till)
        self._found.rows.append(f"{line_number}\t{row}\t{number}{till}{taken_off}\n")
        self._orders += 1
        self._continuations += spans - 1

    def _reject(self, line_number: int, rule: Rule, detail: str = "", lines: int = 1) -> None:
        self._found.rejects.append(Reject(line_number, rule, detail))
        self.rejects += 1
        self._rejected_lines += lines

    def _unknown_row_rule(self, cells: list[str]) -> Rule:
        """Return why a row without a known dialect is rejected."""
        if cells == [OVERLONG_CELL]:
            return Rule.LINE_TOO_LONG
        if any(reader.is_item_line(cells) for reader in self._readers):
            return Rule.ORPHAN_ITEM_LINE
        if self._last:
            alike = [self._last] if self._last.count == len(cells) else []
        else:
            alike = [reader for reader in self._readers if _is_almost(reader.misfits(reader.fitted(cells)))]
        if alike and alike[0].has_unreadable(cells):
            return Rule.UNREADABLE_CHARACTER
        if alike:
            return Rule.BAD_PAYMENT if alike[0].ordered_at(cells) else Rule.BAD_TIMESTAMP
        return Rule.WRONG_CELL_COUNT

    def _note_almost(self, cells: list[str], line_number: int) -> None:
        """Remember the first row that is almost in a dialect, and the columns that are not: never what they hold."""
        if self._almost or self.layouts:
            return
        readers = [self._table, *self._readers] if self._table else self._readers
        lacking = [(reader, reader.misfits(reader.fitted(cells))) for reader in readers]
        almost = [(reader, kinds) for reader, kinds in lacking if _is_almost(kinds)]
        if almost:
            reader, kinds = min(almost, key=lambda one: (len(one[1]), one[0].count != len(cells)))
            self._almost = f"line {line_number} is almost {reader.name}, but not its {' and '.join(kinds)}"

    def _require_a_layout(self, block: LineBlock) -> None:
        others = self._headers + self._blanks + self._rejected_lines
        if others > max(MAX_OTHER_LINES, self._orders):
            raise UnreadableBranchFile(
                FileReason.FEW_ORDERS, f"{others} lines of {others + self._orders} are no orders"
            )
        if self.layouts and block.is_last and self._unreadable_lines > self._orders:
            raise UnreadableBranchFile(FileReason.NOT_UTF8)
        if self.layouts or not (self._rejected_lines or self._has_unknown_header or self._has_strange_header):
            return
        if block.is_last or self._rejected_lines >= LINES_TO_RECOGNISE:
            if self._unreadable_lines and not self._columns_seen:
                raise UnreadableBranchFile(FileReason.NOT_UTF8)
            raise UnreadableBranchFile(FileReason.UNKNOWN_DIALECT, self._columns())

    def _columns(self) -> str:
        """Say what was seen, for the detail of a reason, which has 200 characters."""
        shown = self._columns_seen[:SHOWN_COLUMNS] if self._almost else self._columns_seen
        seen = f"columns seen: {shown}" if shown else "no known header"
        separated = "" if self._delimiter == "," else f"; separated by {DELIMITERS[self._delimiter]}s"
        return f"{seen}{separated}; {self._almost or f'expected: {EXPECTED_COLUMNS}'}"


def _is_unreadable(texts: Iterable[str]) -> bool:
    """Return whether one of the texts has a byte that is not UTF-8."""
    return any(map(UNREADABLE.search, texts))


def _is_almost(misfits: list[str]) -> bool:
    return 0 < len(misfits) <= MOST_MISFITS


def _likely_delimiter(lines: list[str]) -> str:
    """Return the separator that most lines have equally often; the comma if there is none."""
    frequent = {
        delimiter: max(Counter(line.count(delimiter) for line in lines if delimiter in line).values(), default=0)
        for delimiter in DELIMITERS
    }
    return max(DELIMITERS, key=frequent.__getitem__)
