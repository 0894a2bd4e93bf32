"""Text in a terminal or a pipe that does not have every character: nothing fails, and everything can be read."""

import csv
import io
import json
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cafe.errors import CafeError
from cafe.terminal import documents, presentation
from cafe.terminal.spelling import asks_for_ascii, escape_missing, spell

ENCODINGS = ("ascii", "latin-1", "cp1252", "koi8-r")


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("✓ 20 cafés, £5 → …", "ascii", "+ 20 cafes, GBP5 -> ..."),
        ("✓ 20 cafés, £5 → …", "latin-1", "+ 20 cafés, £5 -> ..."),
        ("カフェ", "ascii", r"\u30ab\u30d5\u30a7"),
        ("☕𝄞", "ascii", r"\u2615\U0001d11e"),
        ("✓ 20 cafés", "utf-8", "✓ 20 cafés"),
    ],
    ids=["signs", "those it has stay", "letters of others", "symbols", "utf-8"],
)
def test_what_an_encoding_does_not_have_is_replaced(text: str, encoding: str, shown: str) -> None:
    assert spell(text, encoding) == shown


@given(text=some.text(some.characters(exclude_categories=["Cs"])), encoding=some.sampled_from(ENCODINGS))
def test_any_text_can_be_written_in_any_encoding(text: str, encoding: str) -> None:
    spell(text, encoding).encode(encoding)
    escape_missing(text, encoding).encode(encoding)


@pytest.mark.parametrize(
    ("environment", "is_utf8_mode", "is_ascii"),
    [
        ({"LC_ALL": "POSIX"}, True, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True, True),
        ({"LANG": "C.UTF-8"}, False, False),
        ({}, True, False),
        ({"LANG": "C", "PYTHONUTF8": "1"}, True, False),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "C"}, False, False),
    ],
    ids=[
        "POSIX",
        "C, which Python makes UTF-8",
        "C.UTF-8",
        "no locale, as in a container",
        "UTF-8 asked",
        "LC_ALL first",
    ],
)
def test_ascii_is_written_for_a_locale_that_is_c_by_name(
    environment: dict[str, str], is_utf8_mode: bool, is_ascii: bool
) -> None:
    assert asks_for_ascii(environment, is_utf8_mode=is_utf8_mode) is is_ascii


class InAscii(io.TextIOWrapper):
    """Standard output that has only ASCII."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="ascii")

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode("ascii")  # type: ignore[no-any-return,attr-defined]  # a BytesIO


def written_in_ascii(monkeypatch: pytest.MonkeyPatch, write: Callable[[], object]) -> str:
    stream = InAscii()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        write()
    return stream.text()


def test_json_in_ascii_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    text = written_in_ascii(monkeypatch, lambda: documents.write_document({"café": "カフェ 𝄞"}))

    assert json.loads(text) == {"café": "カフェ 𝄞"}


def test_csv_in_ascii_has_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = written_in_ascii(monkeypatch, lambda: documents.write_csv(["café"], [["Zoë"]]))

    assert list(csv.reader(io.StringIO(text))) == [[r"caf\u00e9"], [r"Zo\u00eb"]]


def test_raw_csv_that_the_encoding_does_not_have_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CafeError, match="PYTHONIOENCODING"):
        written_in_ascii(monkeypatch, lambda: documents.write_csv(["name"], [["Zoë"]], raw=True))


def _show_cafes() -> None:
    grid = presentation.table("café", "rows", "", right=["rows"])
    grid.add_row("…", "1")
    grid.add_row("Zoë → £", "22", "✓")
    presentation.out().print(grid)


def test_columns_stay_aligned_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = written_in_ascii(monkeypatch, _show_cafes).splitlines()

    assert lines == ["cafe        rows", "...            1", "Zoe -> GBP    22  +"]


def test_a_table_in_a_pipe_has_no_blanks_at_the_end_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert " \n" not in written_in_ascii(monkeypatch, _show_cafes)
