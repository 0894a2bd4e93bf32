"""Write counts, spans of time, lists of names and commands for people to read."""

import shlex
from collections.abc import Sequence
from decimal import Decimal

from cafe.counting import counted as counted  # for the rooms above
from shared.senders import HEAD_OFFICE
from shared.visible_text import escape


def disk_space(size_bytes: int) -> str:
    """Write a size on disk: 0 MB, 52 MB, 1,200 MB."""
    return f"{size_bytes / 1e6:,.0f} MB"


def format_span(seconds: float) -> str:
    """Write a span, rounded: 40 s, 12 min, 9 h, 3 days."""
    for unit, size, most in (("s", 1, 90), ("min", 60, 90), ("h", 3600, 48)):
        if seconds < most * size:
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds / 86_400)} days"


def first_names(names: Sequence[str], most: int) -> str:
    """List the first names, with … if there are more."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def describe_removed(orders: int, pounds: Decimal) -> str:
    """Say what a correction took out of the warehouse; "" for no orders."""
    if not orders:
        return ""
    return f"{counted(orders, 'order')} of £{pounds:,} removed, which only earlier versions have"


def describe_sender(sender: str) -> str:
    """Say who sent a file: head office, a café as its key spells it, or "" for a key that names no sender."""
    if sender == HEAD_OFFICE:
        return "head office"
    return f"the café {sender}" if sender else "an unknown sender"


def typed(text: str) -> str:
    r"""Quote a text as an argument to copy to a shell, with escapes for what cannot be seen: ``$'a\u202e.csv'``."""
    if escape(text) == text:
        return shlex.quote(text)
    return "$'" + escape(text.replace("\\", "\\\\").replace("'", "\\'")) + "'"
