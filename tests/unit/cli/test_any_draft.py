"""A draft from any file: never an error, nothing personal in it, and the file's own orders if the file is evident."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import strategies
from cafe.answers.dialects import added_to, document_named
from cafe.answers.drafting.proposal import propose
from cafe.answers.drafting.sample import LEAST_COLUMNS
from cafe.generate.documents import PLAIN, Habits, as_the_document_has_them, write_as
from cafe.generate.orders import Item, Order
from extract.cells import CAFES_ZONE
from extract.dialects.catalogue import Catalogue, shipped
from extract.dialects.document import (
    BY_CELLS,
    BY_HEADER,
    BY_LINE,
    BY_TIME,
    CONSTANT,
    FOUR_DIGITS,
    KEY,
    LINES,
    SUMMED,
    YEAR_FIRST,
    Column,
    Document,
    read_document,
)
from extract.lines import LineReader
from extract.rules import UnreadableBranchFile
from fakes import tables_of
from personal_data import PersonalData
from reference import tables_of_orders

KEY_OF_LEEDS = "2026/11/20/leeds_20-11-2026_09-00-00.csv"
CARD = "4929123412341234"
PERSONAL = PersonalData(("Zaphod", "Planted"), (CARD,))
# Words of another till: no shipped document knows such a header.
HEADINGS = {
    "time": "Closed", "date": "Day sold", "clock": "Hour", "branch": "Site", "order": "Bill no", "basket": "Contents",
    "item": "Product", "size": "Portion", "flavour": "Syrup", "quantity": "Pieces", "price": "Each",
    "amount": "Line value", "total": "Bill sum", "discount": "Reduction", "payment": "Tender", "till": "Till",
}  # fmt: skip
HEADINGS_OF_PEOPLE, HEADINGS_OF_OTHERS = ("Guest", "Card number", "Contact", "Served by"), "Other {}"


def with_other_headings(document: Document, by: str = BY_HEADER) -> Document:
    """Name the columns of a document as another till would."""
    people, others = iter(HEADINGS_OF_PEOPLE * 9), count()
    names = [
        next(people)
        if column.kind == "personal"
        else HEADINGS.get(column.kind) or HEADINGS_OF_OTHERS.format(next(others))
        for column in document.columns
    ]
    columns = tuple(
        Column(column.kind, (name,), column.lacks) for column, name in zip(document.columns, names, strict=True)
    )
    return replace(document, by=by, columns=columns)


def lines_of(body: bytes) -> list[str]:
    """Return the lines of a file as the command does; none if it is no text."""
    try:
        return [line for block in LineReader().blocks([body]) for line in block.lines]
    except UnreadableBranchFile:
        return []


def others_than(document: Document) -> Catalogue:
    return Catalogue(tuple(other for other in shipped().documents if other.name != document.name))


@given(
    strategies.orders(min_size=1, max_size=12, documents=True),
    st.sampled_from(shipped().documents) | strategies.documents(),
    st.sampled_from((BY_HEADER, BY_CELLS)),
    strategies.habits(),
)
def test_a_draft_from_any_orders_is_a_document_without_anything_personal(
    orders: list[Order], document: Document, by: str, habits: Habits
) -> None:
    orders = [order._replace(customer="Zaphod Planted") for order in orders]
    catalogue = others_than(document)
    body = write_as(as_the_document_has_them(orders, document, "leeds"), with_other_headings(document, by), habits)
    body = body.replace(b"Zaphod Planted", CARD.encode(), len(orders) // 2)

    proposal = propose(lines_of(body), catalogue)

    if proposal is None:
        assert len(document.columns) < LEAST_COLUMNS
        return
    assert not PERSONAL.found_in(repr(proposal).encode())
    draft = tomllib.loads(proposal.text)
    assert [column["is"] for column in draft["columns"]]
    assert proposal.is_valid is not proposal.questions[-1].startswith("the draft is not valid yet")
    if proposal.is_valid:
        assert added_to(catalogue, read_document(proposal.text, "new.toml"))
    assert propose(lines_of(body), catalogue) == proposal


def evident_orders() -> Iterator[Order]:
    """Yield orders that show how a file is written: days over 12, products at several quantities, both payments."""
    latte, mocha = Item("Large", "Latte", 245), Item("Regular", "Mocha - Vanilla", 270)
    toastie, platter = Item("", "Ham toastie", 350), Item("", "Party platter", 115_099)
    baskets = ((latte, latte, toastie), (mocha,), (toastie, toastie, toastie), (latte, mocha, mocha), (platter,))
    start = datetime.fromisoformat("2021-08-13 09:05")
    for branch in ("Leeds", "Newcastle upon Tyne", "Isle of Wight"):
        for number in range(10):
            items, payment = baskets[number % len(baskets)], ("CARD", "CASH")[number % 2]
            moment, discount = start + timedelta(days=number, minutes=7 * number), 45 if number % 3 == 0 else 0
            yield Order(branch, moment, "Zaphod Planted", items, payment, "", "", discount)


def as_a_file_can_show_it(document: Document) -> Document:
    """Take out of a document what no file shows: what a constant is, what the till's words mean, another zone."""
    is_a_day_alone = bool(document.clock)
    return replace(
        document,
        zone=CAFES_ZONE,
        payment_words={},
        payment_is="OTHER" if document.payment_from == CONSTANT else "",
        branch_from=KEY if document.branch_from == CONSTANT else document.branch_from,
        clock="00:00" if is_a_day_alone else "",
        group=BY_LINE if is_a_day_alone and document.group == BY_TIME else document.group,
        # Only sums and columns of amounts show what stands between thousands.
        thousands="" if document.grammar != LINES and document.total_from == SUMMED else document.thousands,
        # A year of two digits in front looks like a day.
        years=FOUR_DIGITS if document.day_order == YEAR_FIRST else document.years,
    )


