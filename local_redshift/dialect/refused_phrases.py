"""Words and phrases in a query that Redshift lacks or the local Redshift does not carry, as one table. Pure.

PostgreSQL would run them, so they must be refused here.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from local_redshift.dialect.tokens import Token
from local_redshift.errors import SYNTAX_ERROR, RedshiftError, not_imitated, not_in_redshift

KeyTest = Callable[[str], bool]

COMPARISONS = ("=", "<", ">", "<>", "!=", "<=", ">=", "LIKE", "ILIKE")


def _anything(_: str) -> bool:
    return True


def _in(*keys: str) -> KeyTest:
    return frozenset(keys).__contains__


def _not_in(*keys: str) -> KeyTest:
    return lambda key: key not in keys


class Phrase(NamedTuple):
    """A word that is refused when the tokens around it match: `before` the one before it, `after` those after it."""

    word: str
    feature: str
    after: tuple[KeyTest, ...] = ()
    before: KeyTest = _anything
    refusal: Callable[[str], RedshiftError] = not_in_redshift

    def matches(self, tokens: Sequence[Token], position: int) -> bool:
        """Compare the tokens around a position; outside the list a token counts as ""."""

        def key(at: int) -> str:
            return tokens[at].key if 0 <= at < len(tokens) else ""

        return self.before(key(position - 1)) and all(
            test(key(position + ahead)) for ahead, test in enumerate(self.after, start=1)
        )


def _anywhere(text: str) -> Phrase:
    """Refuse a phrase wherever it is."""
    word, *following = text.split()
    feature = text.removesuffix(" (").removesuffix(" [")
    return Phrase(word, feature, after=tuple(_in(key) for key in following))


PHRASES = (
    *map(
        _anywhere,
        (
            *("ARRAY [", "ARRAY (", "AS MATERIALIZED (", "AS NOT MATERIALIZED", "AT LOCAL", "BETWEEN SYMMETRIC"),
            *("COLLATE", "DISTINCT ON", "DISTINCT FROM", "EXCEPT ALL", "EXCEPT DISTINCT", "FETCH FIRST", "FETCH NEXT"),
            *("FILTER (", "FOR UPDATE", "FOR SHARE", "FOR NO KEY", "FOR KEY SHARE", "INTERSECT ALL"),
            *("INTERSECT DISTINCT", "IS JSON", "IS DOCUMENT", "IS NORMALIZED", "IS NOT JSON", "IS NOT DISTINCT"),
            *("IS NOT NORMALIZED", "LATERAL", "ON CONFLICT", "OPERATOR (", "OVERRIDING", "RETURNING", "ROW ("),
            *("BY DISTINCT", "SEARCH BREADTH FIRST", "SEARCH DEPTH FIRST", "SET (", "TABLESAMPLE", "UNION DISTINCT"),
        ),
    ),
    *(
        Phrase(word, f"{word} on tables; use GETDATE()")
        for word in ("CURRENT_TIMESTAMP", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP")
    ),
    *(Phrase(word, f"the system column {word}") for word in ("CTID", "XMIN", "XMAX", "CMIN", "CMAX", "TABLEOID")),
    *(
        # A column may have such a name: sales.minus, 1 as minus.
        Phrase(word, word, after=(_not_in("."),), before=_not_in(".", "AS"), refusal=not_imitated)
        for word in ("QUALIFY", "PIVOT", "UNPIVOT", "MINUS")
    ),
    *(
        Phrase(word, f"{word} of an array", after=(_in("("), _not_in("SELECT", "WITH", "(")), before=_in(*COMPARISONS))
        for word in ("ANY", "SOME", "ALL")
    ),
    *(
        Phrase(word, f"{word} {following}".rstrip(), after=(_in(following),), refusal=not_imitated)
        for word, following in (("SIMILAR", "TO"), ("APPROXIMATE", "COUNT"), ("WITH", "RECURSIVE"))
    ),
    *(Phrase(word, word) for word in ("CURRENT_CATALOG", "CURRENT_ROLE", "SYSTEM_USER")),
    Phrase(
        "SELECT",
        "syntax error: SELECT without columns",
        after=(_in("", ")", "FROM", "WHERE", "UNION", "INTERSECT", "EXCEPT"),),
        refusal=partial(RedshiftError, SYNTAX_ERROR),
    ),
    *(
        Phrase(word, f"{word} by an expression", after=after)
        for word in ("LIMIT", "OFFSET")
        for after in (
            (lambda key: not (key.isdecimal() or key.startswith("$") or key == "ALL"),),
            (_anything, _not_in("", ")", "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT", "WITH")),
        )
    ),
    Phrase("TOP", "TOP", after=(str.isdecimal,), refusal=partial(not_imitated, instead="Use LIMIT.")),
    Phrase("VALUES", "VALUES as a table", after=(_in("("),)),
    Phrase("TABLE", "TABLE as a query", before=_in("", "(", "AS", "ALL", "UNION")),
    Phrase("WINDOW", "the WINDOW clause", after=(_anything, _in("AS"))),
    Phrase("USING", "ORDER BY … USING", after=(_in(*COMPARISONS),)),
    Phrase("ONLY", "ONLY before a table", before=_in("FROM", "JOIN", "UPDATE", ",")),
)
BY_WORD = {word: tuple(phrase for phrase in PHRASES if phrase.word == word) for word in {each.word for each in PHRASES}}


def refuse_phrases(tokens: Sequence[Token], position: int) -> None:
    """Raise RedshiftError when the word at a position begins one of the phrases."""
    for phrase in BY_WORD.get(tokens[position].key, ()):
        if phrase.matches(tokens, position):
            raise phrase.refusal(phrase.feature)
