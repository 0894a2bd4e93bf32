"""Names and values are quoted as SQL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_redshift.dialect.quoting import quote_identifier, quote_literal
from local_redshift.dialect.tokens import identifier_value, string_value, tokenize


@pytest.mark.parametrize(
    ("value", "quoted"), [("a", "'a'"), ("it's", "'it''s'"), ("a\\", " E'a\\\\'"), ("", "''"), ("\\'", " E'\\\\'''")]
)
def test_a_value_is_quoted(value: str, quoted: str) -> None:
    assert quote_literal(value) == quoted


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_value_cannot_close_its_quotes(value: str) -> None:
    (token,) = tokenize(quote_literal(value).removeprefix(" E"))

    assert string_value(token) == value


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_a_name_cannot_close_its_quotes(name: str) -> None:
    (token,) = tokenize(quote_identifier(name))

    assert identifier_value(token) == name.lower()
