"""Each document that comes with the product reads its own examples, and no other document does."""

from copy import replace

import pytest

from extract.dialects.catalogue import AmbiguousDialects, Catalogue, shipped
from extract.dialects.document import Document, Example, InvalidDocument
from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of, extract_bytes

EXAMPLES = [
    pytest.param(document, example, id=f"{document.name} {number}")
    for document in shipped().documents
    for number, example in enumerate(document.examples, start=1)
]
# Of each dialect, one row and what it becomes.
ROWS = [
    ("feed-a", '2021-08-25 09:00:00,Leeds,Ada,"Large,Latte,2.45",CASH,2.45,None', "Large Latte - 2.45\t2.45\tCASH"),
    ("feed-b", "25/08/2021 09:00,Leeds,Ada Tester,Latte - 2.45,2.45,CASH,", "Latte - 2.45\t2.45\tCASH"),
    ("semicolons", "25/08/2021 09:00;Leeds;Ada Tester;Latte - 2,45;2,45;CASH;", "Latte - 2.45\t2.45\tCASH"),
    ("tabs", "25/08/2021 09:00\tLeeds\tAda Tester\tLatte - 2.45\t2.45\tCASH\t", "Latte - 2.45\t2.45\tCASH"),
]
BY_NAME = {document.name: document for document in shipped().documents}


@pytest.mark.parametrize(("document", "example"), EXAMPLES)
def test_a_document_reads_its_own_example(document: Document, example: Example) -> None:
    key = example.key or "2026/11/20/export.csv"
    objects = FakeObjects({key: example.text.encode()})

    extracted = extract_file(arrival_of(key), objects, FakeOutbox())

    rows = "".join(objects.text(staged) for staged in objects.staged if staged.startswith("extracted/"))
    rejects = "".join(objects.text(staged) for staged in objects.staged if staged.startswith("rejects/"))
    cells = [row.split("\t") for row in rows.splitlines()]
    assert tuple("\t".join((*row[1:6], *row[7:])) for row in cells) == example.rows
    assert tuple(f"{line.split(',')[1]} {line.split(',')[3]}" for line in rejects.splitlines()) == example.rejects
    assert set(extracted.file.dialect.split("+")) - {"header"} == {document.name}


@pytest.mark.parametrize(("name", "row", "sale"), ROWS, ids=lambda text: text[:12])
def test_a_row_shows_its_dialect_by_its_cells(name: str, row: str, sale: str) -> None:
    extracted, rows = extract_bytes(f"{row}\n".encode())

    assert extracted.file.dialect == name
    assert rows == f"1\tLeeds\t2021-08-25 09:00:00\t{sale}\t1\n"


def test_no_two_documents_read_the_same_row() -> None:
    shipped().check()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_second_document_that_reads_the_same_rows_is_found(name: str) -> None:
    twin = replace(BY_NAME[name], name="twin")

    with pytest.raises(AmbiguousDialects) as raised:
        Catalogue((*shipped().documents, twin)).check()

    assert {raised.value.one, raised.value.other} == {name, "twin"}
    assert raised.value.row in str(raised.value)


def test_two_documents_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidDocument, match=r"feed-b\.toml:1: name: feed-b\.toml has the name feed-b too"):
        Catalogue((BY_NAME["feed-b"], BY_NAME["feed-b"])).check()
