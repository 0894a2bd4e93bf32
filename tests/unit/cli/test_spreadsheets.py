"""CSV for a spreadsheet: no cell is run as a formula, numbers stay numbers."""

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cafe.terminal.spreadsheets import harmless_cell
from hidden import HOSTILE_NAME, SHOWN_NAME, hidden_in

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫−"


@pytest.mark.parametrize("start", [*SIGNS, "\t", "\r", "\n", " =", "\u200b=", "\ufeff+", "\xa0@", "  -"], ids=ascii)
def test_a_cell_that_would_be_run_begins_with_an_apostrophe(start: str) -> None:
    cell = harmless_cell(f'{start}HYPERLINK("http://example.com","open")')

    assert cell.startswith("'")
    assert not hidden_in(cell)


@pytest.mark.parametrize("number", ["0", "-5", "+3.20", "2.45", "-1.5e-7", "1E+2"])
def test_plain_numbers_stay_numbers(number: str) -> None:
    assert harmless_cell(number) == number


@pytest.mark.parametrize("text", ["", "Latte", "a=b", "Café - 2.45", "2021/2/23/leeds.csv", "1-2", "'quoted"])
def test_other_texts_are_unchanged(text: str) -> None:
    assert harmless_cell(text) == text


@pytest.mark.parametrize("number", ["-5-3", "+44 20", "--1", "-", "=5", "-0x1", "１-1=", "-５"])
def test_what_only_looks_like_a_number_may_be_run_and_is_not(number: str) -> None:
    assert harmless_cell(number).startswith("'") is (unicodedata.normalize("NFKC", number)[0] in "=+-@")


def test_a_name_is_escaped_and_marked_as_text() -> None:
    assert harmless_cell(HOSTILE_NAME) == "'" + SHOWN_NAME


@example("Leeds;=1+1")
@given(st.text(st.one_of(st.sampled_from(SIGNS + ' \t\r\n;"\u200b\xa0'), st.characters())))
def test_no_cell_is_run_whichever_separator_a_spreadsheet_reads(text: str) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([harmless_cell(text), "next"])

    for separator in ",;\t":
        for cell in next(csv.reader(io.StringIO(line.getvalue()), delimiter=separator)):
            is_number = cell.strip("+-").replace(".", "", 1).isascii() and cell.lstrip("+-")[:1].isdigit()
            assert is_number or unicodedata.normalize("NFKC", cell).strip()[:1] not in tuple("=+-@−")
