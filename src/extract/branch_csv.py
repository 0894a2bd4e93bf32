"""Read the sales rows of a branch file in any dialect (docs/branch-files.md).

The cells of a row show its layout: the payment is the fifth cell in feed A and the sixth in feed B. Headers may repeat,
and layouts may mix. This module never reads the cells with customer names and cards.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extract.cells import (
    TILL_PAYMENTS,
    CellReaders,
    basket_fault,
    begins_with_day,
    branch_fault,
    canonical_money,
    canonical_payment,
    timestamp_fault,
)
from extract.headers import column_names, is_header, may_be_header, starts_with_time
from extract.lines import OVERLONG_CELL, UNREADABLE, LineBlock
from extract.occurrences import Numbering
from extract.rules import FileReason, Rule, UnreadableBranchFile
from shared.contracts import LineCounts
from shared.rejects import Reject

ORDER_CELLS = 7
# An exploded order: time, branch, customer, item, price, total, payment, card. Further lines have item and price only.
EXPLODED_CELLS = 8
MAX_EXPLODED_LINES = 200
# A quoted cell may span a few lines. If it spans more, a quote was not closed.
MAX_RECORD_LINES = 16
MAX_RECORD_CHARACTERS = 65_536
# If this many lines are rejected before any order is recognised, the file is not a branch file.
LINES_TO_RECOGNISE = 200
# If more lines than this, and than the orders, are headers, blank or rejected, the file is not a branch file either.
MAX_OTHER_LINES = 200_000
EXPECTED_COLUMNS = "time, branch, customer, items, total, payment, card"

csv.field_size_limit(MAX_RECORD_CHARACTERS + MAX_RECORD_LINES)


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Canonical rows and rejects of one block of lines.

    A row is ``line number, branch, ordered at, basket, total, payment, occurrence``, joined by tabs, and ends with LF.
    """

    rows: list[str]
    rejects: list[Reject]


@dataclass(slots=True)
class _ExplodedOrder:
    line_number: int
    cells: list[str]
    items: list[str]
    lines: int = 1


