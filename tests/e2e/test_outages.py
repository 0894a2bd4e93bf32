"""The deployed stack with too little time, too little memory, no database, or too many files at once."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cafe.deployed.environment import STAGES
from cafe.local import state
from cafe.local.postgres import PostgresServer
from e2e.branch_files import PENCE_AN_ORDER, SmallFile, small_file
from e2e.pipeline import IN_FLIGHT, POLL_SECONDS, Pipeline, wait_until
from ordeal.workers import Worker, workers_of

pytestmark = pytest.mark.e2e

ORDERS_A_DAY, DAYS = 800, 20
SHORT_TIMEOUT_SECONDS = 3
# Less than any warm worker already uses, so that it cannot allocate any more.
NO_MEMORY_BYTES = 1 << 20
# The template's MaximumConcurrency.
MAX_CONCURRENCY = 2


@pytest.fixture(autouse=True)
def nothing_on_the_way(pipeline: Pipeline) -> Iterator[None]:
    """Queues are empty before and after. Workers are warm, because a cold start is slower than what is tested here."""
    pipeline.wait_until_idle()
    pipeline.drop({"outage/warm-up.csv": small_file("Warm Up").body})
    pipeline.wait_until_idle()
    yield
    pipeline.wait_until_idle()


def big_file(branch: str) -> SmallFile:
    """Print a file that keeps every stage busy for a while."""
    day = small_file(branch, orders=ORDERS_A_DAY).body
    days = (day.replace(b"25/08/2021", b"%02d/07/2021" % number) for number in range(1, DAYS + 1))
    return SmallFile(b"".join(days), DAYS * ORDERS_A_DAY)


def workers(pipeline: Pipeline, stage: str) -> list[Worker]:
    return [worker for worker in workers_of(pipeline.stack.endpoint_url) if worker.stage == stage]


@contextmanager
def timeout_of(pipeline: Pipeline, stage: str, seconds: int) -> Iterator[None]:
    """Set a function's timeout until the context ends."""
    aws_lambda, name = pipeline.client("lambda"), pipeline.fact(f"{stage}/function/name")
    before = aws_lambda.get_function_configuration(FunctionName=name)["Timeout"]
    aws_lambda.update_function_configuration(FunctionName=name, Timeout=seconds)
    try:
        yield
    finally:
        aws_lambda.update_function_configuration(FunctionName=name, Timeout=before)


@pytest.mark.parametrize("stage", STAGES)
def test_F29_a_batch_that_reaches_the_timeout_is_delivered_again_and_counts_once(
    pipeline: Pipeline, stage: str
) -> None:
    before, file = pipeline.totals(), big_file(f"Frozen {stage.title()}")
    with timeout_of(pipeline, stage, SHORT_TIMEOUT_SECONDS):
        with pipeline.paused(stage):
            version = pipeline.put(f"outage/frozen-{stage}.csv", file.body)
            pipeline.wait_for_messages(stage, 1)
        # Only a worker with a batch is killed at the timeout. So if it dies, it was frozen in the middle of a batch.
        frozen = freeze_at_work(pipeline, stage)
        wait_until(lambda: not any(worker.is_alive for worker in frozen), "the timeout")

    (outcome,) = pipeline.versions_of([version]).values()
    pipeline.wait_until_idle()

    assert outcome.rows_loaded == file.orders
    assert pipeline.totals().orders - before.orders == file.orders
    assert pipeline.totals().pence - before.pence == file.orders * PENCE_AN_ORDER


def freeze_at_work(pipeline: Pipeline, stage: str) -> list[Worker]:
    """Freeze a stage's workers as soon as one has a message."""
    wait_until(lambda: pipeline.messages(f"{stage}/queue", [IN_FLIGHT]), f"{stage} at work")
    found = wait_until(lambda: workers(pipeline, stage), f"a worker of {stage}")
    for worker in found:
        worker.freeze()
    return found


