"""Spell text in the characters that a terminal or a pipe can show. Pure."""

import unicodedata
from collections.abc import Callable, Mapping

# What replaces the signs that the command line writes itself.
SIGNS = {
    "✓": "+", "✗": "x", "→": "->", "…": "...", "·": "-", "•": "*", "×": "x", "£": "GBP", "≤": "<=", "≥": ">=",
    "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MINUS SIGN}": "-",
    "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    **dict(zip("▁▂▃▄▅▆▇█", "_.-=+*#@", strict=True)), **dict.fromkeys("━─╸╺", "-"),
}  # fmt: skip
ASCII_LOCALES = {"C", "POSIX"}


def asks_for_ascii(environment: Mapping[str, str], *, is_utf8_mode: bool) -> bool:
    """Whether the user's locale is C or POSIX by name, so that Python chose UTF-8 by itself.

    Where no locale is set at all, as in most containers, UTF-8 stays.
    """
    if not is_utf8_mode or environment.get("PYTHONUTF8") or environment.get("PYTHONIOENCODING"):
        return False
    return (environment.get("LC_ALL") or environment.get("LANG")) in ASCII_LOCALES


def spell(text: str, encoding: str) -> str:
    r"""Replace what an encoding does not have: ✓ by +, é by e, and other characters by escapes such as ``\u30ab``."""
    return _replaced(text, encoding, _replacement)


def escape_missing(text: str, encoding: str) -> str:
    r"""Replace what an encoding does not have by escapes such as ``\u00e9``, for programs that read the text."""
    return _replaced(text, encoding, _escaped)


def _replaced(text: str, encoding: str, replacement: Callable[[str], str]) -> str:
    if text.isascii() or encoding.lower().startswith("utf"):
        return text
    return "".join(sign if _has(encoding, sign) else replacement(sign) for sign in text)


def _has(encoding: str, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _replacement(sign: str) -> str:
    plain = SIGNS.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return plain or _escaped(sign)


def _escaped(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
