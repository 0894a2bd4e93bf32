"""Recovery on the deployed stack: lost events, killed workers, files retracted and extracted again."""

from collections.abc import Iterator

import pytest

from e2e.branch_files import small_file
from e2e.command_line import cafe
from e2e.pipeline import Pipeline, wait_until
from ordeal.workers import workers_of

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def nothing_on_the_way(pipeline: Pipeline) -> Iterator[None]:
    """Queues are empty before and after, and checks find nothing new. Other tests drop files that disagree."""
    pipeline.wait_until_idle()
    before = pipeline.faults()
    yield
    pipeline.wait_until_idle()
    assert pipeline.faults() == before
    assert before.keys() <= {"live_files_agree"}


def test_F02_F69_files_whose_events_were_lost_are_found_in_the_bucket_and_loaded(pipeline: Pipeline) -> None:
    with pipeline.paused("extract"):
        lost = [pipeline.put(f"lost/{number}.csv", small_file(f"Lost {number}").body) for number in range(3)]
        pipeline.wait_for_messages("extract", len(lost))
        pipeline.client("sqs").purge_queue(QueueUrl=pipeline.fact("extract/queue/url"))
    pipeline.wait_until_idle()
    assert pipeline.recorded(lost) == {}

    missing = cafe("reconcile", "--older-than", "0s", "--dry-run")
    sent = cafe("reconcile", "--older-than", "0s")

    assert missing.exit_code == 1
    assert {file["key"] for file in missing.answer["missing"]} >= {version.key for version in lost}
    assert sent.exit_code == 0
    assert [outcome.rows_loaded for outcome in pipeline.outcomes_of(lost).values()] == [3, 3, 3]
    pipeline.wait_until_idle()
    assert cafe("reconcile", "--older-than", "0s", "--dry-run").answer["missing"] == []


def test_F29_workers_that_are_killed_at_work_lose_nothing_and_duplicate_nothing(pipeline: Pipeline) -> None:
    before = pipeline.totals()
    files = {f"killed/{number}.csv": small_file(f"Killed {number}", orders=9) for number in range(12)}

    versions = [pipeline.put(key, file.body) for key, file in files.items()]
    killed = 0
    for stage in ("extract", "transform", "load"):
        wait_until(lambda stage=stage: any(w.stage == stage for w in workers_of(pipeline.stack.endpoint_url)), stage)  # type: ignore[misc]
        killed += sum(worker.kill() for worker in workers_of(pipeline.stack.endpoint_url) if worker.stage == stage)

    assert killed >= 3
    assert [outcome.rows_loaded for outcome in pipeline.outcomes_of(versions).values()] == [9] * len(files)
    after = pipeline.totals()
    assert after.orders - before.orders == 9 * len(files)
    assert after.pence - before.pence == sum(file.pence for file in files.values())


def test_a_file_is_retracted_and_comes_back_when_it_is_extracted_again(pipeline: Pipeline) -> None:
    before = pipeline.totals()
    key = "retracted/leeds.csv"
    (outcome,) = pipeline.drop({key: small_file("Retracted").body}).values()
    assert outcome.rows_loaded == 3

    retracted = cafe("retract", key, "--yes")
    assert (retracted.exit_code, retracted.answer["retracted"][0]["orders"]) == (0, 3)
    assert pipeline.totals().orders == before.orders
    assert cafe("retract", key, "--yes").exit_code == 1

    assert cafe("replay", key).exit_code == 0
    pipeline.wait_until_idle()
    assert pipeline.totals().orders == before.orders, "a plain replay does not bring back a retracted file"

    assert cafe("replay", key, "--again").exit_code == 0
    wait_until(lambda: pipeline.totals().orders == before.orders + 3, "the re-extract")
