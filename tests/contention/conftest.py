"""The ground that the tests here share, and what the driver leaves of connections that broke."""

import gc
import warnings
from collections.abc import Iterator

import pytest

from contention.ground import Ground, ground_of
from fixtures.warehouse import Warehouse


@pytest.fixture
def ground(empty_warehouse: Warehouse) -> Iterator[Ground]:
    """A migrated warehouse that nothing was loaded into."""
    with ground_of(empty_warehouse) as ground:
        yield ground


@pytest.fixture(autouse=True)
def sockets_of_broken_connections() -> Iterator[None]:
    """The driver leaves the socket of a connection whose peer is gone to the garbage collector: let it be collected."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
