"""`cafe trace`: a file is found wherever it left a trace, and its outcome decides the exit code."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cafe.deployed.drop_bucket import list_versions
from cafe.sending.events import s3_notification
from cafe.warehouse.port import WarehouseError
from shared.contracts import file_id_of
from unit.cli.builders import DROP_BUCKET, NO_LEDGER, REGION, STAGES, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

KEY = "2026/11/24/leeds.csv"


@pytest.fixture(autouse=True)
def log_groups(deployed: dict[str, Any]) -> None:
    """Empty log groups."""
    for stage in STAGES:
        boto3.client("logs", REGION).create_log_group(logGroupName=deployed[f"{stage}/logs/group"])
        boto3.client("logs", REGION).create_log_stream(
            logGroupName=deployed[f"{stage}/logs/group"], logStreamName="one"
        )


def put(key: str = KEY) -> tuple[str, str]:
    """Put a version into the drop bucket. Returns its version id and its file id."""
    version = boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=key, Body=b"x")["VersionId"]
    return version, file_id_of(DROP_BUCKET, key, version)


def log(stage: str, message: str, file_id: str, key: str = KEY, **fields: Any) -> None:
    boto3.client("logs", REGION).put_log_events(
        logGroupName=f"/cafe/dev/{stage}",
        logStreamName="one",
        logEvents=[
            {
                "timestamp": int(datetime.now(UTC).timestamp() * 1000),
                "message": json.dumps({"level": "INFO", "message": message, "file_id": file_id, "key": key, **fields}),
            }
        ],
    )


def recorded(version_id: str, file_id: str, **overrides: Any) -> dict[str, Any]:
    row = {"file_id": file_id, "source_key": KEY, "version_id": version_id}
    return ledger_row(**(row | overrides))


def test_the_trace_of_a_loaded_file_has_every_step(warehouse: FakeWarehouse, run: Run) -> None:
    version, file_id = put()
    log("extract", "file.extracted", file_id, parts=1, rows=3, rejects=0, dialect="feed-b", duration_ms=5)
    log("transform", "part.transformed", file_id, part=1, parts=1, orders=3, items=6, pence=1235)
    log("load", "file.completed", file_id, outcome="loaded", rows_in=3, rows_loaded=3)
    warehouse.answers["ledger_of_file"] = answer(recorded(version, file_id))

    result = run("trace", "leeds.csv", "--env", "dev")

    assert result.exit_code == 0
    assert "loaded: 3 orders of £12.35" in result.stdout
    for what in ("arrived", "event", "extract", "transform", "load", "ledger"):
        assert what in result.stdout


@pytest.mark.parametrize("name", [KEY, "leeds.csv", "the file id"])
def test_a_file_without_an_event_is_in_the_bucket_and_in_no_log(warehouse: FakeWarehouse, run: Run, name: str) -> None:
    warehouse.answers["ledger_of_file"] = NO_LEDGER
    _, file_id = put()
    put("2026/11/24/york.csv")

    result = run("trace", file_id if name == "the file id" else name, "--env", "dev", "--json")

    assert result.exit_code == 1
    shown = json.loads(result.stdout)["data"]
    assert (shown["file_id"], shown["outcome"]) == (file_id, None)
    assert shown["where"] == "in the bucket, not in any log, and no message waits for extract"
    assert "cafe reconcile" in shown["remedy"]


def test_a_file_that_the_bucket_no_longer_has_is_found_in_the_ledger(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["ledger_of_file"] = answer(recorded("v1", "a" * 32))

    result = run("trace", KEY, "--env", "dev")

    assert result.exit_code == 0
    assert "no longer in the drop bucket" in result.stdout
    assert "109 bytes, version v1" in result.stdout


@pytest.mark.usefixtures("warehouse")
def test_a_dead_letter_is_found_and_not_moved(deployed: Any, run: Run) -> None:
    put()
    (stored,) = list_versions(boto3.client("s3", REGION), DROP_BUCKET)
    body = json.dumps(s3_notification(stored, region=REGION))
    url = deployed["extract/deadletters/url"]
    boto3.client("sqs", REGION).send_message(QueueUrl=url, MessageBody=body)

    result = run("trace", KEY, "--env", "dev")

    assert result.exit_code == 1
    assert "a dead letter of extract" in result.stdout
    assert "cafe redrive extract" in result.stdout
    left = boto3.client("sqs", REGION).get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert left["Attributes"] == {"ApproximateNumberOfMessages": "1"}


def test_a_re_extract_is_in_the_bucket_if_its_version_is(warehouse: FakeWarehouse, run: Run) -> None:
    version, file_id = put()
    re_extract = file_id_of(DROP_BUCKET, KEY, version, "20261125T030000Z")
    earlier = datetime(2026, 11, 24, 22, 0, 0)  # noqa: DTZ001  the warehouse's timestamps have no zone
    warehouse.answers["ledger_of_file"] = answer(
        recorded(version, re_extract, recorded_at=earlier + timedelta(hours=5)),
        recorded(version, file_id, recorded_at=earlier, replaced_by=re_extract),
    )

    shown = json.loads(run("trace", KEY, "--env", "dev", "--json").stdout)["data"]

    assert (shown["file_id"], shown["in_bucket"]) == (re_extract, True)
    assert [other["file_id"] for other in shown["other_versions"]] == [file_id]


def test_the_newest_version_is_shown_and_another_by_its_id(warehouse: FakeWarehouse, run: Run) -> None:
    first, first_id = put()
    second, second_id = put()
    old = datetime(2026, 11, 24, 20, 0, 0)  # noqa: DTZ001  the warehouse's timestamps have no zone
    warehouse.answers["ledger_of_file"] = answer(
        recorded(second, second_id, recorded_at=old + timedelta(minutes=9)),
        recorded(first, first_id, recorded_at=old, replaced_by=second_id),
    )

    newest = json.loads(run("trace", KEY, "--env", "dev", "--json").stdout)["data"]
    older = json.loads(run("trace", first_id, "--env", "dev", "--json").stdout)["data"]

    assert newest["file_id"] == second_id
    assert (older["file_id"], older["where"]) == (first_id, "replaced by another version")
    assert first_id in run("trace", KEY, "--env", "dev").stdout


@pytest.mark.usefixtures("warehouse")
def test_a_name_that_matches_several_files_is_an_error_with_their_keys(run: Run) -> None:
    put("2026/11/24/leeds.csv")
    put("2026/11/23/leeds.csv")

    result = run("trace", "leeds.csv", "--env", "dev")

    assert result.exit_code == 2
    assert "  2026/11/23/leeds.csv\n  2026/11/24/leeds.csv\n" in result.stderr


@pytest.mark.parametrize("key", [KEY, f"head-office/{KEY}"], ids=["the café's", "head office's"])
def test_a_whole_key_is_that_file_even_if_it_ends_head_offices_key(
    warehouse: FakeWarehouse, run: Run, key: str
) -> None:
    both = {sent: put(sent) for sent in (KEY, f"head-office/{KEY}")}
    rows = [recorded(version, file_id, source_key=sent) for sent, (version, file_id) in both.items()]
    warehouse.answers["ledger_of_file"] = answer(*[row for row in rows if row["source_key"].endswith(key)])

    shown = json.loads(run("trace", key, "--env", "dev", "--json").stdout)["data"]

    assert (shown["key"], shown["in_bucket"], shown["other_versions"]) == (key, True, [])


def test_a_key_without_head_offices_prefix_finds_the_file_that_has_it(warehouse: FakeWarehouse, run: Run) -> None:
    version, file_id = put(f"head-office/{KEY}")
    warehouse.answers["ledger_of_file"] = answer(recorded(version, file_id, source_key=f"head-office/{KEY}"))

    shown = json.loads(run("trace", KEY, "--env", "dev", "--json").stdout)["data"]

    assert (shown["key"], shown["in_bucket"]) == (f"head-office/{KEY}", True)


@pytest.mark.usefixtures("warehouse")
def test_a_file_without_a_trace_is_an_error(run: Run) -> None:
    result = run("trace", "nowhere.csv", "--env", "dev")

    assert result.exit_code == 2
    assert "There is no trace of nowhere.csv" in result.stderr


@pytest.mark.usefixtures("warehouse")
def test_a_part_of_a_key_lists_the_keys_that_contain_it(run: Run) -> None:
    put()

    result = run("trace", "LEEDS", "--env", "dev")

    assert result.exit_code == 2
    assert "No key ends with LEEDS. These in the drop bucket contain it:" in " ".join(result.stderr.split())
    assert KEY in result.stderr


@pytest.mark.usefixtures("warehouse")
def test_a_file_that_is_only_in_the_logs_is_found(run: Run) -> None:
    log("extract", "file.extracted", "b" * 32, parts=1)

    result = run("trace", "leeds.csv", "--env", "dev")

    assert result.exit_code == 1
    assert "not in the bucket, and it never completed" in result.stdout


def test_the_logs_are_shown_even_if_the_warehouse_does_not_answer(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["ledger_of_file"] = WarehouseError("no route to host")
    _, file_id = put()
    log("load", "file.completed", file_id, outcome="loaded", rows_in=3, rows_loaded=3)

    result = run("trace", KEY, "--env", "dev")

    assert result.exit_code == 0
    assert "loaded, by load's log" in result.stdout
    assert "The warehouse does not answer: no route to host" in result.stderr


def test_no_warehouse_makes_no_query(warehouse: FakeWarehouse, run: Run) -> None:
    put()

    run("trace", KEY, "--env", "dev", "--no-warehouse")

    assert warehouse.asked == []


@pytest.mark.usefixtures("warehouse")
def test_a_failure_of_a_whole_batch_is_a_step_of_each_of_its_files(run: Run) -> None:
    _, file_id = put()
    log("load", "batch.failed", "", key="", file_ids=["c" * 32, file_id], error="Throttled")

    shown = json.loads(run("trace", KEY, "--env", "dev", "--json").stdout)["data"]

    assert [step["words"] for step in shown["steps"] if step["is_failure"]] == ["batch.failed: Throttled"]


def test_the_trace_says_who_sent_a_file_and_as_which_principal(warehouse: FakeWarehouse, run: Run) -> None:
    key = "2026/11/24/leeds_24-11-2026_21-00-00.csv"
    version, file_id = put(key)
    warehouse.answers["ledger_of_file"] = answer(
        recorded(version, file_id, source_key=key, sent_by="AWS:AROAEXAMPLE:leeds-till")
    )

    shown = run("trace", key, "--env", "dev").stdout
    described = json.loads(run("trace", key, "--env", "dev", "--json").stdout)["data"]

    assert f"sent by the café leeds (AWS:AROAEXAMPLE:leeds-till); file id {file_id}" in shown
    assert (described["sender"], described["sent_by"]) == ("leeds", "AWS:AROAEXAMPLE:leeds-till")


def test_the_trace_of_a_held_file_is_not_complete_and_says_what_to_type(warehouse: FakeWarehouse, run: Run) -> None:
    version, file_id = put()
    held = {"outcome": "held", "reason": "removes_much", "detail": "would remove 28 of 30 orders", "rows_loaded": 0}
    warehouse.answers["ledger_of_file"] = answer(recorded(version, file_id, **held))

    result = run("trace", KEY, "--env", "dev")

    assert result.exit_code == 1
    assert "held for a person: removes_much: would remove 28 of 30 orders" in result.stdout
    assert f"cafe approve {KEY}" in result.stdout
