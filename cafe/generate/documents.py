"""Write orders in the dialect of any document, for tests and benchmarks. Pure: writes no file."""

from collections.abc import Iterable
from itertools import groupby

from cafe.generate.orders import Item, Order
from cafe.generate.rows import quoted
from extract.dialects.document import (
    BY_BLANKS,
    BY_HEADER,
    BY_LINE,
    CONSTANT,
    DAY_FIRST,
    KEY,
    LINES,
    MONTH_FIRST,
    QUANTITY,
    Document,
)

_DAYS = {DAY_FIRST: "%d/%m/%Y", MONTH_FIRST: "%m/%d/%Y"}


def as_the_document_has_it(order: Order, document: Document, cafe: str) -> Order:
    """Leave out what a file in this dialect does not say. ``cafe`` is the one that the file's name speaks for."""
    if document.payment_from == CONSTANT:
        order = order._replace(payment=document.payment_is)
    if document.branch_from == KEY:
        order = order._replace(branch=cafe)
    if document.clock:
        order = order._replace(ordered_at=order.ordered_at.replace(hour=0, minute=0))
    if document.group == BY_LINE:
        order = order._replace(items=tuple(item for item in order.items if item == order.items[0]))
    return order


def write_as(orders: Iterable[Order], document: Document) -> bytes:
    """Write a file of orders as the document says. Its header has the first name of each column."""
    lines = [[column.names[0] for column in document.columns]] if document.by == BY_HEADER else []
    for number, order in enumerate(orders):
        # A till that leaves cells blank has a line for each thing, and no quantity.
        runs = [list(run) for _, run in groupby(order.items)]
        if document.group == BY_BLANKS:
            runs = [[item] for item in order.items]
        for place, run in enumerate(runs if document.grammar == LINES else runs[:1]):
            cells = _of_item(run[0], len(run), document)
            if not place or document.group != BY_BLANKS:
                cells |= _of_order(order, document, number)
            lines.append([cells.get(column.kind, "") for column in document.columns])
    delimiter = document.delimiter
    return "".join(delimiter.join(quoted(cell, delimiter) for cell in cells) + "\n" for cells in lines).encode()


def _of_order(order: Order, document: Document, number: int) -> dict[str, str]:
    day = order.ordered_at.strftime(_DAYS.get(document.day_order, "%Y-%m-%d"))
    items = [list(run) for _, run in groupby(order.items)]
    basket = ", ".join(f"{_label(item)} - {_amount(item.pence, document)}" for item in order.items)
    if document.name == "feed-a":
        # No document says which of the two forms of items a till writes: both are read.
        basket = ",".join(f"{item.size},{item.name},{_amount(item.pence, document)}" for item in order.items)
    if document.grammar == QUANTITY:
        basket = ", ".join(f"{_label(run[0])}, {len(run)}, £{_amount(run[0].pence, document)}" for run in items)
    return {
        "time": f"{day} {order.ordered_at:%H:%M}",
        "date": day,
        "clock": f"{order.ordered_at:%H:%M}",
        "branch": order.branch,
        "order": f"n{number}",
        "basket": basket,
        "total": _amount(order.pence, document),
        "payment": order.payment.capitalize(),
        "personal": order.customer,
        "ignored": str(number),
    }


def _of_item(item: Item, count: int, document: Document) -> dict[str, str]:
    return {
        "item": item.name if document.has("size") else _label(item),
        "size": item.size,
        "quantity": str(count),
        "price": _amount(item.pence, document),
        "amount": _amount(item.pence * count, document),
        "discount": _amount(0, document),
    }


def _label(item: Item) -> str:
    return f"{item.size} {item.name}".strip()


def _amount(pence: int, document: Document) -> str:
    return f"{pence // 100}{'.' if document.decimal == '.' else ','}{pence % 100:02d}"