class BranchCsvReader:
    """Read one file once. The counts are final when `read` is exhausted.

    `read` may raise OutOfOrder from ``numbering``.
    """

    def __init__(self, numbering: Numbering, readers: CellReaders) -> None:
        self.rejects = 0
        self.layouts: set[str] = set()
        self._orders = self._continuations = self._headers = self._blanks = self._rejected_lines = 0
        # Headers and rejected lines with a byte that is not UTF-8, but for those in the personal cells of an order.
        self._unreadable_lines = 0
        self._numbering = numbering
        self._readers = readers
        self._columns_seen = ""
        self._has_unknown_header = False
        self._exploded: _ExplodedOrder | None = None
        self._found = RowBlock([], [])

    @property
    def rows(self) -> int:
        """The orders of the file, accepted or rejected."""
        return self._orders + self.rejects

    @property
    def dialect(self) -> str:
        """What was found in the file: feed-a, feed-b, exploded, header, joined by "+"."""
        return "+".join(sorted(self.layouts | ({"header"} if self._headers else set())))

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
            used = self._read_lines(lines, first, block.is_last)
            held = lines[used:]
            if block.is_last:
                self._close_exploded()
            self._require_a_layout(block)
            yield self._found

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
        # A person who types a blank after each comma still means the quote after it.
        reader, readers = csv.reader(lines, skipinitialspace=True), self._readers
        days, clocks, branches = readers.days, readers.clocks, readers.branches
        basket_of, totals, payments = readers.basket, readers.totals, readers.payments
        number, add_row = self._numbering.number, self._found.rows.append
        used, fast, is_exploded = 0, 0, self._exploded is not None
        try:
            for cells in reader:
                if reader.line_num != used + 1:
                    break
                used += 1
                if len(cells) == ORDER_CELLS and not is_exploded:
                    # Feed B, which almost every branch sends. The third and the last cell are personal.
                    written_at, branch, _, basket, total, payment, _ = cells
                    day, _, clock = written_at.partition(" ")
                    day, clock, branch = days[day], clocks[clock], branches[branch]
                    basket, total, payment = basket_of(basket), totals[total], payments[payment]
                    if day and clock and branch and basket and total and payment:
                        ordered_at = f"{day} {clock}"
                        row = f"{branch}\t{ordered_at}\t{basket}\t{total}\t{payment}"
                        add_row(f"{first + used - 1}\t{row}\t{number(branch, ordered_at, row)}\n")
                        fast += 1
                        continue
                self._read_other(cells, first + used - 1, 1)
                is_exploded = self._exploded is not None
        except csv.Error:
            pass  # A cell is over the limit, because a quote was not closed. `_read_carefully` continues from here.
        if fast:
            self._orders += fast
            self.layouts.add("feed-b")
        return used

    def _read_carefully(self, lines: list[str], start: int, line_number: int, is_last: bool) -> int:
        """Read the record that begins at ``start`` and return its number of lines, or 0 if it needs more lines."""
        record = lines[start : start + MAX_RECORD_LINES]
        # Strict, because text after a closing quote means that the quote does not belong to this cell. With line feeds,
        # so that a line break inside quotes separates words.
        reader = csv.reader((f"{line}\n" for line in record), skipinitialspace=True, strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            cells = []
        spans = max(reader.line_num, 1)
        if spans <= 1:
            self._read_other(cells, line_number, 1)
            return 1
        closed = sum(line.count('"') for line in record[:spans]) % 2 == 0
        # Two stray quotes can enclose whole orders, and the rest may look like one valid order.
        if closed and _layout_of(_with_order_cells(cells)) and not any(map(_may_be_an_order, record[1:spans])):
            self._read_other(cells, line_number, spans)
            return spans
        if not closed and spans == len(record) < MAX_RECORD_LINES and not is_last:
            return 0
        self._unreadable_lines += _is_unreadable(lines[start : start + 1])
        self._reject(line_number, Rule.STRAY_QUOTE)
        return 1

    def _read_other(self, cells: list[str], line_number: int, spans: int) -> None:
        """Read a record that is not on the fast path; ``spans`` is its number of lines."""
        if not any(map(str.strip, cells)) and cells != [OVERLONG_CELL]:
            self._blanks += spans
            return
        if self._exploded and _is_item_line(cells):
            self._exploded.lines += spans
            if self._exploded.lines <= MAX_EXPLODED_LINES:
                self._exploded.items.append(f"{cells[3]} - {cells[4].strip()}")
            return
        self._close_exploded()
        cells = _with_order_cells(cells)
        layout = _layout_of(cells)
        # A column that is called "Card" is no payment.
        if layout and (is_header(cells) or (line_number == 1 and may_be_header(cells))):
            layout = ""
        if layout == "exploded":
            self._exploded = _ExplodedOrder(line_number, cells, [f"{cells[3]} - {cells[4].strip()}"], spans)
        elif layout:
            written_at, branch, _, basket, fifth, sixth, _ = cells
            total, payment = (fifth, sixth) if layout == "feed-b" else (sixth, fifth)
            self._read_order(layout, line_number, spans, (written_at, branch, basket, total, payment))
        elif is_header(cells):
            self._headers += spans
            self._columns_seen = self._columns_seen or column_names(cells)
            if not starts_with_time(cells) and not self.layouts:
                raise UnreadableBranchFile(FileReason.UNKNOWN_DIALECT, self._columns())
        elif line_number == 1 and may_be_header(cells):
            self._headers += spans
            self._unreadable_lines += spans * _is_unreadable(cells)
            self._has_unknown_header = True
            self._columns_seen = column_names(cells)
        else:
            self._unreadable_lines += spans * _is_unreadable(cells)
            self._reject(line_number, _no_layout_rule(cells, self._readers), lines=spans)

    def _close_exploded(self) -> None:
        """Read the open exploded order, if there is one, now that all its lines are known."""
        if self._exploded is None:
            return
        order, self._exploded = self._exploded, None
        written_at, branch, _, _, _, total, payment, _ = order.cells
        if not canonical_payment(payment):
            total, payment = payment, total
        if order.lines > MAX_EXPLODED_LINES:
            self.layouts.add("exploded")
            self._reject(order.line_number, Rule.BAD_ITEM, f"more than {MAX_EXPLODED_LINES} lines", order.lines)
            return
        basket = ", ".join(order.items)
        self._read_order("exploded", order.line_number, order.lines, (written_at, branch, basket, total, payment))

    def _read_order(self, layout: str, line_number: int, spans: int, cells: tuple[str, str, str, str, str]) -> None:
        """Read an order from ``written at, branch, basket, total, payment``."""
        readers = self._readers
        written_at, branch, basket, total, payment = cells
        canonical = (
            readers.branches[branch],
            readers.ordered_at(written_at),
            readers.basket(basket),
            readers.totals[total],
            readers.payments[payment],
        )
        # The payment alone is no evidence of a layout, nor is a time before a payment that no till writes so: a column
        # of another system may say "Card" or "Online" as well.
        is_of_a_till = payment.strip() in TILL_PAYMENTS
        if canonical[2] or (is_of_a_till and (canonical[1] or begins_with_day(written_at))):
            self.layouts.add(layout)
        if not all(canonical):
            self._unreadable_lines += spans * _is_unreadable(cells)
            self._reject(line_number, *_order_fault(cells, readers), lines=spans)
            return
        row = "\t".join(canonical)
        number = self._numbering.number(canonical[0], canonical[1], row)
        self._found.rows.append(f"{line_number}\t{row}\t{number}\n")
        self._orders += 1
        self._continuations += spans - 1

    def _reject(self, line_number: int, rule: Rule, detail: str = "", lines: int = 1) -> None:
        self._found.rejects.append(Reject(line_number, rule, detail))
        self.rejects += 1
        self._rejected_lines += lines

    def _require_a_layout(self, block: LineBlock) -> None:
        others = self._headers + self._blanks + self._rejected_lines
        if others > max(MAX_OTHER_LINES, self._orders):
            raise UnreadableBranchFile(
                FileReason.FEW_ORDERS, f"{others} lines of {others + self._orders} are no orders"
            )
        if self.layouts and block.is_last and self._unreadable_lines > self._orders:
            raise UnreadableBranchFile(FileReason.NOT_UTF8)
        if self.layouts or not (self._rejected_lines or self._has_unknown_header):
            return
        if block.is_last or self._rejected_lines >= LINES_TO_RECOGNISE:
            if self._unreadable_lines and not self._columns_seen:
                raise UnreadableBranchFile(FileReason.NOT_UTF8)
            raise UnreadableBranchFile(FileReason.UNKNOWN_DIALECT, self._columns())

    def _columns(self) -> str:
        seen = f"columns seen: {self._columns_seen}" if self._columns_seen else "no known header"
        return f"{seen}; expected: {EXPECTED_COLUMNS}"


def _with_order_cells(cells: list[str]) -> list[str]:
    """Return an order's cells without blank ones beyond the last, and with the card's that another payment left out.

    A row of another kind is returned as it is.
    """
    order = cells[:ORDER_CELLS]
    if len(cells) > ORDER_CELLS and not any(map(str.strip, cells[ORDER_CELLS:])) and not _is_exploded(cells):
        return order if _layout_of(order) else cells
    if len(cells) == ORDER_CELLS - 1 and canonical_money(cells[4]) and canonical_payment(cells[5]) in ("CASH", "OTHER"):
        return [*cells, ""]
    return cells


def _is_exploded(cells: list[str]) -> bool:
    """Return whether a row is the first line of an exploded order, whose total and payment may be swapped."""
    if len(cells) != EXPLODED_CELLS or not canonical_money(cells[4]):
        return False
    # A row of feed B with a blank cell too many has its payment there as well, but no total after it.
    is_swapped = bool(canonical_payment(cells[5]) and (canonical_money(cells[6]) or cells[7].strip()))
    return is_swapped or bool(canonical_payment(cells[6]))


def _layout_of(cells: list[str]) -> str:
    """Return a row's layout from its cells alone, or "" if it has no known layout."""
    if len(cells) == ORDER_CELLS:
        if canonical_payment(cells[5]):
            return "feed-b"
        if canonical_payment(cells[4]):
            return "feed-a"
    elif _is_exploded(cells):
        return "exploded"
    return ""


def _may_be_an_order(line: str) -> bool:
    """Return whether a line is an order, or begins like one: with a day and a comma."""
    first, comma, _ = line.partition(",")
    return bool(comma and begins_with_day(first)) or bool(_layout_of(_with_order_cells(next(csv.reader([line]), []))))


def _is_item_line(cells: list[str]) -> bool:
    """Return whether a row is a further item of an exploded order: only item and price are filled."""
    if len(cells) != EXPLODED_CELLS:
        return False
    blank = not any(cell.strip() for cell in (*cells[:3], *cells[5:]))
    return blank and bool(cells[3].strip() or cells[4].strip())


def _is_unreadable(texts: Iterable[str]) -> bool:
    """Return whether one of the texts has a byte that is not UTF-8."""
    return any(map(UNREADABLE.search, texts))


def _no_layout_rule(cells: list[str], readers: CellReaders) -> Rule:
    """Return why a row without a known layout is rejected."""
    if cells == [OVERLONG_CELL]:
        return Rule.LINE_TOO_LONG
    if _is_item_line(cells):
        return Rule.ORPHAN_ITEM_LINE
    if len(cells) == ORDER_CELLS:
        if _is_unreadable((*cells[:2], *cells[3:6])):
            return Rule.UNREADABLE_CHARACTER
        return Rule.BAD_PAYMENT if readers.ordered_at(cells[0]) else Rule.BAD_TIMESTAMP
    return Rule.WRONG_CELL_COUNT


def _order_fault(cells: tuple[str, str, str, str, str], readers: CellReaders) -> tuple[Rule, str]:
    """Return the first rule that an order breaks, and the position in the order."""
    written_at, branch, basket, total, payment = cells
    if _is_unreadable(cells):
        return Rule.UNREADABLE_CHARACTER, ""
    if not readers.ordered_at(written_at):
        return timestamp_fault(written_at, readers.last_day, readers.zone), ""
    if not readers.branches[branch]:
        return branch_fault(branch) or Rule.FOREIGN_BRANCH, ""
    if not readers.basket(basket):
        return basket_fault(basket)
    return (Rule.BAD_PAYMENT if readers.totals[total] and not canonical_payment(payment) else Rule.BAD_TOTAL), ""
