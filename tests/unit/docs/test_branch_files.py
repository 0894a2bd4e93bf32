"""docs/branch-files.md: what the page shows as read is read, as shown; its lists are the code's."""

import re
from pathlib import Path

import pytest

from cafe.drop_keys import drop_key
from cafe.generate.dialects import HEADERS, NAMED_DIALECTS
from extract.headers import is_header
from extract.rules import FileReason, Rule
from fakes import extract_bytes, tables_of
from transform.rules import Rule as TransformRule
from unit.docs.pages import blocks, page, sections, table_rows

PAGE = page("branch-files")
CHAPTERS = sections(PAGE, 2)
EXAMPLES = blocks(PAGE, "csv")
CODES = {*Rule, *FileReason, *TransformRule}


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


def test_the_case_trap_is_two_products() -> None:
    (trap,) = blocks(CHAPTERS["The case trap"], "csv")

    products = {line for line in tables_of(trap.encode())["dimensions"] if line.startswith("product,")}

    assert len(products) == 2


def test_the_headers_are_those_that_the_generator_writes() -> None:
    (headers,) = blocks(PAGE, "headers")

    assert tuple(headers.splitlines()) == HEADERS


def test_the_words_named_as_known_are() -> None:
    named = re.findall(r"\*(\w+)\*", CHAPTERS["How a row's feed is found"])

    assert len(named) > 2
    assert is_header(named)


def test_the_page_lists_every_dialect_that_can_be_generated_but_the_one_that_is_refused() -> None:
    listed = {
        name
        for row in table_rows(CHAPTERS["Dialects that are read"])
        if "--dialect" in row
        for name in row["--dialect"].removeprefix("part of ").split(", ")
    }

    assert listed == set(NAMED_DIALECTS) - {"foreign"}


def test_what_is_refused_names_codes_that_exist() -> None:
    named = [row["becomes"].split(": ")[1].split(",")[0] for row in table_rows(CHAPTERS["What is refused"])]

    assert set(named) <= CODES


def test_a_key_is_the_one_that_a_file_of_that_name_is_dropped_under() -> None:
    keys = [row["example of a key"] for row in table_rows(CHAPTERS["File names and keys"])]

    assert [drop_key(Path(key.rpartition("/")[2])) for key in keys] == keys
