"""Rows, headers and broken lines: what is accepted, what is rejected, and how each line is counted."""

import pytest

from extract.rules import FileReason, Rule
from fakes import extract_bytes, rejects_of
from shared.contracts import FileSummary, Outcome

GOOD = "25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,CASH,"
HEADER = "Timestamp,Location,Customer Name,Items Ordered,Total Amount,Payment Method,Card Number"


def file_of(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def summary_of(*lines: str) -> FileSummary:
    extracted, _ = extract_bytes(file_of(*lines))
    return extracted.file


def test_a_canonical_row_holds_the_sale_and_nothing_about_the_customer() -> None:
    row = '25/08/2021 09:04,Chesterfield,Cy Test,"Large Flat white - 2.45, Regular Latte - 2.15",4.6,CARD,2978000000000031'

    _, rows = extract_bytes(file_of(row))

    assert rows == (
        "1\tChesterfield\t2021-08-25 09:04:00\tLarge Flat white - 2.45, Regular Latte - 2.15\t4.60\tCARD\t1\n"
    )


def test_feed_a_is_recognised_by_its_cells_not_by_the_header() -> None:
    row = '2021-02-23 09:01:45,Isle of Wight,Ben Sample,"Large,Latte,2.45",CARD,2.45,"discover,6011000990139424"'

    extracted, rows = extract_bytes(file_of(HEADER, row))

    assert rows == "2\tIsle of Wight\t2021-02-23 09:01:45\tLarge Latte - 2.45\t2.45\tCARD\t1\n"
    assert extracted.file.dialect == "feed-a+header"


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["Leeds sales of 25/08/2021", ""], ["Total,,,,2.45,,"]),
        (["Branch:,Chesterfield", "Till report"], ["", "Grand total:,,1,,£2.45"]),
        ([], ["SUBTOTAL;2.45", "sum"]),
        (["Chesterfield, in August"], ["Totals,,,,,,"]),
    ],
)  # fmt: skip
def test_titles_and_totals_are_counted_as_headers_and_named(above: list[str], below: list[str]) -> None:
    below = [line.replace(";", ",") for line in below]

    file = summary_of(*above, HEADER, GOOD, *below)

    named = "+".join(["feed-b", "header", *(["title"] if above else []), "total"])
    assert (file.rows, file.rejects, file.dialect) == (1, 0, named)
    assert file.lines.headers == 1 + sum(bool(line) for line in above + below)


@pytest.mark.parametrize(
    "line",
    [
        "Leeds,Large Latte - 2.45",
        "Leeds,2.45",
        "25/08/2021 09:00,Leeds",
        "4111111111111111",
    ],
)
def test_a_line_that_may_be_the_rest_of_an_order_is_no_title(line: str) -> None:
    assert summary_of(line, GOOD).rejects == 1


@pytest.mark.parametrize(
    "line",
    [
        "Total,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,",
        "Total,Leeds,,,2.45,,",
        "Total of Leeds,,,,2.45,,",
        "2.45,,,,Total,,",
        "Leeds",
    ],
)
def test_a_line_below_an_order_that_names_more_than_figures_is_no_total(line: str) -> None:
    assert summary_of(GOOD, line).rejects == 1


def test_a_file_of_titles_is_no_branch_file() -> None:
    assert summary_of("Leeds sales", "of August").reason == FileReason.UNKNOWN_DIALECT


def test_an_order_without_the_card_cell_may_be_a_refund() -> None:
    refunds = [GOOD.replace("2.45,CASH,", f"{total},CASH") for total in ("-2.45", "(2.45)")]

    assert [rule for _, rule, _ in rejects_of(file_of(GOOD, *refunds))] == [Rule.REFUND_NOT_SUPPORTED] * 2


