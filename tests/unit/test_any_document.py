"""Any orders, written as any document says, give the ids that feed B gives; nothing personal leaves extract."""

import pytest
from hypothesis import given, settings

import strategies
from cafe.generate.dialects import Dialect
from cafe.generate.documents import as_the_document_has_it, write_as
from cafe.generate.orders import Order
from cafe.generate.rendering import render
from extract.dialects.catalogue import shipped
from extract.dialects.document import Document
from fakes import extract_bytes, tables_of

KEY_OF_LEEDS = "2026/11/20/leeds_20-11-2026_09-00-00.csv"


@pytest.mark.parametrize("document", shipped().documents, ids=lambda document: document.name)
@settings(max_examples=settings().max_examples // 5)
@given(strategies.orders(max_size=12))
def test_any_document_gives_the_ids_that_feed_b_gives(document: Document, orders: list[Order]) -> None:
    orders = [order._replace(customer=f"Zaphod {order.customer}") for order in orders]
    sold = [as_the_document_has_it(order, document, "leeds") for order in orders]

    body = write_as(sold, document)

    assert tables_of(body, KEY_OF_LEEDS) == tables_of(b"".join(render(sold, Dialect())), KEY_OF_LEEDS)
    extracted, rows = extract_bytes(body, KEY_OF_LEEDS)
    assert (extracted.file.lines.orders, extracted.file.rejects) == (len(orders), 0)
    assert "Zaphod" not in rows
