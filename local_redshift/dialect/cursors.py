"""DECLARE, FETCH and CLOSE: a cursor reads the result of a query a few rows at a time. Pure."""

from local_redshift.dialect.quoting import quote_identifier
from local_redshift.dialect.token_cursor import TokenCursor, split_at
from local_redshift.errors import not_in_redshift

# What PostgreSQL has between a cursor's name and its query.
KINDS = ("ASENSITIVE", "BINARY", "INSENSITIVE", "NO", "SCROLL", "WITH", "WITHOUT")
DIRECTIONS = ("ABSOLUTE", "BACKWARD", "FIRST", "LAST", "PRIOR", "RELATIVE")


def declare_head(cursor: TokenCursor) -> str:
    """Rewrite what is before the query of DECLARE. The query is left: a SELECT that stores nothing."""
    cursor.expect("DECLARE")
    name = quote_identifier(cursor.name())
    if cursor.peek() in KINDS:
        raise not_in_redshift(f"DECLARE … {cursor.peek()}", hint="Write DECLARE name CURSOR FOR query.")
    cursor.expect("CURSOR")
    if cursor.peek() in KINDS:
        raise not_in_redshift(f"CURSOR {cursor.peek()}", hint="Write DECLARE name CURSOR FOR query.")
    cursor.expect("FOR")
    return f"DECLARE {name} CURSOR FOR"


def refuse_into(cursor: TokenCursor) -> None:
    """Raise RedshiftError if the rest, which is a query, stores its result."""
    if len(split_at(cursor.rest(), "INTO")) > 1:
        raise not_in_redshift("SELECT INTO in DECLARE")


def fetch_statement(cursor: TokenCursor) -> str:
    """Rewrite FETCH [NEXT | ALL | FORWARD [count | ALL]] FROM name."""
    cursor.expect("FETCH")
    if cursor.peek() in DIRECTIONS or cursor.peek().isdecimal() or cursor.peek() == "-":
        raise not_in_redshift(f"FETCH {cursor.peek()}", hint="Write FETCH FORWARD count FROM name.")
    how = cursor.accept_any("NEXT", "ALL", "FORWARD")
    if how == "FORWARD" and cursor.peek() != "FROM":
        how += " ALL" if cursor.accept("ALL") else f" {cursor.integer()}"
    cursor.expect("FROM")
    name = quote_identifier(cursor.name())
    cursor.expect_end()
    return f"FETCH {how or 'NEXT'} FROM {name}"


def close_statement(cursor: TokenCursor) -> str:
    """Rewrite CLOSE name."""
    cursor.expect("CLOSE")
    name = quote_identifier(cursor.name())
    cursor.expect_end()
    return f"CLOSE {name}"