def test_equal_orders_of_two_tills_are_two_where_the_names_of_the_files_say_the_till() -> None:
    names = ("", "_till-1", "_TILL 01", "_till-2")
    files = [extract_bytes(file_of(GOOD, GOOD), f"2021/8/25/leeds_25-08-2021_21-00-00{name}.csv") for name in names]

    none, one, one_again, two = ([row.rpartition("\t")[2] for row in rows.splitlines()] for _, rows in files)
    assert none == ["1", "2"]
    assert one == one_again
    assert len({*none, *one, *two}) == 6
    assert [extracted.file.dialect for extracted, _ in files] == ["feed-b"] + ["feed-b+tills"] * 3


def test_headers_may_be_anywhere_and_repeat() -> None:
    file = summary_of(HEADER, HEADER, GOOD, HEADER, GOOD)

    assert (file.rows, file.rejects, file.lines.headers) == (2, 0, 3)


@pytest.mark.parametrize(
    ("line", "rule", "detail"),
    [
        ("25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,CARD", Rule.WRONG_CELL_COUNT, ""),
        ("25/08/2021 09:00,Chesterfield,Tester, Ada,Large Latte - 2.45,2.45,CARD,5494000000000016", Rule.WRONG_CELL_COUNT, ""),
        ("25/08/2021 09:00,Leeds,Ada Tester,Regular Latte - 2.15, Large Latte - 2.45,4.6,CARD,5494000000000016", Rule.WRONG_CELL_COUNT, ""),
        ("31/02/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,CASH,", Rule.BAD_TIMESTAMP, ""),
        ("08/25/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,CASH,", Rule.BAD_TIMESTAMP, ""),
        ("25/08/1970 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,CASH,", Rule.DATE_OUT_OF_RANGE, ""),
        ("25/08/2099 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,CASH,", Rule.DATE_OUT_OF_RANGE, ""),
        ("25/08/2021 09:00,,Ada Tester,Large Latte - 2.45,2.45,CASH,", Rule.BAD_BRANCH, ""),
        ("25/08/2021 09:00,4111111111111111,Ada Tester,Large Latte - 2.45,2.45,CASH,", Rule.POSSIBLE_CARD_NUMBER, ""),
        ("25/08/2021 09:00,Chesterfield,Ada Tester,,2.45,CASH,", Rule.EMPTY_BASKET, ""),
        ('25/08/2021 09:00,Chesterfield,Ada Tester,"Cookie - 1.25, Large Latte",2.45,CASH,', Rule.ITEM_WITHOUT_PRICE, "item 2"),
        ("25/08/2021 09:00,Chesterfield,Ada Tester,Regular Latte - 2.15 Large Latte - 2.45,4.6,CASH,", Rule.ITEMS_NOT_SEPARATED, "item 1"),
        ("25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,abc,CASH,", Rule.BAD_TOTAL, ""),
        ("25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,-2.45,CASH,", Rule.REFUND_NOT_SUPPORTED, ""),
        ("25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,1e3,CASH,", Rule.BAD_TOTAL, ""),
        ("25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,BITCOIN,", Rule.BAD_PAYMENT, ""),
        (", , ,Large Latte,2.45, , , ", Rule.ORPHAN_ITEM_LINE, ""),
        ("x" * 70_000, Rule.LINE_TOO_LONG, ""),
        (",".join("x" * 30_000), Rule.WRONG_CELL_COUNT, ""),
        ('"' + "y" * 200, Rule.WRONG_CELL_COUNT, ""),
        ("25/08/2021 09:00,Chest\u200berfield,Ada Tester,Large Latte - 2.45,2.45,CASH,", Rule.CONTROL_CHARACTER, ""),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_bad_row_is_rejected_with_its_rule_and_the_rest_of_the_file_is_read(
    line: str, rule: Rule, detail: str
) -> None:
    # The bad line is the last one, so that an open quote in it hides no good line.
    assert rejects_of(file_of(GOOD, GOOD, line)) == [(3, rule, detail)]
    assert summary_of(GOOD, GOOD, line).rows == 3


def test_a_stray_quote_rejects_its_own_line_only() -> None:
    stray = '25/08/2021 09:01,Chesterfield,"Ada Tester,Large Latte - 2.45,2.45,CASH,'

    file = summary_of(GOOD, stray, *[GOOD] * 40)

    assert rejects_of(file_of(GOOD, stray, *[GOOD] * 40)) == [(2, Rule.STRAY_QUOTE, "")]
    assert (file.rows, file.rejects, file.lines.orders) == (42, 1, 41)


def test_a_file_of_stray_quotes_among_good_rows_loses_no_good_row() -> None:
    stray = '25/08/2021 09:01,Chesterfield,"Ada Tester,Large Latte - 2.45,2.45,CASH,'
    lines = [GOOD, stray, GOOD] * 1000

    file = summary_of(*lines)

    assert (file.rows, file.rejects, file.lines.total) == (3000, 1000, 3000)


def test_a_line_feed_inside_quotes_is_part_of_the_cell() -> None:
    broken_name = '25/08/2021 09:01,Chesterfield,"Ada\nTester",Large Latte - 2.45,2.45,CASH,'

    extracted, rows = extract_bytes(file_of(GOOD, broken_name, GOOD))

    assert [row.split("\t")[0] for row in rows.splitlines()] == ["1", "2", "4"]
    assert extracted.file.lines.continuations == 1


def test_an_exploded_order_is_joined_from_its_lines() -> None:
    lines = [
        "25/08/2021 09:00 ,Chesterfield ,Ada Tester,Large Latte ,2.45 ,4.60 ,CARD ,5494000000000016",
        " , , ,Regular Latte ,2.15 , , , ",
        "25/08/2021 09:05 ,Chesterfield ,Ben Sample,Large Mocha ,2.7 ,2.7 ,CASH , ",
    ]

    extracted, rows = extract_bytes(file_of(*lines))

    assert rows.splitlines() == [
        "1\tChesterfield\t2021-08-25 09:00:00\tLarge Latte - 2.45, Regular Latte - 2.15\t4.60\tCARD\t1",
        "3\tChesterfield\t2021-08-25 09:05:00\tLarge Mocha - 2.70\t2.70\tCASH\t1",
    ]
    assert extracted.file.lines.continuations == 1


def test_an_exploded_order_with_a_bad_item_is_rejected_with_all_its_lines() -> None:
    lines = [
        "25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte,2.45,4.60,CARD,5494000000000016",
        ",,,Regular Latte,free,,,",
        "25/08/2021 09:05,Chesterfield,Ben Sample,Large Mocha,2.7,2.7,CASH,",
    ]

    file = summary_of(*lines)

    assert rejects_of(file_of(*lines)) == [(1, Rule.ITEM_WITHOUT_PRICE, "item 2")]
    assert (file.lines.orders, file.lines.continuations, file.lines.rejected) == (1, 0, 2)


def test_a_very_long_exploded_order_is_rejected_in_bounded_memory() -> None:
    first = "25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte,2.45,4.60,CARD,5494000000000016"

    file = summary_of(GOOD, first, *[",,,Regular Latte,2.15,,,"] * 5000)

    assert (file.rows, file.rejects, file.lines.rejected) == (2, 1, 5001)


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ((), (0, 0, 0)),
        ((HEADER,), (1, 1, 0)),
        (("", " ", ",,,,,,"), (3, 0, 3)),
    ],
    ids=["no bytes", "header only", "blank lines"],
)
def test_a_file_without_orders_is_empty_and_not_an_error(lines: tuple[str, ...], counts: tuple[int, int, int]) -> None:
    file = summary_of(*lines)

    assert (file.outcome, file.rows) == (Outcome.EMPTY, 0)
    assert (file.lines.total, file.lines.headers, file.lines.blanks) == counts


