"""Recognise the header lines of branch files, in any of their spellings, by their vocabulary alone."""

import re

# The words that the known spellings of headers are made of (docs/branch-files.md), one misspelling among them. A cell
# made of these words alone is a column's name and may be shown; any other text may be a customer's.
_COLUMN_WORDS = frozenset(
    """
    amount basket branch card cash cost credit cust custumer customer date datetime drink empty full id if item items
    location method name no number of order ordered orders payment price product products purchase qty quantity sale
    sales shop size store time timestamp total transaction type
    """.split()
)
_TIME_WORDS = frozenset({"date", "datetime", "time", "timestamp"})
_WORD = re.compile(r"[A-Za-z]+")


def is_header(cells: list[str]) -> bool:
    """Tell whether a row is a header: several cells, each made of column words only, no digit anywhere."""
    named = [cell for cell in cells if cell.strip()]
    return len(named) > 2 and all(_is_column_name(cell) for cell in named)


def starts_with_time(cells: list[str]) -> bool:
    """Tell whether a header's first column is the time, as in every dialect that can be read."""
    return any(word.lower() in _TIME_WORDS for word in _WORD.findall(cells[0]))


def column_names(cells: list[str]) -> str:
    """Write a header's columns for a reason, cut to a length that a message can carry."""
    return ", ".join(" ".join(cell.split()) for cell in cells)[:120]


def _is_column_name(cell: str) -> bool:
    words = _WORD.findall(cell)
    # Beyond ASCII there may be a name in letters that are no words to us.
    if not words or not cell.isascii() or any(map(str.isdigit, cell)):
        return False
    return all(word.lower() in _COLUMN_WORDS for word in words)
