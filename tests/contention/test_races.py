"""A sample of the schedules of `make races`, and proof that the harness notices mistakes."""

from random import Random

import pytest

from contention.ground import Ground, own_ground
from contention.races import Deliveries, Outcome, compare, run_schedule
from contention.workload import draw_workload
from load.connection import Connection
from load.loader import Loader
from load.stage import create_stage_tables
from load.statements import statement
from load.warehouse import RedshiftSession
from local_redshift.session import SERIALIZABLE

SAMPLE = range(1, 9)
# Without the lock, the first few of these are wrong.
MOST_WITHOUT_LOCK = 15


def test_F33_F34_F50_F51_loads_that_race_and_die_count_every_sale_once(ground: Ground) -> None:
    outcomes = [run_schedule(ground, seed) for seed in SAMPLE]

    assert [outcome for outcome in outcomes if not outcome.is_right] == []
    assert sum(outcome.crashes for outcome in outcomes) > 0
    assert sum(outcome.deliveries for outcome in outcomes) > 2 * len(SAMPLE)


def test_F49_loads_that_race_at_serializable_isolation_count_every_sale_once() -> None:
    with own_ground(SERIALIZABLE) as ground:
        outcomes = [run_schedule(ground, seed) for seed in SAMPLE]

    assert [outcome for outcome in outcomes if not outcome.is_right] == []


def test_without_the_lock_sales_are_counted_twice(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("load.mutex.statement", lambda name: "select 1" if name == "load/lock" else statement(name))

    outcomes = (run_schedule(ground, seed) for seed in range(1, MOST_WITHOUT_LOCK + 1))

    assert any(outcome.rows_too_many > 0 and outcome.faults for outcome in outcomes), "the checks see it too"


def load_all(ground: Ground, seed: int) -> Outcome:
    """Load a workload one batch after the other, delete ledger rows, load again, and return the outcome."""
    chance = Random(seed)
    workload = draw_workload(chance, ground.put)
    deliveries, outcome = Deliveries(workload, chance), Outcome(seed)
    loader = loader_on(ground)
    while (batch := deliveries.take()) is not None:
        loader.load_with_retries(batch, f"{seed}-{deliveries.taken}", 1.0)
    ground.admin.execute("delete from ops.files where is_live")
    ground.admin.commit()
    for parts in workload.messages:
        loader.load_with_retries(parts, f"{seed}-again", 1.0)
    compare(ground, workload, outcome)
    return outcome


def loader_on(ground: Ground) -> Loader:
    connection = Connection(lambda: RedshiftSession(ground.warehouse.connect()), create_stage_tables)
    return Loader(connection, ground.options)


@pytest.mark.parametrize("seed", range(1, 4))
def test_F61_after_ledger_rows_are_deleted_no_sale_is_loaded_twice(ground: Ground, seed: int) -> None:
    outcome = load_all(ground, seed)

    assert (outcome.rows_too_many, outcome.rows_too_few, outcome.files_missing) == (0, 0, 0)
