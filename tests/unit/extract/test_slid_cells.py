"""A customer's words that slide into another cell, by lost and added commas, quotes and cells, are not kept."""

import csv
import io
from collections.abc import Iterator
from itertools import chain

import pytest

from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from shared.senders import HEAD_OFFICE_PREFIX

KEY = "2021/8/25/leeds_25-08-2021_20-00-00.csv"
GOOD = "25/08/2021 09:00,Leeds,Nobody,Large Latte - 2.45,2.45,CASH,\n"
ROWS = {
    "feed B": '25/08/2021 09:00,Leeds,Xavier Quill,"Large Latte - 2.45, Mocha - 2.30",4.75,CARD,4111111111111111',
    "one item": "25/08/2021 09:00,Leeds,Xavier Quill,Large Latte - 2.45,2.45,CARD,4111111111111111",
    "cash": "25/08/2021 09:00,Leeds,Xavier Quill,Large Latte - 2.45,2.45,CASH,",
    "cash of six cells": "25/08/2021 09:00,Leeds,Xavier Quill,Large Latte - 2.45,2.45,CASH",
    "surname first": '25/08/2021 09:00,Leeds,"Quill, Xavier",Large Latte - 2.45,2.45,CARD,4111111111111111',
    "blank cells": "25/08/2021 09:00,Leeds,Xavier Quill,Large Latte - 2.45,2.45,CARD,4111111111111111,,",
    "feed A": '2021-08-25 09:00:00,Leeds,Xavier Quill,"Large,Latte,2.45",CARD,2.45,"visa,4111111111111111"',
    "feed A, cash": '2021-08-25 09:00:00,Leeds,Xavier Quill,"Large,Latte,2.45",CASH,2.45,',
    "quantity": 'Xavier Quill,"Latte, 2, £3.50",Leeds,Card,4111111111111111,25/08/2021 09:00',
    "pandas' index": "0,25/08/2021 09:00,Leeds,Xavier Quill,Large Latte - 2.45,2.45,CARD,4111111111111111",
    "exploded in seven cells": "25/08/2021 09:00,Leeds,Xavier Quill,Large Latte,2.45,2.45,CARD",
    "exploded": "25/08/2021 09:00,Leeds,Xavier Quill,Large Latte,2.45,2.45,CARD,4111111111111111",
}


def faults_of(row: str) -> Iterator[str]:
    """Lose each comma and each quote, put a comma or a blank in the place of the other, lose or add each cell."""
    for place, sign in enumerate(row):
        before, after = row[:place], row[place + 1 :]
        if sign == ",":
            yield from (before + after, f"{before} {after}", f"{before},,{after}")
        elif sign == '"':
            yield before + after
        elif sign == " ":
            yield from (f"{before},{after}", f"{before}, {after}")
    cells = next(csv.reader([row]))
    for place in range(len(cells)):
        for changed in (cells[:place] + cells[place + 1 :], [*cells[:place], "", *cells[place:]]):
            written = io.StringIO()
            csv.writer(written, lineterminator="").writerow(changed)
            yield written.getvalue()


def keeps_the_customer(row: str, sender: str) -> bool:
    """Whether a word of the customer is in anything that extract writes."""
    objects = FakeObjects({KEY: f"{GOOD}{row}\n{GOOD}".encode()})
    extract_file(arrival_of(KEY, sender), objects, FakeOutbox())
    written = "".join(map(objects.text, objects.staged)).lower()
    return "xavier" in written or "quill" in written


@pytest.mark.parametrize("sender", [HEAD_OFFICE_PREFIX, ""], ids=["head office", "a café"])
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_one_fault_in_a_row_keeps_no_word_of_the_customer(row: str, sender: str) -> None:
    assert not keeps_the_customer(row, sender)
    assert [broken for broken in faults_of(row) if keeps_the_customer(broken, sender)] == []


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_two_faults_in_a_row_of_a_cafe_keep_no_word_of_the_customer(row: str) -> None:
    twice = dict.fromkeys(chain.from_iterable(map(faults_of, faults_of(row))))

    # Every third, for the time that it takes.
    assert [broken for broken in list(twice)[::3] if keeps_the_customer(broken, "")] == []


def test_the_search_finds_a_customer_in_a_kept_cell() -> None:
    # Two faults: the branch is lost, and a comma is in the customer's name. Head office may send any café's name.
    assert keeps_the_customer("25/08/2021 09:00,Xavier,Quill,Large Latte - 2.45,2.45,CASH,", HEAD_OFFICE_PREFIX)
