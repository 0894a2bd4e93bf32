"""Whatever is delivered twice, late, never, to two at once, cut off or refused: the warehouse ends as it must."""

from dataclasses import replace
from importlib.resources import files

import pytest

from simulation.model import known_files
from simulation.runs import Simulator
from simulation.schedule import (
    AGAIN,
    COMMIT,
    CRASH_AFTER,
    CRASH_BEFORE,
    DAY,
    DELAY,
    DUPLICATE,
    ERROR_AFTER,
    ERROR_BEFORE,
    FREEZE,
    HOUR,
    LOSE,
    OUTAGE,
    PURGE,
    RECONCILE,
    REDELIVER,
    RETRACT,
    SKEW,
    UNACKNOWLEDGED,
    Drop,
    Incident,
    Schedule,
    draw,
)
from simulation.sessions import ANSWERED_HERE

SCHEDULES_A_TEST = 250
NIGHT = (
    Drop(1, "leeds.csv", "#aabc?"),
    Drop(1, "york.csv", "bcdefgh%"),
    Drop(2, "notes.txt", "a"),
    Drop(3, "both.csv", ""),
    Drop(40, "leeds.csv", "abd"),
    Drop(40.5, "leeds.csv", "abf"),
)


@pytest.mark.parametrize("first_seed", range(1, 2001, SCHEDULES_A_TEST))
def test_no_schedule_drawn_by_chance_is_violated(simulator: Simulator, first_seed: int) -> None:
    runs = (simulator.run(draw(seed)) for seed in range(first_seed, first_seed + SCHEDULES_A_TEST))

    assert [(run.schedule.to_json(), run.violations) for run in runs if run.violations] == []


@pytest.mark.parametrize(
    "incidents",
    [
        pytest.param([Incident(DUPLICATE, "arrivals", n, 30 * n) for n in range(6)], id="F01 events come twice"),
        pytest.param([Incident(LOSE, "arrivals", 1)], id="F02 an event is lost"),
        pytest.param([Incident(DELAY, "arrivals", 0, DAY), Incident(DELAY, "arrivals", 4, HOUR)], id="F03 overtaking"),
        pytest.param([Incident(REDELIVER, "load", n, 1) for n in range(2)], id="F33 two workers get one message"),
        pytest.param([Incident(FREEZE, "load", n, 2000) for n in (40, 50, 60)], id="F33 a worker is late"),
        pytest.param([Incident(UNACKNOWLEDGED, "load", n) for n in range(2)], id="F34 nothing is acknowledged"),
        pytest.param([Incident(ERROR_AFTER, "transform", n) for n in range(0, 40, 5)], id="F40 F41 answers are lost"),
        pytest.param([Incident(OUTAGE, "warehouse", 1, HOUR)], id="F45 the warehouse is away for an hour"),
        pytest.param([Incident(OUTAGE, "warehouse", 1, 3 * DAY)], id="F45 the warehouse is away for three days"),
        pytest.param([Incident(ERROR_BEFORE, COMMIT, n) for n in range(2, 6)], id="F46 commits never arrive"),
        pytest.param([Incident(ERROR_AFTER, COMMIT, n) for n in range(2, 6)], id="F47 commits are not answered"),
        pytest.param([Incident(CRASH_BEFORE, COMMIT, 2, 2 * HOUR)], id="F48 a dead one's session holds the mutex"),
        pytest.param([Incident(RECONCILE, "", n) for n in (1, 2, 30, 60)], id="F60 reconciled all the time"),
        pytest.param([Incident(SKEW, stage, 1, -DAY) for stage in ("extract", "load")], id="F67 clocks are wrong"),
        pytest.param([Incident(PURGE, "transformed", 2), Incident(PURGE, "arrivals", 1)], id="F69 queues are purged"),
        pytest.param([Incident(RETRACT, "leeds.csv", n) for n in (2, 90)], id="a key is retracted"),
        pytest.param([Incident(AGAIN, "leeds.csv", 41), Incident(AGAIN, "york.csv", 90)], id="files are read anew"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pace", [0.0, 0.05, 2.0])
def test_F01_F02_F03_F33_F34_F40_F41_F45_F46_F47_F48_F60_F67_F69_a_night_ends_as_it_must(
    simulator: Simulator, incidents: list[Incident], pace: float
) -> None:
    run = simulator.run(Schedule(1, NIGHT, tuple(incidents), pace))

    assert run.violations == ()
    assert run.happened == set(incidents)


@pytest.mark.parametrize("kind", [CRASH_BEFORE, CRASH_AFTER, ERROR_BEFORE, ERROR_AFTER])
@pytest.mark.parametrize("stage", ["extract", "transform", "load"])
def test_F28_wherever_a_stage_is_cut_off_once_the_night_ends_the_same(
    simulator: Simulator, stage: str, kind: str
) -> None:
    night = Schedule(1, NIGHT)
    undisturbed = simulator.run(night)
    assert undisturbed.violations == ()

    for number in range(undisturbed.calls[stage]):
        run = simulator.run(replace(night, incidents=(Incident(kind, stage, number),)))

        assert run.violations == (), run.schedule.to_json()
        assert run.sales == undisturbed.sales, run.schedule.to_json()


def test_the_same_schedule_runs_the_same_way(simulator: Simulator) -> None:
    schedules = [draw(seed) for seed in range(5000, 5020)]

    first = [simulator.run(schedule) for schedule in schedules]

    assert [simulator.run(Schedule.from_json(run.schedule.to_json())) for run in first] == first


def test_the_model_performs_every_statement_of_the_load() -> None:
    folder = files("load").joinpath("sql", "load")

    names = {f"load/{path.name.removesuffix('.sql')}" for path in folder.iterdir()}

    assert names == known_files() | set(ANSWERED_HERE) | {"load/stage_tables"}
