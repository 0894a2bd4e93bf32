"""Queues that the previous release has filled: this one takes their messages, and nothing is lost or counted twice.

The messages and objects of the previous release are made of this one's. What differs is read from the golden files of
both contract versions, so these tests follow the contract when it changes.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cafe.warehouse.ledger import FileVersion
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, wait_until
from shared.carried_rows import member_of
from shared.contracts import CONTRACT_VERSION
from shared.object_keys import transformed_key

pytestmark = pytest.mark.e2e

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
# The messages before each stage.
MESSAGES = {"transform": "extracted_part", "load": "transformed_part"}


def golden(stage: str, suffix: str = "") -> dict[str, Any]:
    """Read the golden message that a stage gets."""
    message: dict[str, Any] = json.loads((GOLDEN / f"{MESSAGES[stage]}{suffix}.json").read_text(encoding="utf-8"))
    return message


def written_before(value: Any, now: Any, before: Any) -> Any:
    """Write a message as the previous release would: with its fields, and its values where the golden ones differ.

    A plan's name may have an end of its own, which it keeps.
    """
    if isinstance(before, dict):
        return {name: written_before(value[name], now[name], before[name]) for name in before}
    if now == before:
        return value
    return value.replace(now, before, 1) if isinstance(before, str) else before


def copy_objects(pipeline: Pipeline, body: dict[str, Any], previous: dict[str, Any]) -> list[str]:
    """Copy a file's staged objects to where the previous release keeps them; return the keys of this release.

    The previous release has objects for what a message carries, too.
    """
    file_id = body["file"]["source"]["file_id"]
    plan, previous_plan = (message["file"]["plan_id"] for message in (body, previous))
    bucket = pipeline.fact("staging/bucket/name")
    for table, text in body.get("tables", {}).items():
        key = transformed_key(plan, file_id, body["part"], table)
        pipeline.client("s3").put_object(Bucket=bucket, Key=key, Body=member_of(text))
    keys = [key for key in pipeline.staged_keys() if f"/{plan}/{file_id}/" in key]
    assert keys, "the file has no staged objects"
    for key in keys:
        content = pipeline.staged_body(key)
        pipeline.client("s3").put_object(Bucket=bucket, Key=key.replace(plan, previous_plan), Body=content)
    return keys


def take_messages(pipeline: Pipeline, stage: str, count: int) -> list[dict[str, Any]]:
    """Take as many messages out of a stage's queue."""
    taken: list[str] = []

    def are_taken() -> bool:
        taken.extend(pipeline.take(f"{stage}/queue"))
        return len(taken) >= count

    wait_until(are_taken, f"{count} messages before {stage}")
    return [json.loads(body) for body in taken]


def put_with_a_bad_row(pipeline: Pipeline, name: str) -> FileVersion:
    """Put a file of three good rows and one that extract refuses."""
    first, *rest = small_file(name, orders=4).body.splitlines(keepends=True)
    return pipeline.put(f"{name}.csv", b"".join([first.replace(b"CARD", b"CHEQUE"), *rest]))


@pytest.mark.parametrize("stage", MESSAGES)
def test_a_stage_takes_what_the_previous_release_put_into_its_queue(pipeline: Pipeline, stage: str) -> None:
    now, before = golden(stage), golden(stage, f"_v{CONTRACT_VERSION - 1}")
    with pipeline.paused(stage):
        versions = [put_with_a_bad_row(pipeline, f"Previous {stage} {number}") for number in range(3)]
        for body in take_messages(pipeline, stage, len(versions)):
            previous = written_before(body, now, before)
            assert previous.keys() == before.keys()
            for key in copy_objects(pipeline, body, previous):
                pipeline.client("s3").delete_object(Bucket=pipeline.fact("staging/bucket/name"), Key=key)
            pipeline.send(stage, json.dumps(previous))

    outcomes = pipeline.versions_of(versions)

    assert [(entry.outcome, entry.rows_loaded, entry.rows_rejected) for entry in outcomes.values()] == [
        ("loaded", 3, 1)
    ] * len(versions)
    pipeline.wait_until_idle()
    assert pipeline.faults() == {}


@pytest.mark.parametrize("stage", MESSAGES)
def test_a_file_that_both_releases_sent_is_counted_once(pipeline: Pipeline, stage: str) -> None:
    """The previous release sent its message and was replaced before it acknowledged the file."""
    now, before = golden(stage), golden(stage, f"_v{CONTRACT_VERSION - 1}")
    with pipeline.paused(stage):
        version = put_with_a_bad_row(pipeline, f"Both {stage}")
        (body,) = take_messages(pipeline, stage, 1)
        previous = written_before(body, now, before)
        copy_objects(pipeline, body, previous)
        for message in (previous, body):
            pipeline.send(stage, json.dumps(message))

    (outcome,) = pipeline.versions_of([version]).values()

    assert (outcome.outcome, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 3, 1)
    pipeline.wait_until_idle()
    (row,) = pipeline.warehouse.query(
        "select count(*) as orders from core.orders as o inner join core.branches as b on b.branch_id = o.branch_id"
        " where b.branch_name = :cafe",
        {"cafe": f"Both {stage}"},
    ).as_dicts()
    assert row["orders"] == 3
    assert pipeline.faults() == {}
