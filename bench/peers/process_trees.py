"""Read from Linux what processes and all their children have computed."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(roots: Iterable[int]) -> float:
    """Sum up the processor time of these processes and their descendants, ended ones included."""
    found = _all_processes()
    wanted, waiting = set[int](), [*roots]
    while waiting:
        pid = waiting.pop()
        wanted.add(pid)
        waiting += [child for child, (parent, _) in found.items() if parent == pid and child not in wanted]
    return sum(found[pid][1] for pid in wanted if pid in found) / TICKS


def _all_processes() -> dict[int, tuple[int, int]]:
    """Give each process's parent, and its ticks with those of its reaped children."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold spaces.
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        found[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    return found
