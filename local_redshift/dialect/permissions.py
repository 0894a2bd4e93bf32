"""Users, roles and what they may do: CREATE USER, ALTER USER, CREATE ROLE, GRANT. Pure."""

import re
from collections.abc import Sequence

from local_redshift.dialect.quoting import quote_identifier, quote_literal
from local_redshift.dialect.token_cursor import TokenCursor, split_at
from local_redshift.dialect.tokens import Kind, Token, identifier_value
from local_redshift.errors import RedshiftError, not_imitated, not_in_redshift

PRIVILEGES = frozenset(
    "ALL CREATE DELETE INSERT PRIVILEGES REFERENCES SELECT TEMP TEMPORARY TRUNCATE UPDATE USAGE".split()
)
NOT_IMITATED = frozenset(("ALTER", "DROP", "EXECUTE"))
# ALTER USER in the Database Developer Guide: a minute to 20 days.
SESSION_TIMEOUT_SECONDS = range(60, 1_728_001)
# CREATE USER, in the same guide.
PASSWORD_LENGTH = range(8, 65)
# PostgreSQL has one limit for an idle session and another for an idle transaction; Redshift's is for both.
IDLE_LIMITS = ("idle_session_timeout", "idle_in_transaction_session_timeout")


def create_user(cursor: TokenCursor) -> str:
    """Rewrite what follows CREATE USER."""
    name = quote_identifier(cursor.name())
    cursor.accept("WITH")
    if not cursor.accept("PASSWORD") or cursor.peek_kind() is not Kind.STRING:
        raise not_imitated("CREATE USER without PASSWORD '…'")
    text = cursor.string()
    if len(text) not in PASSWORD_LENGTH or not all(re.search(letters, text) for letters in ("[A-Z]", "[a-z]", "[0-9]")):
        raise RedshiftError("22023", "password must have 8 to 64 characters, with both cases and a digit")
    password = quote_literal(text)
    if not cursor.at_end:
        raise not_imitated(f"the user option {cursor.peek()}")
    return f"CREATE USER {name} PASSWORD {password}"


def alter_user(cursor: TokenCursor) -> str:
    """Rewrite what follows ALTER USER: only SESSION TIMEOUT is carried."""
    name = quote_identifier(cursor.name())
    cursor.accept("WITH")
    if not cursor.accept("SESSION", "TIMEOUT"):
        raise not_imitated(f"ALTER USER … {cursor.peek()}")
    seconds = cursor.integer()
    cursor.expect_end()
    if seconds not in SESSION_TIMEOUT_SECONDS:
        raise not_in_redshift(f"SESSION TIMEOUT {seconds}", hint="Redshift accepts 60 to 1728000 seconds.")
    limits = " ".join(f"ALTER ROLE {name} SET {limit} = {seconds * 1000};" for limit in IDLE_LIMITS)
    return f"DO {quote_literal(f'BEGIN {limits} END')}"


def create_role(cursor: TokenCursor) -> str:
    """Rewrite what follows CREATE ROLE."""
    name = quote_identifier(cursor.name())
    cursor.expect_end()
    return f"CREATE ROLE {name}"


def grant_statement(cursor: TokenCursor) -> str:
    """Rewrite what follows GRANT."""
    head, *tails = split_at(cursor.rest(), "TO")
    if not head or len(tails) != 1 or not tails[0]:
        raise cursor.unexpected()
    grantee = _grantee(TokenCursor(tails[0]))
    if head[0].key == "ROLE":
        role = TokenCursor(head[1:])
        name = quote_identifier(role.name())
        role.expect_end()
        return f"GRANT {name} TO {grantee}"
    what, *objects = split_at(head, "ON")
    if len(objects) != 1:
        raise cursor.unexpected()
    privileges = [token.key for token in what if token.key != ","]
    for privilege in privileges:
        if privilege in NOT_IMITATED:
            raise not_imitated(f"the privilege {privilege}")
        if privilege not in PRIVILEGES:
            raise not_in_redshift(f"the privilege {privilege}")
    return f"GRANT {_text(what)} ON {_text(objects[0])} TO {grantee}"


def _grantee(cursor: TokenCursor) -> str:
    if cursor.peek() in ("GROUP", "PUBLIC"):
        raise not_imitated(f"GRANT … TO {cursor.peek()}")
    cursor.accept("ROLE")
    name = quote_identifier(cursor.name())
    if cursor.peek() == ",":
        raise not_imitated("GRANT to several users or roles at once")
    if cursor.peek() == "WITH":
        raise not_imitated("GRANT … WITH an option")
    cursor.expect_end()
    return name


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(
        quote_identifier(identifier_value(token)) if token.kind is Kind.NAME else token.text for token in tokens
    )