def test_another_systems_export_is_rejected_with_the_columns_seen() -> None:
    header = "Sale ID,Customer Name,Product,Quantity,Price,Shop,Payment Type,Card Number,Sale Date,Sale Time"
    row = "17,Dave Mock,Latte,2,£3.50,Epsom,Card,4111111111111111,12/08/2024,10:23"

    file = summary_of(header, row)

    assert (file.outcome, file.reason) == (Outcome.REJECTED, FileReason.UNKNOWN_DIALECT)
    assert file.detail == (
        "columns seen: Sale ID, Customer Name, Product, Quantity, Price, Shop, Payment Type, Card Number, Sale Date, "
        "Sale Time; "
        "expected: time, branch, customer, items, total, payment, card"
    )


def test_a_row_that_only_looks_like_a_header_is_not_shown() -> None:
    file = summary_of("Drink,Price,Ольга name,Card", "Drink,Price,name Ольга,Card")

    assert (file.reason, file.detail.split(";")[0]) == (
        FileReason.UNKNOWN_DIALECT,
        "columns seen: Drink, Price, ?, Card",
    )


@pytest.mark.parametrize(
    ("header", "row", "seen"),
    [
        (
            "Order ID,Item,Quantity,Price,Total Spent,Payment Method,Location,Transaction Date",
            "TXN_1,Coffee,2,2.0,4.0,Cash,Takeaway,2023-09-08",
            "Order ID, Item, Quantity, Price, Total Spent, Payment Method, Location, Transaction Date",
        ),
        (
            "Order ID,Date,Product,Price,Quantity,Payment Method,Manager",
            "1,07-11-2022,Fries,3.49,5,Cash,Ada Tester",
            "Order ID, Date, Product, Price, Quantity, Payment Method, ?",
        ),
        ("a,b,c,d,Paid by,n,x", "1,07-11-2022,Fries,3.49,Cash,5,Ada Tester", ""),
    ],
    ids=["eight columns", "seven columns", "unknown words"],
)
def test_columns_of_another_system_of_which_one_says_cash_are_no_dialect(header: str, row: str, seen: str) -> None:
    file = summary_of(header, *[row] * 3)

    assert (file.outcome, file.reason) == (Outcome.REJECTED, FileReason.UNKNOWN_DIALECT)
    assert file.detail.split(";")[0] == (f"columns seen: {seen}" if seen else "no known header")


