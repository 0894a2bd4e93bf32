"""Run schedules, and tell what each came to."""

from dataclasses import dataclass

from simulation.clock import Clock, NeverEnds
from simulation.oracle import violations_of
from simulation.schedule import Schedule
from simulation.world import ModelEngines, World


@dataclass(frozen=True, slots=True)
class Run:
    """What a schedule came to: its violations, and how many calls each stage made."""

    schedule: Schedule
    violations: tuple[str, ...]
    calls: dict[str, int]


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
            return Run(schedule, (str(error),), dict(world.calls))
        violations = engines.state.violations or violations_of(world)
        return Run(schedule, tuple(violations), dict(world.calls))
