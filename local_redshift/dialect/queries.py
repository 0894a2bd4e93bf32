"""Rewrite queries and expressions of Redshift's dialect for PostgreSQL. Pure.

PostgreSQL parses the result, so what it refuses need not be refused here. What it would run and Redshift would not must
be: functions, types and operators outside Redshift's lists, and the phrases in `refused_phrases`.
"""

from collections.abc import Sequence

from local_redshift.dialect.calls import rewrite_call
from local_redshift.dialect.data_types import TYPE_WORDS, parse_type
from local_redshift.dialect.functions import (
    AGGREGATES,
    FUNCTIONS,
    LEADER_FUNCTIONS,
    NEED_FRAME,
    NO_WINDOW,
    NOT_IMITATED,
    RENAMED,
)
from local_redshift.dialect.quoting import quote_identifier
from local_redshift.dialect.refused_phrases import COMPARISONS, refuse_phrases
from local_redshift.dialect.reserved_words import RESERVED_NAMES
from local_redshift.dialect.subqueries import has_subquery_in_on, relations_read
from local_redshift.dialect.token_cursor import TokenCursor, closing, split_at
from local_redshift.dialect.tokens import Kind, Token, identifier_value, string_value
from local_redshift.errors import (
    FEATURE_NOT_SUPPORTED,
    UNDEFINED_FUNCTION,
    RedshiftError,
    not_imitated,
    not_in_redshift,
    syntax_error,
)

# A parenthesis after one of these words is not a call.
NOT_CALLED = frozenset(
    """ALL AND ANY AS BETWEEN BY CASE CUBE DEFAULT DISTINCT ELSE ESCAPE EXCEPT EXISTS FROM GROUP HAVING ILIKE IN
    INTERSECT INTO IS JOIN LIKE LIMIT NOT OFFSET ON OR OVER ROLLUP SELECT SET SETS SOME THEN TO UNION USING VALUES WHEN
    WHERE WITH""".split()
)
# Any other word before a literal is the literal's type: jsonb '{}'.
BEFORE_LITERALS = TYPE_WORDS | frozenset(
    """ALL AND AS BETWEEN BOTH BY CASE DEFAULT DISTINCT ELSE ESCAPE FOR FROM HAVING ILIKE IN IS LEADING LIKE LIMIT NOT
    OFFSET ON OR SELECT SET THEN TO TRAILING WHEN WHERE ZONE""".split()
)
# A parenthesis after one of these words or operators is one value.
BEFORE_VALUES = frozenset((*"SELECT DISTINCT WHERE AND OR NOT ON WHEN THEN ELSE HAVING".split(), *COMPARISONS))
# PostgreSQL reads them as dates or DECIMAL, Redshift does not.
NO_LITERALS = frozenset("infinity +infinity -infinity inf -inf nan allballs".split())
# What a query begins with.
QUERY_WORDS = ("SELECT", "WITH", "(")
ALLOWED_OPERATORS = frozenset("( ) , . ; + - * / % ^ = < > <> != <= >= || |/ << >> & | @ ::".split())
SYSTEM_VIEW_PREFIXES = ("svv_", "svl_", "svcs_", "sys_", "stl_", "stv_")
# Names that begin so are not user tables. The leader node stores no user tables: a query reads one or the other.
LEADER_NODE = ("pg_", "information_schema", "svv_")
CATALOGUES = (*LEADER_NODE, *SYSTEM_VIEW_PREFIXES)
# The system views that compat.sql creates.
SYSTEM_VIEWS = frozenset(
    ("stv_db_isolation_level", "svv_roles", "svv_transactions", "sys_load_error_detail", "sys_serverless_usage")
)


