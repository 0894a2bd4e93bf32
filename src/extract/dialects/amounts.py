"""Amounts and quantities as documents of dialects write them. Pure."""

import re
from collections.abc import Callable

from extract.dialects.document import Document

MAX_QUANTITY = 200
_MINUS = "-\u2212\u2013"

_QUANTITY = re.compile(r"([0-9]{1,6})(?:\.0{1,4})?")
_SIGNS = rf"[{_MINUS}(]?\s*"


def plain_amounts(document: Document) -> Callable[[str], str] | None:
    """Return what writes a document's amounts as plain ones, ``4.60`` or ``-4.60``; None if they are plain.

    A text that is no amount of the document becomes "", which is rejected.
    """
    if (document.decimal, document.thousands, document.currency) == (".", "", "£"):
        return None
    currency = f"(?:{re.escape(document.currency)})?" if document.currency else ""
    between = re.escape(document.thousands)
    whole = f"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]*" if between else "[0-9]*"
    decimal = {"either": "[.,]"}.get(document.decimal, re.escape(document.decimal))
    amount = re.compile(
        rf"({_SIGNS}){currency}\s*({_SIGNS})({whole})(?:{decimal}([0-9]{{1,2}}))?\s*{currency}\s*([)-]?)"
    )

    def plain(text: str) -> str:
        found = amount.fullmatch(text.strip())
        if not found or not (found[3] or found[4]):
            return ""
        digits = found[3].replace(document.thousands, "") if document.thousands else found[3]
        pence = f".{found[4]}" if found[4] else ""
        return f"{found[1].strip()}{found[2].strip()}{digits}{pence}{found[5]}"

    return plain


def triples_of(text: str) -> list[str]:
    """Split ``Latte, 2, £3.50, Mocha, 1, £2.00`` after each third cell; a text of other cells is one."""
    cells = text.split(",")
    return [",".join(cells[n : n + 3]) for n in range(0, len(cells), 3)] if len(cells) % 3 == 0 else [text]


def quantity_of(text: str) -> int:
    """Read a quantity, which pandas may write as 2.0; 0 if it is none."""
    found = _QUANTITY.fullmatch(text.strip())
    quantity = int(found[1]) if found else 0
    return quantity if quantity <= MAX_QUANTITY else 0
