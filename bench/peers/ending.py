"""Note when a process ended its work, and the most memory that it ever had.

Its parent sees neither: a process still takes its modules apart, and the parent's own memory would be in that figure.
"""

import time
from pathlib import Path

from bench.peak import peak_bytes

NOTE = "ending"


def note_ending(folder: Path) -> None:
    """Write into the folder that this process's work is done. All files of the work must be closed."""
    (folder / NOTE).write_text(f"{time.monotonic()} {peak_bytes()}", encoding="utf-8")


def noted_ending(folder: Path) -> tuple[float, int]:
    """Read what `note_ending` wrote: seconds of the clock that all processes share, `time.monotonic`, and bytes."""
    at, peak = (folder / NOTE).read_text(encoding="utf-8").split()
    return float(at), int(peak)
