"""`cafe status`: the verdict, the queues, the ledger, the alarms, and the exit code."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cafe.answers.wording import format_span
from cafe.warehouse.port import WarehouseError
from cafe.warehouse.sql import statement
from extract.rules import FileReason
from load.rules import FailureReason
from unit.cli.builders import FILE_ID, NO_LEDGER, REGION, STAGES, FakeWarehouse, answer, cafe_day_row, ledger_row
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("deployed", "warehouse")

LEEDS = "2026/11/26/leeds_26-11-2026_21-00-00.csv"
YORK = "2026/11/26/york_26-11-2026_21-00-00.csv"


def send(queue_url: str, count: int = 1) -> None:
    for number in range(count):
        boto3.client("sqs", REGION).send_message(QueueUrl=queue_url, MessageBody=str(number))


def raise_alarm(name: str, description: str = "") -> None:
    cloudwatch = boto3.client("cloudwatch", REGION)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription=description,
        Namespace="Cafe/dev",
        MetricName="CheckFaults",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")


def test_loaded_files_and_empty_queues_are_healthy(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = answer(ledger_row())

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "Healthy: 1 file in the last day (1 loaded)" in result.stdout
    assert "1 in the last day: 1 loaded; 3 rows" in result.stdout


def test_a_pipeline_that_never_loaded_is_healthy(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = NO_LEDGER

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "nothing arrived in the last day" in result.stdout


def test_waiting_messages_are_not_trouble(deployed: Any, run: Run) -> None:
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
    assert json.loads(result.stdout)["data"]["failed"] == [
        {
            "key": "2021/2/23/isle-of-wight.csv",
            "file_id": FILE_ID,
            "reason": "not_copied",
            "detail": "",
            "remedy": FailureReason.NOT_COPIED.remedy.replace("KEY", "2021/2/23/isle-of-wight.csv"),
        }
    ]
    shown = run("status", "--env", "dev").stdout
    assert FailureReason.NOT_COPIED.remedy.replace("KEY", "2021/2/23/isle-of-wight.csv") in shown


def test_a_newer_version_that_loaded_settles_an_older_failure(warehouse: FakeWarehouse, run: Run) -> None:
    failed = ledger_row(outcome="failed")
    warehouse.answers["recent_files"] = answer(
        failed, ledger_row(version_id="v2", recorded_at=failed["recorded_at"] + timedelta(hours=1))
    )

    assert run("status", "--env", "dev").exit_code == 0


def test_head_office_may_settle_the_failure_of_a_cafes_file(warehouse: FakeWarehouse, run: Run) -> None:
    failed = ledger_row(outcome="failed")
    corrected = ledger_row(source_key=f"head-office/{failed['source_key']}", version_id="v2")
    corrected["recorded_at"] += timedelta(hours=1)
    warehouse.answers["recent_files"] = answer(failed, corrected)

    assert run("status", "--env", "dev").exit_code == 0


HELD = {
    "removes_much": (
        ledger_row(source_key=LEEDS, outcome="held", reason="removes_much", detail="would remove 180 of 200 orders"),
        f"{LEEDS}: removes_much: would remove 180 of 200 orders",
        f"cafe approve {LEEDS}",
    ),
    "unknown_cafe": (
        ledger_row(source_key=YORK, outcome="held", reason="unknown_cafe", detail="1 unknown café"),
        f"{YORK}: unknown_cafe: 1 unknown café",
        "cafe cafes add NAME --key york",
    ),
    "unknown_cafe of head office": (
        ledger_row(source_key=f"head-office/{YORK}", outcome="held", reason="unknown_cafe", detail="2 unknown cafés"),
        f"head-office/{YORK}: unknown_cafe: 2 unknown cafés",
        "cafe cafes add NAME`",
    ),
}


@pytest.mark.parametrize(("row", "item", "command"), HELD.values(), ids=HELD.keys())
def test_a_held_file_needs_a_person_and_names_the_command(
    warehouse: FakeWarehouse, run: Run, row: dict[str, Any], item: str, command: str
) -> None:
    warehouse.answers["held_files"] = answer(row)

    result = run("status", "--env", "dev")
    described = json.loads(run("status", "--env", "dev", "--json").stdout)["data"]

    assert result.exit_code == 1
    assert "Needs you: 1 file held" in result.stdout
    assert item in result.stdout
    assert command in result.stdout
    assert [trouble["kind"] for trouble in described["troubles"]] == ["held_files"]
    assert described["troubles"][0]["needs_you"] is True
    assert [(file["key"], command in file["remedy"]) for file in described["held"]] == [(row["source_key"], True)]
    assert described["healthy"] is False


def test_files_that_are_held_for_different_reasons_have_a_remedy_each(warehouse: FakeWarehouse, run: Run) -> None:
    rows = [row for row, _, _ in HELD.values()]
    warehouse.answers["held_files"] = answer(*(row | {"version_id": str(at)} for at, row in enumerate(rows)))

    described = json.loads(run("status", "--env", "dev", "--json").stdout)["data"]

    much, unknown = described["troubles"]
    assert described["verdict"] == "Needs you: 1 file held (removes_much); 2 files held (unknown_cafe)"
    assert (much["which"], len(much["items"])) == ("removes_much", 1)
    assert f"cafe approve {LEEDS}" in much["remedy"]
    assert (unknown["which"], len(unknown["items"])) == ("unknown_cafe", 2)
    assert "cafe cafes add NAME --key york" in unknown["remedy"]


def test_a_file_that_was_extracted_again_and_is_held_again_counts_once(warehouse: FakeWarehouse, run: Run) -> None:
    row, _, _ = HELD["unknown_cafe"]
    again = row | {"file_id": "f" * 32, "recorded_at": row["recorded_at"] + timedelta(hours=1)}
    warehouse.answers["held_files"] = answer(row, again)

    described = json.loads(run("status", "--env", "dev", "--json").stdout)["data"]

    assert [file["file_id"] for file in described["held"]] == ["f" * 32]


def test_a_rejected_file_needs_the_branch_and_nobody_on_call(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = answer(ledger_row(outcome="rejected", reason="not_utf8"))

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "1 rejected" in result.stdout
    assert "! 1 file rejected" in result.stdout
    assert FileReason.NOT_UTF8.remedy in result.stdout


def test_queues_are_shown_even_if_the_warehouse_does_not_answer(
    deployed: Any, warehouse: FakeWarehouse, run: Run
) -> None:
    warehouse.answers["recent_files"] = WarehouseError("no route to host")
    send(deployed["load/queue/url"], 4)

    result = run("status", "--env", "dev")

    assert result.exit_code == 1
    assert "the warehouse does not answer: no route to host" in result.stdout
    assert "load 4 waiting" in result.stdout
    assert "tonight  not known: the warehouse does not answer" in result.stdout


def test_json_has_the_verdict_the_queues_and_the_files(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["recent_files"] = answer(ledger_row(), ledger_row(source_key="b.csv", outcome="empty"))

    described = json.loads(run("status", "--env", "dev", "--json").stdout)["data"]

    assert described["healthy"] is True
    assert described["outcomes"] == {"loaded": 1, "empty": 1}
    assert described["queues"][0] == {
        "stage": "extract",
        "waiting": 0,
        "in_flight": 0,
        "delayed": 0,
        "dead_letters": 0,
        "oldest_seconds": None,
        "given_up_seconds": None,
    }
    assert [file["source_key"] for file in described["files"]] == ["2021/2/23/isle-of-wight.csv", "b.csv"]


def test_the_ledger_is_queried_for_a_day_in_utc(warehouse: FakeWarehouse, run: Run) -> None:
    run("status", "--env", "dev")

    (_, parameters), *_ = warehouse.asked
    since = datetime.fromisoformat(str(parameters["since"])).replace(tzinfo=UTC)
    assert timedelta(days=1) <= datetime.now(UTC) - since < timedelta(days=1, minutes=5)


@pytest.mark.parametrize("stage", ["extract", "transform", "load"])
def test_dead_letters_that_are_hidden_count_too(deployed: Any, run: Run, stage: str) -> None:
    send(deployed[f"{stage}/deadletters/url"])
    boto3.client("sqs", REGION).receive_message(QueueUrl=deployed[f"{stage}/deadletters/url"], VisibilityTimeout=60)

    assert run("status", "--env", "dev").exit_code == 1


# --- the cafés of tonight


def test_all_expected_cafes_are_in(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["cafes_and_nights"] = answer(cafe_day_row("Leeds", orders=300), cafe_day_row("York", orders=1))

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "Healthy: 2 of 2 cafés in;" in result.stdout


def test_a_cafe_that_is_not_due_yet_is_not_trouble(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["cafes_and_nights"] = answer(
        cafe_day_row("Leeds", orders=300), cafe_day_row("York", is_due=False)
    )

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "1 of 2 cafés in, 1 not due yet" in result.stdout


def test_a_missing_cafe_is_named_with_what_it_usually_has(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["cafes_and_nights"] = answer(cafe_day_row("Leeds", orders=300), cafe_day_row("York"))
    warehouse.answers["usual_arrivals"] = answer({"cafe": "York", "minutes": 21 * 60 + 40})

    result = run("status", "--env", "dev")

    assert result.exit_code == 1
    assert "Needs you: 1 café missing (York)" in result.stdout
    assert "usually 310 orders, in by 21:40 UTC; last sale" in result.stdout
    assert "cafe reconcile --dry-run" in result.stdout


def test_a_cafe_missing_since_last_night_is_missing_but_not_of_tonight(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["cafes_and_nights"] = answer(
        cafe_day_row("York", orders=3), cafe_day_row("York", nights_ago=1), cafe_day_row("Leeds", orders=1)
    )

    described = json.loads(run("status", "--env", "dev", "--json").stdout)["data"]

    assert (described["tonight"]["expected"], described["tonight"]["reported"]) == (2, 2)
    assert [cafe["cafe"] for cafe in described["tonight"]["missing"]] == ["York"]
    assert described["healthy"] is False


def test_usual_times_are_queried_only_if_a_cafe_is_missing(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["cafes_and_nights"] = answer(cafe_day_row("Leeds", orders=300))

    run("status", "--env", "dev")

    asked = [sql for sql, _ in warehouse.asked]
    assert statement("cafes_and_nights") in asked
    assert statement("usual_arrivals") not in asked


def test_cafes_without_a_history_are_not_expected(warehouse: FakeWarehouse, run: Run) -> None:
    unexpected = cafe_day_row("Leeds") | {"day": None, "usual_orders": None, "orders": None, "is_due": None}
    warehouse.answers["cafes_and_nights"] = answer(unexpected)

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "no café is expected" in result.stdout


def test_missing_marts_differ_from_a_warehouse_that_does_not_answer(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers |= {"recent_files": answer(ledger_row()), "cafes_and_nights": NO_LEDGER}

    result = run("status", "--env", "dev")

    assert result.exit_code == 1
    assert "Needs you: the warehouse lacks its tables or views" in result.stdout
    assert "type `cafe migrate`" in result.stdout
    assert "1 in the last day" in result.stdout


def test_no_warehouse_makes_no_query(warehouse: FakeWarehouse, run: Run) -> None:
    result = run("status", "--env", "dev", "--no-warehouse")

    assert result.exit_code == 0
    assert warehouse.asked == []
    assert "the warehouse was not queried" in result.stdout


# --- alarms


def test_a_raised_alarm_needs_a_person_and_names_its_runbook(run: Run) -> None:
    raise_alarm("cafe-dev-conservation", "Rows at fault. Runbook: docs/operations.md#conservation")

    result = run("status", "--env", "dev")

    assert result.exit_code == 1
    assert "Needs you: 1 alarm" in result.stdout
    assert "conservation, for " in result.stdout
    assert "docs/operations.md#conservation" in result.stdout


def test_two_alarms_show_both_commands(run: Run) -> None:
    raise_alarm("cafe-dev-load-failure", "First run `cafe logs --stage load`. Runbook: docs/operations.md#a")
    raise_alarm("cafe-dev-missing-cafe", "First run `cafe reconcile --dry-run`. Runbook: docs/operations.md#b")

    shown = " ".join(run("status", "--env", "dev").stdout.split())

    typed = re.search("First type `(.+)`, then `(.+)`", shown)
    assert typed
    assert set(typed.groups()) == {"cafe logs --stage load", "cafe reconcile --dry-run"}


def test_the_alarm_about_rejected_rows_needs_nobody_on_call(run: Run) -> None:
    raise_alarm("cafe-dev-reject", "Rows were refused. Runbook: docs/operations.md#rejected-rows")

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert result.stdout.startswith("Healthy, but look at 1 alarm (reject)\n")
    assert "! 1 alarm (reject)" in result.stdout


def test_other_environments_alarms_and_past_alarms_are_left_out(run: Run) -> None:
    raise_alarm("cafe-prod-conservation")
    raise_alarm("cafe-dev-stale-sales")
    boto3.client("cloudwatch", REGION).set_alarm_state(
        AlarmName="cafe-dev-stale-sales", StateValue="OK", StateReason="test"
    )

    assert run("status", "--env", "dev").exit_code == 0


def test_alarms_that_cannot_be_read_are_unknown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_environment: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")

    monkeypatch.setattr("cafe.answers.examining.raised_alarms", refuse)

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "alarms   not known: AWS refused DescribeAlarms" in result.stdout


def test_the_age_of_messages_comes_from_cloudwatch(deployed: Any, run: Run) -> None:
    send(deployed["load/queue/url"])
    age: Any = {"MetricName": "ApproximateAgeOfOldestMessage", "Value": 720.0, "Unit": "Seconds"}
    dimensions = [{"Name": "QueueName", "Value": "load-queue"}]
    boto3.client("cloudwatch", REGION).put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[age | {"Dimensions": dimensions, "Timestamp": datetime.now(UTC) - timedelta(minutes=2)}],
    )

    assert "load 1 waiting, oldest 12 min" in run("status", "--env", "dev").stdout


# --- one screen


def test_all_troubles_at_once_fit_one_screen(
    deployed: Any, warehouse: FakeWarehouse, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.answers["recent_files"] = answer(
        *(ledger_row(source_key=f"failed-{n}.csv", outcome="failed", reason="not_copied") for n in range(9)),
        *(ledger_row(source_key=f"refused-{n}.csv", outcome="rejected", reason="not_utf8") for n in range(9)),
    )
    warehouse.answers["cafes_and_nights"] = answer(*(cafe_day_row(f"Café {n}") for n in range(19)))
    for stage in STAGES:
        send(deployed[f"{stage}/deadletters/url"])
    for name in ("conservation", "missing-cafe", "load-failure"):
        raise_alarm(f"cafe-dev-{name}", f"Runbook: docs/operations.md#{name}")
    monkeypatch.setenv("COLUMNS", "100")

    shown = run("status", "--env", "dev").stdout

    assert len(shown.splitlines()) <= 24
    for kind in ("3 dead letters", "9 failed files", "19 cafés missing", "3 alarms", "9 files rejected"):
        assert kind in shown


def test_a_long_list_says_how_many_more_there_are(warehouse: FakeWarehouse, run: Run) -> None:
    warehouse.answers["cafes_and_nights"] = answer(*(cafe_day_row(f"Café {n:02}") for n in range(40)))

    shown = run("status", "--env", "dev").stdout

    assert "Café 11, " in shown
    assert "Café 20, " not in shown
    assert "more; --json lists all" in shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5400, "2 h"), (172_800, "2 days")]
)
def test_spans_are_rounded(seconds: int, text: str) -> None:
    assert format_span(seconds) == text
