"""What a document can ask for: separators, headers, lines of one order, sums, constants, marks of amounts."""

import re
from datetime import date

import pytest

from extract.branch_csv import BranchCsvReader
from extract.cells import CellReaders, till_mark
from extract.dialects.catalogue import Catalogue, shipped
from extract.dialects.document import read_document
from extract.lines import LineReader
from extract.occurrences import SortedNumbering
from extract.rules import FileReason, UnreadableBranchFile
from fakes import extract_bytes, rejects_of

LINES = """
name = "lines"
summary = "A line for each item."

[recognise]
by = "header"

[basket]
grammar = "lines"
group = "{group}"

[total]
from = "{total}"

[payment]
from = "constant"
is = "CARD"

[[columns]]
is = "date"
names = ["Day"]

[[columns]]
is = "clock"
names = ["Clock"]

[[columns]]
is = "{order}"
names = ["No"]

[[columns]]
is = "branch"
names = ["Shop"]

[[columns]]
is = "personal"
names = ["Guest"]
optional = true

[[columns]]
is = "item"
names = ["What"]

[[columns]]
is = "size"
names = ["Size"]
optional = true

[[columns]]
is = "flavour"
names = ["Syrup"]
optional = true

[[columns]]
is = "quantity"
names = ["Many"]

[[columns]]
is = "{price}"
names = ["Price"]
{more}
[[examples]]
text = "any"
"""
EXPECTED = "expected: time, branch, customer, items, total, payment, card"
HEADER = "Day,Clock,No,Shop,What,Many,Price"
TOTAL = '\n[[columns]]\nis = "total"\nnames = ["Sum"]\n'
TILL = '\n[[columns]]\nis = "till"\nnames = ["Desk"]\n'
DISCOUNT = '\n[[columns]]\nis = "discount"\nnames = ["Off"]\noptional = true\n'


def catalogue(
    group: str = "order",
    total: str = "summed",
    order: str = "order",
    price: str = "price",
    more: str = "",
    replaced: tuple[str, str] = ("", ""),
) -> Catalogue:
    """Return the shipped documents and one more, of lines."""
    text = LINES.format(group=group, total=total, order=order, price=price, more=more).replace(*replaced)
    return Catalogue((*shipped().documents, read_document(text, "lines.toml")))


def read(body: str, dialects: Catalogue, cafe_of_key: str = "") -> tuple[list[str], list[str], BranchCsvReader]:
    """Return rows as ``line branch time basket total payment occurrence`` joined by ``|``, and rejects as text."""
    lines = LineReader()
    reader = BranchCsvReader(SortedNumbering(), CellReaders(date(2026, 11, 21), cafe_of_key=cafe_of_key), dialects)
    blocks = list(reader.read(lines.blocks([body.encode("utf-8", "surrogateescape")])))
    counts = reader.line_counts(lines.total_lines)
    assert counts.accounted == counts.total
    rows = [row.strip("\n").replace("\t", "|") for block in blocks for row in block.rows]
    rejects = [f"{one.line_number} {one.rule} {one.detail}".strip() for block in blocks for one in block.rejects]
    return rows, rejects, reader


def sold(body: str, dialects: Catalogue) -> list[str]:
    """Return basket and total of each order; nothing may be rejected."""
    rows, rejects, _ = read(body, dialects)
    assert rejects == []
    return ["|".join(row.split("|")[3:5]) for row in rows]


# --- lines of one order


def test_lines_with_one_order_number_are_one_order() -> None:
    body = f"""{HEADER}
20/11/2026,09:00,7,Leeds,Latte,2,2.45
20/11/2026,09:01,7,Leeds,Cake,1,1.00
20/11/2026,09:02,8,Leeds,Cake,1,1.00
20/11/2026,09:02,8,York,Cake,1,1.00
"""
    rows, rejects, reader = read(body, catalogue())

    assert rows == [
        "2|Leeds|2026-11-20 09:00:00|Latte - 2.45, Latte - 2.45, Cake - 1.00|5.90|CARD|1",
        "4|Leeds|2026-11-20 09:02:00|Cake - 1.00|1.00|CARD|1",
        "5|York|2026-11-20 09:02:00|Cake - 1.00|1.00|CARD|1",
    ]
    assert rejects == []
    assert (reader.dialect, reader.line_counts(5).continuations) == ("header+lines", 1)


