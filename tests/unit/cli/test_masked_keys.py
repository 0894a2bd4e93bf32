"""A key with a card number is shown masked by every command, and is found by its own name and by the shown one."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from cafe.deployed.drop_bucket import list_versions
from cafe.sending.events import s3_notification
from personal_data import PersonalData
from shared.contracts import file_id_of
from unit.cli.builders import DROP_BUCKET, REGION, STAGES, FakeWarehouse, answer, ledger_row, reject_row
from unit.cli.conftest import Run

KEY = "2026/11/24/leeds_4111-1111-1111-1111_ada@quillfeather.example.csv"
SHOWN = "2026/11/24/#####_####-####-####-####_###@############.#######.csv"
PLANTED = PersonalData(["Quillfeather"], ["4111111111111111"])


@pytest.fixture
def file_id(deployed: dict[str, Any], warehouse: FakeWarehouse) -> str:
    """The file in the bucket, in the ledger, in the logs and among the dead letters; the last three have it masked."""
    s3, logs, sqs = boto3.client("s3", REGION), boto3.client("logs", REGION), boto3.client("sqs", REGION)
    version = s3.put_object(Bucket=DROP_BUCKET, Key=KEY, Body=b"x")["VersionId"]
    file_id = file_id_of(DROP_BUCKET, KEY, version)
    for stage in STAGES:
        group = deployed[f"{stage}/logs/group"]
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="one")
    (stored,) = list_versions(s3, DROP_BUCKET)
    body = json.dumps(s3_notification(stored, region=REGION))
    sqs.send_message(QueueUrl=deployed["extract/deadletters/url"], MessageBody=body)
    row = ledger_row(source_key=SHOWN, version_id=version, file_id=file_id, outcome="rejected", reason="personal_key")
    warehouse.answers |= {
        "ledger_of_file": answer(row),
        "outcomes": answer(row),
        "rejects": answer(reject_row(source_key=SHOWN, file_id=file_id, rule="personal_key")),
        "files_with_rule": answer({"source_key": SHOWN, "version_id": version}),
    }
    return file_id


COMMANDS = [
    ["trace", "KEY"],
    ["trace", "KEY", "--json"],
    ["replay", "KEY", "--dry-run"],
    ["replay", "KEY", "--dry-run", "--json"],
    ["replay", "--rule", "personal_key", "--dry-run", "--json"],
    ["replay", "--since", "1h", "--dry-run", "--json"],
    ["redrive", "extract", "--dry-run", "--json"],
    ["erase", "--file", "KEY", "--dry-run"],
    ["erase", "--file", "KEY", "--yes", "--json"],
]


@pytest.mark.parametrize("name", [KEY, SHOWN])
@pytest.mark.usefixtures("file_id")
def test_a_file_is_found_by_both_names_and_shown_masked(run: Run, name: str) -> None:
    for arguments in COMMANDS:
        result = run(*(argument.replace("KEY", name) for argument in arguments), "--env", "dev")

        shown = result.stdout + result.stderr
        assert SHOWN in shown, arguments
        assert "not in the drop bucket" not in shown, arguments
        assert PLANTED.found_in(shown.encode()) == set(), arguments


@pytest.mark.usefixtures("file_id")
def test_the_ledger_is_asked_for_the_recorded_key(run: Run, warehouse: FakeWarehouse) -> None:
    for arguments in (["trace", KEY], ["rejects", KEY], ["retract", KEY, "--yes"]):
        warehouse.asked.clear()
        result = run(*arguments, "--env", "dev")

        asked = json.dumps([parameters for _, parameters in warehouse.asked])
        assert SHOWN in asked, arguments
        assert PLANTED.found_in(f"{asked}{result.stdout}{result.stderr}".encode()) == set(), arguments


@pytest.mark.parametrize("more", [[], ["--json"], ["--wait", "--timeout", "0"], ["--wait", "--timeout", "0", "--json"]])
@pytest.mark.usefixtures("file_id")
def test_a_dropped_file_is_shown_masked(run: Run, tmp_path: Path, more: list[str]) -> None:
    folder = tmp_path / "2026/11/25"
    folder.mkdir(parents=True)
    (folder / Path(KEY).name).write_text("x", encoding="utf-8")

    dropped = run("drop", str(tmp_path), "--env", "dev", *more)
    backfilled = run("backfill", str(tmp_path), "--env", "dev", "--dry-run", *[one for one in more if one == "--json"])

    assert Path(SHOWN).name in dropped.stdout
    assert PLANTED.found_in(f"{dropped.stdout}{backfilled.stdout}{dropped.stderr}".encode()) == set()
