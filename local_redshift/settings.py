"""SET, SHOW and RESET: the session parameters of Redshift that the endpoint knows. Pure."""

from local_redshift.errors import RedshiftError, not_in_endpoint
from local_redshift.quoting import quote_literal
from local_redshift.token_cursor import TokenCursor
from local_redshift.tokens import Kind, string_value

CASE_SENSITIVE = "enable_case_sensitive_identifier"
POSTGRESQL_SETTINGS = frozenset(
    "application_name client_encoding datestyle extra_float_digits search_path statement_timeout timezone".split()
)
# Redshift's own, with their defaults. PostgreSQL keeps them as custom settings, so that SHOW gives back what SET took;
# but for the case of names they change nothing.
REDSHIFT_SETTINGS = {
    "analyze_threshold_percent": "10",
    "describe_field_name_in_uppercase": "off",
    CASE_SENSITIVE: "off",
    "enable_result_cache_for_session": "on",
    "query_group": "unset",
    "wlm_query_slot_count": "1",
}
READABLE_SETTINGS = frozenset(("server_version", "transaction_isolation", "transaction_read_only"))


def kept_as(name: str) -> str:
    """Name the custom setting of PostgreSQL in which a setting of Redshift's is kept."""
    return f"redshift.{name}"


def set_statement(cursor: TokenCursor) -> tuple[str, bool | None]:
    """Rewrite what follows SET; and tell what it makes of case-sensitive identifiers, if it is about them."""
    scope = "LOCAL " if cursor.accept("LOCAL") else ""
    cursor.accept("SESSION")
    if cursor.peek() in ("AUTHORIZATION", "CHARACTERISTICS", "TRANSACTION", "ROLE"):
        raise not_in_endpoint(f"SET {cursor.peek()}")
    name = cursor.name()
    if name == "time" and cursor.accept("ZONE"):
        name = "timezone"
    elif not (cursor.accept("TO") or cursor.accept("=")):
        raise cursor.unexpected()
    if cursor.accept("DEFAULT"):
        cursor.expect_end()
        return f"SET {scope}{_setting(name)} TO DEFAULT", False if name == CASE_SENSITIVE else None
    values = [_value(cursor)]
    while cursor.accept(","):
        values.append(_value(cursor))
    cursor.expect_end()
    sql = f"SET {scope}{_setting(name)} TO {', '.join(quote_literal(value) for value in values)}"
    return sql, values[0].lower() in ("true", "on", "1") if name == CASE_SENSITIVE else None


def show_statement(cursor: TokenCursor) -> str:
    """Rewrite what follows SHOW."""
    name = cursor.name()
    cursor.expect_end()
    return f"SHOW {name if name in READABLE_SETTINGS else _setting(name)}"


def reset_statement(cursor: TokenCursor) -> tuple[str, bool | None]:
    """Rewrite what follows RESET; see set_statement."""
    name = cursor.name()
    cursor.expect_end()
    return f"RESET {_setting(name)}", False if name == CASE_SENSITIVE else None


def _setting(name: str) -> str:
    if name in POSTGRESQL_SETTINGS:
        return name
    if name in REDSHIFT_SETTINGS:
        return kept_as(name)
    raise RedshiftError("42704", f'unrecognized configuration parameter "{name}"')


def _value(cursor: TokenCursor) -> str:
    kind = cursor.peek_kind()
    if kind is Kind.STRING:
        return string_value(cursor.next())
    if kind is Kind.NUMBER:
        return cursor.next().text
    if cursor.accept("-"):
        return f"-{cursor.next().text}"
    return cursor.name()