def test_equal_orders_of_two_tills_in_a_column_are_two() -> None:
    body = f"{HEADER},Desk\n" + "".join(
        f"20/11/2026,09:00,7,Leeds,Cake,1,1.00,{till}\n" for till in ("Till 01", "2", "", "1")
    )

    rows, rejects, reader = read(body, catalogue(more=TILL))

    one, two, none, one_again = (row.rpartition("|")[2] for row in rows)
    assert rejects == []
    assert (one, two, none, one_again) == (f"1{till_mark('1')}", f"1{till_mark('till-2')}", "1", f"2{till_mark('1')}")
    assert one != two
    assert reader.dialect == "header+lines+tills"


@pytest.mark.parametrize("name", ["Ada Tester", "Tür 2 \u202e", "4111111111111111"])
def test_nothing_of_a_tills_name_is_kept(name: str) -> None:
    assert re.fullmatch("-[0-9a-f]{8}", till_mark(name))


def test_a_blank_order_number_joins_nothing() -> None:
    body = f"{HEADER}\n" + "20/11/2026,09:00,,Leeds,Cake,1,1.00\n" * 2

    assert sold(body, catalogue()) == ["Cake - 1.00|1.00"] * 2


def test_lines_of_one_time_and_branch_are_one_order() -> None:
    body = f"""{HEADER}
20/11/2026,09:00,a,Leeds,Latte,1,2.45
20/11/2026,09:00,b,Leeds,Cake,1,1.00
20/11/2026,09:01,b,Leeds,Cake,1,1.00
20/11/2026,09:01,b,York,Cake,1,1.00
"""
    assert sold(body, catalogue("time and branch", order="ignored")) == [
        "Latte - 2.45, Cake - 1.00|3.45", "Cake - 1.00|1.00", "Cake - 1.00|1.00",
    ]  # fmt: skip


def test_each_line_is_an_order_where_the_document_says_so() -> None:
    body = f"{HEADER}\n" + "20/11/2026,09:00,7,Leeds,Cake,1,1.00\n" * 2

    rows, _, _ = read(body, catalogue("line", order="ignored"))

    assert [row.rpartition("|")[2] for row in rows] == ["1", "2"]


def test_an_order_of_lines_has_the_total_of_its_first_line() -> None:
    body = f"{HEADER},Sum\n20/11/2026,09:00,7,Leeds,Cake,1,1.00,3.45\n20/11/2026,09:00,7,Leeds,Latte,1,2.45,\n"

    assert sold(body, catalogue(total="stated", more=TOTAL)) == ["Cake - 1.00, Latte - 2.45|3.45"]


def test_size_and_flavour_go_into_the_item_and_the_customer_does_not() -> None:
    body = (
        "Shop,Guest,Size,What,Syrup,Many,Price,No,Clock,Day\nLeeds,Ada,Large,Latte,Vanilla,1,2.45,7,09:00,2026-11-20\n"
    )

    assert sold(body, catalogue()) == ["Large Latte - Vanilla - 2.45|2.45"]


def test_any_comma_in_the_cell_of_an_item_is_in_its_name() -> None:
    body = f'{HEADER}\n20/11/2026,09:00,7,Leeds,"Ham, Cheese, leek",2,1.00\n20/11/2026,09:00,7,Leeds,"Tea,2",1,2.45\n'

    assert sold(body, catalogue()) == ["Ham, Cheese, leek - 1.00, Ham, Cheese, leek - 1.00, Tea,2 - 2.45|4.45"]


