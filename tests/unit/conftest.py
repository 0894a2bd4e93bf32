"""What all unit tests share: their clock starts at the same moment, so that none passes in the evening only."""

from collections.abc import Iterator

import pytest
import time_machine

from unit.clock import NOW


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Start the test at NOW. From there, time passes as ever."""
    with time_machine.travel(NOW):
        yield
