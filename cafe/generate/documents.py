"""Write orders in the dialect of any document, for tests and benchmarks. Pure: writes no file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from cafe.generate.orders import Item, Order
from cafe.generate.rows import quoted
from extract.cells import CAFES_ZONE, EARLIEST_DAY
from extract.dialects.document import (
    BY_BLANKS,
    BY_HEADER,
    BY_LINE,
    BY_TIME,
    CONSTANT,
    DAY_FIRST,
    KEY,
    LINES,
    MONTH_FIRST,
    QUANTITY,
    TWO_DIGITS,
    WINDOWS,
    WORDS,
    YEAR_FIRST,
    Document,
)

_DAYS = {DAY_FIRST: "%d/%m/%Y", MONTH_FIRST: "%m/%d/%Y", YEAR_FIRST: "%Y-%m-%d"}
_DAYS_IN_WORDS = {DAY_FIRST: "%d-%b-%Y", MONTH_FIRST: "%B %d, %Y", YEAR_FIRST: "%Y-%b-%d"}


@dataclass(frozen=True, slots=True)
class Habits:
    """What a document leaves to the till.

    ``spelling`` chooses one of the names of each column. ``has_signs`` puts the currency's sign before each amount,
    ``has_blank_words`` a word for nothing into cells that hold nothing, and ``has_minus`` a minus before a discount.
    """

    spelling: int = 0
    has_signs: bool = False
    has_blank_words: bool = False
    has_minus: bool = False


PLAIN = Habits()


def as_the_document_has_them(orders: Iterable[Order], document: Document, cafe: str) -> list[Order]:
    """Leave out what a file in this dialect does not say. ``cafe`` is the one that the file's name speaks for."""
    kept = [_as_the_document_has_it(order, document, cafe) for order in orders]
    if document.group == BY_TIME:
        # Lines of one time, branch and till are one order.
        kept = [next(same) for _, same in groupby(kept, key=lambda order: (order.branch, order.till, order.ordered_at))]
    return kept


def _as_the_document_has_it(order: Order, document: Document, cafe: str) -> Order:
    if document.payment_from == CONSTANT:
        order = order._replace(payment=document.payment_is)
    if document.branch_from in (KEY, CONSTANT):
        order = order._replace(branch=cafe if document.branch_from == KEY else document.branch_name)
    if document.clock:
        order = order._replace(ordered_at=datetime.combine(order.ordered_at, time.fromisoformat(document.clock)))
    if document.zone != CAFES_ZONE:
        # A clock that is put forward skips an hour.
        zone = ZoneInfo(document.zone)
        order = order._replace(ordered_at=_in_utc(order, document).astimezone(zone).replace(tzinfo=None))
    if document.group == BY_LINE:
        order = order._replace(items=tuple(_runs(order.items, document)[0]))
    most = order.pence + order.discount if document.has("discount") else 0
    return order._replace(discount=min(order.discount, most), till=order.till if document.has("till") else "")


def write_as(orders: Iterable[Order], document: Document, habits: Habits = PLAIN) -> bytes:
    """Write a file of orders as the document says."""
    names = [column.names[habits.spelling % len(column.names)] for column in document.columns if column.names]
    lines = [names] if document.by == BY_HEADER else []
    nothing = min(document.blanks).upper() if document.blanks and habits.has_blank_words else ""
    for number, order in enumerate(orders):
        runs = _runs(order.items, document)
        runs = runs if document.grammar == LINES else runs[:1]
        each, left = divmod(order.discount, len(runs))
        for place, run in enumerate(runs):
            discount = each if place else each + left
            cells = _of_item(run[0], len(run), document, habits) | {"discount": _discount(discount, document, habits)}
            is_further = place and document.group == BY_BLANKS
            if not is_further:
                cells |= _of_order(order, document, habits, number)
            lines.append([cells.get(column.kind, "") or ("" if is_further else nothing) for column in document.columns])
    delimiter = document.delimiter
    return _encoded(
        "".join(delimiter.join(quoted(cell, delimiter) for cell in cells) + "\n" for cells in lines), document
    )