def rewrite_query(tokens: Sequence[Token], *, writes: bool = False) -> str:
    """Rewrite a query, or a part of a statement; `writes`: its rows go into a table.

    Raises RedshiftError for what Redshift does not have.
    """
    _refuse_having_alone(tokens)
    if has_subquery_in_on(tokens):
        raise not_imitated("a subquery in ON", instead="Join a subquery that has the condition in its WHERE.")
    rewriter = _Rewriter()
    sql = rewriter.rewrite(tokens)
    tables = frozenset(name[0] for name in relations_read(tokens))
    for table in tables - SYSTEM_VIEWS:
        if table.startswith(SYSTEM_VIEW_PREFIXES):
            raise not_imitated(f"the system view {table}")
    leader_node = sorted(table for table in tables if table.startswith(LEADER_NODE)) + sorted(rewriter.leader_functions)
    if leader_node and (writes or not all(table.startswith(CATALOGUES) for table in tables)):
        message = "Specified types or functions (one per INFO message) not supported on Redshift tables."
        detail = f"on the leader node: {', '.join(leader_node).lower()}"
        raise RedshiftError(FEATURE_NOT_SUPPORTED, message, detail=detail)
    return sql


def _refuse_having_alone(tokens: Sequence[Token]) -> None:
    """Refuse HAVING without GROUP BY: Redshift's guide says that HAVING applies to grouped rows, and no more."""
    for query in split_at(tokens, "UNION", "INTERSECT", "EXCEPT"):
        if len(split_at(query, "HAVING")) > 1 and len(split_at(query, "GROUP")) == 1:
            raise not_imitated("HAVING without GROUP BY", instead="Use WHERE around the query.")
    position = 0
    while position < len(tokens):
        if tokens[position].key == "(":
            end = closing(tokens, position)
            _refuse_having_alone(tokens[position + 1 : end])
            position = end
        position += 1


class _Rewriter:
    def __init__(self) -> None:
        self.leader_functions: set[str] = set()

    def rewrite(self, tokens: Sequence[Token]) -> str:
        out: list[str] = []
        position = 0
        while position < len(tokens):
            sql, position = self.step(tokens, position)
            out.append(sql)
        return " ".join(out)

    def step(self, tokens: Sequence[Token], position: int) -> tuple[str, int]:
        """Rewrite what begins at a position; return the SQL and the position after it."""
        token = tokens[position]
        if token.key == "::":
            cursor = TokenCursor(tokens)
            cursor.position = position + 1
            return f":: {parse_type(cursor, in_cast=True).sql}", cursor.position
        if token.kind is Kind.OPERATOR:
            if token.key in ("~", "!~"):
                raise not_imitated("a regular expression")
            if token.key not in ALLOWED_OPERATORS:
                feature = "a subscript or array" if token.key in "[]" else f"the operator {token.key}"
                raise not_in_redshift(feature)
            if token.key == "." and _key(tokens, position - 1) == ")":
                raise not_in_redshift("a field of a row")
            if token.key == "(" and _key(tokens, position + 1) in ("INSERT", "UPDATE", "DELETE", "MERGE"):
                raise not_in_redshift("a WITH query that changes data")
            if token.key == "(" and _is_row(tokens, position):
                raise not_imitated("a row of values, but before IN")
            return token.text, position + 1
        if token.kind is Kind.STRING and string_value(token).strip().lower() in NO_LITERALS:
            raise not_imitated("the value infinity, and NaN")
        if not token.is_identifier:
            return token.text, position + 1
        if token.kind is Kind.WORD:
            if token.key in RESERVED_NAMES:
                raise syntax_error(token.text)
            refuse_phrases(tokens, position)
        if _next_is_string(tokens, position) and (token.kind is Kind.NAME or token.key not in BEFORE_LITERALS):
            raise not_in_redshift(f"a literal of the type {token.text}")
        if _is_call(tokens, position):
            return self.call(tokens, position)
        return self.name(tokens, position), position + 1

    def name(self, tokens: Sequence[Token], position: int) -> str:
        token = tokens[position]
        if token.key == "SYSDATE" and "." not in (_key(tokens, position - 1), _key(tokens, position + 1)):
            return "pg_catalog.sysdate()"
        if token.key == "CURRENT_SCHEMA":
            self.leader_functions.add(token.key)  # the one that needs no parentheses
        if token.kind is Kind.NAME:
            return quote_identifier(identifier_value(token))
        return token.text

    def call(self, tokens: Sequence[Token], position: int) -> tuple[str, int]:
        token = tokens[position]
        name = identifier_value(token).upper()
        end = closing(tokens, position + 1)
        self.check_function(name, tokens, position, end)
        inside = tokens[position + 2 : end]
        rewritten = rewrite_call(name, inside, self.rewrite)
        if rewritten is None:
            function = RENAMED.get(name) or name.lower()
            rewritten = f"{function}({self.rewrite(inside)})"
        return rewritten, end + 1

    def check_function(self, name: str, tokens: Sequence[Token], position: int, end: int) -> None:
        if _key(tokens, position - 1) == "." and _key(tokens, position - 2) != "PG_CATALOG":
            raise _unknown_function(name)
        if name not in FUNCTIONS and name not in ("CAST", "CONVERT"):
            if name in TYPE_WORDS:
                raise not_imitated(f"the type {name.lower()} as a function", instead="Use CAST or ::.")
            if name in NOT_IMITATED:
                raise not_imitated(f"the function {name}")
            raise _unknown_function(name)
        if name in LEADER_FUNCTIONS:
            self.leader_functions.add(name)
        if name in AGGREGATES and len(split_at(tokens[position + 2 : end], "ORDER")) > 1:
            raise not_in_redshift("ORDER BY in an aggregate")
        if _key(tokens, end + 1) == "OVER":
            if _key(tokens, end + 2) != "(":
                raise not_in_redshift("the WINDOW clause")
            if name in NO_WINDOW:
                raise not_in_redshift(f"{name} as a window function")
            window = tokens[end + 3 : closing(tokens, end + 2)]
            words = [token.key for part in split_at(window, ",") for token in part]
            for word in ("RANGE", "GROUPS", "EXCLUDE"):
                if word in words:
                    raise not_in_redshift(f"{word} in a window's frame")
            if name not in NEED_FRAME and "ROWS" in words:
                raise not_in_redshift(f"a frame in the window of {name}")
            if name in NEED_FRAME and "ORDER" in words and "ROWS" not in words:
                message = "Aggregate window functions with an ORDER BY clause require a frame clause"
                raise RedshiftError(FEATURE_NOT_SUPPORTED, message)


