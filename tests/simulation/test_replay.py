"""The model of the warehouse and load's real SQL produce the same tables."""

from importlib.resources import files

from fixtures.warehouse import Warehouse
from simulation.model import known_files
from simulation.nights import NIGHT, NIGHT_INCIDENTS
from simulation.replay import RealEngines, differences, replayable
from simulation.runs import Simulator
from simulation.schedule import Schedule
from simulation.sessions import MUTEX_STATEMENTS

# A sample of `make simulate-replay`.
SCHEDULES = 4
MATCHED_BY_PATTERN = "load/stage_tables"


def test_schedules_end_the_same_with_the_real_sql(simulator: Simulator, migrated_warehouse: Warehouse) -> None:
    real = RealEngines(migrated_warehouse)

    for seed in range(1, SCHEDULES + 1):
        assert differences(replayable(seed), simulator.clock, real) == [], replayable(seed).to_json()


def test_nights_end_the_same_with_the_real_sql(simulator: Simulator, migrated_warehouse: Warehouse) -> None:
    real = RealEngines(migrated_warehouse)

    for name, incidents in NIGHT_INCIDENTS.items():
        schedule = Schedule(1, NIGHT, tuple(incidents), 0.05)
        assert differences(schedule, simulator.clock, real) == [], name


def test_the_model_performs_every_statement_of_the_load() -> None:
    folder = files("load").joinpath("sql", "load")

    names = {f"load/{path.name.removesuffix('.sql')}" for path in folder.iterdir()}

    performed = {name for name in known_files() if name.startswith("load/")}
    assert names == performed | set(MUTEX_STATEMENTS) | {MATCHED_BY_PATTERN}
