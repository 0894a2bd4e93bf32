"""What cannot be read goes to the dead-letter queue alone; the files that came with it load as if it had not come."""

import json

import pytest

from cafe.environment import STAGES
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, wait_until

pytestmark = pytest.mark.e2e

POISON = {"no json": "this is not JSON", "unknown version": json.dumps({"version": 99, "file": {}, "part": 1})}
FILES_BESIDE = 6


def test_poison_ends_in_its_own_dead_letter_queue_while_its_batch_mates_load(pipeline: Pipeline):
    files = {f"poison/{stage}-{number}.csv": (stage, number) for stage in STAGES for number in range(FILES_BESIDE)}
    sent: dict[str, dict[str, str]] = {}
    versions = []

    # Before each stage in turn, poison and good messages gather; then they are taken in one batch.
    for stage in STAGES:
        with pipeline.paused(stage):
            sent[stage] = {pipeline.send(stage, body): body for body in POISON.values()}
            versions += [
                pipeline.put(key, small_file(f"Beside Poison {stage}", orders=2, first=2 * number).body)
                for key, (before, number) in files.items()
                if before == stage
            ]
            pipeline.wait_for_messages(stage, FILES_BESIDE + len(POISON))
    outcomes = pipeline.outcomes_of(versions)
    wait_until(lambda: all(pipeline.messages(f"{stage}/deadletters") == 2 for stage in STAGES), "six dead letters")

    assert {key: outcome.rows_loaded for key, outcome in outcomes.items()} == dict.fromkeys(files, 2)
    for stage in STAGES:
        assert sorted(pipeline.take_dead_letters(stage)) == sorted(POISON.values())
        assert tries_of(pipeline, stage, sent[stage]) == dict.fromkeys(sent[stage], 3), "as often as MaxReceiveCount"
    for outcome in outcomes.values():
        for stage, event in (("extract", "file.extracted"), ("transform", "part.transformed")):
            # A batch that failed as a whole would have brought its good messages a second time.
            assert len(pipeline.events(stage, event, outcome.file_id)) == 1
        assert len(pipeline.events("load", "file.completed", outcome.file_id)) == 1
    assert pipeline.backlog() == {}


def tries_of(pipeline: Pipeline, stage: str, message_ids: dict[str, str]) -> dict[str, int]:
    """Count how often a stage says that it failed on each message."""
    failures = pipeline.events(stage, "message.failed")
    named = [message_id for failure in failures for message_id in failure.get("message_ids", [failure.get("message_id")])]
    return {message_id: named.count(message_id) for message_id in message_ids}
