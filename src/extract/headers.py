"""Recognise the header lines of branch files by their words."""

import re

from extract.dialects.document import DELIMITERS

# The words in all known headers (docs/branch-files.md), with one misspelling. A cell that consists of these words is a
# column name and may be shown. Any other text may be a customer's.
_COLUMN_WORDS = frozenset(
    """
    amount basket branch card cash cost credit cust custumer customer date datetime discount discounts drink empty full
    gross id if item items location method name net no number of or order ordered orders payment per price product
    products purchase qty quantity sale sales shop size spent store tax till time timestamp tip tips total transaction
    type unit zone
    """.split()
)
_TIME_WORDS = frozenset({"date", "datetime", "time", "timestamp"})
_WORD = re.compile(r"[A-Za-z]+")
_TOTAL_WORDS = frozenset({"total", "totals", "grand total", "subtotal", "sub total", "sum"})
_FIGURES = r"[£€$\s0-9.,'-]*"
_ENDS_IN_AMOUNT = r"(?:^|[-£])\s*[0-9]*[.,][0-9]{1,2}\s*$"
# No order of any dialect has as few.
MOST_TITLE_CELLS = 2
# Every dialect has five cells or more.
LEAST_SEPARATORS = 4


def is_header(cells: list[str]) -> bool:
    """Return whether a row is a header: at least three cells, each of column words only, without digits."""
    # Most orders begin with a digit, and leave here.
    if cells[0][:1].isdigit():
        return False
    named = [cell for cell in cells if cell.strip()]
    return len(named) > 2 and all(_is_column_name(cell) for cell in named)


def may_be_header(cells: list[str]) -> bool:
    """Return whether a file's first row may be a header in unknown words, or Excel's line ``sep=,``.

    Every order has digits. The unknown words of such a row are never shown, because it may be anything.
    """
    is_separator = cells[0].strip().lower() == "sep=" and not any(map(str.strip, cells[1:]))
    return is_separator or (len(cells) > 2 and not any(map(str.isdigit, "".join(cells))))


def is_title(cells: list[str]) -> bool:
    """Return whether a row may stand above a table: one or two cells, with words and no amount of money.

    A row with another separator than the file's is one cell too, and is no title.
    """
    named = [cell for cell in cells if cell.strip()]
    has_words = any(map(str.isalpha, "".join(named[:1])))
    is_row = any(cell.count(separator) >= LEAST_SEPARATORS for cell in named for separator in DELIMITERS)
    return (
        len(named) <= MOST_TITLE_CELLS
        and has_words
        and not is_row
        and not any(re.search(_ENDS_IN_AMOUNT, cell) for cell in named)
    )


def is_total(cells: list[str]) -> bool:
    """Return whether a row adds up a table: a word for that, and figures only."""
    named = [cell.strip() for cell in cells if cell.strip()]
    has_word = bool(named) and named[0].rstrip(":").strip().casefold() in _TOTAL_WORDS
    return has_word and all(re.fullmatch(_FIGURES, cell) for cell in named[1:])


def starts_with_time(cells: list[str]) -> bool:
    """Return whether a header's first named column is the time, as in the tills' own dialects."""
    first = next((cell for cell in cells if cell.strip()), "")
    return any(word.lower() in _TIME_WORDS for word in _WORD.findall(first))


def column_names(cells: list[str]) -> str:
    """Return a header's columns for the detail of a reason, cut to 120 characters so that they fit a message.

    A column with an unknown word is ``?``, because it may be a customer's name. "" if all are.
    """
    names = [" ".join(cell.split()) if _is_column_name(cell) else "?" for cell in cells]
    return ", ".join(names)[:120] if any(name != "?" for name in names) else ""


def _is_column_name(cell: str) -> bool:
    words = _WORD.findall(cell)
    # `_WORD` does not see letters outside ASCII, which may be a customer's name.
    if not words or not cell.isascii() or any(map(str.isdigit, cell)):
        return False
    return all(word.lower() in _COLUMN_WORDS for word in words)
