"""Run schedules, and return the result of each."""

from dataclasses import dataclass, field

from simulation.clock import Clock, NeverEnds
from simulation.oracle import stated_orders, violations_of
from simulation.schedule import Incident, Schedule
from simulation.tables import PERMANENT
from simulation.world import Engines, ModelEngines, World

type Sales = tuple[tuple[str, tuple[str, ...]], ...]


def sales_of(engines: Engines) -> Sales:
    """Return the rows of every sales table as sorted text, for comparison."""
    return tuple(
        (table, tuple(sorted(str(sorted(row.items())) for row in engines.rows(table))))
        for table in PERMANENT
        if table.startswith("core.")
    )


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a schedule: its violations, how many calls each stage made, which of its
    incidents happened, and the final sales.
    """

    schedule: Schedule
    violations: tuple[str, ...]
    calls: dict[str, int]
    happened: frozenset[Incident]
    sales: Sales = field(default=(), repr=False)


class Simulator:
    """Runs schedules on the model, one at a time. Use it within `simulated_surroundings(simulator.clock)`."""

    def __init__(self) -> None:
        self.clock = Clock()

    def run(self, schedule: Schedule) -> Run:
        """Run a schedule until it is complete, and check the result."""
        engines = ModelEngines()
        world = World(schedule, self.clock, engines)
        engines.state.approved = world.approved
        engines.state.stated = lambda file_id: stated_orders(world, file_id)
        try:
            world.run()
        except NeverEnds as error:
            return Run(schedule, (str(error),), dict(world.calls), frozenset(world.happened))
        violations = engines.state.violations or violations_of(world)
        return Run(schedule, tuple(violations), dict(world.calls), frozenset(world.happened), sales_of(engines))
