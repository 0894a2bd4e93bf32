"""A file is read in each accepted encoding, and a byte in none of them costs no more than its own row."""

import gzip

import pytest

from extract.rules import FileReason
from fakes import extract_bytes, rejects_of

ORDERS = """\
25/08/2021 09:00,Café Leeds,Renée Tester,Large Crème brûlée latte - 2.45,2.45,CASH,
25/08/2021 09:01,Café Leeds,"Ben ☕
Sample",Large Latte - £2.45,£2.45,CARD,4111111111111111
"""
GOOD = b"25/08/2021 09:00,Leeds,Nobody,Large Latte - 2.45,2.45,CASH,\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_F12_a_file_with_its_mark_gives_the_same_rows_in_each_encoding(encoding: str, line_end: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    body = (mark + ORDERS.replace("\n", line_end)).encode(encoding)

    extracted, rows = extract_bytes(body)

    assert rows == extract_bytes(ORDERS.encode())[1] != ""
    assert extract_bytes(gzip.compress(body))[1] == rows
    assert (extracted.file.lines.total, extracted.file.lines.orders, extracted.file.lines.continuations) == (3, 2, 1)


@pytest.mark.parametrize(
    "row",
    [
        GOOD.replace(b"Nobody", b"Ren\xe9e"),
        GOOD.replace(b"Nobody", b'"Ren\xe9\ne"'),
        GOOD.replace(b"CASH,", b"CASH,\xe9\xff"),
        b'2021-08-25 09:00:00,Leeds,Ren\xe9e,"Large,Latte,2.45",CASH,2.45,\xe9\n',
        b"25/08/2021 09:00,Leeds,Ren\xe9e,Large Latte,2.45,2.45,CASH,\xe9\n",
    ],
    ids=["customer", "customer of two lines", "card", "feed A", "exploded"],
)
def test_F12_a_byte_that_is_not_utf8_does_not_matter_in_a_personal_cell(row: bytes) -> None:
    extracted, rows = extract_bytes(row)

    assert (extracted.file.outcome, extracted.file.rejects) == ("read", 0)
    assert rows == extract_bytes(GOOD)[1]


@pytest.mark.parametrize(
    ("kept", "written"),
    [
        (b"Leeds", b"Caf\xe9"),
        (b"Latte", b"Cr\xe8me"),
        (b"- 2.45", b"- \xa32.45"),
        (b",2.45", b",\xa32.45"),
        (b"09:00", b"09:00\xa0"),
        (b"CASH", b"C\xe4sh"),
    ],
)
def test_F12_such_a_byte_in_a_kept_cell_rejects_its_row_only(kept: bytes, written: bytes) -> None:
    body = GOOD + GOOD.replace(kept, written) + GOOD

    assert rejects_of(body) == [(2, "unreadable_character", "")]
    assert extract_bytes(body)[0].file.lines.orders == 2


@pytest.mark.parametrize(
    "body",
    [
        GOOD.replace(b"Leeds", b"Caf\xe9"),
        GOOD + GOOD.replace(b"Leeds", b"Caf\xe9") * 2,
        b"Zeit,Filiale,K\xe4ufer,Artikel,Summe,Zahlung,Karte\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x90wS\xde",
        GOOD.replace(b"Leeds", b'"Caf\xe9'),
        b"\xe9\x00\x01\n" * 100_000,
    ],
    ids=["one row", "most rows", "header", "picture", "stray quote", "many lines"],
)
def test_F12_a_file_of_which_most_is_unreadable_is_not_utf8(body: bytes) -> None:
    assert extract_bytes(body)[0].file.reason == FileReason.NOT_UTF8


def test_a_file_with_known_columns_of_another_system_is_unknown_rather_than_unreadable() -> None:
    file = extract_bytes(b"Date,Product,Quantity,Shop\n20/11/2026,Caf\xe9,2,Leeds\n")[0].file

    assert (file.reason, file.detail[:40]) == (FileReason.UNKNOWN_DIALECT, "columns seen: Date, Product, Quantity, S")


def test_as_many_orders_as_unreadable_rows_are_loaded() -> None:
    extracted, _ = extract_bytes(GOOD + GOOD.replace(b"Leeds", b"Caf\xe9"))

    assert (extracted.file.reason, extracted.file.lines.orders, extracted.file.rejects) == ("", 1, 1)


def test_a_header_with_such_a_byte_is_a_header() -> None:
    extracted, _ = extract_bytes(b"Zeit,Filiale,K\xe4ufer,Artikel,Summe,Zahlung,Karte\n" + GOOD)

    assert (extracted.file.lines.headers, extracted.file.lines.orders) == (1, 1)
