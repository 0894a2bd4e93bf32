"""Run schedules, and tell what each came to."""

from dataclasses import dataclass, field

from simulation.clock import Clock, NeverEnds
from simulation.oracle import violations_of
from simulation.schedule import Incident, Schedule
from simulation.tables import PERMANENT
from simulation.world import Engines, ModelEngines, World

type Sales = tuple[tuple[str, tuple[str, ...]], ...]


def sales_of(engines: Engines) -> Sales:
    """Give the rows of every sales table as text, sorted, to be compared."""
    return tuple(
        (table, tuple(sorted(str(sorted(row.items())) for row in engines.rows(table))))
        for table in PERMANENT
        if table.startswith("core.")
    )


@dataclass(frozen=True, slots=True)
class Run:
    """What a schedule came to: its violations, how many calls each stage made, what of its
    incidents came about, and the sales that are in the end.
    """

    schedule: Schedule
    violations: tuple[str, ...]
    calls: dict[str, int]
    happened: frozenset[Incident]
    sales: Sales = field(default=(), repr=False)


class Simulator:
    """Runs one schedule after the other on the model; use it within `simulated_surroundings(simulator.clock)`."""

    def __init__(self) -> None:
        self.clock = Clock()

    def run(self, schedule: Schedule) -> Run:
        """Run a schedule to its end and judge it."""
        engines = ModelEngines()
        world = World(schedule, self.clock, engines)
        try:
            world.run()
        except NeverEnds as error:
            return Run(schedule, (str(error),), dict(world.calls), frozenset(world.happened))
        violations = engines.state.violations or violations_of(world)
        return Run(schedule, tuple(violations), dict(world.calls), frozenset(world.happened), sales_of(engines))
