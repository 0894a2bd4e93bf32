"""Cut SQL text into tokens, as Redshift does. It knows words, strings and operators, and no statement."""

import re
from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple

from local_redshift.errors import SYNTAX_ERROR, RedshiftError, not_imitated, not_in_redshift, syntax_error


class Kind(Enum):
    """What a token is. WORD is a keyword or a bare name; NAME is a name in double quotes."""

    WORD = auto()
    NAME = auto()
    STRING = auto()
    NUMBER = auto()
    PARAMETER = auto()
    OPERATOR = auto()


class Token(NamedTuple):
    """One token: `text` as written, `key` to compare it by (words in upper case)."""

    kind: Kind
    text: str
    key: str

    @property
    def is_identifier(self) -> bool:
        """Whether the token can name a table, a column or a function."""
        return self.kind in (Kind.WORD, Kind.NAME)


# Longest first. Redshift lacks those of the second list; they are recognised here to be refused by name.
OPERATORS = ("::", "<>", "!=", "<=", ">=", "||", "|/", "<<", ">>", "!~")
POSTGRESQL_OPERATORS = (
    *("#>>", "->>", "!~~*", "!~~", "!~*", "~~*", "<->", "@-@"),
    *(
        "->",
        "#>",
        "#-",
        "@>",
        "<@",
        "@@",
        "@?",
        "?|",
        "?&",
        "&&",
        "&<",
        "&>",
        "~~",
        "~*",
        "~=",
        "-|-",
        "^@",
        ":=",
        "=>",
    ),
)
SINGLES = "+-*/%^|&~<>=@(),;.:[]?#!`{}\\"

TOKEN = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>'(?:[^'\\]|''|\\.)*')
    | (?P<name>"(?:[^"]|"")+")
    | (?P<dollar>\$(?:[A-Za-z_]\w*)?\$)
    | (?P<parameter>\$\d+)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>\#?[^\W\d][\w$]*)
    | (?P<postgresql>"""
    + "|".join(re.escape(operator) for operator in sorted(POSTGRESQL_OPERATORS, key=len, reverse=True))
    + r""")
    | (?P<operator>"""
    + "|".join(re.escape(operator) for operator in OPERATORS)
    + "|["
    + re.escape(SINGLES)
    + r"""])
    """,
    re.VERBOSE | re.DOTALL,
)
KINDS = {
    "string": Kind.STRING,
    "name": Kind.NAME,
    "parameter": Kind.PARAMETER,
    "number": Kind.NUMBER,
    "word": Kind.WORD,
    "operator": Kind.OPERATOR,
}
STRING_ESCAPE = re.compile(r"''|\\([0-7]{1,3})|\\(.)", re.DOTALL)
CONTROL_CHARACTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# One of these directly before a string changes the kind of string; Redshift documents none of those kinds.
STRING_PREFIXES = {"E", "B", "X", "N", "U"}


def tokenize(sql: str) -> list[Token]:
    """Cut a statement into tokens; white space and comments, which nest, are dropped.

    A backslash in a string escapes the character after it, as in Redshift and unlike PostgreSQL's default.
    Raises RedshiftError for text that is not a token, and for strings and operators that only PostgreSQL has.
    """
    tokens: list[Token] = []
    position = 0
    touches = after_number = False
    while position < len(sql):
        match = TOKEN.match(sql, position)
        if match is None:
            raise _unreadable(sql[position])
        group, text = match.lastgroup, match.group()
        if group == "comment":
            position = _end_of_comment(sql, position)
            touches = after_number = False
            continue
        position = match.end()
        if group == "space":
            touches = after_number = False
            continue
        if group == "dollar":
            raise not_in_redshift("a dollar-quoted string outside a procedure")
        if group == "postgresql":
            raise not_in_redshift(f"the operator {text}")
        if group == "string" and touches and tokens[-1].key in STRING_PREFIXES:
            raise not_in_redshift(f"a string with the prefix {tokens[-1].text}")
        if group == "word" and text.startswith("#"):
            raise not_imitated("a name with #", instead="Use CREATE TEMP TABLE.")
        if group == "word" and after_number:
            raise syntax_error(text)  # 1_000, 0xff: numbers of PostgreSQL
        tokens.append(Token(KINDS[str(group)], text, text.upper() if group == "word" else text))
        touches, after_number = group == "word", group == "number"
    return tokens


def _end_of_comment(sql: str, start: int) -> int:
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(sql, start):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    raise RedshiftError(SYNTAX_ERROR, "unterminated /* comment")


def _unreadable(character: str) -> RedshiftError:
    if character in "'\"":
        kind = "quoted string" if character == "'" else "quoted identifier"
        return RedshiftError(SYNTAX_ERROR, f"unterminated {kind}")
    return syntax_error(character)


def split_statements(tokens: Iterable[Token]) -> list[list[Token]]:
    """Cut a token list at its semicolons; empty statements are dropped."""
    statements: list[list[Token]] = [[]]
    for token in tokens:
        if token.key == ";":
            statements.append([])
        else:
            statements[-1].append(token)
    return [statement for statement in statements if statement]


def string_value(token: Token) -> str:
    """Return the text of a string token, without its quotes and escapes."""
    return STRING_ESCAPE.sub(_unescape, token.text[1:-1])


def _unescape(match: re.Match[str]) -> str:
    octal, character = match.groups()
    if octal:
        return chr(int(octal, 8))
    return CONTROL_CHARACTERS.get(character, character) if character else "'"


def identifier_value(token: Token) -> str:
    """Return the name of an identifier token. Redshift folds names to lower case, in quotes or not."""
    name = token.text if token.kind is Kind.WORD else token.text[1:-1].replace('""', '"')
    return name.lower()
