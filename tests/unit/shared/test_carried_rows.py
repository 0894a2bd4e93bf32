"""Rows inside a message: what goes in comes out, what is too much goes elsewhere, and what is no rows is refused."""

import gzip
from base64 import b64encode

import pytest

from shared.carried_rows import UnreadableRows, carried, member_of, rows_of
from shared.contracts import MAX_CARRIED_CHARACTERS

ROWS = "7,Café Leeds\n".encode()


def test_rows_come_out_as_they_went_in() -> None:
    member = gzip.compress(ROWS)

    texts = carried({"orders": member, "dimensions": member})

    assert {name: rows_of(text) for name, text in texts.items()} == {"orders": ROWS, "dimensions": ROWS}
    assert member_of(texts["orders"]) == member


@pytest.mark.parametrize(("too_many", "tables"), [(0, 2), (4, 0)])
def test_tables_are_carried_together_or_not_at_all(too_many: int, tables: int) -> None:
    half = b"x" * (3 * MAX_CARRIED_CHARACTERS // 8)

    assert len(carried({"orders": half, "order_items": half + b"x" * too_many})) == tables


@pytest.mark.parametrize(
    "text",
    ["no base64!", b64encode(ROWS).decode(), b64encode(gzip.compress(ROWS)[:-9]).decode()],
    ids=["no base64", "no gzip", "cut off"],
)
def test_what_is_no_rows_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRows):
        rows_of(text)
