"""Show the steps of a long command, with the time that each takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from cafe.terminal.presentation import err, plain


@contextmanager
def show_step(name: str) -> Iterator[None]:
    """Show a step while it runs, and how many seconds it took when it is done."""
    console = err()
    start = time.monotonic()
    with console.status(plain(f"{name} …")):
        yield
    console.print(plain(f"✓ {name:<52}{time.monotonic() - start:6.1f} s"), highlight=False)
