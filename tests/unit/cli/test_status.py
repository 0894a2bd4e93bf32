"""`cafe status`: the verdict, the queues and the ledger, and the exit code that follows."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cafe.warehouse import WarehouseError
from load.rules import FailureReason
from unit.cli.builders import NO_LEDGER, REGION, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("deployed", "warehouse")


def send(queue_url: str, count: int = 1) -> None:
    for number in range(count):
        boto3.client("sqs", REGION).send_message(QueueUrl=queue_url, MessageBody=str(number))


def test_loaded_files_and_empty_queues_are_healthy(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = answer(ledger_row())

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "Healthy: 1 file in the last day (1 loaded)" in result.stdout
    assert "2021/2/23/isle-of-wight.csv" in result.stdout


def test_a_pipeline_that_never_loaded_is_healthy(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = NO_LEDGER

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "nothing arrived in the last day" in result.stdout


def test_messages_on_the_way_are_work_not_trouble(deployed: Any, run: Run) -> None:
    send(deployed["transform/queue/url"], 2)

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "Working: 2 messages on the way" in result.stdout


def test_a_dead_letter_needs_a_person(deployed: Any, run: Run) -> None:
    send(deployed["load/deadletters/url"])

    result = run("status", "--env", "dev")

    assert result.exit_code == 1
    assert "Needs you: 1 dead letter (1 of load)" in result.stdout


def test_a_failed_file_needs_a_person(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = answer(ledger_row(outcome="failed", reason="not_copied"))

    result = run("status", "--env", "dev", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["failed"] == [
        {
            "key": "2021/2/23/isle-of-wight.csv",
            "reason": "not_copied",
            "remedy": FailureReason.NOT_COPIED.remedy,
        }
    ]
    assert FailureReason.NOT_COPIED.remedy in run("status", "--env", "dev").stdout


def test_a_newer_version_that_loaded_settles_an_older_failure(warehouse: FakeWarehouse, run: Run) -> None:
    failed = ledger_row(outcome="failed")
    warehouse.answers["recent_files"] = answer(
        failed, ledger_row(version_id="v2", recorded_at=failed["recorded_at"] + timedelta(hours=1))
    )

    assert run("status", "--env", "dev").exit_code == 0


def test_a_rejected_file_is_the_branchs_to_mend(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = answer(ledger_row(outcome="rejected", reason="not_utf8"))

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "1 rejected" in result.stdout


def test_a_silent_warehouse_is_told_beside_the_queues(deployed: Any, warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = WarehouseError("no route to host")
    send(deployed["load/queue/url"], 4)

    result = run("status", "--env", "dev")

    assert result.exit_code == 1
    assert "the warehouse does not answer: no route to host" in result.stdout
    assert next(line for line in result.stdout.splitlines() if line.startswith("load")).split() == [
        "load", "4", "0", "0", "0",
    ]  # fmt: skip


def test_json_has_the_verdict_the_queues_and_the_files(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = answer(ledger_row(), ledger_row(source_key="b.csv", outcome="empty"))

    described = json.loads(run("status", "--env", "dev", "--json").stdout)

    assert described["healthy"] is True
    assert described["outcomes"] == {"loaded": 1, "empty": 1}
    assert described["queues"][0] == {
        "stage": "extract",
        "waiting": 0,
        "in_flight": 0,
        "delayed": 0,
        "dead_letters": 0,
    }
    assert [file["source_key"] for file in described["files"]] == ["2021/2/23/isle-of-wight.csv", "b.csv"]


def test_the_ledger_is_asked_for_a_day_in_utc(warehouse: FakeWarehouse, run: Run) -> None:
    run("status", "--env", "dev")

    [(_, parameters)] = warehouse.asked
    since = datetime.fromisoformat(str(parameters["since"])).replace(tzinfo=UTC)
    assert timedelta(days=1) <= datetime.now(UTC) - since < timedelta(days=1, minutes=5)


def test_many_files_are_cut_to_a_screen_and_it_says_so(warehouse: FakeWarehouse, run: Run) -> None:
    rows = [ledger_row(source_key=f"2021/2/23/branch-{number:02}.csv") for number in range(35)]
    warehouse.answers["recent_files"] = answer(*rows)

    result = run("status", "--env", "dev")

    assert "branch-34.csv" in result.stdout
    assert "branch-04.csv" not in result.stdout
    assert "5 before these" in result.stdout


@pytest.mark.parametrize("stage", ["extract", "transform", "load"])
def test_dead_letters_in_someones_hands_count_too(deployed: Any, run: Run, stage: str) -> None:
    send(deployed[f"{stage}/deadletters/url"])
    boto3.client("sqs", REGION).receive_message(QueueUrl=deployed[f"{stage}/deadletters/url"], VisibilityTimeout=60)

    assert run("status", "--env", "dev").exit_code == 1