def test_F30_a_function_that_gets_no_memory_acknowledges_nothing(pipeline: Pipeline) -> None:
    """Tests transform, which holds a part's rows in memory. Extract reads a file as a stream and needs little."""
    # A new worker, which keeps no memory from the files of other tests.
    for worker in workers(pipeline, "transform"):
        worker.kill()
    pipeline.drop({"outage/before-starved.csv": small_file("Before Starved").body})
    before, file = pipeline.totals(), big_file("Starved")
    with pipeline.paused("transform"):
        version = pipeline.put("outage/starved.csv", file.body)
        pipeline.wait_for_messages("transform", 1)
        failures = len(pipeline.events("transform", "message.failed"))
        starved = workers(pipeline, "transform")
        assert starved
        for worker in starved:
            worker.limit_memory(NO_MEMORY_BYTES)

    def has_failed() -> bool:
        is_logged = len(pipeline.events("transform", "message.failed")) > failures
        return is_logged or not all(worker.is_alive for worker in starved)

    wait_until(has_failed, "a failure from lack of memory")
    assert pipeline.recorded([version]) == {}
    for worker in starved:
        worker.limit_memory(resource.RLIM_INFINITY)

    (outcome,) = pipeline.versions_of([version]).values()
    pipeline.wait_until_idle()

    assert outcome.rows_loaded == file.orders
    assert pipeline.totals().orders - before.orders == file.orders


def test_F45_files_that_arrive_while_the_database_is_down_load_when_it_is_back(pipeline: Pipeline) -> None:
    before = pipeline.totals()
    database = PostgresServer(pipeline.layout.postgres, pipeline.layout.log("postgres"))
    port = int((database.data_directory / "postmaster.pid").read_text("utf-8").splitlines()[3])
    refused = len(pipeline.events("load", "message.failed"))

    pipeline.disconnect()
    database.stop()
    try:
        versions = [pipeline.put(f"outage/away-{n}.csv", small_file(f"Away {n}").body) for n in range(6)]
        wait_until(lambda: len(pipeline.events("load", "message.failed")) > refused, "a load that failed")
    finally:
        database.start(port)
        note_process_of(database, pipeline)
    pipeline.connect()

    assert [outcome.rows_loaded for outcome in pipeline.outcomes_of(versions).values()] == [3] * len(versions)
    pipeline.wait_until_idle()
    assert pipeline.totals().orders - before.orders == 3 * len(versions)
    assert pipeline.totals().pence - before.pence == 3 * len(versions) * PENCE_AN_ORDER


def note_process_of(database: PostgresServer, pipeline: Pipeline) -> None:
    """Record the new process in the stack's state. Otherwise commands think that the stack is down."""
    assert database.pid is not None
    processes = {**pipeline.stack.processes, "postgres": database.pid}
    state.write(replace(pipeline.stack, processes=processes), pipeline.layout)


def checks(pipeline: Pipeline) -> set[str]:
    """The invocations in which load checked the warehouse."""
    ran = (event for name in ("check.ran", "check.failed") for event in pipeline.events("load", name))
    return {event["function_request_id"] for event in ran}


def test_F59_many_files_at_once_are_loaded_by_at_most_two_workers(pipeline: Pipeline) -> None:
    before = checks(pipeline)
    with pipeline.paused("load"):
        versions = [pipeline.put(f"outage/many-{n}.csv", small_file(f"Many {n}").body) for n in range(40)]
        pipeline.wait_for_messages("load", len(versions))
        # Workers from direct invocations by other tests do not count. A killed process takes a while to end.
        for worker in (earlier := workers(pipeline, "load")):
            worker.kill()
        wait_until(lambda: not any(worker.is_alive for worker in earlier), "the earlier workers have ended")
    most = 0
    while pipeline.messages("load/queue"):
        most = max(most, len(workers(pipeline, "load")))
        time.sleep(POLL_SECONDS)

    assert {outcome.rows_loaded for outcome in pipeline.outcomes_of(versions).values()} == {3}
    # A check that failed while the database was away may be tried again meanwhile, by a worker of its own.
    # It says so in the log when it ends.
    wait_until(lambda: 1 <= most <= MAX_CONCURRENCY + len(checks(pipeline) - before), "checks that explain workers")
