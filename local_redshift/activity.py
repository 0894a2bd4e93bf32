"""Count the time in which the endpoint works: what a serverless warehouse is billed for."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Activity:
    """The seconds in which at least one session worked. Two at once count once; a session that waits does not count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._working = 0
        self._since = 0.0
        self._seconds = 0.0

    @contextmanager
    def work(self) -> Iterator[None]:
        """Count the time until the context ends."""
        with self._lock:
            if self._working == 0:
                self._since = self._clock()
            self._working += 1
        try:
            yield
        finally:
            with self._lock:
                self._working -= 1
                if self._working == 0:
                    self._seconds += self._clock() - self._since

    @property
    def seconds(self) -> float:
        """All of it up to now, including work that is not finished."""
        with self._lock:
            return self._seconds + (self._clock() - self._since if self._working else 0.0)
