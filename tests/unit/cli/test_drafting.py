"""A draft of a dialect: its guesses read a foreign file's orders, and nothing of a person gets into it."""

import csv
import json
import tomllib
from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from cafe.answers.dialects import added_to, example_fault
from cafe.answers.drafting.proposal import Proposal, propose
from cafe.answers.trial import try_file
from extract.dialects.catalogue import Catalogue, shipped
from extract.dialects.document import Document, Example, read_document

NOW = datetime(2026, 11, 27, tzinfo=UTC)
EXAMPLES = [
    pytest.param(document, example, id=f"{document.name} {number}")
    for document in shipped().documents
    for number, example in enumerate(document.examples, start=1)
]


def drafted(text: str, catalogue: Catalogue | None = None) -> Proposal:
    proposal = propose(text.splitlines(), catalogue or shipped())
    assert proposal is not None
    return proposal


def kinds_of(text: str) -> dict[str, str]:
    return {column.heading: column.kind for column in drafted(text).columns}


def orders_of(text: str, key: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Read a file's orders; a row is written as a document's example writes it."""

    def chunks() -> Generator[bytes]:
        yield text.encode()

    key = key or "head-office/2021/8/25/export.csv"
    trial = try_file(key, len(text.encode()), chunks, example_day(key), catalogue, with_rows=True)
    return tuple(row.as_stated for row in trial.canonical_rows)


def example_day(key: str) -> datetime:
    """Return when a till's own file was sent: its rows must not be old."""
    return datetime(2023, 9, 9, tzinfo=UTC) if key.startswith("2023") else NOW


@pytest.mark.parametrize(("document", "example"), EXAMPLES)
def test_a_draft_from_a_known_dialects_example_reads_the_same_orders(document: Document, example: Example) -> None:
    others = Catalogue(tuple(other for other in shipped().documents if other is not document))

    proposal = drafted(example.text, others)
    draft = read_document(proposal.text, "new.toml")

    assert proposal.is_valid
    assert example_fault(draft, added_to(others, draft)) is None
    assert orders_of(example.text, example.key, added_to(others, draft)) == example.rows


@pytest.mark.parametrize(("document", "example"), EXAMPLES)
def test_no_cell_that_is_dropped_gets_into_a_draft(document: Document, example: Example) -> None:
    """The customers of the examples are made up too, and the draft's own are not among the ones put in here."""
    customer = "Zyx Qwvut"
    text = example.text
    for person in ("Ada Tester", "Ben Sample", "Cy Example", "Di Madeup", "Dave Mock"):
        text = text.replace(person, customer)
    text = text.replace("5494000000000016", "4929123412341234").replace("4111111111111111", "4929123412341234")

    proposal = propose(text.splitlines(), Catalogue(tuple(one for one in shipped().documents if one is not document)))

    written = json.dumps([proposal.text, proposal.questions], ensure_ascii=False) if proposal else ""
    assert written
    assert "Zyx" not in written
    assert "4929" not in written


HEADER = "No;When;Shop;What;Qty;Each;Sum;Paid\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("1;13/08/2021 09:00;Leeds;Tea;1;2,10;2,10;CASH", ("day first", True), id="over 12 in front"),
        pytest.param("1;08/13/2021 09:00;Leeds;Tea;1;2,10;2,10;CASH", ("month first", True), id="over 12 behind"),
        pytest.param("1;2021-08-13 09:00;Leeds;Tea;1;2,10;2,10;CASH", ("year first", True), id="the year in front"),
        pytest.param("1;02/03/2021 09:00;Leeds;Tea;1;2,10;2,10;CASH", ("day first", False), id="nothing shows it"),
    ],
)
def test_the_order_of_day_and_month_is_decided_by_days_over_12_or_asked(rows: str, expected: tuple[str, bool]) -> None:
    proposal = drafted(HEADER + rows)

    order = tomllib.loads(proposal.text).get("time", {}).get("order")
    asked = any("Is the day first, or the month?" in question for question in proposal.questions)
    assert (order, not asked) == expected
    assert proposal.is_valid


def test_arithmetic_shows_which_amount_is_which() -> None:
    """The headings do not say it: the price of one, that of the line, and what the order costs."""
    text = "No,When,Shop,What,Qty,A,B,C,Paid\n" + "".join(
        f"{number},13/08/2021 09:0{number},Leeds,{item},{count},{each},{line},{total},CARD\n"
        for number, item, count, each, line, total in (
            (1, "Tea", 2, "2.10", "4.20", "7.20"),
            (1, "Bun", 1, "3.00", "3.00", "7.20"),
            (2, "Tea", 3, "2.10", "6.30", "6.30"),
        )
    )

    kinds = kinds_of(text)

    assert kinds["C"] == "total"
    assert {kinds["A"], kinds["B"]} in ({"price", "ignored"}, {"amount", "ignored"})
    assert drafted(text).is_valid


