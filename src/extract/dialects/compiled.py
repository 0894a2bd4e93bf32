"""Compile the document of a dialect to a reader of its rows. Pure; knows neither files nor quotes.

A `RowReader` reads the rows of a `Layout` in one file. It never reads a cell that is personal or ignored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from extract.cells import (
    REMEMBERED_ITEMS,
    TILL_PAYMENTS,
    CellReaders,
    Remembered,
    basket_fault,
    begins_with_day,
    branch_fault,
    canonical_item,
    canonical_money,
    canonical_payment,
    canonical_refund,
    fault_together,
    is_refund,
    item_fault,
    part_of_a_card,
    till_mark,
    timestamp_fault,
)
from extract.dialects.amounts import MAX_QUANTITY, plain_amounts, quantity_of, triples_of
from extract.dialects.days import plain_days
from extract.dialects.document import (
    ALWAYS,
    BY_BLANKS,
    BY_CELLS,
    BY_LINE,
    BY_ORDER,
    COLUMN,
    CONSTANT,
    DROPPED,
    ITEM_KINDS,
    ITEMS,
    LINES,
    QUANTITY,
    STATED,
    WINDOWS,
    column_name,
)
from extract.dialects.layout import Layout, decoded, windows_text
from extract.lines import UNREADABLE
from extract.rules import FileReason, Rule, UnreadableBranchFile
from shared.amounts import pence_of, pounds
from shared.baskets import items_of

# An order's items, each as often as it was sold. More are no sale of a café, and a row of them would be megabytes.
MAX_ITEMS = 1_000
# A total has six digits of pounds at most, as a stated one.
MAX_PENCE = 99_999_999
NO_DISCOUNT = "0.00"

# Between the cells of an item: a character that no kept cell may hold.
_BETWEEN_CELLS = "\x1f"

Fault = tuple[Rule, str]


class RowReader:
    """Reads the rows of one layout in one file."""

    def __init__(self, layout: Layout, cells: CellReaders) -> None:
        document = self.document = layout.document
        self.name = document.name
        self.count = len(layout.kinds)
        self.least = layout.least
        self.is_lines = document.grammar == LINES
        # One line, one order.
        self.is_single = not self.is_lines or document.group == BY_LINE
        self.places: Mapping[str, int] = {kind: n for n, kind in enumerate(layout.kinds) if kind not in DROPPED}
        self._shown_by = document.shown_by or tuple(kind for kind in ("time", "date", "payment") if kind in self.places)
        item_kinds = (
            [kind for kind in (*ITEM_KINDS, "discount") if kind in self.places] if self.is_lines else ["basket"]
        )
        self._item_kinds = item_kinds
        self._item_places = [self.places[kind] for kind in item_kinds]
        self._order_places = [place for place in range(self.count) if place not in self._item_places]
        group = ("order",) if document.group == BY_ORDER else ("time", "date", "clock")
        self._group_places = [self.places[kind] for kind in ("branch", "till", *group) if kind in self.places]
        self._cells = cells
        self._plain = plain_amounts(document)
        # A cell is read as it is written.
        self._is_literal = not document.blanks and document.encoding != WINDOWS
        # What is known of the items of one line and of their sum, of the sum of a basket, and of a discount.
        self._lines = Remembered(self._canonical_line)
        self._harmless_lines: set[str] = set()
        self._line_sums = Remembered(lambda text: self._sum(self._lines[text]))
        self._sums = Remembered(self._sum)
        self._has_discount = "discount" in self.places
        self._discounts = Remembered(self._canonical_discount)

    # --- recognition

    def fitted(self, cells: list[str]) -> list[str]:
        """Return a row with as many cells as the layout has: without blank ones beyond the last, with those that it may
        lack. [] if it has too many or too few."""
        count = len(cells)
        if count == self.count:
            return cells
        if count > self.count:
            return [] if any(map(str.strip, cells[self.count :])) else cells[: self.count]
        if count < self.least:
            return []
        padded = [*cells, *[""] * (self.count - count)]
        lacking = self.document.columns[count:]
        if all(column.lacks == ALWAYS for column in lacking):
            return padded
        # A row that was paid by card has lost a cell, perhaps another one than the last.
        has_total = self.is_readable("total", padded) or self._is_refunded(padded)
        return padded if has_total and self.payment(padded) not in ("", "CARD") else []

    def is_shown_by(self, cells: list[str]) -> bool:
        """Return whether the cells of a fitted row show that it is in this dialect."""
        return all(self.is_readable(kind, cells) for kind in self._shown_by)

    def misfits(self, cells: list[str]) -> list[str]:
        """Name the kept columns of a fitted row whose cells cannot be read; none for a row that does not fit."""
        return [] if not cells else [kind for kind in self.places if not self.is_readable(kind, cells)]

    def is_readable(self, kind: str, cells: list[str]) -> bool:
        """Return whether the cell of a column can be read, in a fitted row. Texts of any kind count as readable."""
        text = self._text(kind, cells)
        match kind:
            case "time" | "date" | "clock":
                return bool(self.ordered_at(cells))
            case "payment":
                return bool(self._payments[text])
            case "basket":
                return bool(self.basket([self.basket_text(cells)]))
            case "total" | "price" | "amount":
                return bool(self._totals[text])
            case "discount":
                return bool(self._discount_of(text))
            case "quantity":
                return bool(quantity_of(text))
            case "branch":
                return not branch_fault(text)
            case "till":
                return True
            case _:
                return bool(text.strip())

    def is_evident(self, cells: list[str], basket: str | None = None) -> bool:
        """Return whether more than the payment shows that a fitted row is in this dialect.

        The payment alone does not: a column of another system may say "Cash" as well. ``basket`` is the whole order's,
        if its lines are known.
        """
        if self.document.by != BY_CELLS or (self.basket([self.basket_text(cells)]) if basket is None else basket):
            return True
        # Nor is a time before a payment that no till writes so.
        if self._text("payment", cells).strip() not in TILL_PAYMENTS:
            return False
        return bool(self.ordered_at(cells)) or any(
            map(begins_with_day, (self.written_at(cells), self._plainly_written_at(cells)))
        )

    def continues(self, first: list[str], cells: list[str]) -> bool:
        """Return whether a row is a further line of the order that ``first`` begins."""
        group = self.document.group
        if group == BY_BLANKS:
            return self.is_item_line(cells)
        if len(cells) != self.count:
            cells = self.fitted(cells)
        if not cells or any(first[place] != cells[place] for place in self._group_places):
            return False
        # A blank number joins nothing.
        return group != BY_ORDER or bool(first[self.places["order"]].strip())

    def is_item_line(self, cells: list[str]) -> bool:
        """Return whether only the cells of an item are filled, as in the further lines of an exploded order."""
        if self.document.group != BY_BLANKS or not self.least <= len(cells) <= self.count:
            return False
        order = "".join([cells[place] for place in self._order_places if place < len(cells)])
        return not order.strip() and any(cells[place].strip() for place in self._item_places)

    def without_signs(self, cells: list[str]) -> list[str]:
        """Return cells of any row in the document's encoding, without the sign of its currency."""
        texts = map(windows_text, cells) if self.document.encoding == WINDOWS else cells
        return [text.replace(self.document.currency, "") for text in texts]

    # --- the cells of an order

    @cached_property
    def direct(self) -> "DirectRow | None":
        """Return how a row is read without this class, by places; None if the dialect needs more than that."""
        document = self.document
        needed = {"time", "branch", "basket", "total", "payment"}
        if self.places.keys() != needed or document.grammar != ITEMS or document.blanks or document.encoding == WINDOWS:
            return None
        at = self.places
        return DirectRow(
            (self.count, at["time"], at["branch"], at["basket"], at["total"], at["payment"]),
            self._days,
            self._cells.basket if self._plain is None else self._own_basket,
            self._totals,
            self._payments,
        )

    def order(self, cells: list[str], texts: list[str]) -> tuple[str, str, str, str, str, str]:
        """Read an order: branch, time, basket, total, payment and discount. One is "" if it is rejected.

        ``cells`` are the fitted ones of its first line, and ``texts`` the `basket_text` of each line. The discount is
        NO_DISCOUNT if there is none.
        """
        lines = self._lines_of(texts)
        basket = self._basket(lines)
        discount = self.discount(cells, texts, basket) if self._has_discount else NO_DISCOUNT
        total = self.total(cells, lines, basket, discount)
        return self.branch(cells), self.ordered_at(cells), basket, total, self.payment(cells), discount

    def written_at(self, cells: list[str]) -> str:
        """Return a row's time as it was written, day and clock together."""
        if "time" in self.places:
            return self._text("time", cells)
        return f"{self._text('date', cells).strip()} {(self._text('clock', cells) or self.document.clock).strip()}"

    def ordered_at(self, cells: list[str]) -> str:
        """Read the time of a fitted row; "" if it is rejected."""
        written = self._plainly_written_at(cells)
        return self._cells.ordered_at(written) if self._times is None else self._times[written]

    def branch(self, cells: list[str]) -> str:
        """Read the branch of a fitted row; "" if it is rejected.

        Raises UnreadableBranchFile if the file's name should say it, and does not.
        """
        return self._cells.branches[self._branch_text(cells)]

    def till(self, cells: list[str]) -> str:
        """Return the mark of a fitted row's till, or of the file's; "" if neither is named."""
        written = self._text("till", cells) if "till" in self.places else ""
        return (till_mark(written) if written else "") or self._cells.till_of_key

    def payment(self, cells: list[str]) -> str:
        """Read the payment of a fitted row; "" if it is rejected."""
        return self.document.payment_is or self._payments[self._text("payment", cells)]

    def total(self, cells: list[str], lines: list[str], basket: str, discount: str) -> str:
        """Read the total of a fitted row, or add up the lines of its basket less the discount; "" if it is rejected."""
        if self.document.total_from == STATED:
            return self._totals[self._text("total", cells)]
        items = self._goods(lines, basket) if basket and discount else ""
        return items if discount == NO_DISCOUNT or not items else pounds(pence_of(items) - pence_of(discount))

    def _goods(self, lines: list[str], basket: str) -> str:
        """Add up the items of a canonical basket; "" if no order has as much."""
        if self.document.grammar == ITEMS:
            return self._sums[basket]
        pence = sum(map(pence_of, [self._line_sums[text] for text in lines]))
        return pounds(pence) if pence <= MAX_PENCE else ""

    def discount(self, cells: list[str], texts: list[str], basket: str) -> str:
        """Read the discount of an order, or add up those of its lines; "" if one is rejected, or more than the items.

        A till writes what it took off with a minus or without.
        """
        if not self._has_discount:
            return NO_DISCOUNT
        amounts = [self._discounts[text] for text in (texts if self.is_lines else [self._text("discount", cells)])]
        if not all(amounts):
            return ""
        pence = sum(map(pence_of, amounts))
        # A basket that is rejected has no sum, and what is rejected is the basket.
        items = self._goods(self._lines_of(texts), basket) if pence and basket else ""
        return "" if items and pence > pence_of(items) else pounds(pence)

    def basket(self, texts: list[str]) -> str:
        """Read the texts of a basket, one of each of its lines; "" if one of them is rejected."""
        return self._basket(self._lines_of(texts))

    def _lines_of(self, texts: list[str]) -> list[str]:
        """Divide the texts of a basket into those of one kind of item each, where the document has them so."""
        return triples_of(texts[0]) if self.document.grammar == QUANTITY else texts

    def _basket(self, texts: list[str]) -> str:
        if self.document.grammar == ITEMS:
            return self._own_basket(texts[0]) if self._plain else self._cells.basket(texts[0])
        if len(texts) == 1:
            return self._lines[texts[0]]
        lines = [self._lines[text] for text in texts]
        if len(lines) <= MAX_ITEMS // MAX_QUANTITY and self._harmless_lines.issuperset(lines):
            return ", ".join(lines)
        items = [item for line in lines for item in items_of(line)]
        if not all(lines) or len(items) > MAX_ITEMS:
            return ""
        if len(self._harmless_lines) < REMEMBERED_ITEMS:
            self._harmless_lines.update(line for line in lines if not any(map(part_of_a_card, items_of(line))))
        return self._cells.joined(items)

    def basket_text(self, cells: list[str]) -> str:
        """Return what a fitted row says of its basket: the cell, or the cells of its item, joined."""
        text = _BETWEEN_CELLS.join([cells[place] for place in self._item_places])
        return text if self._is_literal else decoded(self.document, text)

    # --- why a row is rejected

    def fault(self, cells: list[str], texts: list[str]) -> Fault:
        """Return the first rule that an order breaks, and the position in the order."""
        if self.has_unreadable(cells, texts):
            return Rule.UNREADABLE_CHARACTER, ""
        if not self.ordered_at(cells):
            written = self._plainly_written_at(cells)
            return timestamp_fault(written, self._cells.last_day, self.document.zone), ""
        if not self.branch(cells):
            return branch_fault(self._branch_text(cells)) or Rule.FOREIGN_BRANCH, ""
        basket = self.basket(texts)
        if not basket:
            return self._basket_fault(texts)
        if self._is_refunded(cells):
            return Rule.REFUND_NOT_SUPPORTED, ""
        discount = self.discount(cells, texts, basket)
        if not discount:
            return Rule.BAD_DISCOUNT, ""
        is_paid = self.total(cells, self._lines_of(texts), basket, discount) and not self.payment(cells)
        return (Rule.BAD_PAYMENT if is_paid else Rule.BAD_TOTAL), ""

    def _incomplete_triple(self, text: str) -> int:
        """Return the position, from 1, of the first item in a text that lacks its quantity or its price."""
        cells = text.split(",")
        for position, start in enumerate(range(0, len(cells), 3), start=1):
            _, quantity, price = (*cells[start : start + 3], "", "")[:3]
            if not (quantity_of(quantity) and canonical_money(self._plain_amount(price))):
                return position
        raise AssertionError("each item has its quantity and its price")

    def _is_refunded(self, cells: list[str]) -> bool:
        return is_refund(self._plain_amount(self._text("total", cells)))

    def has_unreadable(self, cells: list[str], texts: Sequence[str] = ()) -> bool:
        """Return whether a byte that the encoding does not have is in a kept cell of an order."""
        kept = [self._text(kind, cells) for kind in self.places]
        return any(map(UNREADABLE.search, (*kept, *texts)))

    def _canonical_discount(self, text: str) -> str:
        """Read the discount of what `basket_text` returned for a line, or of a cell; "" if it is rejected."""
        return self._discount_of(self._item_cells(text)["discount"] if self.is_lines else text)

    def _discount_of(self, cell: str) -> str:
        plain = self._plain_amount(cell)
        return (canonical_money(plain) or canonical_refund(plain)) if cell.strip() else NO_DISCOUNT

    def _basket_fault(self, texts: list[str]) -> Fault:
        if self.document.grammar == ITEMS:
            return basket_fault(self._plain_basket(texts[0]))
        position = 0
        for text in texts:
            for label, quantity, _ in self._written_items(text):
                position += 1
                if not label.strip():
                    return Rule.EMPTY_BASKET, ""
                if "," in label and not self.is_lines:
                    return Rule.ITEM_WITHOUT_PRICE, f"item {self._incomplete_triple(label)}"
                if not quantity_of(quantity):
                    rule = Rule.REFUND_NOT_SUPPORTED if is_refund(quantity) else Rule.BAD_QUANTITY
                    return rule, f"item {position}"
            for item in self._items([text]):
                if fault := item_fault(item, is_alone=self.is_lines):
                    return fault, f"item {position}"
        items = self._items(texts)
        return fault_together(items) if items else (Rule.BAD_ITEM, f"more than {MAX_ITEMS} items")

    # --- the parts

    def _text(self, kind: str, cells: list[str]) -> str:
        """Return the cell of a column; "" if there is none, or if it holds a word for nothing."""
        place = self.places.get(kind, -1)
        text = cells[place] if 0 <= place < len(cells) else ""
        if self._is_literal:
            return text
        text = decoded(self.document, text)
        return "" if self.document.blanks and text.strip().casefold() in self.document.blanks else text

    def _branch_text(self, cells: list[str]) -> str:
        source = self.document.branch_from
        if source == COLUMN:
            return self._text("branch", cells)
        if source == CONSTANT:
            return self.document.branch_name
        if not self._cells.cafe_of_key:
            raise UnreadableBranchFile(
                FileReason.NO_CAFE_IN_KEY,
                f"{self.name} has the café in the name only, as in leeds_25-08-2021_09-00-00.csv",
            )
        return self._cells.cafe_of_key

    def _canonical_line(self, text: str) -> str:
        return self._cells.joined([canonical_item(item, is_alone=self.is_lines) for item in self._items([text])])

    @staticmethod
    def _sum(basket: str) -> str:
        pence = sum(pence_of(item.rpartition(" - ")[2]) for item in items_of(basket))
        return pounds(pence) if pence <= MAX_PENCE else ""

    def _items(self, texts: list[str]) -> list[str]:
        """Return each item in feed B's form, as often as it was sold; [] if they are too many."""
        items: list[str] = []
        for text in texts:
            for label, quantity, price in self._written_items(text):
                count = quantity_of(quantity)
                if not count or ("," in label and not self.is_lines) or len(items) + count > MAX_ITEMS:
                    return []
                prices = self._prices(price, count)
                items += [f"{label} - {price}" for price in prices]
        return items

    def _prices(self, text: str, count: int) -> list[str]:
        """Return the price of each of ``count`` things. An amount that does not divide has pence left for the first."""
        plain = self._plain_amount(text)
        if "amount" not in self.places or count == 1 or not canonical_money(plain):
            return [plain] * count
        each, left = divmod(pence_of(canonical_money(plain)), count)
        return [pounds(each + (n < left)) for n in range(count)]

    def _item_cells(self, text: str) -> dict[str, str]:
        """Return the cells of an item by kind, from what `basket_text` returned."""
        parts = text.split(_BETWEEN_CELLS)
        if len(parts) != len(self._item_kinds):
            # A cell holds the separator itself, which is an invisible character: the whole is a name that is rejected.
            parts = [text, *[""] * (len(self._item_kinds) - 1)]
        blanks = self.document.blanks
        empty = dict.fromkeys((*ITEM_KINDS, "discount"), "")
        cells = {
            kind: "" if part.strip().casefold() in blanks else part
            for kind, part in zip(self._item_kinds, parts, strict=True)
        }
        return empty | {"quantity": "1"} | cells

    def _written_items(self, text: str) -> list[list[str]]:
        """Split what `basket_text` returned into label, quantity and price of each item."""
        if self.is_lines:
            cells = self._item_cells(text)
            label = f"{cells['size'].strip()} {cells['item'].strip()}".strip()
            flavour = cells["flavour"].strip()
            label = f"{label} - {flavour}" if flavour and cells["item"].strip() else label
            return [[label if cells["item"].strip() else "", cells["quantity"], cells["price"] or cells["amount"]]]
        if text.strip().casefold() in self.document.blanks:
            return [["", "", ""]]
        if text.count(",") % 3 != 2:
            return [[text, "1", ""]]
        return [triple.split(",") for triple in triples_of(text)]

    def _plain_amount(self, text: str) -> str:
        return (self._plain(text) if self._plain else text).strip()

    def _own_basket(self, text: str) -> str:
        return self._baskets[text]

    def _plain_basket(self, text: str) -> str:
        """Write the prices of a basket as plain amounts."""
        if text.strip().casefold() in self.document.blanks:
            return ""
        if self._plain is None:
            return text
        items = (item.rpartition(" - ") for item in text.split(", "))
        return ", ".join(f"{label}{dash}{self._plain(price)}" if dash else price for label, dash, price in items)

    @cached_property
    def _baskets(self) -> Remembered:
        return Remembered(lambda text: self._cells.basket(self._plain_basket(text)))

    @cached_property
    def _days(self) -> Remembered:
        plain = self._plain_day
        return self._cells.days if plain is None else Remembered(lambda text: self._cells.days[plain(text)])

    @cached_property
    def _times(self) -> Remembered | None:
        zone = self.document.zone
        return None if zone == self._cells.zone else Remembered(lambda text: self._cells.time_in(text, zone))

    @cached_property
    def _plain_day(self) -> Callable[[str], str] | None:
        return plain_days(self.document)

    def _plainly_written_at(self, cells: list[str]) -> str:
        """Return a row's time with its day in a form that each dialect has; "" if the document has another form."""
        written = self.written_at(cells)
        return self._plain_day(written) if self._plain_day else written

    @cached_property
    def _totals(self) -> Remembered:
        plain = self._plain
        return self._cells.totals if plain is None else Remembered(lambda text: canonical_money(plain(text)))

    @cached_property
    def _payments(self) -> Remembered:
        words = self.document.payment_words
        if not words:
            return self._cells.payments
        return Remembered(lambda text: words.get(column_name(text)) or canonical_payment(text))


def readers_of(readers: Sequence[RowReader], cells: list[str]) -> Iterator[tuple[RowReader, list[str]]]:
    """Yield the readers that recognise a row by its cells, each with the row as it fits.

    A dialect that has just this number of cells goes before one that fits only without blank cells or with added ones.
    """
    exact = [reader for reader in readers if reader.count == len(cells) and reader.is_shown_by(cells)]
    if exact:
        yield from ((reader, cells) for reader in exact)
        return
    for reader in readers:
        if reader.count != len(cells) and (fitted := reader.fitted(cells)) and reader.is_shown_by(fitted):
            yield reader, fitted


class DirectRow(NamedTuple):
    """How to read a row that is a whole order.

    ``places`` are the number of cells, and where time, branch, basket, total and payment are.
    """

    places: tuple[int, int, int, int, int, int]
    days: Mapping[str, str]
    basket_of: Callable[[str], str]
    totals: Mapping[str, str]
    payments: Mapping[str, str]


# No row has this number of cells.
NO_DIRECT_ROW = DirectRow((-1, 0, 0, 0, 0, 0), {}, str, {}, {})