def test_the_amount_of_a_line_is_shared_to_the_penny() -> None:
    body = f"{HEADER}\n20/11/2026,09:00,7,Leeds,Cake,3,1.00\n20/11/2026,09:00,7,Leeds,Latte,2.0,5.00\n"

    assert sold(body, catalogue(price="amount")) == [
        "Cake - 0.34, Cake - 0.33, Cake - 0.33, Latte - 2.50, Latte - 2.50|6.00"
    ]


@pytest.mark.parametrize(
    ("line", "reject"),
    [
        ("20/11/2026,09:00,7,Leeds,Cake,0,1.00", "bad_quantity item 1"),
        ("20/11/2026,09:00,7,Leeds,Cake,201,1.00", "bad_quantity item 1"),
        ("20/11/2026,09:00,7,Leeds,Cake,-1,1.00", "refund_not_supported item 1"),
        ("20/11/2026,09:00,7,Leeds,Cake,1,(1.00)", "refund_not_supported item 1"),
        ("20/11/2026,09:00,7,Leeds,Cake,1,dear", "item_without_price item 1"),
        ("20/11/2026,09:00,7,Leeds,,1,1.00", "empty_basket"),
        ("20/11/2026,09:00,7,Leeds,Tea 4111111111111111,1,1.00", "possible_card_number item 1"),
        ("20/11/2026,9 am,7,Leeds,Cake,1,1.00", "bad_timestamp"),
        ("20/11/2026,09:00,7,,Cake,1,1.00", "bad_branch"),
        ("20/11/2026,09:00,7,Leeds,Cake,1", "wrong_cell_count"),
        ("20/11/2026,09:00,7,Leeds,Cake,1,1.00,more", "wrong_cell_count"),
    ],
)
def test_a_bad_line_is_rejected_with_its_rule(line: str, reject: str) -> None:
    good = "20/11/2026,09:00,6,Leeds,Cake,1,1.00"

    rows, rejects, _ = read(f"{HEADER}\n{good}\n{line}\n{good}\n", catalogue())

    assert (len(rows), rejects) == (2, [f"3 {reject}"])


def test_an_order_with_a_bad_line_is_rejected_whole_and_names_the_item() -> None:
    body = f"{HEADER}\n20/11/2026,09:00,7,Leeds,Cake,2,1.00\n20/11/2026,09:00,7,Leeds,Latte,x,1.00\n"

    rows, rejects, reader = read(body, catalogue())

    assert (rows, rejects) == ([], ["2 bad_quantity item 2"])
    assert reader.line_counts(3).rejected == 2


def test_an_order_of_too_many_items_is_rejected() -> None:
    body = f"{HEADER}\n" + "20/11/2026,09:00,7,Leeds,Cake,200,1.00\n" * 6

    assert read(body, catalogue())[1] == ["2 bad_item more than 1000 items"]


# --- discounts


@pytest.mark.parametrize(
    "written", ["0.45", "-0.45", "(0.45)", "£0.45", "-£0.45", "£-0.45", "\u22120.45", "0.45-", ".45"]
)
def test_a_discount_is_taken_off_the_sum_however_it_is_signed(written: str) -> None:
    body = f"{HEADER},Off\n20/11/2026,09:00,7,Leeds,Latte,1,2.45,{written}\n"

    assert read(body, catalogue(more=DISCOUNT))[:2] == (
        ["2|Leeds|2026-11-20 09:00:00|Latte - 2.45|2.00|CARD|1|0.45"], [],
    )  # fmt: skip


@pytest.mark.parametrize("written", ["", " ", "0", "0.00", "-0.00", "£0"])
def test_a_discount_of_nothing_is_none(written: str) -> None:
    row = "20/11/2026,09:00,7,Leeds,Latte,1,2.45"

    with_column, _, reader = read(f"{HEADER},Off\n{row},{written}\n", catalogue(more=DISCOUNT))

    assert with_column == read(f"{HEADER}\n{row}\n", catalogue(more=DISCOUNT))[0]
    assert reader.discounts == 0


