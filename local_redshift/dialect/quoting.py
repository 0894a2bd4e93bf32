"""Names and values as SQL for the PostgreSQL behind the endpoint."""


def quote_literal(value: str) -> str:
    """Quote a string; right whether or not a backslash escapes in plain strings."""
    quoted = "'" + value.replace("'", "''").replace("\\", "\\\\") + "'"
    return f" E{quoted}" if "\\" in value else quoted


def quote_identifier(name: str) -> str:
    """Quote the name of a table, column, user or database."""
    return '"' + name.replace('"', '""') + '"'
