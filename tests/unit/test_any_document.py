"""Any orders, written as any document says, give the ids that feed B gives; nothing personal leaves extract."""

import csv
import io
from itertools import groupby

import pytest
from hypothesis import given, settings

import strategies
from cafe.generate.dialects import Dialect
from cafe.generate.orders import Item, Order
from cafe.generate.rendering import render
from extract.dialects.catalogue import shipped
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
from fakes import extract_bytes, tables_of

KEY_OF_LEEDS = "2026/11/20/leeds_20-11-2026_09-00-00.csv"
DAYS = {DAY_FIRST: "%d/%m/%Y", MONTH_FIRST: "%m/%d/%Y"}


def as_the_document_has_it(order: Order, document: Document) -> Order:
    """Leave out what a file in this dialect does not say."""
    if document.payment_from == CONSTANT:
        order = order._replace(payment=document.payment_is)
    if document.branch_from == KEY:
        order = order._replace(branch="leeds")
    if document.clock:
        order = order._replace(ordered_at=order.ordered_at.replace(hour=0, minute=0))
    if document.group == BY_LINE:
        order = order._replace(items=tuple(item for item in order.items if item == order.items[0]))
    return order


def written(orders: list[Order], document: Document) -> bytes:
    """Write a file as the document says."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=document.delimiter, lineterminator="\n")
    if document.by == BY_HEADER:
        writer.writerow(column.names[0] for column in document.columns)
    for number, order in enumerate(orders):
        # A till that groups by blank cells has a line for each thing, and no quantity.
        runs = (
            [list(run) for _, run in groupby(order.items)]
            if document.group != BY_BLANKS
            else [[i] for i in order.items]
        )
        for place, run in enumerate(runs if document.grammar == LINES else runs[:1]):
            cells = {**of_order(order, document, number), **of_item(run[0], len(run), document)}
            if place and document.group == BY_BLANKS:
                cells = of_item(run[0], len(run), document)
            writer.writerow(cells.get(column.kind, "") for column in document.columns)
    return text.getvalue().encode()


def of_order(order: Order, document: Document, number: int) -> dict[str, str]:
    day = order.ordered_at.strftime(DAYS.get(document.day_order, "%Y-%m-%d"))
    items = [list(run) for _, run in groupby(order.items)]
    basket = ", ".join(f"{label(item)} - {amount(item.pence, document)}" for item in order.items)
    if document.grammar == QUANTITY:
        basket = ", ".join(f"{label(run[0])}, {len(run)}, £{amount(run[0].pence, document)}" for run in items)
    return {
        "time": f"{day} {order.ordered_at:%H:%M}",
        "date": day,
        "clock": f"{order.ordered_at:%H:%M}",
        "branch": order.branch,
        "order": f"n{number}",
        "basket": basket,
        "total": amount(order.pence, document),
        "payment": order.payment.capitalize(),
        "personal": f"Zaphod {order.customer}",
        "ignored": str(number),
    }


def of_item(item: Item, count: int, document: Document) -> dict[str, str]:
    return {
        "item": item.name if document.has("size") else label(item),
        "size": item.size,
        "quantity": str(count),
        "price": amount(item.pence, document),
        "amount": amount(item.pence * count, document),
        "discount": amount(0, document),
    }


def label(item: Item) -> str:
    return f"{item.size} {item.name}".strip()


def amount(pence: int, document: Document) -> str:
    return f"{pence // 100}{'.' if document.decimal == '.' else ','}{pence % 100:02d}"


@pytest.mark.parametrize("document", shipped().documents, ids=lambda document: document.name)
@settings(max_examples=settings().max_examples // 5)
@given(strategies.orders(max_size=12))
def test_any_document_gives_the_ids_that_feed_b_gives(document: Document, orders: list[Order]) -> None:
    sold = [as_the_document_has_it(order, document) for order in orders]

    body = written(sold, document)

    assert tables_of(body, KEY_OF_LEEDS) == tables_of(b"".join(render(sold, Dialect())), KEY_OF_LEEDS)
    extracted, rows = extract_bytes(body, KEY_OF_LEEDS)
    assert (extracted.file.lines.orders, extracted.file.rejects) == (len(orders), 0)
    assert "Zaphod" not in rows