def test_a_branch_file_whose_every_date_is_spoiled_is_still_one() -> None:
    extracted, _ = extract_bytes(file_of(*[GOOD.replace("25/08/2021", "25.8.21")] * 3))

    assert extracted.rejects_by_rule == {Rule.BAD_TIMESTAMP: 3}


def test_an_unknown_file_without_a_header_shows_nothing_from_its_rows() -> None:
    file = summary_of(*["Dave Mock,Epsom,4111111111111111"] * 500)

    assert (file.reason, file.detail.split(";")[0]) == (FileReason.UNKNOWN_DIALECT, "no known header")
    assert "Dave" not in file.detail


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("2026/11/20/takings.xlsx", FileReason.UNSUPPORTED_FILE),
        ("2026/11/20/takings.pdf", FileReason.UNSUPPORTED_FILE),
        ("2026/11/20/takings", FileReason.UNSUPPORTED_FILE),
        ("2026/11/20/\x07\x08.csv", FileReason.UNSUPPORTED_KEY),
        (f"{'"' * 1000}.csv", FileReason.UNSUPPORTED_KEY),
        ("2026/11/20/leeds_4111111111111111.csv", FileReason.PERSONAL_KEY),
    ],
    ids=["xlsx", "pdf", "no suffix", "control characters", "quotes", "a card number"],
)
def test_a_file_with_an_unsupported_name_is_rejected_and_still_reported(key: str, reason: FileReason) -> None:
    extracted, rows = extract_bytes(b"PK\x03\x04", key)

    assert (extracted.file.reason, extracted.part_rows, rows) == (reason, (0,), "")


@pytest.mark.parametrize(
    "key", ["a b+c%20.csv", "Zürich ☕.csv", "../../etc/passwd.csv", "e" * 1008 + ".csv", "LEEDS.CSV"]
)
def test_any_other_name_is_read(key: str) -> None:
    extracted, _ = extract_bytes(file_of(GOOD), key)

    assert extracted.file.rows == 1
    assert extracted.file.source.key == f"head-office/{key}"
