"""SQL text is cut into tokens as Redshift does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_redshift.dialect.tokens import Kind, identifier_value, split_statements, string_value, tokenize
from local_redshift.errors import RedshiftError


@pytest.mark.parametrize(
    ("sql", "keys"),
    [
        ("select a from t", ["SELECT", "a".upper(), "FROM", "T"]),
        ("select 1.5e3 + .5", ["SELECT", "1.5e3", "+", ".5"]),
        ("a<=b", ["A", "<=", "B"]),
        ("a<-1", ["A", "<", "-", "1"]),
        ("a||'x'::varchar", ["A", "||", "'x'", "::", "VARCHAR"]),
        ("-- all of it\n1", ["1"]),
        ("1 -- to the end", ["1"]),
        ("/* one /* in */ another */ 1", ["1"]),
        ("'it''s -- no comment'", ["'it''s -- no comment'"]),
        (r"'it\'s'", [r"'it\'s'"]),
        ('"Mixed ""case"""', ['"Mixed ""case"""']),
        ("$1", ["$1"]),
        ("é", ["É"]),
        ("", []),
    ],
)
def test_text_is_cut_into_tokens(sql: str, keys: list[str]) -> None:
    assert [token.key for token in tokenize(sql)] == keys


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("select 'a", "unterminated quoted string"),
        ('select "a', "unterminated quoted identifier"),
        ("select /* a", "unterminated /\\* comment"),
        ("select $$a$$", "dollar-quoted"),
        ("select $body$a$body$", "dollar-quoted"),
        ("select E'a'", "prefix E"),
        ("select x'ff'", "prefix x"),
        ("select a -> b", "operator ->"),
        ("select a @> b", "operator @>"),
        ("select a ~* b", "operator ~\\*"),
        ("select f(a := 1)", "operator :="),
        ("select a from #scratch", "a name with # is not imitated"),
        ("select a\0", "syntax error"),
        ("select 1_000", 'near "_000"'),
        ("select 0xff", 'near "xff"'),
    ],
)
def test_text_that_is_not_redshifts_is_refused(sql: str, problem: str) -> None:
    with pytest.raises(RedshiftError, match=problem):
        tokenize(sql)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        (r"'a\\b'", r"a\b"),
        (r"'a\tb\n'", "a\tb\n"),
        (r"'\101'", "A"),
        (r"'\N'", "N"),
        ("''", ""),
    ],
)
def test_a_string_loses_its_quotes_and_escapes(written: str, meant: str) -> None:
    assert string_value(tokenize(written)[0]) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Name", "name"), ('"Name"', "name"), ('"A ""b"""', 'a "b"')],
)
def test_names_are_folded_to_lower_case(written: str, meant: str) -> None:
    assert identifier_value(tokenize(written)[0]) == meant


def test_statements_are_cut_at_semicolons_outside_strings() -> None:
    statements = split_statements(tokenize("select ';'; ; select 2;"))

    assert [[token.text for token in statement] for statement in statements] == [["select", "';'"], ["select", "2"]]


@given(st.text())
def test_any_text_is_cut_or_refused(sql: str) -> None:
    try:
        tokens = tokenize(sql)
    except RedshiftError:
        return
    assert all(token.text for token in tokens)


@given(st.text(st.characters(exclude_characters="\0\\", exclude_categories=["Cs"])))
def test_a_string_survives_quoting(text: str) -> None:
    (token,) = tokenize("'" + text.replace("'", "''") + "'")

    assert token.kind is Kind.STRING
    assert string_value(token) == text
