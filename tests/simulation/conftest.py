"""The simulator that the tests of this folder share."""

import os
from collections.abc import Iterator

import pytest

from simulation.campaign import stay_on_one_processor
from simulation.process import simulated_surroundings
from simulation.runs import Simulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """One simulator for all tests of a module. It keeps only its threads from run to run."""
    processors = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    stay_on_one_processor(int(worker.removeprefix("gw")))
    simulator = Simulator()
    with simulated_surroundings(simulator.clock):
        yield simulator
    if processors:
        os.sched_setaffinity(0, processors)
