"""The simulator finds mistakes: each mistake, made on purpose here, violates one of the first 200 schedules."""

import contextlib
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

import load.delivery
import load.mutex
import load.plan
import load.stage
import shared.batch
import transform.third_normal_form
from load.holding import Hold
from load.plan import Batch
from load.statements import statement
from load.warehouse import Session
from shared.aws_errors import ServiceUnavailable
from shared.outbox import SqsOutbox
from simulation.nights import NIGHT
from simulation.runs import Run, Simulator
from simulation.schedule import ERROR_BEFORE, Incident, Schedule, draw
from simulation.shrink import shrunk, size_of

MOST_SCHEDULES = 200


def violated(simulator: Simulator) -> Iterator[Run]:
    return (run for seed in range(MOST_SCHEDULES) if (run := simulator.run(draw(seed))).violations)


def test_a_missing_lock_is_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load.stage, "take_mutex", lambda *_: None)

    assert next(violated(simulator), None)


def test_a_lock_taken_after_the_first_read_is_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_first(session: Session) -> None:
        session.execute(statement("schema/applied_migrations"))
        load.mutex.take_mutex(session)

    monkeypatch.setattr(load.stage, "take_mutex", read_first)

    assert next(violated(simulator), None)


def test_an_acknowledgement_before_the_work_is_done_is_noticed(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    process: Any = shared.batch.process_messages

    def acknowledge_all(*arguments: Any, **keywords: Any) -> dict[str, Any]:
        process(*arguments, **keywords)
        return {"batchItemFailures": []}

    monkeypatch.setattr(shared.batch, "process_messages", acknowledge_all)

    assert next(violated(simulator), None)


def test_an_acknowledgement_of_messages_that_were_not_handed_on_is_noticed(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_on = SqsOutbox.hand_on

    def hope(outbox: SqsOutbox) -> None:
        with contextlib.suppress(ServiceUnavailable):
            hand_on(outbox)

    monkeypatch.setattr(SqsOutbox, "hand_on", hope)

    # A random schedule seldom has an error at just this call.
    calls = range(simulator.run(Schedule(1, NIGHT)).calls["transform"])
    runs = (simulator.run(Schedule(1, NIGHT, (Incident(ERROR_BEFORE, "transform", call),))) for call in calls)
    assert any(run.violations for run in runs)


def test_a_held_file_whose_rows_are_not_kept_is_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load.stage, "rows_to_keep", lambda _file: {})

    assert next(violated(simulator), None)


def test_a_failed_load_that_is_acknowledged_is_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    load_in_halves: Any = vars(load.delivery)["load_in_halves"]

    def forget_failures(*arguments: Any) -> list[Any]:
        load_in_halves(*arguments)
        return []

    monkeypatch.setattr(load.delivery, "load_in_halves", forget_failures)

    assert next(violated(simulator), None)


def test_a_ledger_in_a_separate_transaction_is_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    run_statements = load.stage._run

    def commit_first(session: Session, *names: str) -> None:
        if "load/insert_files" in names:
            session.commit()
        run_statements(session, *names)

    monkeypatch.setattr(load.stage, "_run", commit_first)

    assert next(violated(simulator), None)


def test_new_ids_at_each_attempt_are_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = count()
    monkeypatch.setattr(transform.third_normal_form, "order_id", lambda _: f"{next(attempts):032}".encode())

    assert next(violated(simulator), None)


def test_a_correction_that_removes_too_much_is_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load.stage, "hold_on", lambda *_: None)

    assert next(violated(simulator), None)


def test_corrections_that_are_all_held_are_noticed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load.stage, "hold_on", lambda *_: Hold("removes_much", ""))

    assert next(violated(simulator), None)


def test_versions_of_one_batch_loaded_together_are_noticed(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load.delivery, "one_version_at_a_time", lambda items, _: [items] if items else [])

    assert next(violated(simulator), None)


def test_an_approval_of_a_file_that_is_not_held_is_noticed(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan_any(known: list[tuple[Any, ...]]) -> Batch:
        return load.plan.plan_approval([(*row[:6], "held" if row[0] == "file" else row[6]) for row in known])

    monkeypatch.setattr(load.stage, "plan_approval", plan_any)

    assert next(violated(simulator), None)


def test_a_held_file_that_stays_after_a_newer_version_is_noticed(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_statements = load.stage._run

    def settle_nothing(session: Session, *names: str) -> None:
        run_statements(session, *(name for name in names if name != "load/settle_held_files"))

    monkeypatch.setattr(load.stage, "_run", settle_nothing)

    assert next(violated(simulator), None)


def test_a_violated_schedule_is_shrunk(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load.stage, "take_mutex", lambda *_: None)
    found = next(violated(simulator))

    short = shrunk(found.schedule, lambda schedule: bool(simulator.run(schedule).violations))

    assert size_of(short) < size_of(found.schedule)
    assert simulator.run(short).violations
