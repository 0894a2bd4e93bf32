"""Read a token list from left to right. All parsers of statements share this; it knows no statement."""

from collections.abc import Sequence

from local_redshift.dialect.quoting import quote_name
from local_redshift.dialect.reserved_words import RESERVED_NAMES
from local_redshift.dialect.tokens import Kind, Token, identifier_value, string_value
from local_redshift.errors import RedshiftError, syntax_error


class TokenCursor:
    """A place in a token list. A token that does not fit raises a syntax error that names it."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.position = 0

    @property
    def at_end(self) -> bool:
        """Whether every token has been read."""
        return self.position >= len(self._tokens)

    def peek(self, ahead: int = 0) -> str:
        """Return the key of a token ahead; "" beyond the end."""
        index = self.position + ahead
        return self._tokens[index].key if index < len(self._tokens) else ""

    def peek_kind(self) -> Kind | None:
        """Return the kind of the next token; None at the end."""
        return None if self.at_end else self._tokens[self.position].kind

    def unexpected(self) -> RedshiftError:
        """Build the error for the next token."""
        return syntax_error("" if self.at_end else self._tokens[self.position].text)

    def next(self) -> Token:
        """Read one token, whatever it is."""
        if self.at_end:
            raise self.unexpected()
        self.position += 1
        return self._tokens[self.position - 1]

    def accept(self, *keys: str) -> bool:
        """Read these tokens if they come next: all of them or none."""
        if any(self.peek(ahead) != key for ahead, key in enumerate(keys)):
            return False
        self.position += len(keys)
        return True

    def accept_any(self, *keys: str) -> str:
        """Read the next token if it is one of these, and return its key; otherwise return ""."""
        key = self.peek()
        if key == "" or key not in keys:
            return ""
        self.position += 1
        return key

    def expect(self, *keys: str) -> None:
        """Read exactly these tokens."""
        for key in keys:
            if not self.accept(key):
                raise self.unexpected()

    def expect_end(self) -> None:
        """Raise a syntax error unless every token has been read."""
        if not self.at_end:
            raise self.unexpected()

    def name(self) -> str:
        """Read one name, folded as Redshift folds it."""
        if self.at_end or not self._tokens[self.position].is_identifier:
            raise self.unexpected()
        if self.peek_kind() is Kind.WORD and self.peek() in RESERVED_NAMES:
            raise self.unexpected()
        return identifier_value(self.next())

    def dotted_name(self) -> list[str]:
        """Read a name with what is before it: a table with its schema and database, a column with its table."""
        parts = [self.name()]
        while self.accept("."):
            parts.append(self.name())
        return parts

    def qualified_name(self) -> str:
        """Read a name with its schema and database, if given; return it quoted for PostgreSQL."""
        return quote_name(self.dotted_name())

    def name_list(self) -> list[str]:
        """Read names between parentheses."""
        self.expect("(")
        names = [self.name()]
        while self.accept(","):
            names.append(self.name())
        self.expect(")")
        return names

    def string(self) -> str:
        """Read a string."""
        if self.at_end or self._tokens[self.position].kind is not Kind.STRING:
            raise self.unexpected()
        return string_value(self.next())

    def integer(self) -> int:
        """Read a whole number without a sign."""
        if self.at_end or not self.peek().isdecimal():
            raise self.unexpected()
        return int(self.next().text)

    def group(self) -> Sequence[Token]:
        """Read a parenthesis with everything in it; return what is inside."""
        if self.peek() != "(":
            raise self.unexpected()
        end = closing(self._tokens, self.position)
        inside = self._tokens[self.position + 1 : end]
        self.position = end + 1
        return inside

    def rest(self) -> Sequence[Token]:
        """Read all the tokens that are left."""
        rest = self._tokens[self.position :]
        self.position = len(self._tokens)
        return rest


def closing(tokens: Sequence[Token], opening: int) -> int:
    """Find the parenthesis that closes the one at `opening`."""
    depth = 0
    for index in range(opening, len(tokens)):
        key = tokens[index].key
        if key == "(":
            depth += 1
        elif key == ")":
            depth -= 1
            if depth == 0:
                return index
    raise syntax_error("")


def split_at(tokens: Sequence[Token], *keys: str) -> list[Sequence[Token]]:
    """Cut a token list at these keys, where they are outside every parenthesis."""
    parts: list[Sequence[Token]] = []
    depth = start = 0
    for index, token in enumerate(tokens):
        if token.key == "(":
            depth += 1
        elif token.key == ")":
            depth -= 1
        elif depth == 0 and token.key in keys:
            parts.append(tokens[start:index])
            start = index + 1
    parts.append(tokens[start:])
    return parts
