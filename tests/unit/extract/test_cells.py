"""Each kept cell: every accepted form gives the one canonical text."""

from datetime import UTC, date, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo, reset_tzpath

import pytest

from extract.cells import CellReaders, basket_fault, branch_fault, last_day_for, timestamp_fault
from extract.rules import Rule
from unit.docs.pages import ROOT

LAST_DAY = date(2026, 11, 21)


@pytest.fixture
def cells() -> CellReaders:
    return CellReaders(LAST_DAY)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("25/08/2021 09:00", "2021-08-25 09:00:00"),
        ("05/08/2021 09:00", "2021-08-05 09:00:00"),
        ("9/5/2023 9:00", "2023-05-09 09:00:00"),
        ("25/08/2021 09:00 ", "2021-08-25 09:00:00"),
        (" 25/08/2021  09:00", "2021-08-25 09:00:00"),
        ("2021-02-23 09:00:48", "2021-02-23 09:00:48"),
        ("29/02/2024 23:59", "2024-02-29 23:59:00"),
        ("01/01/2000 00:00", "2000-01-01 00:00:00"),
        ("21/11/2026 08:00", "2026-11-21 08:00:00"),
        # The hours that are skipped or repeated when the clocks change are kept as the till printed them.
        ("29/03/2026 01:30", "2026-03-29 01:30:00"),
        ("25/10/2026 01:30", "2026-10-25 01:30:00"),
        ("25-08-2021 09:04", "2021-08-25 09:04:00"),
        ("5.8.2021 9:04", "2021-08-05 09:04:00"),
        ("2021/08/25 09:04", "2021-08-25 09:04:00"),
        ("25/08/2021 09:05:30", "2021-08-25 09:05:30"),
        ("2021-08-25 09:03:00.000", "2021-08-25 09:03:00"),
        ("2021-08-25 09:03:59.999999", "2021-08-25 09:03:59"),
        ("2021-08-25T09:00:00", "2021-08-25 09:00:00"),
        ("2021-08-25t09:00", "2021-08-25 09:00:00"),
        ("25/08/2021 2:15 PM", "2021-08-25 14:15:00"),
        ("25/08/2021 2:15\u202fpm", "2021-08-25 14:15:00"),
        ("25/08/2021  02:15 a.m.", "2021-08-25 02:15:00"),
        ("25/08/2021 12:00 AM", "2021-08-25 00:00:00"),
        ("25/08/2021 12:30:10 PM", "2021-08-25 12:30:10"),
        # An offset. London is at UTC+1 from the last Sunday of March, 01:00 UTC, to that of October.
        ("2021-08-25T09:01:00Z", "2021-08-25 10:01:00"),
        ("2021-08-25T09:01:00.5z", "2021-08-25 10:01:00"),
        ("2021-08-25T09:02:00+01:00", "2021-08-25 09:02:00"),
        ("2021-08-25 09:02:00 +0100", "2021-08-25 09:02:00"),
        ("2021-08-25 09:02-05", "2021-08-25 15:02:00"),
        ("2021-08-25T23:30Z", "2021-08-26 00:30:00"),
        ("2021-09-01T03:29:00+05:30", "2021-08-31 22:59:00"),
        ("2021-12-25T09:01:00Z", "2021-12-25 09:01:00"),
        ("2026-03-29T00:59:59Z", "2026-03-29 00:59:59"),
        ("2026-03-29T01:00:00Z", "2026-03-29 02:00:00"),
        # The hour that a clock shows twice: both are 01:30 on the wall.
        ("2026-10-25T00:30:00Z", "2026-10-25 01:30:00"),
        ("2026-10-25T01:30:00Z", "2026-10-25 01:30:00"),
    ],
    ids=lambda value: value.strip().replace("/", "-"),
)
def test_a_time_is_read_day_first_or_year_first(cells: CellReaders, text: str, canonical: str) -> None:
    assert cells.ordered_at(text) == canonical


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("08/25/2021 09:00", Rule.BAD_TIMESTAMP),
        ("31/02/2021 09:00", Rule.BAD_TIMESTAMP),
        ("29/02/2023 09:00", Rule.BAD_TIMESTAMP),
        ("25/08/2021", Rule.BAD_TIMESTAMP),
        ("25/08/2021 24:00", Rule.BAD_TIMESTAMP),
        ("25/08/2021 09:60", Rule.BAD_TIMESTAMP),
        ("25/08-2021 09:00", Rule.BAD_TIMESTAMP),
        ("25/08/2021 14:15 PM", Rule.BAD_TIMESTAMP),
        ("25/08/2021 0:15 AM", Rule.BAD_TIMESTAMP),
        ("25/08/2021 09:00.5", Rule.BAD_TIMESTAMP),
        ("25/08/2021 09:00:00.", Rule.BAD_TIMESTAMP),
        ("2021-08-25T09:00+15:00", Rule.BAD_TIMESTAMP),
        ("2021-08-25T09:00+01:60", Rule.BAD_TIMESTAMP),
        ("2021-08-25T09:00ZZ", Rule.BAD_TIMESTAMP),
        ("2021-08-25Z", Rule.BAD_TIMESTAMP),
        ("2021-08-25T", Rule.BAD_TIMESTAMP),
        ("20210825T090000Z", Rule.BAD_TIMESTAMP),
        ("25/08/21 09:00", Rule.BAD_TIMESTAMP),
        ("٢٥/٠٨/٢٠٢١ ٠٩:٠٠", Rule.BAD_TIMESTAMP),
        ("", Rule.BAD_TIMESTAMP),
        ("31/12/1999 23:59", Rule.DATE_OUT_OF_RANGE),
        ("01/01/1970 00:00", Rule.DATE_OUT_OF_RANGE),
        ("22/11/2026 00:00", Rule.DATE_OUT_OF_RANGE),
        ("01/01/2099 09:00", Rule.DATE_OUT_OF_RANGE),
        # By their offset they leave the accepted days, or the calendar.
        ("2026-11-21T23:30-01:00", Rule.DATE_OUT_OF_RANGE),
        ("2000-01-01T00:30+01:00", Rule.DATE_OUT_OF_RANGE),
        ("0001-01-01T00:00+14:00", Rule.DATE_OUT_OF_RANGE),
        ("9999-12-31T23:59-14:00", Rule.DATE_OUT_OF_RANGE),
    ],
)
def test_an_unreadable_time_and_an_impossible_date_have_different_rules(
    cells: CellReaders, text: str, rule: Rule
) -> None:
    assert cells.ordered_at(text) == ""
    assert timestamp_fault(text, LAST_DAY) == rule


