"""Any orders, written as any document says, give the ids of a plain file; nothing personal leaves extract."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from cafe.generate.documents import Habits, as_the_document_has_them, write_as
from cafe.generate.orders import Order
from extract.dialects.catalogue import Catalogue, shipped
from extract.dialects.document import Document
from fakes import extract_bytes, tables_of
from reference import tables_of_orders

KEY_OF_LEEDS = "2026/11/20/leeds_20-11-2026_09-00-00.csv"
# With the larger one, a party's total has thousands.
FACTORS = (1, 37)
ORDERS = strategies.orders(max_size=12, documents=True)


@pytest.mark.parametrize("document", shipped().documents, ids=lambda document: document.name)
@settings(max_examples=settings().max_examples // 5)
@given(ORDERS, st.sampled_from(FACTORS), strategies.habits())
def test_any_document_gives_the_ids_that_a_plain_file_gives(
    document: Document, orders: list[Order], factor: int, habits: Habits
) -> None:
    assert_same_ids(orders, factor, document, habits, shipped())


@given(
    strategies.orders(max_size=12, documents=True),
    st.sampled_from(FACTORS),
    strategies.documents(),
    strategies.habits(),
)
def test_a_document_with_any_options_gives_the_ids_that_a_plain_file_gives(
    orders: list[Order], factor: int, document: Document, habits: Habits
) -> None:
    assert_same_ids(orders, factor, document, habits, Catalogue((document,)))


def assert_same_ids(orders: list[Order], factor: int, document: Document, habits: Habits, catalogue: Catalogue) -> None:
    """Write orders as a document says and in the plainest form, and compare what they load."""
    orders = [
        order._replace(
            customer=f"Zaphod {order.customer}",
            items=tuple(item._replace(pence=item.pence * factor) for item in order.items),
        )
        for order in orders
    ]
    sold = as_the_document_has_them(orders, document, "leeds")

    body = write_as(sold, document, habits)

    tables = tables_of(body, KEY_OF_LEEDS, catalogue)
    assert tables == tables_of_orders(sold, KEY_OF_LEEDS)
    pence = sum(int(line.rpartition(",")[2].replace(".", "")) for line in tables["orders"])
    assert (pence, len(tables.get("discounts", ()))) == (
        sum(order.pence for order in sold), sum(bool(order.discount) for order in sold),
    )  # fmt: skip
    extracted, rows = extract_bytes(body, KEY_OF_LEEDS, catalogue=catalogue)
    assert (extracted.file.lines.orders, extracted.file.rejects) == (len(sold), 0)
    assert "Zaphod" not in rows
