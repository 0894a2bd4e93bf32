"""SET and SHOW: the session parameters that the local Redshift carries. Pure."""

from local_redshift.dialect.quoting import quote_literal
from local_redshift.dialect.token_cursor import TokenCursor
from local_redshift.dialect.tokens import Kind, string_value
from local_redshift.errors import RedshiftError, not_imitated

SETTINGS = frozenset(("search_path", "statement_timeout"))
NOT_IMITATED = frozenset(
    """analyze_threshold_percent application_name client_encoding datestyle describe_field_name_in_uppercase
    enable_case_sensitive_identifier enable_result_cache_for_session extra_float_digits query_group timezone
    wlm_query_slot_count""".split()
)
READABLE_SETTINGS = frozenset(("server_version", "transaction_isolation", "transaction_read_only"))


def set_statement(cursor: TokenCursor) -> str:
    """Rewrite what follows SET."""
    scope = "LOCAL " if cursor.accept("LOCAL") else ""
    if cursor.peek() in ("AUTHORIZATION", "CHARACTERISTICS", "ROLE", "SESSION", "TIME", "TRANSACTION"):
        raise not_imitated(f"SET {cursor.peek()}")
    name = _setting(cursor.name())
    if not (cursor.accept("TO") or cursor.accept("=")):
        raise cursor.unexpected()
    if cursor.peek() == "DEFAULT":
        raise not_imitated("SET … TO DEFAULT")
    values = [_value(cursor)]
    while cursor.accept(","):
        values.append(_value(cursor))
    cursor.expect_end()
    return f"SET {scope}{name} TO {', '.join(quote_literal(value) for value in values)}"


def show_statement(cursor: TokenCursor) -> str:
    """Rewrite what follows SHOW."""
    name = cursor.name()
    cursor.expect_end()
    return f"SHOW {name if name in READABLE_SETTINGS else _setting(name)}"


def _setting(name: str) -> str:
    if name in NOT_IMITATED:
        raise not_imitated(f"the setting {name}")
    if name not in SETTINGS:
        raise RedshiftError("42704", f'unrecognized configuration parameter "{name}"')
    return name


def _value(cursor: TokenCursor) -> str:
    kind = cursor.peek_kind()
    if kind is Kind.STRING:
        return string_value(cursor.next())
    if kind is Kind.NUMBER:
        return cursor.next().text
    return cursor.name()
