"""docs/dialects.md has every key, value and column that a document may have, and its errors are real."""

import re

import pytest

from cafe.answers.dialects import added_to, example_fault
from cafe.answers.drafting.proposal import propose
from extract import cells
from extract.dialects import document
from extract.dialects.catalogue import AmbiguousDialects, Catalogue, shipped
from extract.dialects.document import Document, InvalidDocument, read_document
from fakes import extract_bytes
from unit.docs.pages import blocks, page, sections, table_rows

CHAPTERS = sections(page("dialects"), 2)
KEYS = [row for row in table_rows(CHAPTERS["The document"]) if "key" in row]
VALID = """
name = "till"
summary = "A till."
[file]

decimal = "."
[recognise]
by = "cells"
cells = ["payment"]

[[columns]]
is = "time"
[[columns]]
is = "branch"
[[columns]]
is = "personal"
[[columns]]
is = "basket"
[[columns]]
is = "total"
[[columns]]
is = "payment"
[[columns]]
is = "personal"
[[examples]]
text = "25/08/2021 09:00,Leeds,Ada Tester,Latte - 2.45,2.45,CASH,"
"""


@pytest.mark.parametrize("table", ["file", "recognise", "time", "basket", "branch", "total", "payment"])
def test_the_page_has_every_key_of_a_table(table: str) -> None:
    named = [row["key"].removeprefix(f"[{table}] ") for row in KEYS if row["key"].startswith(f"[{table}]")]

    heading = f"[{table}]\n"
    text = VALID if heading in VALID else VALID.replace("[[columns]]", f"{heading}[[columns]]", 1)
    error = error_of(text.replace(heading, f"{heading}x = 1\n"))

    assert error.problem == f"is not a key here; allowed: {', '.join(named)}"


@pytest.mark.parametrize("table", ["columns", "examples"])
def test_the_page_has_every_key_of_a_list(table: str) -> None:
    (row,) = [row for row in KEYS if row["key"] == f"[[{table}]]"]

    error = error_of(VALID.replace(f"[[{table}]]", f"[[{table}]]\nx = 1", 1))

    assert error.problem == f"is not a key here; allowed: {row['allowed']}"


def test_the_page_has_every_column() -> None:
    listed = [kind for row in table_rows(CHAPTERS["Columns"]) for kind in row["is"].split(", ")]

    assert sorted(listed) == sorted(document.KINDS)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("[file] encoding", [document.UTF_8, document.WINDOWS]),
        ("[recognise] by", [document.BY_CELLS, document.BY_HEADER]),
        ("[time] order", [document.DAY_FIRST, document.MONTH_FIRST, document.YEAR_FIRST]),
        ("[basket] grammar", [document.ITEMS, document.QUANTITY, document.LINES]),
        ("[basket] group", [document.BY_ORDER, document.BY_TIME, document.BY_BLANKS, document.BY_LINE]),
        ("[branch] from", [document.COLUMN, document.KEY, document.CONSTANT]),
        ("[total] from", [document.STATED, document.SUMMED]),
        ("[payment] from", [document.COLUMN, document.CONSTANT]),
        ("[payment] is", cells.PAYMENTS),
    ],
)
def test_the_page_has_every_value_of_a_key(key: str, values: list[str]) -> None:
    (row,) = [row for row in KEYS if row["key"] == key]

    assert row["allowed"].split(", ") == list(values)


def test_the_errors_on_the_page_are_those_of_the_code() -> None:
    (errors,) = blocks(CHAPTERS["What an error says"], "")
    twin = read_document(VALID, "till.toml")

    misspelt = error_of(VALID.replace('is = "time"', 'is = "tiem"'))
    bad_mark = error_of(VALID.replace('"."', '";"'))
    with pytest.raises(AmbiguousDialects) as twins:
        Catalogue((*without("feed-a"), twin)).check()

    spelling, mark, ambiguous = errors.splitlines()
    assert str(misspelt).startswith(spelling.removesuffix("…"))
    assert str(bad_mark) == mark
    assert sorted((twins.value.one, twins.value.other)) == ["feed-b", "till"]
    assert ambiguous == f"both till and feed-b read this row: {twin.examples[0].text}"


def test_the_export_of_one_cafe_is_read_after_the_changes_on_the_page() -> None:
    chapter = CHAPTERS["An export of one café"]
    (export,), (loaded,) = blocks(chapter, "export"), blocks(chapter, "loaded")
    changes = [(row["in the draft"].partition(", in ")[0], row["becomes"]) for row in table_rows(chapter)]
    proposal = propose(export.splitlines(), shipped())
    assert proposal

    text = proposal.text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new.replace(", and below it ", "\n").removeprefix("nothing: delete the line"))
    draft = read_document(text, "new.toml")
    catalogue = added_to(shipped(), draft)
    file, rows = extract_bytes(export.encode(), "head-office/2025/11/28/export.csv", catalogue=catalogue)

    assert 'months = "words"\nyears = "two digits"' in proposal.text
    assert example_fault(draft, catalogue) is None
    assert (file.file.rejects, set(file.file.dialect.split("+"))) == (0, {"new", "header", "tills", "title", "total"})
    for line, row in zip(loaded.splitlines(), rows.splitlines(), strict=True):
        cells = row.split("\t")
        assert re.split(r"\s{2,}", line)[:5] == cells[1:6]
        assert line.endswith("0.50") is ("0.50" in cells[6:])


def without(name: str) -> list[Document]:
    return [one for one in shipped().documents if one.name != name]


def error_of(text: str) -> InvalidDocument:
    with pytest.raises(InvalidDocument) as raised:
        read_document(text, "till.toml")
    return raised.value