def test_the_same_price_at_any_quantity_is_the_price_of_one() -> None:
    text = "When,Shop,Product,Qty,Price,Paid\n" + "".join(
        f"13/08/2021 09:0{count},Leeds,Tea,{count},{{}},CARD\n" for count in (1, 2, 3)
    )

    assert kinds_of(text.format("2.10", "2.10", "2.10"))["Price"] == "price"
    assert kinds_of(text.format("2.10", "4.20", "6.30"))["Price"] == "amount"


def test_columns_of_persons_are_personal_by_their_headings_or_their_cells() -> None:
    text = (
        "When,Shop,Product,Price,Paid,Customer,Barista,Contact,Ref,Phone\n"
        "13/08/2021 09:00,Leeds,Tea,2.10,CASH,Ada Tester,Ben,ada@example.com,4111 1111 1111 1111,07700 900123\n"
    )

    kinds = kinds_of(text)

    assert [kinds[heading] for heading in ("Customer", "Barista", "Contact", "Ref", "Phone")] == ["personal"] * 5


def test_a_first_row_of_an_order_is_no_header() -> None:
    proposal = drafted("13/08/2021 09:00|Leeds|Ada Tester|Large Latte - 2.45|2.45|CASH\n" * 3)

    assert tomllib.loads(proposal.text)["recognise"]["by"] == "cells"
    assert [column.heading for column in proposal.columns] == [""] * 6


def test_a_damaged_order_in_the_first_row_is_no_header() -> None:
    lost = "at nine|Leeds|Ada Tester|Latte|much|CASH\n"

    proposal = drafted(lost + "13/08/2021 09:00|Leeds|Ada Tester|Large Latte - 2.45|2.45|CASH\n" * 3)

    assert "Ada Tester" not in {column.heading for column in proposal.columns}
    assert "names" not in proposal.text


def test_a_foreign_sign_and_an_unknown_payment_are_asked() -> None:
    proposal = drafted("When,Shop,Product,Price,Payment\n13/08/2021 09:00,Köln,Tee,€2.10,Karte\n")

    asked = " ".join(proposal.questions)
    assert "the sign €" in asked
    assert "1 word of column 5 is no known payment" in asked
    assert "Karte" not in proposal.text
    assert proposal.is_valid


@pytest.mark.parametrize("sign", ["¥", "kr", "CHF", "zł"])
def test_amounts_with_a_foreign_sign_are_read_and_the_draft_asks_whether_they_are_pounds(sign: str) -> None:
    text = f"When,Shop,Product,Price,Payment\n13/08/2021 09:00,Leeds,Tea,{sign} 2.10,CASH\n"

    proposal = drafted(text)

    assert tomllib.loads(proposal.text)["file"] == {"currency": sign}
    assert any(f"amounts have the sign {sign}. The warehouse holds pounds" in one for one in proposal.questions)
    assert proposal.is_valid


def test_pounds_by_their_letters_are_no_question() -> None:
    proposal = drafted("When,Shop,Product,Price,Payment\n13/08/2021 09:00,Leeds,Tea,GBP 2.10,CASH\n")

    assert tomllib.loads(proposal.text)["file"] == {"currency": "GBP"}
    assert not any("sign" in question for question in proposal.questions)


def test_several_signs_of_amounts_are_asked() -> None:
    rows = "13/08/2021 09:00,Leeds,Tea,£2.10,CASH\n13/08/2021 09:01,Leeds,Tea,€2.10,CASH\n"

    proposal = drafted(f"When,Shop,Product,Price,Payment\n{rows}")

    assert any("amounts have several signs: £, €." in question for question in proposal.questions)