def _key(tokens: Sequence[Token], position: int) -> str:
    return tokens[position].key if 0 <= position < len(tokens) else ""


def _next_is_string(tokens: Sequence[Token], position: int) -> bool:
    return position + 1 < len(tokens) and tokens[position + 1].kind is Kind.STRING


def _is_row(tokens: Sequence[Token], position: int) -> bool:
    """Whether a parenthesis holds several values in the place of one, and is not compared with a list by IN."""
    end = closing(tokens, position)
    inside = tokens[position + 1 : end]
    is_list = len(split_at(inside, ",")) > 1 and inside[0].key not in QUERY_WORDS
    is_in = "IN" in (_key(tokens, end + 1), _key(tokens, end + 2))
    return is_list and not is_in and _key(tokens, position - 1) in BEFORE_VALUES


def _is_call(tokens: Sequence[Token], position: int) -> bool:
    """Whether a name is called. A parenthesis may also begin a list of columns."""
    token = tokens[position]
    if _key(tokens, position + 1) != "(" or (token.kind is Kind.WORD and token.key in NOT_CALLED):
        return False
    before = _key(tokens, position - 1)
    if before == "AS":
        return False  # from sales as s (branch, total)
    is_common_table = before in ("WITH", "RECURSIVE", ",")
    after = closing(tokens, position + 1) + 1
    return not (is_common_table and _key(tokens, after) == "AS" and _key(tokens, after + 1) == "(")


def _unknown_function(name: str) -> RedshiftError:
    return RedshiftError(
        UNDEFINED_FUNCTION,
        f"function {name.lower()} does not exist",
        hint="The local Redshift calls only the functions of Redshift that are listed in dialect/functions.py.",
    )
