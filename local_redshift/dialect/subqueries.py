"""Find the relations and the subqueries of a query. Pure; it reads tokens and knows no column of any table."""

from collections.abc import Iterator, Sequence

from local_redshift.dialect.token_cursor import TokenCursor, closing
from local_redshift.dialect.tokens import Kind, Token, identifier_value
from local_redshift.errors import not_in_redshift

# A table's or view's name with its schema and database, if given.
type Name = tuple[str, ...]

QUERIES = ("SELECT", "WITH")
# Before the parenthesis of a whole statement or of a query in WITH, which cannot name a column outside it.
BEFORE_WHOLE_QUERIES = ("", "AS")
# Each ends the list of tables that FROM or USING begins.
AFTER_TABLES = frozenset("SELECT SET WHERE GROUP HAVING ORDER LIMIT OFFSET UNION INTERSECT EXCEPT".split())
# Each ends the condition of a join.
AFTER_CONDITIONS = AFTER_TABLES | frozenset(("JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", ","))
# Values that PostgreSQL calls functions, so that it reads them as tables too.
VALUE_WORDS = frozenset(
    "CURRENT_CATALOG CURRENT_DATE CURRENT_ROLE CURRENT_SCHEMA CURRENT_USER SESSION_USER SYSTEM_USER USER".split()
)
FROM = Token(Kind.WORD, "FROM", "FROM")
NULL = Token(Kind.WORD, "NULL", "NULL")
OPEN, CLOSE = Token(Kind.OPERATOR, "(", "("), Token(Kind.OPERATOR, ")", ")")


def relations_read(tokens: Sequence[Token]) -> frozenset[Name]:
    """Name the tables and views that a statement reads; the names that its WITH gives are left out.

    Raises RedshiftError for what only PostgreSQL reads as a table: a function, a subquery without a name.
    """
    return frozenset(_tables(tokens)) - {(name,) for name in _common_tables(tokens)}


def _tables(tokens: Sequence[Token]) -> Iterator[Name]:
    in_list = is_next = False
    position = 0
    while position < len(tokens):
        token = tokens[position]
        names_columns = _key(tokens, position + 1) == "(" and _key(tokens, position + 2) not in QUERIES
        if token.key == "(":
            end = closing(tokens, position)
            inside = tokens[position + 1 : end]
            # extract(hour from x) reads no table, from (a join b) does.
            if inside and inside[0].key in QUERIES:
                if is_next:
                    _check_name(tokens, end + 1)
                yield from _tables(inside)
            elif is_next:
                yield from _tables([FROM, *inside])
            else:
                yield from _tables_of_calls(inside)
            position, is_next = end, False
        elif token.key in ("FROM", "JOIN", "UPDATE", "INTO") or (token.key == "USING" and not names_columns):
            in_list = is_next = True
        elif token.key == "USING" and _key(tokens, closing(tokens, position + 1) + 1) == "AS":
            raise not_in_redshift("a name for the columns of USING")
        elif token.key in AFTER_TABLES:
            in_list = is_next = False
        elif token.key == "," and in_list:
            is_next = True
        elif is_next and token.is_identifier and token.key not in ("TABLE", "TEMP", "TEMPORARY"):
            yield _table_name(tokens, position)
            is_next = False
        position += 1


def _check_name(tokens: Sequence[Token], position: int) -> None:
    """Check that a name follows a subquery in FROM, or that it is a part of one: from ((select …) union …) as u."""
    if _key(tokens, position) in ("UNION", "INTERSECT", "EXCEPT"):
        return
    is_name = position < len(tokens) and tokens[position].is_identifier
    if not is_name or _key(tokens, position) in AFTER_CONDITIONS | {"ON", "USING"}:
        raise not_in_redshift("a subquery in FROM without a name")


def _table_name(tokens: Sequence[Token], position: int) -> Name:
    cursor = TokenCursor(tokens)
    cursor.position = position
    name = tuple(cursor.dotted_name())
    if cursor.peek() == "(" or tokens[position].key in VALUE_WORDS:
        raise not_in_redshift("a function as a table")
    if cursor.peek() == "*":
        raise not_in_redshift("* after a table")
    return name


def _tables_of_calls(tokens: Sequence[Token]) -> Iterator[Name]:
    """Find the tables of the queries among the arguments of a call, or inside a parenthesis of an expression."""
    position = 0
    while position < len(tokens):
        if tokens[position].key == "(":
            end = closing(tokens, position)
            yield from _tables(tokens[position : end + 1])
            position = end
        position += 1


def _common_tables(tokens: Sequence[Token]) -> Iterator[str]:
    """Name what WITH defines: a name, perhaps with columns, before AS and a query."""
    for position, token in enumerate(tokens):
        if token.key in ("WITH", ",") and position + 1 < len(tokens) and tokens[position + 1].is_identifier:
            after = position + 2
            if _key(tokens, after) == "(":
                after = closing(tokens, after) + 1
            if _key(tokens, after) == "AS" and _key(tokens, after + 1) == "(":
                yield identifier_value(tokens[position + 1])


def subqueries(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return each query in parentheses as a query of its own, under the WITH clauses around it.

    A parameter becomes NULL. What PostgreSQL cannot parse then names a column outside the subquery.
    """
    return [
        [NULL if token.kind is Kind.PARAMETER else token for token in query] for query in _subqueries(tokens, [], "")
    ]


def has_subquery_in_on(tokens: Sequence[Token]) -> bool:
    """Whether the condition of a join contains a subquery; the joined tables themselves may be subqueries."""
    in_condition = False
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.key == "(":
            end = closing(tokens, position)
            inside = tokens[position + 1 : end]
            if (in_condition and _has_query(inside)) or has_subquery_in_on(inside):
                return True
            position = end
        elif token.key == "ON":
            in_condition = True
        elif token.key in AFTER_CONDITIONS:
            in_condition = False
        position += 1
    return False


def _has_query(tokens: Sequence[Token]) -> bool:
    """Whether what a parenthesis holds is a query, or has one in another parenthesis."""
    return any(
        token.key in QUERIES and (position == 0 or tokens[position - 1].key == "(")
        for position, token in enumerate(tokens)
    )


def _subqueries(tokens: Sequence[Token], around: list[Sequence[Token]], opened_by: str) -> Iterator[list[Token]]:
    clause = _with_clause(tokens)
    around = [*around, clause] if clause else around
    position = 0
    while position < len(tokens):
        if tokens[position].key == "(":
            end = closing(tokens, position)
            inside = tokens[position + 1 : end]
            before = tokens[position - 1].key if position else opened_by
            if inside and inside[0].key in QUERIES and before not in BEFORE_WHOLE_QUERIES:
                yield _alone(inside, around)
            yield from _subqueries(inside, around, "(")
            position = end
        position += 1


def _with_clause(tokens: Sequence[Token]) -> Sequence[Token]:
    if _key(tokens, 0) != "WITH":
        return ()
    position = 1
    while position < len(tokens) and tokens[position].key != "SELECT":
        if tokens[position].key == "(":
            if tokens[position - 1].key == ")":
                break
            position = closing(tokens, position)
        position += 1
    return tokens[:position]


def _alone(query: Sequence[Token], around: list[Sequence[Token]]) -> list[Token]:
    alone = list(query)
    for clause in reversed(around):
        alone = [*clause, OPEN, *alone, CLOSE]
    return alone


def _key(tokens: Sequence[Token], position: int) -> str:
    return tokens[position].key if 0 <= position < len(tokens) else ""
