"""docs/branch-files.md: every accepted example is accepted and gives the rows shown; the lists match the code."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from cafe.drop_keys import drop_key
from cafe.generate.dialects import HEADERS, NAMED_DIALECTS
from extract.cells import canonical_payment
from extract.dialects.catalogue import Catalogue, shipped
from extract.dialects.document import Document, read_document
from extract.headers import is_header
from extract.rules import FileReason, Rule
from fakes import extract_bytes, tables_of
from load.rules import FileReason as LoadFileReason
from transform.rules import Rule as TransformRule
from unit.docs.pages import blocks, page, sections, table_rows

PAGE = page("branch-files")
CHAPTERS = sections(PAGE, 2)
EXAMPLES = blocks(PAGE, "csv")
OTHERS = sections(CHAPTERS["Dialects of other tills"], 3)
CODES = {*Rule, *FileReason, *TransformRule, *LoadFileReason}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text[:40])
def test_an_example_is_read_without_a_reject(example: str) -> None:
    file = extract_bytes(example.encode())[0].file

    orders = tables_of(example.encode())["orders"]

    assert file.rejects == 0
    assert len(orders) == file.rows == file.lines.orders > 0


def test_the_canonical_rows_are_those_of_the_examples() -> None:
    feed_a = blocks(CHAPTERS["The two feeds"], "csv")[1]
    (alike,) = blocks(CHAPTERS["How rows are numbered"], "csv")

    rows = [extract_bytes(example.encode())[1] for example in (feed_a, alike)]

    assert blocks(PAGE, "canonical") == rows


def test_names_that_differ_only_in_case_are_two_products() -> None:
    (example,) = blocks(CHAPTERS["Upper and lower case"], "csv")

    products = {line for line in tables_of(example.encode())["dimensions"] if line.startswith("product,")}

    assert len(products) == 2


def test_the_headers_are_those_that_the_generator_writes() -> None:
    (headers,) = blocks(PAGE, "headers")

    assert tuple(headers.splitlines()) == HEADERS


def test_the_known_words_on_the_page_make_a_header() -> None:
    named = re.findall(r"\*(\w+)\*", CHAPTERS["How the feed of a row is found"])

    assert len(named) > 2
    assert is_header(named)


def test_the_page_lists_every_generated_dialect_except_the_rejected_one() -> None:
    listed = {
        name
        for row in table_rows(CHAPTERS["Accepted dialects"])
        if "--dialect" in row
        for name in row["--dialect"].removeprefix("part of ").split(", ")
    }

    assert listed == set(NAMED_DIALECTS) - {"foreign"}


ACCEPTED = CHAPTERS["Accepted dialects"]
SLIPS = "".join([*blocks(ACCEPTED, "slips"), *blocks(ACCEPTED, "names")]).splitlines()


@pytest.mark.parametrize("line", SLIPS)
def test_a_small_slip_on_the_page_is_an_order(line: str) -> None:
    extracted, rows = extract_bytes(f"{line}\n".encode())

    assert (extracted.file.lines.orders, extracted.file.rejects) == (1, 0)
    assert rows.endswith("\tCASH\t1\n" if "CASH" in line else "\tCARD\t1\n")


def test_titles_and_totals_on_the_page_are_named() -> None:
    (around,) = blocks(CHAPTERS["How the feed of a row is found"], "around")

    file = extract_bytes(around.encode())[0].file

    assert (file.lines.orders, file.rejects, file.dialect) == (1, 0, "feed-b+header+title+total")


def test_the_page_has_every_other_document() -> None:
    of_the_chain = {"feed-a", "feed-b", "exploded", "exploded-a"}

    assert {name.strip("`") for name in OTHERS} == {document.name for document in shipped().documents} - of_the_chain


@pytest.mark.parametrize("name", OTHERS)
def test_the_file_of_another_till_on_the_page_is_read_in_its_dialect(name: str) -> None:
    (export,) = blocks(OTHERS[name], "export")

    file = extract_bytes(export.encode(), "2026/11/20/leeds_20-11-2026_09-00-00.csv")[0].file

    assert (file.lines.orders > 0, file.rejects) == (True, 0)
    assert set(file.dialect.split("+")) - {"header"} == {name.strip("`")}


@pytest.mark.parametrize("row", table_rows(CHAPTERS["Times"]), ids=lambda row: row["written"])
def test_a_time_on_the_page_becomes_what_the_page_says(row: dict[str, str]) -> None:
    says = row.get("keys of [time]", "")
    catalogue = shipped() if not says else Catalogue((feed_b_with_times(says),))
    for written in row["written"].split(", "):
        order = f"{written},Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
        _, rows = extract_bytes(order.encode(), catalogue=catalogue)

        assert rows.split("\t")[2] == row["becomes"]


def feed_b_with_times(says: str) -> Document:
    """Return feed B's document with other keys of [time], which are divided by commas."""
    keys = "\n".join(["[time]", *says.split(", ")])
    text = files("extract.dialects").joinpath("feed-b.toml").read_text(encoding="utf-8")
    return read_document(text.replace("[recognise]", f"{keys}\n\n[recognise]", 1), "feed-b.toml")


def test_every_word_in_the_table_of_payments_is_read_as_the_payment_beside_it() -> None:
    words = {
        word: row["payment"]
        for row in table_rows(CHAPTERS["Payments"])
        for word in row["what tills and people write"].split(", ")
    }

    assert {word: canonical_payment(word) for word in words} == words
    assert set(words.values()) == {"CARD", "CASH", "OTHER"}


def test_the_codes_in_the_list_of_rejects_exist() -> None:
    named = [row["becomes"].split(": ")[1].split(",")[0] for row in table_rows(CHAPTERS["What is rejected"])]

    assert set(named) <= CODES


def test_cafe_drop_gives_a_file_the_key_on_the_page() -> None:
    keys = [row["example of a key"] for row in table_rows(CHAPTERS["File names and keys"])]

    assert [drop_key(Path(key.rpartition("/")[2])) for key in keys] == keys
