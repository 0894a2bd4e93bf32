"""Files in every dialect: a CSV reader finds what the renderer prints."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given

from cafe.generate.dialects import HEADERS, Dialect, Ending, Feed, Layout, RoundTrip
from cafe.generate.orders import Item, Order
from cafe.generate.rendering import render
from strategies import dialects, orders

LATTE = Item("Large", "Latte", 245)
VANILLA = Item("Regular", "Flavoured latte - Vanilla", 255)
BABYCCINO = Item("", "Babyccino", 0)


def an_order(**overrides: Any) -> Order:
    order = Order(
        "Leeds",
        datetime.fromisoformat("2023-05-09 09:04:07"),
        "Ada Tester",
        (LATTE, VANILLA),
        "CARD",
        "7925000000000044",
        "visa16",
    )
    return order._replace(**overrides)


CASH = an_order(items=(BABYCCINO,), payment="CASH", card_number="", card_type="")


def text_of(*printed: Order, dialect: Dialect) -> str:
    return b"".join(render(printed, dialect)).decode()


@pytest.mark.parametrize(
    ("order", "dialect", "expected"),
    [
        pytest.param(
            an_order(),
            Dialect(),
            '09/05/2023 09:04,Leeds,Ada Tester,"Large Latte - 2.45, Regular Flavoured latte - Vanilla - 2.55",5.0,CARD,'
            "7925000000000044\n",
            id="feed b",
        ),
        pytest.param(
            CASH,
            Dialect(),
            "09/05/2023 09:04,Leeds,Ada Tester,Babyccino - 0.00,0.0,CASH,\n",
            id="feed b, cash, no size",
        ),
        pytest.param(
            an_order(),
            Dialect(feed=Feed.A),
            '2023-05-09 09:04:07,Leeds,Ada Tester,"Large,Latte,2.45,Regular,Flavoured latte - Vanilla,2.55",CARD,5.00,'
            '"visa16,7925000000000044"\n',
            id="feed a",
        ),
        pytest.param(
            CASH,
            Dialect(feed=Feed.A),
            '2023-05-09 09:04:07,Leeds,Ada Tester,",Babyccino,0.0",CASH,0.00,None\n',
            id="feed a, cash, no size",
        ),
        pytest.param(
            an_order(items=(LATTE, LATTE)),
            Dialect(round_trip=RoundTrip.EXCEL),
            '9/5/2023 9:04,Leeds,Ada Tester,"Large Latte - 2.45, Large Latte - 2.45",4.9,CARD,7.925E+15\n',
            id="excel",
        ),
        pytest.param(
            an_order(items=(Item("Large", "Tea", 400),), card_number="9999999999999999"),
            Dialect(round_trip=RoundTrip.EXCEL),
            "9/5/2023 9:04,Leeds,Ada Tester,Large Tea - 4.00,4,CARD,1E+16\n",
            id="excel rounds",
        ),
        pytest.param(
            an_order(items=(LATTE,)),
            Dialect(round_trip=RoundTrip.PANDAS),
            "09/05/2023 09:04,Leeds,Ada Tester,Large Latte - 2.45,2.45,CARD,7925000000000044.0\n",
            id="pandas",
        ),
        pytest.param(
            an_order(items=(LATTE,)),
            Dialect(sizeless=True),
            "09/05/2023 09:04,Leeds,Ada Tester,Latte - 2.45,2.45,CARD,7925000000000044\n",
            id="sizeless",
        ),
        pytest.param(
            an_order(),
            Dialect(layout=Layout.EXPLODED),
            "09/05/2023 09:04,Leeds,Ada Tester,Large Latte,2.45,5.0,CARD,7925000000000044\n"
            ",,,Regular Flavoured latte - Vanilla,2.55,,,\n",
            id="exploded",
        ),
        pytest.param(
            an_order(items=(LATTE, LATTE, VANILLA)),
            Dialect(layout=Layout.FOREIGN),
            "Sale ID,Customer Name,Product,Quantity,Price,Shop,Payment Type,Card Number,Sale Date,Sale Time\n"
            "0904,Ada Tester,Large Latte,2,£2.45,Leeds,Card,7925000000000044,09/05/2023,09:04\n",
            id="foreign",
        ),
        pytest.param(
            an_order(branch="St. Ives, Cornwall", customer='Di "Dot" Madeup', items=(LATTE,)),
            Dialect(),
            '09/05/2023 09:04,"St. Ives, Cornwall","Di ""Dot"" Madeup",Large Latte - 2.45,2.45,CARD,7925000000000044\n',
            id="quotes where needed",
        ),
    ],
)
def test_an_order_prints_as_that_dialect_prints_it(order: Order, dialect: Dialect, expected: str) -> None:
    assert text_of(order, dialect=dialect) == expected


def test_padding_leaves_blanks_at_the_end_of_every_cell_outside_the_quotes() -> None:
    padded = text_of(an_order(items=(LATTE, LATTE)), dialect=Dialect(padded=True))

    assert '"Large Latte - 2.45, Large Latte - 2.45"  ' in padded
    assert all(cell.endswith(" ") for cell in padded.removesuffix("\n").replace(", ", "").split(","))


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        pytest.param(Dialect(headers=HEADERS[7:]), f"{HEADERS[7]}\n{HEADERS[8]}\nROW\nROW\n", id="repeated headers"),
        pytest.param(Dialect(ending=Ending.CRLF), "ROW\r\nROW\r\n", id="CRLF"),
        pytest.param(Dialect(ending=Ending.CR), "ROW\rROW\r", id="CR"),
        pytest.param(Dialect(ending=Ending.MIXED), "ROW\rROW\r\n", id="mixed"),
        pytest.param(Dialect(ending=Ending.MIXED, blank_lines=True), "\rROW\r\nROW\n", id="mixed, blank line"),
        pytest.param(Dialect(bom=True), "\ufeffROW\nROW\n", id="byte order mark"),
        pytest.param(Dialect(trailing_space=True), "ROW\nROW\n \n", id="last line of a space"),
        pytest.param(
            Dialect(trailing_space=True, final_newline=False), "ROW\nROW\n ", id="last line of a space, no newline"
        ),
        pytest.param(Dialect(final_newline=False), "ROW\nROW", id="no final newline"),
        pytest.param(Dialect(blank_lines=True, final_newline=False), "\nROW\nROW", id="blank line, no final newline"),
    ],
)
def test_a_dialect_adds_headers_blank_lines_and_line_ends(dialect: Dialect, expected: str) -> None:
    plain_row = text_of(CASH, dialect=Dialect()).removesuffix("\n")

    assert text_of(CASH, CASH, dialect=dialect) == expected.replace("ROW", plain_row)


def test_a_shuffled_file_has_the_same_rows_in_an_order_decided_by_the_seed() -> None:
    printed = [an_order(ordered_at=datetime.fromisoformat(f"2023-05-09 09:{minute:02d}")) for minute in range(60)]
    plain = b"".join(render(printed, Dialect()))

    first, again, other = (b"".join(render(printed, Dialect(shuffled=True), seed=seed)) for seed in (1, 1, 2))

    assert first == again
    assert first not in (plain, other)
    assert sorted(first.splitlines()) == sorted(plain.splitlines())


def test_no_orders_print_an_empty_file() -> None:
    assert b"".join(render([], Dialect())) == b""
    assert b"".join(render([], Dialect(final_newline=False, blank_lines=True))) == b""


@pytest.mark.parametrize(
    "combination",
    [
        pytest.param({"layout": Layout.EXPLODED, "round_trip": RoundTrip.EXCEL}, id="exploded by Excel"),
        pytest.param({"layout": Layout.EXPLODED, "feed": Feed.A}, id="exploded feed a"),
        pytest.param({"round_trip": RoundTrip.PANDAS, "feed": Feed.A}, id="feed a through pandas"),
    ],
)
def test_a_dialect_that_no_program_produces_is_refused(combination: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"never both|only feed b"):
        Dialect(**combination)  # type: ignore[arg-type]


def cells_found(content: bytes, dialect: Dialect) -> Iterator[list[str]]:
    """Read a rendered file with the csv module, without headers and blank lines."""
    if dialect.gzip:
        content = gzip.decompress(content)
    text = content.decode("utf-8-sig")
    headers = [[cell.strip() for cell in header] for header in csv.reader(HEADERS)]
    for row in csv.reader(io.StringIO(text, newline="")):
        cells = [cell.strip() for cell in row]
        if any(cells) and cells not in headers:
            yield cells


@given(orders(), dialects())
def test_every_order_is_in_the_file_with_its_branch_and_payment(sales: list[Order], dialect: Dialect) -> None:
    content = b"".join(render(sales, dialect))

    rows = [cells for cells in cells_found(content, dialect) if cells[0]]
    payment = -3 if dialect.feed is Feed.A else -2
    assert Counter((cells[1], cells[payment]) for cells in rows) == Counter((o.branch, o.payment) for o in sales)


@given(orders(), dialects())
def test_a_compressed_file_expands_to_the_plain_one(sales: list[Order], dialect: Dialect) -> None:
    packed = b"".join(render(sales, replace(dialect, gzip=True)))

    assert gzip.decompress(packed) == b"".join(render(sales, replace(dialect, gzip=False)))
