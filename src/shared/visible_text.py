"""Escape what a reader of a terminal, a log or a spreadsheet would not see, or would obey. Pure.

Keys, names and details come from outside. A control character in them can rewrite the screen, a mark of direction can
make `fdp.csv` look like `vsc.pdf`, and U+2028 breaks a log line in two.
"""

import re
from collections.abc import Callable

# Letters and marks that print nothing although Python calls them printable: Unicode's Default_Ignorable_Code_Point,
# and the blank of braille.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef"
# The selectors of a symbol's look are visible only after a symbol, as in ☕️, or before the mark of a keycap, as in 1️⃣.
INVISIBLE = re.compile(f"[{_FILLERS}]|(?<![^\\x00-\\x7f\\w\\s{_FILLERS}\\ufe0e\\ufe0f])[\\ufe0e\\ufe0f](?!\\u20e3)")
# Makes one picture of two, as in 👩‍🍳. Anywhere else it cannot be seen.
_PICTURE = "\u2600-\u27bf\U0001f300-\U0001faff"
JOINER = re.compile(f"(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    r"""Write a text on one line, with each character that cannot be seen as an escape such as ``\u202e``.

    Escaped are control characters, line ends, marks of direction, zero-width characters, blanks other than the usual
    one, and private, unassigned and lone surrogate characters. All other text is unchanged, backslashes too.
    """
    return _replace(text, _escaped)


def escape_lines(text: str) -> str:
    r"""Escape each line of a text and keep its ``\n``: for texts whose line ends are the program's own."""
    return "\n".join(map(escape, text.split("\n")))


def escape_json(document: str) -> str:
    r"""Escape what cannot be seen in a JSON document, which says the same afterwards.

    JSON allows such characters inside of texts only. ``\n`` is kept: JSON allows it between values only.
    """
    return "\n".join(_replace(line, _json_escaped) for line in document.split("\n"))


def _replace(text: str, escaped: Callable[[str], str]) -> str:
    # Nearly all texts of a large result.
    if text.isascii() and text.isprintable():
        return text
    return "\u200d".join(_replace_in(part, escaped) for part in JOINER.split(text))


def _replace_in(text: str, escaped: Callable[[str], str]) -> str:
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else escaped(sign) for sign in text)
    return INVISIBLE.sub(lambda match: escaped(match[0]), text)


def _escaped(sign: str) -> str:
    return _SHORT.get(sign) or (f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}")


def _json_escaped(sign: str) -> str:
    """Write a character as JSON does: one outside of the basic plane is two halves of UTF-16."""
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
