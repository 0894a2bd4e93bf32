"""Note the largest size that a process ever had. Its parent cannot: that figure has the parent in it."""

from pathlib import Path

NOTE = "peak-kilobytes"


def note_peak(folder: Path) -> None:
    """Write this process's peak memory into the folder."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    (folder / NOTE).write_text(kilobytes, encoding="utf-8")


def noted_megabytes(folder: Path) -> float:
    """Read what `note_peak` wrote, in MB."""
    return int((folder / NOTE).read_text(encoding="utf-8")) * 1024 / 1e6
