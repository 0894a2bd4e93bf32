"""A message that cannot be processed goes to the dead-letter queue alone. The files in its batch load normally."""

import json
from collections.abc import Iterator

import pytest

from cafe.deployed.environment import STAGES
from cafe.warehouse.ledger import LedgerEntry
from e2e.branch_files import large_file, small_file
from e2e.command_line import cafe
from e2e.conftest import PARAMETERS
from e2e.pipeline import Pipeline, wait_until
from shared.contracts import file_id_of

pytestmark = pytest.mark.e2e

# No stage can read these. To extract, the second is a notification without an object; to the others, it has an unknown
# version.
POISON = {
    "no json": "this is not JSON",
    "unreadable": json.dumps({"Records": [{}], "version": 99, "file": {}, "part": 1}),
}
# With the poison, as many as the smallest batch holds.
FILES_BESIDE = 3
TRIES = int(PARAMETERS["MaxReceiveCount"])
# The event that each stage logs for a message that it has processed.
SUCCESS_EVENT = {"extract": "file.extracted", "transform": "part.transformed", "load": "file.completed"}


@pytest.fixture
def empty_dead_letter_queues(pipeline: Pipeline) -> Iterator[None]:
    """No dead letters before and after: for other tests, one means that something was lost."""
    assert not pipeline.backlog()
    yield
    for stage in STAGES:
        pipeline.take_dead_letters(stage)


@pytest.mark.usefixtures("empty_dead_letter_queues")
def test_poison_goes_to_its_dead_letter_queue_while_its_batch_mates_load(pipeline: Pipeline) -> None:
    warm_up(pipeline)

    poison, mates = {}, {}
    for stage in STAGES:
        poison[stage], mates[stage] = drop_beside_poison(pipeline, stage)
    pipeline.retry_until(
        lambda: all(pipeline.messages(f"{stage}/deadletters") == len(POISON) for stage in STAGES), "all dead letters"
    )

    for stage in STAGES:
        assert [outcome.rows_loaded for outcome in mates[stage]] == [2] * FILES_BESIDE
        assert sorted(pipeline.take_dead_letters(stage)) == sorted(POISON.values())
        failures = {message_id: requests_that_failed_on(pipeline, stage, message_id) for message_id in poison[stage]}
        assert {message_id: len(requests) for message_id, requests in failures.items()} == dict.fromkeys(
            poison[stage], TRIES
        )
        for outcome in mates[stage]:
            # Exactly one event: if the whole batch had failed, its good messages would have been delivered again.
            (event,) = pipeline.events(stage, SUCCESS_EVENT[stage], outcome.file_id)
            assert all(event["function_request_id"] in requests for requests in failures.values()), "not in one batch"
    assert pipeline.backlog() == {}


def warm_up(pipeline: Pipeline) -> None:
    """Start every function. A function that starts cold may take so long that its messages are delivered twice."""
    pipeline.drop({"poison/warm-up.csv": small_file("Warm Up").body})
    pipeline.wait_until_idle()


def drop_beside_poison(pipeline: Pipeline, stage: str) -> tuple[list[str], list[LedgerEntry]]:
    """Put poison and files into one batch of a stage.

    Return the ids of the poison messages, and the files' outcomes once they are loaded.
    """
    with pipeline.paused(stage):
        message_ids = [pipeline.send(stage, body) for body in POISON.values()]
        bodies = [small_file(f"Beside {stage}", orders=2, first=2 * number).body for number in range(FILES_BESIDE)]
        versions = [pipeline.put(f"poison/{stage}-{number}.csv", body) for number, body in enumerate(bodies)]
        pipeline.wait_for_messages(stage, FILES_BESIDE + len(POISON))
    return message_ids, list(pipeline.outcomes_of(versions).values())


@pytest.mark.usefixtures("empty_dead_letter_queues")
def test_F36_F37_a_file_that_load_cannot_copy_fails_alone_and_loads_once_it_is_repaired_and_redriven(
    pipeline: Pipeline,
) -> None:
    warm_up(pipeline)
    with pipeline.paused("load"):
        files = [small_file(f"Halved {number}") for number in range(FILES_BESIDE)]
        files[2] = large_file("Halved 2")
        versions = [pipeline.put(f"halved/{number}.csv", file.body) for number, file in enumerate(files)]
        pipeline.wait_for_messages("load", FILES_BESIDE)
        spoiled = versions[2]
        file_id = file_id_of(pipeline.fact("drop/bucket/name"), spoiled.key, spoiled.version_id)
        (orders,) = [key for key in pipeline.staged_keys() if file_id in key and key.endswith("/orders.csv.gz")]
        rows = pipeline.staged_body(orders)
        pipeline.client("s3").delete_object(Bucket=pipeline.fact("staging/bucket/name"), Key=orders)

    mates = pipeline.outcomes_of([version for version in versions if version is not spoiled])

    assert [outcome.rows_loaded for outcome in mates.values()] == [3] * (FILES_BESIDE - 1)
    pipeline.retry_until(lambda: pipeline.messages("load/deadletters") == 1, "the dead letter")
    shown = cafe("redrive", "load", "--dry-run")
    assert shown.exit_code == 1
    assert file_id in shown.answer["dead_letters"][0]["about"]
    (failed,) = pipeline.recorded([spoiled]).values()
    assert (failed.outcome, failed.reason, failed.rows_loaded) == ("failed", "not_copied", 0)

    pipeline.client("s3").put_object(Bucket=pipeline.fact("staging/bucket/name"), Key=orders, Body=rows)
    assert cafe("redrive").answer == {"moved": {"extract": 0, "transform": 0, "load": 1}}
    wait_until(lambda: pipeline.recorded([spoiled])[spoiled].outcome == "loaded", "the file that was repaired")
    pipeline.wait_until_idle()
    assert pipeline.faults() == {}


def requests_that_failed_on(pipeline: Pipeline, stage: str, message_id: str) -> list[str]:
    """Return the invocations in which a message failed, from a stage's log."""
    failures = pipeline.events(stage, "message.failed", message_id)
    return [failure["function_request_id"] for failure in failures]
