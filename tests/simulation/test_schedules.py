"""The warehouse has the right tables in the end, whatever goes wrong with messages, calls and services on the way."""

from dataclasses import replace

import pytest

from simulation.nights import NIGHT, NIGHT_INCIDENTS
from simulation.runs import Simulator
from simulation.schedule import (
    CRASH_AFTER,
    CRASH_BEFORE,
    ERROR_AFTER,
    ERROR_BEFORE,
    Incident,
    Schedule,
    draw,
)

# A sample of `make simulate`: twice as many as test_sabotage.py needs to notice each of its mistakes.
SCHEDULES = 400
SCHEDULES_PER_TEST = 100


@pytest.mark.parametrize("first_seed", range(1, SCHEDULES + 1, SCHEDULES_PER_TEST))
def test_no_random_schedule_is_violated(simulator: Simulator, first_seed: int) -> None:
    runs = (simulator.run(draw(seed)) for seed in range(first_seed, first_seed + SCHEDULES_PER_TEST))

    assert [(run.schedule.to_json(), run.violations) for run in runs if run.violations] == []


@pytest.mark.parametrize("name", NIGHT_INCIDENTS)
@pytest.mark.parametrize("pace", [0.0, 0.05, 2.0])
def test_F01_F02_F03_F33_F34_F40_F41_F45_F46_F47_F48_F55_F60_F67_F69_a_night_with_incidents_gives_the_right_tables(
    simulator: Simulator, name: str, pace: float
) -> None:
    run = simulator.run(Schedule(1, NIGHT, tuple(NIGHT_INCIDENTS[name]), pace))

    assert run.violations == ()
    assert run.happened == set(NIGHT_INCIDENTS[name])


# Every call is cut off by a crash, and every sixth one by each of the others. `make simulate` does all that at random.
@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        (CRASH_BEFORE, slice(0, None)),
        (CRASH_AFTER, slice(0, None, 6)),
        (ERROR_BEFORE, slice(2, None, 6)),
        (ERROR_AFTER, slice(4, None, 6)),
    ],
    ids=[CRASH_BEFORE, CRASH_AFTER, ERROR_BEFORE, ERROR_AFTER],
)
@pytest.mark.parametrize("stage", ["extract", "transform", "load"])
def test_F28_a_stage_cut_off_at_any_call_gives_the_same_sales(
    simulator: Simulator, stage: str, kind: str, calls: slice
) -> None:
    night = Schedule(1, NIGHT)
    undisturbed = simulator.run(night)
    assert undisturbed.violations == ()

    for number in range(undisturbed.calls[stage])[calls]:
        run = simulator.run(replace(night, incidents=(Incident(kind, stage, number),)))

        assert run.violations == (), run.schedule.to_json()
        assert run.happened, run.schedule.to_json()
        assert run.sales == undisturbed.sales, run.schedule.to_json()


def test_the_same_schedule_runs_the_same_way(simulator: Simulator) -> None:
    first = [simulator.run(draw(seed)) for seed in range(5000, 5020)]

    assert [simulator.run(Schedule.from_json(run.schedule.to_json())) for run in first] == first
