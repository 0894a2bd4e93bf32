"""What people do to a branch file without meaning to: the orders are read all the same, and nothing else becomes one."""

import pytest

from extract.rules import FileReason
from fakes import extract_bytes, rejects_of

GOOD = "25/08/2021 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,"


def baskets(body: str) -> list[str]:
    """Return the baskets and totals of a file's rows."""
    _, rows = extract_bytes(body.encode())
    return ["|".join(row.split("\t")[3:5]) for row in rows.splitlines()]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (GOOD.replace("2.45", ".45"), "Large Latte - 0.45|0.45"),
        (GOOD.replace("2.45", ".5"), "Large Latte - 0.50|0.50"),
        (GOOD.replace("2.45", "£2.45"), "Large Latte - 2.45|2.45"),
        (GOOD + ",,,", "Large Latte - 2.45|2.45"),
        (GOOD + ", ,", "Large Latte - 2.45|2.45"),
        (GOOD.replace("CASH,", "CARD,4111111111111111,"), "Large Latte - 2.45|2.45"),
        (GOOD.removesuffix(","), "Large Latte - 2.45|2.45"),
        (GOOD.replace("CASH,", "Gift voucher"), "Large Latte - 2.45|2.45"),
        (GOOD.replace("Large Latte - 2.45", ' "Cake - 1.00, Large Latte - 1.45"'), "Cake - 1.00, Large Latte - 1.45|2.45"),
    ],
)  # fmt: skip
def test_a_slip_does_not_matter(line: str, read: str) -> None:
    assert baskets(f"{line}\n") == [read]


@pytest.mark.parametrize(
    "first",
    [
        "when,till,guest,basket,gross,cash_or_card,token",
        "Zeit,Filiale,Kunde,Artikel,Summe,Zahlung,Karte",
        "sep=,",
        "Zeit,Filiale,Kunde,Artikel,Summe,Card,Karte",
        "when,till,guest,basket,online,gross,token",
    ],
)
def test_a_first_line_without_a_digit_is_a_header_in_any_words(first: str) -> None:
    extracted, _ = extract_bytes(f"{first}\n{GOOD}\n".encode())

    assert (extracted.file.lines.headers, extracted.file.lines.orders, extracted.file.rejects) == (1, 1, 0)


@pytest.mark.parametrize(
    "columns",
    [
        "date,branch,name,items,payment,card,total",
        "date,branch,name,items,card,total,type",
        "time,shop,name,item,cash,price,no",
    ],
)
def test_a_header_with_a_column_that_is_called_like_a_payment_is_a_header_anywhere(columns: str) -> None:
    file = extract_bytes(f"{GOOD}\n{columns}\n{GOOD}\n".encode())[0].file

    assert (file.lines.headers, file.lines.orders, file.rejects) == (1, 2, 0)


@pytest.mark.parametrize(
    "row",
    [
        # Seven columns, of which the fifth or the sixth says how it was paid or where.
        "20/11/2026 09:00,Leeds,Ada Tester,2,3.50,Card,front",
        "2026-11-20 09:00:00,Leeds,Latte,2,Online,3.50,Ada Tester",
        "20/11/2026,Leeds,Latte,2,3.50,Apple Pay,front",
        "20/11/2026 09:00,Leeds,Latte,2,Gift card,3.50,7",
    ],
)
def test_a_column_of_another_system_that_says_how_it_was_paid_does_not_make_its_file_ours(row: str) -> None:
    file = extract_bytes(f"{row}\n".encode() * 3)[0].file

    assert file.reason == FileReason.UNKNOWN_DIALECT


def test_the_same_words_further_down_are_rejected() -> None:
    assert rejects_of(f"{GOOD}\nZeit,Filiale,Kunde,Artikel,Summe,Zahlung,Karte\n".encode()) == [
        (2, "bad_timestamp", "")
    ]


def test_a_file_of_unknown_words_alone_is_unknown_and_none_of_them_is_shown() -> None:
    file = extract_bytes(b"Ada Tester,Ben Sample,Cy Example\n")[0].file

    assert file.reason == FileReason.UNKNOWN_DIALECT
    assert "Ada" not in file.detail


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        # The branch is missing, and the customer is in its place.
        ("25/08/2021 09:00,Ada Tester,Large Latte - 2.45,2.45,CASH,", "wrong_cell_count"),
        ("25/08/2021 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CARD", "wrong_cell_count"),
        ("25/08/2021 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,Visa", "wrong_cell_count"),
        (GOOD + ",,extra", "wrong_cell_count"),
        ("25/08/2021 09:00,Leeds,Ada Tester,Latte - £2.15 Mocha - £2.45,4.6,CASH,", "items_not_separated"),
    ],
)
def test_what_only_looks_like_a_slip_is_rejected(line: str, rule: str) -> None:
    assert [found for _, found, _ in rejects_of(f"{GOOD}\n{line}\n".encode())] == [rule]


def test_an_exploded_order_paid_before_its_total_is_still_one_order() -> None:
    exploded = "25/08/2021 09:00,Leeds,Ada Tester,Latte,2.00,CASH,3.00,\n,,,Cake,1.00,,,\n"

    assert baskets(exploded) == ["Latte - 2.00, Cake - 1.00|3.00"]


def test_two_stray_quotes_do_not_enclose_an_order_whose_time_has_a_t() -> None:
    body = f'{GOOD}\n25/08/2021 09:00,Leeds,"Ada\n2021-08-25T09:01:00Z,Leeds,Ben",Large Latte - 2.45,2.45,CASH,\n'

    extracted, rows = extract_bytes(body.encode())

    assert rejects_of(body.encode()) == [(2, "stray_quote", "")]
    assert [row.split("\t")[2] for row in rows.splitlines()] == ["2021-08-25 09:00:00", "2021-08-25 10:01:00"]
    assert extracted.file.lines.orders == 2
