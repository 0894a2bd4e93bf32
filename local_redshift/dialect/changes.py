"""Check the joins of UPDATE and DELETE: Redshift joins the target to another table only by an equality. Pure."""

from collections.abc import Sequence

from local_redshift.dialect.token_cursor import TokenCursor, split_at
from local_redshift.dialect.tokens import Token
from local_redshift.errors import FEATURE_NOT_SUPPORTED, RedshiftError

HINT = "Write WHERE target.column = other.column AND …, with the names of both tables."


def check_join(target: Sequence[str], tokens: Sequence[Token], joined_by: str) -> None:
    """Check what follows the target of UPDATE (joined by FROM) or DELETE (joined by USING). Raises RedshiftError."""
    head, *conditions = split_at(tokens, "WHERE")
    if len(split_at(head, joined_by)) == 1:
        return
    cursor = TokenCursor(head)
    cursor.accept("AS")
    alias = "" if cursor.peek() in ("SET", "USING") else cursor.name()
    names = [[alias]] if alias else [list(target), [target[-1]]]
    condition = conditions[0] if conditions else []
    if len(split_at(condition, "OR", "CASE")) > 1 or not any(
        _joins(names, part) for part in split_at(condition, "AND")
    ):
        raise RedshiftError(FEATURE_NOT_SUPPORTED, "Target table must be part of an equijoin predicate", hint=HINT)


def _joins(names: list[list[str]], condition: Sequence[Token]) -> bool:
    """Whether a condition is a column of the target = a column of another table."""
    sides = [_table_of_column(side) for side in split_at(condition, "=")]
    return len(sides) == 2 and all(sides) and (sides[0] in names) != (sides[1] in names)


def _table_of_column(tokens: Sequence[Token]) -> list[str]:
    cursor = TokenCursor(tokens)
    if cursor.at_end or not tokens[0].is_identifier:
        return []
    *table, _ = cursor.dotted_name()
    return table if cursor.at_end else []