def _encoded(text: str, document: Document) -> bytes:
    try:
        return text.encode("cp1252" if document.encoding == WINDOWS else "utf-8")
    except UnicodeEncodeError:
        # Windows-1252 has few letters, and every dialect may be in UTF-8 too.
        return text.encode()


def _runs(items: Sequence[Item], document: Document) -> list[list[Item]]:
    """Divide the items of an order into those of each line."""
    has_quantity = document.has("quantity") or document.grammar == QUANTITY
    return [list(run) for _, run in groupby(items)] if has_quantity else [[item] for item in items]


def _in_utc(order: Order, document: Document) -> datetime:
    return order.ordered_at.replace(tzinfo=ZoneInfo(document.zone)).astimezone(UTC)


def _of_order(order: Order, document: Document, habits: Habits, number: int) -> dict[str, str]:
    has_offset = document.zone != CAFES_ZONE
    moment = _in_utc(order, document) if has_offset else order.ordered_at
    day, clock = (
        moment.strftime(_form_of_day(document, moment)),
        f"{moment:%H:%M}{'Z' if has_offset else ''}",
    )
    words = [word for word, payment in document.payment_words.items() if payment == order.payment]
    return {
        "time": f"{day} {clock}",
        "date": day,
        "clock": clock,
        "branch": order.branch,
        "till": order.till,
        "order": f"n{number}",
        "basket": _basket(order, document, habits),
        "total": _amount(order.pence, document, habits),
        "payment": words[0] if words else order.payment.capitalize(),
        "personal": order.customer,
        "ignored": str(number),
    }


def _form_of_day(document: Document, moment: datetime) -> str:
    form = (_DAYS_IN_WORDS if document.months == WORDS else _DAYS)[document.day_order]
    # The first hours of 2000 are in 1999 further west, and 99 is 2099.
    has_short_year = document.years == TWO_DIGITS and moment.year >= EARLIEST_DAY.year
    return form.replace("%Y", "%y") if has_short_year else form


def _basket(order: Order, document: Document, habits: Habits) -> str:
    if document.name == "feed-a":
        # No document says which of the two forms of items a till writes: both are read.
        return ",".join(f"{item.size},{item.name},{_amount(item.pence, document, habits)}" for item in order.items)
    if document.grammar == QUANTITY:
        runs = _runs(order.items, document)
        return ", ".join(f"{_label(run[0])}, {len(run)}, {_amount(run[0].pence, document, habits)}" for run in runs)
    return ", ".join(f"{_label(item)} - {_amount(item.pence, document, habits)}" for item in order.items)


def _of_item(item: Item, count: int, document: Document, habits: Habits) -> dict[str, str]:
    name, _, flavour = item.name.partition(" - ") if document.has("flavour") else (item.name, "", "")
    return {
        "item": name if document.has("size") else f"{item.size} {name}".strip(),
        "size": item.size,
        "flavour": flavour,
        "quantity": str(count),
        "price": _amount(item.pence, document, habits),
        "amount": _amount(item.pence * count, document, habits),
    }


def _label(item: Item) -> str:
    return f"{item.size} {item.name}".strip()


def _discount(pence: int, document: Document, habits: Habits) -> str:
    return f"{'-' if habits.has_minus and pence else ''}{_amount(pence, document, habits)}"


def _amount(pence: int, document: Document, habits: Habits) -> str:
    """Write an amount. Where either mark is understood, both are written."""
    mark = {"either": ".,"[pence % 2]}.get(document.decimal, document.decimal)
    pounds = f"{pence // 100:,}".replace(",", document.thousands)
    return f"{document.currency if habits.has_signs else ''}{pounds}{mark}{pence % 100:02d}"