def test_the_discounts_of_an_orders_lines_are_added_up() -> None:
    body = f"{HEADER},Off,Sum\n20/11/2026,09:00,7,Leeds,Latte,2,2.45,0.45,5.10\n20/11/2026,09:00,7,Leeds,Cake,1,1.00,-.35,\n"

    rows, rejects, reader = read(body, catalogue(total="stated", more=DISCOUNT + TOTAL))

    assert rows == ["2|Leeds|2026-11-20 09:00:00|Latte - 2.45, Latte - 2.45, Cake - 1.00|5.10|CARD|1|0.80"]
    assert (rejects, reader.discounts) == ([], 1)


def test_orders_that_differ_in_their_discount_only_are_two_first_ones() -> None:
    line = "20/11/2026,09:00,{},Leeds,Latte,1,2.45,{},1.00\n"
    body = f"{HEADER},Off,Sum\n" + "".join(line.format(*one) for one in [(1, "1.45"), (2, ""), (3, "1.45"), (4, "")])

    rows, _, _ = read(body, catalogue(total="stated", more=DISCOUNT + TOTAL))

    assert [row.split("|")[6:] for row in rows] == [["1", "1.45"], ["1"], ["2", "1.45"], ["2"]]


@pytest.mark.parametrize("total", ["summed", "stated"])
def test_a_discount_may_be_as_much_as_the_items(total: str) -> None:
    body = f"{HEADER},Off,Sum\n20/11/2026,09:00,7,Leeds,Latte,1,2.45,2.45,0\n"
    more = DISCOUNT + (TOTAL if total == "stated" else TOTAL.replace('"total"', '"ignored"'))

    assert sold(body, catalogue(total=total, more=more)) == ["Latte - 2.45|0.00"]


@pytest.mark.parametrize("total", ["summed", "stated"])
@pytest.mark.parametrize("written", ["2.46", "10%", "staff", "1.234", "-", "--0.45", "0.45 0.45"])
def test_a_discount_that_is_no_amount_or_more_than_the_items_is_rejected(written: str, total: str) -> None:
    body = f"{HEADER},Off,Sum\n20/11/2026,09:00,7,Leeds,Latte,1,2.45,{written},2.00\n"
    more = DISCOUNT + (TOTAL if total == "stated" else TOTAL.replace('"total"', '"ignored"'))

    assert read(body, catalogue(total=total, more=more))[:2] == ([], ["2 bad_discount"])


def test_an_order_in_one_row_has_its_discount_in_a_cell() -> None:
    document = """
name = "whole"
summary = "Feed B with what was taken off."
[file]
decimal = ","
delimiter = ";"
blanks = ["none"]
[recognise]
by = "header"
""" + "".join(
        f'[[columns]]\nis = "{kind}"\nnames = ["{name}"]\n'
        for kind, name in [
            ("time", "When"), ("branch", "Shop"), ("basket", "What"), ("total", "Sum"), ("payment", "Paid"),
            ("discount", "Off"),
        ]
    ) + '[[examples]]\ntext = "any"\n'  # fmt: skip
    dialects = Catalogue((read_document(document, "whole.toml"),))
    row = "25/08/2021 09:00;Leeds;Latte - 2,45, Tea - 1,00;{};CASH;{}\n"
    body = "When;Shop;What;Sum;Paid;Off\n" + row.format("3,00", "-0,45") + row.format("3,45", "NONE")

    rows, rejects, _ = read(body, dialects)

    assert ["|".join(row.split("|")[4:]) for row in rows] == ["3.00|CASH|1|0.45", "3.45|CASH|1"]
    assert rejects == []


