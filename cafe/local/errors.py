"""The error of the local stack, with what to do about it."""

from collections import deque
from pathlib import Path

from cafe.errors import CafeError

TAIL_LINES = 20


def tail(log_file: Path, lines: int = TAIL_LINES) -> str:
    """Give the last lines of a log, "" if there is no log yet."""
    try:
        with log_file.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, maxlen=lines)).rstrip()
    except FileNotFoundError:
        return ""


class LocalStackError(CafeError):
    """A part of the local stack failed: which, what to do about it, and the last lines of its log."""

    def __init__(self, problem: str, *, remedy: str, log_file: Path | None = None, output: str = "") -> None:
        if log_file is not None:
            output = f"--- the last lines of {log_file} ---\n{tail(log_file) or '(empty)'}\n---"
        super().__init__(problem, remedy, output)