def test_an_offset_is_converted_to_the_zone_that_is_given() -> None:
    dublin, berlin, kathmandu = (
        CellReaders(LAST_DAY, zone=zone).ordered_at("2021-08-25T09:00:00Z")
        for zone in ("Europe/Dublin", "Europe/Berlin", "Asia/Kathmandu")
    )

    assert (dublin, berlin, kathmandu) == ("2021-08-25 10:00:00", "2021-08-25 11:00:00", "2021-08-25 14:45:00")


def test_zones_come_with_extract_where_the_system_has_none() -> None:
    pinned = (ROOT / "src/extract/requirements.txt").read_text(encoding="utf-8").split()
    try:
        reset_tzpath(())
        ZoneInfo.clear_cache()

        assert CellReaders(LAST_DAY).ordered_at("2021-08-25T09:01:00Z") == "2021-08-25 10:01:00"
    finally:
        reset_tzpath()
        ZoneInfo.clear_cache()
    assert f"tzdata=={version('tzdata')}" in pinned


def test_sales_may_be_dated_up_to_the_day_after_the_file_was_written() -> None:
    assert last_day_for(datetime(2026, 11, 20, 23, 59, tzinfo=UTC)) == LAST_DAY


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("4", "4.00"),
        ("4.6", "4.60"),
        ("4.60", "4.60"),
        ("13.15", "13.15"),
        ("0.0", "0.00"),
        ("5.2   ", "5.20"),
        ("04.10", "4.10"),
    ],
)
def test_money_is_written_with_two_decimals(cells: CellReaders, text: str, canonical: str) -> None:
    assert cells.totals[text] == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4£",
        "££4",
        "£",
        ".",
        "-4.60",
        "+4",
        "4.601",
        "1e3",
        "4,60",
        "NaN",
        "inf",
        "1_000",
        "٤",
        ".555",
        "4.",
        "1234567",
        "4 60",
    ],
)
def test_anything_else_is_not_money(cells: CellReaders, text: str) -> None:
    assert cells.totals[text] == ""


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        *dict.fromkeys(
            (
                "CARD", "card", "Credit Card", "debit-card", "Contactless", "Apple Pay", "ApplePay", "Google Pay", "Amex",
                "CARD (visa)", "Visa", "VISA_DEBIT", "Master Card", "mastercard", "Chip & PIN", "chip and pin",
                "Credit/Debit", "Paid by card", "Card payment", "Contactless - Apple Pay",
            ),
            "CARD",
        ).items(),
        *dict.fromkeys(("CASH", "Cash ", "\u00a0cash", "Cash payment", "Paid in cash"), "CASH").items(),
        *dict.fromkeys(
            (
                "Other", "Gift card", "GIFT-CARD", "Voucher", "Gift voucher", "Loyalty", "Account", "On account",
                "Online", "Digital  Wallet",
            ),
            "OTHER",
        ).items(),
    ],
)  # fmt: skip
def test_a_payment_is_read_in_the_words_of_many_tills(cells: CellReaders, text: str, canonical: str) -> None:
    assert cells.payments[text] == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "BITCOIN", "CHEQUE", "Cash/Card", "cash or card", "Card + voucher", "Cash and card", "Pending", "Refund",
        "Payment Method", "Card Number", "Card holder", "Cash card", "Apple", "Pay", "Paid", "Johnny Cash", "Ada Card",
        "Visa 4111", "4111111111111111", "2.45", "Gift card - 10.00", "ＣＡＲＤ", "CA\u200bRD", "card" * 20,
    ],
)  # fmt: skip
def test_anything_else_is_no_payment(cells: CellReaders, text: str) -> None:
    assert cells.payments[text] == ""


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Large Latte - 2.45", "Large Latte - 2.45"),
        ("Regular Latte - 2.15, Large Latte - 2.45", "Regular Latte - 2.15, Large Latte - 2.45"),
        ("Regular Latte - 2.15,Large Latte - 2.45", "Regular Latte - 2.15, Large Latte - 2.45"),
        ("Large Latte - 2.45   ", "Large Latte - 2.45"),
        ("Large  Latte - 2.4", "Large Latte - 2.40"),
        ("Espresso - 1.50, Croissant - 1.85", "Espresso - 1.50, Croissant - 1.85"),
        ("Large,Hot chocolate,2.9,Large,Chai latte,2.6", "Large Hot chocolate - 2.90, Large Chai latte - 2.60"),
        (",Frappes - Coffee,2.75,,Cortado,2.05", "Frappes - Coffee - 2.75, Cortado - 2.05"),
        (",Babyccino,0.0", "Babyccino - 0.00"),
        (",Frappes - Strawberries & Cream,2.75", "Frappes - Strawberries & Cream - 2.75"),
        ("Regular Hot Chocolate - 1.40, Regular Hot chocolate - 2.20", "Regular Hot Chocolate - 1.40, Regular Hot chocolate - 2.20"),
        ("=2+5 tea - 1.00", "=2+5 tea - 1.00"),
        ("Ham, cheese & leek toastie - 4.5", "Ham, cheese & leek toastie - 4.50"),
        ("Latte - 2.15, Ham, egg, chips - 4.50, Mocha - 2.30", "Latte - 2.15, Ham, egg, chips - 4.50, Mocha - 2.30"),
        ("Large Ham,cheese toastie - Hot - 4.50", "Large Ham, cheese toastie - Hot - 4.50"),
        ("Sparkling water - 330 ml - 1.80", "Sparkling water - 330 ml - 1.80"),
        ("Beer - 1.5 L - 9.80, Oats - 50 g, honey - 3.00", ""),
        ("👩\u200d🍳 special - 3.00, ❤️\u200d🔥 tea - 1.00", "👩\u200d🍳 special - 3.00, ❤️\u200d🔥 tea - 1.00"),
    ],
)  # fmt: skip
def test_a_basket_of_either_feed_becomes_canonical(cells: CellReaders, text: str, canonical: str) -> None:
    assert cells.basket(text) == canonical