# --- separators and headers


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1 << 18])
@pytest.mark.parametrize("first", ["", "sep=;\n", "Datum;Filiale;Kunde;Artikel;Summe;Art;Karte\n", "\n\n"])
def test_the_separator_does_not_depend_on_how_the_bytes_are_cut(first: str, chunk_bytes: int) -> None:
    row = "25/08/2021 09:00;Leeds;Ada Tester;Large Latte - 2,45;2,45;CASH;\n"

    extracted, rows = extract_bytes(f"{first}{row * 3}".encode(), chunk_bytes=chunk_bytes)

    assert rows.count("\tLarge Latte - 2.45\t2.45\tCASH\t") == 3
    assert extracted.file.lines.orders == 3


def test_a_file_has_one_separator() -> None:
    row = "25/08/2021 09:00,Leeds,Ada Tester,Latte - 2.45,2.45,CASH,\n"

    assert rejects_of((row + row.replace(",", ";")).encode()) == [(2, "wrong_cell_count", "")]


def test_rows_below_a_header_are_read_by_it_and_other_rows_by_their_cells() -> None:
    header = "date,location,basket,total,payment_type\n"
    row, whole = "25/08/2021 09:00,Leeds,Latte - 2.45,2.45,CASH\n", "25/08/2021 09:00,Leeds,Ada,Tea - 1.00,1.00,CASH,\n"

    extracted, rows = extract_bytes((header + row + whole + row).encode())

    assert [line.split("\t")[3] for line in rows.splitlines()] == ["Latte - 2.45", "Tea - 1.00", "Latte - 2.45"]
    assert extracted.file.dialect == "feed-b+header+personal-removed"


def test_five_cells_without_their_header_are_not_read() -> None:
    row = "25/08/2021 09:00,Ada Tester,Latte - 2.45,2.45,CASH\n"

    assert extract_bytes(row.encode())[0].file.reason == FileReason.UNKNOWN_DIALECT


def test_a_header_holds_until_another_header_comes() -> None:
    header, other = "date,location,basket,total,payment_type\n", "Name,Items,Total,Payment,Card\n"
    row = "25/08/2021 09:00,Leeds,Latte - 2.45,2.45,CASH\n"

    assert rejects_of((header + row + other + row).encode()) == [(4, "wrong_cell_count", "")]


def test_a_header_decides_over_cells_that_look_like_feed_b() -> None:
    document = """
name = "swapped"
summary = "Feed B with the customer before the branch."
[recognise]
by = "header"
""" + "".join(
        f'[[columns]]\nis = "{kind}"\nnames = ["{name}"]\n'
        for kind, name in [
            ("time", "When"), ("personal", "Guest"), ("branch", "Shop"), ("basket", "What"), ("total", "Sum"),
            ("payment", "Paid"), ("personal", "Card"),
        ]
    ) + '[[examples]]\ntext = "any"\n'  # fmt: skip
    dialects = Catalogue((*shipped().documents, read_document(document, "swapped.toml")))
    row = "25/08/2021 09:00,{},{},Latte - 2.45,2.45,CASH,\n"
    first, header = row.format("Leeds", "Ada Tester"), "When,Guest,Shop,What,Sum,Paid,Card\n"

    rows, rejects, _ = read(first + header + row.format("Ada Tester", "York") * 2, dialects)

    assert [line.split("|")[1] for line in rows] == ["Leeds", "York", "York"]
    assert rejects == []


def test_the_branch_may_come_from_the_key() -> None:
    body = b"Transaction ID,Item,Quantity,Price Per Unit,Total Spent,Payment Method,Location,Transaction Date\n"
    body += b"TXN_1,Coffee,2,2.0,4.0,Cash,Takeaway,2026-11-20\n"

    named, nameless = (
        extract_bytes(body, key) for key in ("2026/11/20/london_soho_20-11-2026_09-00-00.csv", "2026/11/20/sales.csv")
    )

    assert named[1].startswith("2\tlondon soho\t2026-11-20 00:00:00\tCoffee - 2.00, Coffee - 2.00\t4.00\tCASH\t")
    assert (nameless[0].file.reason, nameless[1]) == (FileReason.NO_CAFE_IN_KEY, "")


