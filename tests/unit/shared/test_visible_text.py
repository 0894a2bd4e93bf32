"""Every character that cannot be seen becomes an escape; all other text is unchanged, and JSON says the same."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden import EVERY_HIDDEN, HOSTILE_NAME, SHOWN_NAME, hidden_in, is_hidden
from shared.visible_text import escape, escape_json, escape_lines

HOSTILE_TEXT = st.text(
    st.one_of(st.sampled_from(EVERY_HIDDEN), st.sampled_from("aé☕1️️\u20e3\\'\";= "), st.characters())
)


def test_every_character_that_cannot_be_seen_is_escaped_and_no_other() -> None:
    differs = [sign for sign in map(chr, range(sys.maxunicode + 1)) if (escape(sign) != sign) is not is_hidden(sign)]

    # A selector of a symbol's look is visible only after a symbol.
    assert all(unicodedata.name(sign).startswith("VARIATION SELECTOR") for sign in differs)


@given(HOSTILE_TEXT)
def test_an_escaped_text_is_one_line_that_shows_all_and_is_not_escaped_twice(text: str) -> None:
    shown = escape(text)

    assert not hidden_in(shown)
    assert "\n" not in shown
    assert escape(shown) == shown


@given(st.recursive(HOSTILE_TEXT, lambda inner: st.lists(inner) | st.dictionaries(HOSTILE_TEXT, inner)))
def test_escaped_json_has_the_same_content(value: object) -> None:
    for indent in (None, 2):
        document = escape_json(json.dumps(value, ensure_ascii=False, indent=indent))

        assert json.loads(document) == value
        assert not hidden_in(document)
    assert "\n" not in escape_json(json.dumps(value, ensure_ascii=False))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HOSTILE_NAME, SHOWN_NAME),
        ("Café Zoë, Łódź ☕️ 1️⃣ £2.45 · كافيه", "Café Zoë, Łódź ☕️ 1️⃣ £2.45 · كافيه"),
        ("2021\\2\\a.csv", "2021\\2\\a.csv"),
        ("a\udc9b.csv", r"a\udc9b.csv"),
        ("", ""),
    ],
    ids=["hostile", "letters of all scripts", "backslashes", "a file name that is not UTF-8", "empty"],
)
def test_texts_are_shown_like_this(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_lines_of_the_program_stay_lines() -> None:
    assert escape_lines("a\u202e\n\x9bb") == "a\\u202e\n\\u009bb"
