"""The characters that no output may hold as they are, by Unicode's categories and not by the code under test."""

import sys
import unicodedata

HIDDEN_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
# They print nothing, and Unicode calls them letters, marks or symbols.
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\ufe00\ufe0d\uffa0\U000e0100\U000e01ef"


def is_hidden(sign: str) -> bool:
    """Whether a character cannot be seen, or is obeyed by a terminal; the usual blank is neither."""
    return sign != " " and (unicodedata.category(sign) in HIDDEN_CATEGORIES or sign in FILLERS)


def hidden_in(output: str) -> list[str]:
    """List the hidden characters of an output; line feeds are its own."""
    return sorted({f"U+{ord(sign):04X}" for sign in output if sign != "\n" and is_hidden(sign)})


EVERY_HIDDEN = [
    sign
    for sign in map(chr, range(sys.maxunicode + 1))
    # Of the private and unassigned planes, some are enough.
    if is_hidden(sign) and (unicodedata.category(sign) not in {"Cn", "Co", "Cs"} or ord(sign) % 4099 == 0)
]
# A name that would clear the screen, forge a line, turn the text around, style it, and run in a spreadsheet.
HOSTILE_NAME = (
    "=leeds\x1b[2J\n✓ all is well\r\t\x00\x9b1m\x85\u2028\u2029\u202efdp\u2066\u200b\u200d\ufeff\u00ad\xa0\u3164\u034f"
    "\ufe0f\U000e0001[bold]b:coffee:.csv"
)
SHOWN_NAME = (
    r"=leeds\u001b[2J\n✓ all is well\r\t\u0000\u009b1m\u0085\u2028\u2029\u202efdp\u2066\u200b\u200d\ufeff\u00ad\u00a0"
    r"\u3164\u034f\ufe0f\U000e0001[bold]b:coffee:.csv"
)
