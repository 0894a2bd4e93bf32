"""Messages come twice, late, never, to two workers, or are refused: the warehouse ends in the expected state."""

from dataclasses import replace

import pytest

from simulation.nights import MISFORTUNES, NIGHT
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

SCHEDULES_A_TEST = 250


@pytest.mark.parametrize("first_seed", range(1, 2001, SCHEDULES_A_TEST))
def test_no_random_schedule_is_violated(simulator: Simulator, first_seed: int) -> None:
    runs = (simulator.run(draw(seed)) for seed in range(first_seed, first_seed + SCHEDULES_A_TEST))

    assert [(run.schedule.to_json(), run.violations) for run in runs if run.violations] == []


@pytest.mark.parametrize("misfortune", MISFORTUNES)
@pytest.mark.parametrize("pace", [0.0, 0.05, 2.0])
def test_F01_F02_F03_F33_F34_F40_F41_F45_F46_F47_F48_F60_F67_F69_a_night_ends_in_the_expected_state(
    simulator: Simulator, misfortune: str, pace: float
) -> None:
    run = simulator.run(Schedule(1, NIGHT, tuple(MISFORTUNES[misfortune]), pace))

    assert run.violations == ()
    assert run.happened == set(MISFORTUNES[misfortune])


@pytest.mark.parametrize("kind", [CRASH_BEFORE, CRASH_AFTER, ERROR_BEFORE, ERROR_AFTER])
@pytest.mark.parametrize("stage", ["extract", "transform", "load"])
def test_F28_a_night_ends_the_same_wherever_a_stage_is_cut_off_once(
    simulator: Simulator, stage: str, kind: str
) -> None:
    night = Schedule(1, NIGHT)
    undisturbed = simulator.run(night)
    assert undisturbed.violations == ()

    for number in range(undisturbed.calls[stage]):
        run = simulator.run(replace(night, incidents=(Incident(kind, stage, number),)))

        assert run.violations == (), run.schedule.to_json()
        assert run.happened, run.schedule.to_json()
        assert run.sales == undisturbed.sales, run.schedule.to_json()


def test_the_same_schedule_runs_the_same_way(simulator: Simulator) -> None:
    first = [simulator.run(draw(seed)) for seed in range(5000, 5020)]

    assert [simulator.run(Schedule.from_json(run.schedule.to_json())) for run in first] == first