@pytest.mark.parametrize(
    ("written", "said", "asks_for_the_year"),
    [
        ("13-Aug-21 9:02 AM", {"months": "words", "years": "two digits"}, True),
        ("13 August 2021 09:02", {"months": "words"}, False),
        ("Fri Aug 13 2021 09:02", {"months": "words"}, False),
        ("2021-Aug-13 09:02", {"months": "words"}, False),
        ("13/08/21 09:02", {"order": "day first", "years": "two digits"}, True),
    ],
)
def test_months_in_words_and_years_of_two_digits_are_found(
    written: str, said: dict[str, str], asks_for_the_year: bool
) -> None:
    text = f"When;Shop;Product;Price;Payment\n{written};Leeds;Tea;2.10;CASH\n"

    proposal = drafted(text)

    draft = read_document(proposal.text, "new.toml")
    assert tomllib.loads(proposal.text)["time"] == said
    assert proposal.is_valid
    assert orders_of(text, "", Catalogue((draft,))) == ("Leeds\t2021-08-13 09:02:00\tTea - 2.10\t2.10\tCASH",)
    assert any("years have two digits" in question for question in proposal.questions) is asks_for_the_year
    assert not any("Is the day first" in question for question in proposal.questions)


def test_a_column_of_tills_keeps_equal_orders_of_two_tills_apart() -> None:
    row = "13/08/2021 09:00,Leeds,{},Tea,2.10,CASH\n"
    text = "When,Shop,Till,Product,Price,Payment\n" + "".join(row.format(till) for till in (1, 2, 1, 2))

    assert kinds_of(text)["Till"] == "till"


def test_the_other_time_may_be_the_sales_with_two_changes_of_the_document() -> None:
    text = "Opened,Closed,Shop,Product,Price,Payment\n13/08/2021 09:00,13/08/2021 09:05,Leeds,Tea,2.10,CASH\n"

    draft = drafted(text).text
    for heading, before, after in (("Opened", "time", "ignored"), ("Closed", "ignored", "time")):
        old = f'is = "{before}"\nnames = ["{heading}"]'
        assert old in draft
        draft = draft.replace(old, old.replace(before, after))

    document = read_document(draft, "new.toml")
    assert example_fault(document, Catalogue((document,))) is None


def test_an_example_that_is_read_in_another_way_says_what_it_would_have_to_state() -> None:
    draft = drafted("When,Product,Price,Payment\n13/08/2021 09:00,Tea,2.10,CASH\n").text
    one_cafe = draft.replace('from = "key"', 'from = "constant"\nname = "York"')

    document = read_document(one_cafe, "new.toml")
    fault = example_fault(document, Catalogue((document,)))

    assert fault
    assert tomllib.loads(fault.read) == {"rows": [], "rejects": ["2 foreign_branch", "3 foreign_branch"]}


def test_a_file_without_a_time_gives_a_draft_that_says_what_it_lacks() -> None:
    proposal = drafted("Shop,Product,Price,Paid\nLeeds,Tea,2.10,CASH\n")

    assert not proposal.is_valid
    assert "# QUESTION: no column has times that are read" in proposal.text
    assert "the draft is not valid yet" in proposal.text


@pytest.mark.parametrize("text", ["", "one cell\n" * 3, "a,b\n1,2\n"], ids=["empty", "one cell", "two cells"])
def test_a_file_that_is_no_table_gives_no_draft(text: str) -> None:
    assert propose(text.splitlines(), shipped()) is None


def test_a_heading_cannot_break_out_of_the_draft() -> None:
    heading = "Pr\"ice'''\\ \u202e # is = \"x\"\nname"
    written = ",".join(
        f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in ("When", "Shop", "Product", heading, "Paid")
    )
    lines = [written.replace("\n", " "), "13/08/2021 09:00,Leeds,Tea,2.10,CASH"]

    proposal = propose(lines, shipped())

    assert proposal is not None
    assert "\u202e" not in proposal.text
    names = [name for column in tomllib.loads(proposal.text)["columns"] for name in column["names"]]
    assert names == [cell.strip() for cell in next(csv.reader(lines))]


def test_a_windows_export_with_the_sign_of_pounds_has_amounts() -> None:
    text = "When,Shop,Product,Price,Paid\n13/08/2021 09:00,Caf\udce9,Tea,\udca32.10,CASH\n"

    assert kinds_of(text)["Price"] == "price"
    assert tomllib.loads(drafted(text).text)["file"] == {"encoding": "windows-1252"}


def test_lines_of_one_day_are_not_one_order() -> None:
    text = "Day,Shop,Product,Price,Paid\n" + "13/08/2021,Leeds,Tea,2.10,CASH\n" * 2

    proposal = drafted(text)

    assert tomllib.loads(proposal.text)["basket"]["group"] == "line"
    assert any("is each line one order?" in question for question in proposal.questions)


def test_a_sign_that_only_baskets_have_is_found() -> None:
    text = "When,Shop,Items,Paid\n13/08/2021 09:00,Leeds,Tea - €2.10,CASH\n"

    assert tomllib.loads(drafted(text).text)["file"] == {"currency": "€"}
