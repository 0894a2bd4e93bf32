"""Quote names and values for the PostgreSQL behind the endpoint."""

from collections.abc import Sequence


def quote_literal(value: str) -> str:
    """Quote a string. The result does not depend on whether a backslash in a plain string is an escape."""
    quoted = "'" + value.replace("'", "''").replace("\\", "\\\\") + "'"
    return f" E{quoted}" if "\\" in value else quoted


def quote_identifier(name: str) -> str:
    """Quote the name of a table, column, user or database."""
    return '"' + name.replace('"', '""') + '"'


def quote_name(parts: Sequence[str]) -> str:
    """Quote a name with what is before it, such as its schema."""
    return ".".join(quote_identifier(part) for part in parts)
