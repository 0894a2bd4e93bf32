"""A sample of `make fuzz`, and tests that the fuzzer finds violations."""

from datetime import date
from random import Random

import pytest

from cafe.generate.dialects import Feed
from cafe.generate.documents import write_as
from cafe.generate.history import orders_of, plan
from extract.branch_csv import BranchCsvReader
from extract.dialects.catalogue import shipped
from hostile.fuzz import order_lines, problems_of, shrink, try_files
from hostile.mutations import draw_genuine, draw_mutated

ORDER = b"20/11/2026 09:00,Leeds,Zebedee Quillfeather,Large Latte - 2.45,2.45,CARD,4111111111111111\n"
QUOTED = ORDER.replace(b"Zebedee", b'"Zebedee')


def test_F11_F13_F14_F16_F18_F22_F23_no_mutated_file_loses_a_line_or_shows_a_card() -> None:
    tally = try_files(seed=1, first=0, count=300)

    assert tally.violations == []
    assert tally.files == 300
    assert tally.orders > 1000
    assert min(tally.outcomes[outcome] for outcome in ("read", "not_utf8", "bad_gzip", "unknown_dialect")) > 0


def test_the_same_seed_draws_the_same_files() -> None:
    assert draw_mutated(Random("1/7")) == draw_mutated(Random("1/7"))


def test_order_lines_are_found_with_any_line_end() -> None:
    assert order_lines(ORDER + b"\r\n" + ORDER.strip() + b"\r" + QUOTED) == {1, 3}


def test_every_document_is_drawn() -> None:
    drawn = {draw_genuine(Random(f"1/{number}")).dialect for number in range(300)}

    assert drawn >= {document.name for document in shipped().documents}


@pytest.mark.parametrize("name", ["feed-b", "semicolons", "tabs", "pandas-index", "quantity"])
def test_order_lines_are_found_in_each_dialect_whose_lines_are_orders(name: str) -> None:
    document = next(document for document in shipped().documents if document.name == name)
    body = write_as(orders_of(plan(feed=Feed.B, seed=1, branches=1, orders=60, until=date(2026, 11, 19))), document)

    found = order_lines(body)

    assert len(found) == len(body.splitlines())


def test_an_order_that_a_stray_quote_hides_is_found_and_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    body = ORDER * 3 + QUOTED + ORDER + ORDER.replace(b"feather", b'feather"') + ORDER * 3
    assert problems_of(body) == []
    monkeypatch.setattr(BranchCsvReader, "_may_be_an_order", lambda _reader, _line: False)

    assert problems_of(body) == ["line 5 is an order and is neither loaded nor rejected"]
    assert len(shrink(body).splitlines()) == 3
