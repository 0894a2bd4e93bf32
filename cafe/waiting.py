"""How to wait for something that happens elsewhere: soon at first, then ever more patiently."""

from collections.abc import Iterator


def growing_pauses(first_seconds: float, longest_seconds: float, growth: float = 1.5) -> Iterator[float]:
    """Yield pauses without end, each ``growth`` times the one before until the longest is reached."""
    pause = first_seconds
    while True:
        yield pause
        pause = min(pause * growth, longest_seconds)