def test_the_branch_may_be_a_constant() -> None:
    constant = ('is = "branch"', 'is = "ignored"')
    dialects = catalogue(more='\n[branch]\nfrom = "constant"\nname = "Leeds"\n', replaced=constant)

    rows, _, _ = read(f"{HEADER}\n20/11/2026,09:00,7,Ada,Cake,1,1.00\n", dialects)

    assert [row.split("|")[1] for row in rows] == ["Leeds"]


def test_a_word_for_nothing_is_an_empty_cell() -> None:
    dialects = catalogue(replaced=("[recognise]", '[file]\nblanks = ["Unknown"]\n[recognise]'))
    line = "20/11/2026,09:00,7,{},{},1,1.00\n"

    rejects = read(HEADER + "\n" + line.format("UNKNOWN", "Cake") + line.format("Leeds", "unknown "), dialects)[1]

    assert rejects == ["2 bad_branch", "3 empty_basket"]


# --- amounts and days


@pytest.mark.parametrize(
    ("marks", "written", "plain"),
    [
        ('decimal = ","\nthousands = "."\ncurrency = "€"', "1.234,50 €", "1234.50"),
        ('decimal = ","\ncurrency = "€"', "€ ,5", "0.50"),
        ('thousands = ","\ncurrency = "$"', '"$1,234.5"', "1234.50"),
        ('thousands = "\'"\ncurrency = "Fr."', "Fr. 1'234", "1234.00"),
        ('decimal = "either"', '"2,45"', "2.45"),
        ('decimal = "either"', "2.45", "2.45"),
    ],
)
def test_an_amount_is_read_by_its_marks(marks: str, written: str, plain: str) -> None:
    dialects = catalogue(replaced=("[recognise]", f"[file]\n{marks}\n[recognise]"))
    price = written if written.startswith('"') else f'"{written}"'

    assert sold(f"{HEADER}\n20/11/2026,09:00,7,Leeds,Cake,1,{price}\n", dialects) == [f"Cake - {plain}|{plain}"]


@pytest.mark.parametrize("written", ["1.23.4", "1,23", "12.345", "€", "2.45", "1.2345,00"])
def test_an_amount_with_marks_in_other_places_is_none(written: str) -> None:
    marks = '[file]\ndecimal = ","\nthousands = "."\ncurrency = "€"\n[recognise]'
    accepted = {"1,23": "1.23", "12.345": "12345.00"}

    rows, rejects, _ = read(
        f'{HEADER}\n20/11/2026,09:00,7,Leeds,Cake,1,"{written}"\n', catalogue(replaced=("[recognise]", marks))
    )

    assert [row.split("|")[4] for row in rows] == ([accepted[written]] if written in accepted else [])
    assert rejects == ([] if written in accepted else ["2 item_without_price item 1"])


@pytest.mark.parametrize(
    ("order", "day", "read_as"),
    [
        ("day first", "03/04/2026", "2026-04-03"),
        ("month first", "03/04/2026", "2026-03-04"),
        ("month first", "3-14-2026", "2026-03-14"),
        ("month first", "14/03/2026", ""),
        ("month first", "2026-03-14", "2026-03-14"),
        ("year first", "2026-03-14", "2026-03-14"),
        ("year first", "03/04/2026", ""),
    ],
)
def test_a_document_says_how_days_are_written(order: str, day: str, read_as: str) -> None:
    dialects = catalogue(replaced=("[total]", f'[time]\norder = "{order}"\n[total]'))

    rows, rejects, _ = read(f"{HEADER}\n{day},9:00 PM,7,Leeds,Cake,1,1\n", dialects)

    assert [row.split("|")[2] for row in rows] == ([f"{read_as} 21:00:00"] if read_as else [])
    assert rejects == ([] if read_as else ["2 bad_timestamp"])


