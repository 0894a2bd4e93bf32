"""The warehouse that the tests of this folder share, and the clean-up of broken connections."""

import gc
import warnings
from collections.abc import Iterator

import pytest

from contention.ground import Ground, ground_of
from fixtures.warehouse import Warehouse


@pytest.fixture
def ground(migrated_warehouse: Warehouse) -> Iterator[Ground]:
    """A migrated warehouse without data."""
    with ground_of(migrated_warehouse) as ground:
        yield ground


@pytest.fixture(autouse=True)
def sockets_of_broken_connections() -> Iterator[None]:
    """Collect the sockets of broken connections, which the driver leaves to the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