@pytest.mark.parametrize(
    "document",
    [document for document in shipped().documents if len(document.columns) >= LEAST_COLUMNS],
    ids=lambda document: document.name,
)
def test_the_draft_of_an_evident_file_of_each_shipped_dialect_reads_its_orders(document: Document) -> None:
    assert_the_draft_reads(document, PLAIN)


@given(st.sampled_from(shipped().documents) | strategies.documents(), strategies.habits())
def test_the_draft_of_an_evident_file_reads_its_orders(document: Document, habits: Habits) -> None:
    assume(len(document.columns) >= LEAST_COLUMNS)
    assert_the_draft_reads(document, habits)


def assert_the_draft_reads(document: Document, habits: Habits) -> None:
    """Assert that the draft from a file with evident orders reads the same orders."""
    document = with_other_headings(as_a_file_can_show_it(document))
    orders = as_the_document_has_them(evident_orders(), document, "leeds")
    body = write_as(orders, document, habits)

    proposal = propose(lines_of(body), Catalogue(()))

    assert proposal is not None
    assert proposal.is_valid
    draft = Catalogue((read_document(proposal.text, "new.toml"),))
    assert tables_of(body, KEY_OF_LEEDS, draft) == tables_of_orders(orders, KEY_OF_LEEDS)


# What tempts a guess: cells of all kinds, halves of them, marks of CSV and TOML, and what cannot be seen.
TEMPTING = (
    "", " ", "0", "7", "2.45", "2,45", "£2.45", "(2.45)", "1.150,99", ".", "-", "13/08/2021", "13/08/21", "99/99/9999",
    "0000-00-00", "2021-08-13T09:05:00Z", "13/08/2021 25:61", "09:05", "9:05 PM", "CASH", "Card", "Latte - 2.45",
    "Latte - ", " - 2.45", "Large,Latte,2.45", "Latte, 2, £3.50", "Latte, 9999999, 3", "Zaphod Planted", CARD,
    "a@example.com", "ERROR", "NaN", "Total", "Price", "Date", "Qty", '"',
    "\'\'\'", "\\", "\u202e", "\0", "\udca3", "٣",
)  # fmt: skip


def tempting_lines() -> st.SearchStrategy[list[str]]:
    """Lines of a table, or nearly: cells that tempt a guess, with any separator between them."""
    cells = st.sampled_from(TEMPTING) | st.text(max_size=5)
    table = st.lists(st.lists(cells, min_size=3, max_size=9), min_size=1, max_size=8)
    return st.builds(lambda rows, mark: [mark.join(row) for row in rows], table, st.sampled_from(",;\t|"))


@given(tempting_lines() | st.lists(st.text()) | st.binary().map(lines_of))
def test_any_text_gives_a_draft_that_is_toml_or_none(lines: Sequence[str]) -> None:
    proposal = propose(lines, shipped())

    if proposal:
        draft = tomllib.loads(proposal.text)
        assert draft["columns"]
        if proposal.is_valid:
            read_document(proposal.text, "new.toml")


def test_a_draft_does_not_depend_on_how_this_process_hashes() -> None:
    body = write_as(evident_orders(), with_other_headings(document_named(shipped(), "square-items")))
    code = (
        "import sys\nfrom cafe.answers.drafting.proposal import propose\n"
        "from extract.dialects.catalogue import Catalogue\nprint(propose(sys.stdin.read().splitlines(), Catalogue(())))"
    )

    drafts = {
        subprocess.run(
            [sys.executable, "-c", code], input=body.decode(), env=os.environ | {"PYTHONHASHSEED": seed}, check=True,
            capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip

    assert len(drafts) == 1
    assert "is_valid=True" in drafts.pop()