@pytest.mark.parametrize(
    ("marks", "total"),
    [
        ('encoding = "windows-1252"', b"\xa31.00"),
        ('encoding = "windows-1252"\ncurrency = "\u20ac"', b"\x801.00"),
        ('currency = "kr"', b"1.00 kr"),
        ('currency = "CHF"', b"CHF 1.00"),
    ],
)
def test_a_total_below_the_table_has_the_sign_of_the_document(marks: str, total: bytes) -> None:
    dialects = catalogue(replaced=("[recognise]", f"[file]\n{marks}\n[recognise]"))
    body = f"{HEADER}\n20/11/2026,09:00,7,Leeds,Cake,1,1.00\nTotal,,,,,,".encode() + total + b"\n"

    rows, rejects, reader = read(body.decode("utf-8", "surrogateescape"), dialects)

    assert (len(rows), rejects) == (1, [])
    assert "total" in reader.dialect.split("+")


WORDS, SHORT = 'months = "words"', 'years = "two digits"'


@pytest.mark.parametrize(
    ("says", "day", "read_as"),
    [
        ([WORDS], "25-Aug-2026", "2026-08-25"),
        ([WORDS], "25 August 2026", "2026-08-25"),
        ([WORDS], "Tuesday 1 SEPT. 2026", "2026-09-01"),
        ([WORDS], "25Aug2026", "2026-08-25"),
        ([WORDS], "Aug. 5 2026", "2026-08-05"),
        ([WORDS], "2026-Aug-25", "2026-08-25"),
        ([WORDS], "25/08/2026", "2026-08-25"),
        ([WORDS], "31-Jun-2026", ""),
        ([WORDS], "25-Aug-26", ""),
        ([WORDS], "25-Okt-2026", ""),
        ([WORDS], "25 Mayor 2026", ""),
        ([WORDS], "25 \u017fep 2026", ""),
        ([WORDS], "25 Apr\u0130l 2026", ""),
        ([WORDS, SHORT], "25-Aug-26", "2026-08-25"),
        ([WORDS, SHORT], "Aug 25 26", "2026-08-25"),
        ([WORDS, SHORT, 'order = "year first"'], "26-Aug-25", "2026-08-25"),
        ([SHORT], "3/4/26", "2026-04-03"),
        ([SHORT], "03/04/2026", "2026-04-03"),
        ([SHORT], "2026-04-03", "2026-04-03"),
        ([SHORT, 'order = "month first"'], "03/14/26", "2026-03-14"),
        ([SHORT, 'order = "month first"'], "03/14/2026", "2026-03-14"),
        ([SHORT, 'order = "year first"'], "26-03-14", "2026-03-14"),
        ([SHORT, 'order = "year first"'], "14-03-2026", ""),
        ([SHORT], "3/4/126", ""),
        ([], "03/04/26", ""),
        ([], "25-Aug-2026", ""),
    ],
)
def test_a_document_may_have_months_in_words_and_years_of_two_digits(says: list[str], day: str, read_as: str) -> None:
    dialects = catalogue(replaced=("[total]", "\n".join(["[time]", *says, "[total]"])))

    rows, rejects, _ = read(f"{HEADER}\n{day},9:00 PM,7,Leeds,Cake,1,1\n", dialects)

    assert [row.split("|")[2] for row in rows] == ([f"{read_as} 21:00:00"] if read_as else [])
    assert rejects == ([] if read_as else ["2 bad_timestamp"])


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("28-Aug-26 9:02 AM", "2026-08-28 09:02:00"),
        ("28 August 2026 12:15 p.m.", "2026-08-28 12:15:00"),
        ("Aug 28, 2026, 9:02 PM", "2026-08-28 21:02:00"),
        ("28-Aug-26T09:02:30Z", "2026-08-28 10:02:30"),
        ("28/08/26 09:02", "2026-08-28 09:02:00"),
        ("28-Aug-26", ""),
        ("28 Aug 09:02", ""),
    ],
)
def test_a_day_in_words_may_have_its_clock_in_the_same_cell(written: str, read_as: str) -> None:
    text = LINES.format(group="order", total="summed", order="order", price="price", more="")
    text = text.replace('is = "date"', 'is = "time"').replace('[[columns]]\nis = "clock"\nnames = ["Clock"]\n\n', "")
    text = text.replace("[payment]", f"[time]\n{WORDS}\n{SHORT}\n[payment]")

    rows, rejects, _ = read(
        f'Day,No,Shop,What,Many,Price\n"{written}",7,Leeds,Cake,1,1\n',
        Catalogue((read_document(text, "lines.toml"),)),
    )

    assert [row.split("|")[2] for row in rows] == ([read_as] if read_as else [])
    assert rejects == ([] if read_as else ["2 bad_timestamp"])