@pytest.mark.parametrize(
    ("text", "rule", "detail"),
    [
        ("", Rule.EMPTY_BASKET, ""),
        ("  ", Rule.EMPTY_BASKET, ""),
        ("Regular Latte, Cookie - 1.25", Rule.ITEM_WITHOUT_PRICE, "item 1"),
        ("Cookie - 1.25, Regular Latte", Rule.ITEM_WITHOUT_PRICE, "item 2"),
        ("Regular Latte - free", Rule.ITEM_WITHOUT_PRICE, "item 1"),
        ("Regular Latte - -2.15", Rule.REFUND_NOT_SUPPORTED, "item 1"),
        ("Regular Latte - 2.15 Large Latte - 2.45", Rule.ITEMS_NOT_SEPARATED, "item 1"),
        (" - 2.15", Rule.ITEM_WITHOUT_PRICE, "item 1"),
        ("42 - 2.15", Rule.BAD_ITEM, "item 1"),
        (f"{'é' * 61} - 2.15", Rule.BAD_ITEM, "item 1"),
        ("Latte 4111 1111 1111 1111 - 2.15", Rule.POSSIBLE_CARD_NUMBER, "item 1"),
        ("Latte - 2.15, 4222222222222 - 1.00", Rule.POSSIBLE_CARD_NUMBER, "item 2"),
        ("Latte 4111  1111\u00a01111 - 1111 - 2.15", Rule.POSSIBLE_CARD_NUMBER, "item 1"),
        ("Lat\u200bte - 2.15", Rule.CONTROL_CHARACTER, "item 1"),
        ("Lat\u200dte - 2.15", Rule.CONTROL_CHARACTER, "item 1"),
        ("👩\u200d - 2.15", Rule.CONTROL_CHARACTER, "item 1"),
        ("regular latte, cookie - 1.25", Rule.ITEM_WITHOUT_PRICE, "item 1"),
        ("Latte - Vanilla, tea - 1.25", Rule.ITEM_WITHOUT_PRICE, "item 1"),
        ("Latte - -2.15, tea - 1.25", Rule.REFUND_NOT_SUPPORTED, "item 1"),
        ("Latte, Large, tea - 1.25", Rule.ITEM_WITHOUT_PRICE, "item 1"),
        ("Ham, cheese", Rule.ITEM_WITHOUT_PRICE, "item 1"),
        ("Latte - 2 Mocha - 3", Rule.ITEMS_NOT_SEPARATED, "item 1"),
        ("Latte - £2 l Mocha - 3", Rule.ITEMS_NOT_SEPARATED, "item 1"),
        ("Latte - 2.15,\ttea 4 - 1.25 - 3", Rule.ITEMS_NOT_SEPARATED, "item 2"),
        ("Lat\x00te - 2.15", Rule.CONTROL_CHARACTER, "item 1"),
    ],
)
def test_a_faulty_basket_is_rejected_with_the_position_of_the_item(
    cells: CellReaders, text: str, rule: Rule, detail: str
) -> None:
    assert cells.basket(text) == ""
    assert basket_fault(text) == (rule, detail)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Chesterfield ", None),
        ("Newcastle upon Tyne", None),
        ("Café Zoë", None),
        ("York 2", None),
        ("", Rule.BAD_BRANCH),
        ("   ", Rule.BAD_BRANCH),
        ("42", Rule.BAD_BRANCH),
        ("B" * 121, Rule.BAD_BRANCH),
        ("5494000000000016", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111-1111-1111-1111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111  1111  1111  1111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111\u00a01111\u00a01111\u00a01111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111 - 1111 - 1111 - 1111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111–1111–1111–1111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111.1111.1111.1111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111, 1111, 1111, 1111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds 4111/1111_1111/1111", Rule.POSSIBLE_CARD_NUMBER),
        ("Leeds ４１１１１１１１１１１１１１１１", Rule.POSSIBLE_CARD_NUMBER),
        ("Unit 12, 1 Station Road 2021-02", None),
        ("Lee\u202eds", Rule.CONTROL_CHARACTER),
        ("Lee\tds", Rule.CONTROL_CHARACTER),
    ],
)
def test_a_branch_is_a_short_name_and_not_a_card_number(text: str, fault: Rule | None) -> None:
    assert branch_fault(text) == fault


def test_a_full_cache_is_cleared_and_gives_the_same_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.cells.REMEMBERED_BYTES", 1000)
    totals = CellReaders(LAST_DAY).totals

    read = [totals[text] for text in ("1", "2", "3", "4", "5", "6", "1", "9" * 2000)]

    assert read == ["1.00", "2.00", "3.00", "4.00", "5.00", "6.00", "1.00", ""]
    assert len(totals) < 6
