"""Make a CSV cell harmless that a spreadsheet would run as a formula. Pure."""

import re
import unicodedata

from shared.visible_text import escape

# A spreadsheet runs a cell that begins like this, also in full-width signs, which it converts.
FORMULA_SIGNS = frozenset("=+-@\N{MINUS SIGN}")
RUN_ON_SIGHT = ("\t", "\r", "\n")
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# Where the comma is the decimal point, spreadsheets split lines at semicolons, unless the cell begins with a quote.
OTHER_SEPARATOR = ";"


def harmless_cell(text: str) -> str:
    r"""Escape a text, with an apostrophe before each part that would be run: ``=1+1`` becomes ``'=1+1``.

    The apostrophe is how a spreadsheet marks text. Plain numbers such as -5 or 2.45 are left alone. A part ends at a
    semicolon, because some spreadsheets start a new cell there.
    """
    # Nearly all texts of a large result.
    if text[:1].isalnum() and text.isascii() and text.isprintable() and OTHER_SEPARATOR not in text:
        return text
    return OTHER_SEPARATOR.join(
        f"'{escape(part)}" if _would_run(part) else escape(part) for part in text.split(OTHER_SEPARATOR)
    )


def _would_run(text: str) -> bool:
    if PLAIN_NUMBER.fullmatch(text):
        return False
    if text.startswith(RUN_ON_SIGHT):
        return True
    visible = (sign for sign in unicodedata.normalize("NFKC", text) if sign.isprintable() and not sign.isspace())
    return next(visible, "") in FORMULA_SIGNS
