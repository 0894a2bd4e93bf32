"""Run many schedules on several processors, and find the shortest one that shows a violation."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from simulation.process import simulated_surroundings
from simulation.runs import Run, Simulator
from simulation.schedule import draw
from simulation.shrink import shrunk, size_of

SCHEDULES_PER_SHARE = 200
# Many schedules may show the same mistake; shrink at most this many of them.
MOST_SHRUNK = 5


@dataclass(frozen=True, slots=True)
class Campaign:
    """The results of many schedules. ``shortest`` is a violated schedule, shrunk as far as possible."""

    first_seed: int
    schedules: int
    seconds: float
    violated: tuple[Run, ...]
    shortest: Run | None


def run_campaign(first_seed: int, schedules: int, processes: int, on_progress: Callable[[int, int], None]) -> Campaign:
    """Run the schedules of consecutive seeds. ``on_progress`` is called with how many ran and how many are violated."""
    started, done, violated = perf_counter(), 0, []
    end = first_seed + schedules
    shares = [(start, min(start + SCHEDULES_PER_SHARE, end)) for start in range(first_seed, end, SCHEDULES_PER_SHARE)]
    context = multiprocessing.get_context("spawn")
    places = context.SimpleQueue()
    for place in range(processes):
        places.put(place)
    with context.Pool(processes, _stay_on_one_processor, (places,)) as pool:
        for ran, found in pool.imap_unordered(_run_share, shares):
            done += ran
            violated += found
            on_progress(done, len(violated))
    violated.sort(key=lambda run: size_of(run.schedule))
    shortest = min(map(shortened, violated[:MOST_SHRUNK]), key=lambda run: size_of(run.schedule), default=None)
    return Campaign(first_seed, schedules, perf_counter() - started, tuple(violated), shortest)


def shortened(run: Run) -> Run:
    """Return the shortest run found that shows a violation, starting from this one."""
    simulator = Simulator()
    with simulated_surroundings(simulator.clock):
        return simulator.run(shrunk(run.schedule, lambda schedule: bool(simulator.run(schedule).violations)))


def violations_among(seeds: range) -> Iterator[Run]:
    """Run the schedules of some seeds; yield those that are violated."""
    simulator = Simulator()
    with simulated_surroundings(simulator.clock):
        for seed in seeds:
            run = simulator.run(draw(seed))
            if run.violations:
                yield run


def stay_on_one_processor(place: int) -> None:
    """Keep the threads of this process on one processor: they take turns, and switching processors is slower."""
    if hasattr(os, "sched_setaffinity"):
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processors[place % len(processors)]})


def _stay_on_one_processor(places: "multiprocessing.SimpleQueue[int]") -> None:
    stay_on_one_processor(places.get())


def _run_share(share: tuple[int, int]) -> tuple[int, list[Run]]:
    return share[1] - share[0], list(violations_among(range(*share)))