@pytest.mark.parametrize(("zone", "clock"), [("Europe/London", "09:00:00"), ("America/New_York", "04:00:00")])
def test_a_time_that_says_its_offset_is_converted_to_the_zone_of_the_document(zone: str, clock: str) -> None:
    dialects = catalogue(replaced=("[total]", f'[time]\nzone = "{zone}"\n[total]'))

    rows, _, _ = read(f"{HEADER}\n2026-11-20,09:00Z,7,Leeds,Cake,1,1\n", dialects)

    assert [row.split("|")[2] for row in rows] == [f"2026-11-20 {clock}"]


def test_a_document_may_be_in_another_encoding() -> None:
    body = f"{HEADER}\n2026-11-20,09:00,7,Café,Crème d’or,1,1\n".encode("cp1252").decode("utf-8", "surrogateescape")
    windows = ("[recognise]", '[file]\nencoding = "windows-1252"\n[recognise]')

    with pytest.raises(UnreadableBranchFile, match="not_utf8"):
        read(body, catalogue())
    assert read(body, catalogue(replaced=windows))[0] == ["2|Café|2026-11-20 09:00:00|Crème d’or - 1.00|1.00|CARD|1"]


# --- what is said of a file that no document reads


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            "25/08/2021 09:00,Leeds,Ada Tester,Latte - 2.45,2.45,BITCOIN,\n" * 3,
            "no known header; line 1 is almost feed-b, but not its payment",
        ),
        (
            "Datum;Filiale;Kunde;Artikel;Summe;Art\n1;Leeds;Ada;Latte;2,45;bar\n",
            f"no known header; separated by semicolons; {EXPECTED}",
        ),
        (
            "Date|Location|Items\n25/08/2021|Leeds|Latte\n",
            f"columns seen: Date, Location, Items; separated by vertical bars; {EXPECTED}",
        ),
        (
            "Order ID,Drink,Price\n25/08/2021 09:00,Leeds,Ada Tester,Latte 2.45,2.45,CHEQUE,\n",
            "columns seen: Order ID, Drink, Price; line 2 is almost feed-b, but not its basket and payment",
        ),
    ],
    ids=["payment", "semicolons", "bars", "after a strange header"],
)
def test_the_row_that_almost_fitted_is_named_and_not_shown(body: str, detail: str) -> None:
    file = extract_bytes(body.encode())[0].file

    assert (file.reason, file.detail) == (FileReason.UNKNOWN_DIALECT, detail)


def test_a_long_header_leaves_room_for_the_row_that_almost_fitted() -> None:
    header = ", ".join(["Customer Name"] * 30)
    row = "25/08/2021 09:00,Leeds,Ada Tester,Latte - 2.45,2.45,CHEQUE,"

    file = extract_bytes(f"{header}\n{row}\n".encode())[0].file

    assert len(file.detail) <= 200
    assert file.detail.endswith("; line 2 is almost feed-b, but not its payment")


def test_a_file_of_many_dialects_names_how_many() -> None:
    rows = [example.text.strip("\n") for document in shipped().documents for example in document.examples
            if document.delimiter == ","]  # fmt: skip

    file = extract_bytes(("\n".join(rows) + "\n").encode(), "2026/11/20/leeds_20-11-2026_09-00-00.csv")[0].file

    assert re.fullmatch("[0-9]+ dialects", file.dialect)
