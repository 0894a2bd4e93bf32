"""Users, groups, roles and what they may do: CREATE, ALTER and DROP USER, GRANT, REVOKE. Pure."""

from collections.abc import Sequence

from local_redshift.errors import not_in_endpoint, not_in_redshift
from local_redshift.quoting import quote_identifier, quote_literal
from local_redshift.token_cursor import TokenCursor, split_at
from local_redshift.tokens import Kind, Token, identifier_value

PRIVILEGES = frozenset(
    "ALL CREATE DELETE INSERT PRIVILEGES REFERENCES SELECT TEMP TEMPORARY TRUNCATE UPDATE USAGE".split()
)
NOT_IMITATED = frozenset(("ALTER", "DROP", "EXECUTE"))


def user_statement(verb: str, cursor: TokenCursor) -> str:
    """Rewrite what follows CREATE USER or ALTER USER."""
    parts = [f"{verb} USER {quote_identifier(cursor.name())}"]
    if verb == "ALTER" and cursor.accept("RENAME", "TO"):
        parts.append(f"RENAME TO {quote_identifier(cursor.name())}")
    cursor.accept("WITH")
    while not cursor.at_end:
        parts.append(_user_option(verb, cursor))
    return " ".join(parts)


def _user_option(verb: str, cursor: TokenCursor) -> str:
    if cursor.accept("PASSWORD"):
        return "PASSWORD NULL" if cursor.accept("DISABLE") else f"PASSWORD {quote_literal(cursor.string())}"
    if word := cursor.accept_any("CREATEDB", "NOCREATEDB", "NOCREATEUSER"):
        return {"NOCREATEUSER": "NOCREATEROLE"}.get(word, word)
    if cursor.accept("VALID", "UNTIL"):
        return f"VALID UNTIL {quote_literal(cursor.string())}"
    if cursor.accept("CONNECTION", "LIMIT"):
        return f"CONNECTION LIMIT {-1 if cursor.accept('UNLIMITED') else cursor.integer()}"
    if verb == "CREATE" and cursor.accept("IN", "GROUP"):
        names = [quote_identifier(cursor.name())]
        while cursor.accept(","):
            names.append(quote_identifier(cursor.name()))
        return f"IN ROLE {', '.join(names)}"
    if cursor.peek() in ("CREATEUSER", "SYSLOG", "SESSION", "EXTERNALID"):
        raise not_in_endpoint(f"the user option {cursor.peek()}")
    raise cursor.unexpected()


def grant_statement(verb: str, cursor: TokenCursor, *, case_sensitive: bool) -> str:
    """Rewrite what follows GRANT or REVOKE."""
    joint = "TO" if verb == "GRANT" else "FROM"
    option = "GRANT OPTION FOR " if verb == "REVOKE" and cursor.accept("GRANT", "OPTION", "FOR") else ""
    rest = cursor.rest()
    head, *tails = split_at(rest, joint)
    if not head or len(tails) != 1 or not tails[0]:
        raise cursor.unexpected()
    target = _grantees(TokenCursor(tails[0], case_sensitive=case_sensitive))
    if head[0].key == "ROLE":
        names = ", ".join(_role_names(TokenCursor(head, case_sensitive=case_sensitive)))
        return f"{verb} {names} {joint} {target}"
    what, *objects = split_at(head, "ON")
    if len(objects) != 1:
        raise cursor.unexpected()
    privileges = [token.key for token in what if token.key != ","]
    for privilege in privileges:
        if privilege in NOT_IMITATED:
            raise not_in_endpoint(f"the privilege {privilege}")
        if privilege not in PRIVILEGES:
            raise not_in_redshift(f"the privilege {privilege}")
    return f"{verb} {option}{_text(what, case_sensitive)} ON {_text(objects[0], case_sensitive)} {joint} {target}"


def _role_names(cursor: TokenCursor) -> list[str]:
    names = []
    while True:
        cursor.expect("ROLE")
        names.append(quote_identifier(cursor.name()))
        if not cursor.accept(","):
            cursor.expect_end()
            return names


def _grantees(cursor: TokenCursor) -> str:
    names = []
    while True:
        if cursor.accept("PUBLIC"):
            names.append("PUBLIC")
        else:
            cursor.accept_any("ROLE", "GROUP")
            names.append(quote_identifier(cursor.name()))
        if not cursor.accept(","):
            break
    options = " WITH GRANT OPTION" if cursor.accept("WITH", "GRANT", "OPTION") else ""
    options = options or (" WITH ADMIN OPTION" if cursor.accept("WITH", "ADMIN", "OPTION") else "")
    cursor.expect_end()
    return ", ".join(names) + options


def _text(tokens: Sequence[Token], case_sensitive: bool) -> str:
    return " ".join(
        quote_identifier(identifier_value(token, case_sensitive=case_sensitive))
        if token.kind is Kind.NAME
        else token.text
        for token in tokens
    )
