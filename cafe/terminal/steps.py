"""Show the steps of a long command, with the time that each takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from cafe.terminal.presentation import err, plain, working


@contextmanager
def show_step(name: str) -> Iterator[None]:
    """Show a step while it runs, and how many seconds it took when it is done."""
    start = time.monotonic()
    with working(f"{name} …"):
        yield
    err().print(plain(f"✓ {name:<52}{time.monotonic() - start:6.1f} s"), highlight=False)
