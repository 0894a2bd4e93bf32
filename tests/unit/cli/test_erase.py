"""`cafe erase`: it erases raw files with all their versions, asks first, and leaves a record."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cafe.deployed.drop_bucket import StoredVersion, list_versions
from cafe.sending.erasure import markers_last
from unit.cli.builders import DROP_BUCKET, REGION, STAGING_BUCKET, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

KEY, OTHER = "2026/11/24/leeds.csv", "2026/11/24/leeds.csv.gz"


@pytest.fixture(autouse=True)
def stored(deployed: dict[str, Any], warehouse: FakeWarehouse) -> list[str]:
    """Two loaded versions and a delete marker of one key, and another file. Returns the version ids of the key."""
    del deployed
    s3 = boto3.client("s3", REGION)
    ids = [s3.put_object(Bucket=DROP_BUCKET, Key=KEY, Body=body)["VersionId"] for body in (b"x", b"y")]
    ids.append(s3.delete_object(Bucket=DROP_BUCKET, Key=KEY)["VersionId"])
    s3.put_object(Bucket=DROP_BUCKET, Key=OTHER, Body=b"z")
    warehouse.answers["outcomes"] = answer(*(ledger_row(source_key=KEY, version_id=one) for one in ids[:2]))
    return ids


def left() -> list[tuple[str, bool]]:
    s3 = boto3.client("s3", REGION)
    return [(one.key, one.is_delete_marker) for one in list_versions(s3, DROP_BUCKET, with_delete_markers=True)]


def records() -> list[dict[str, Any]]:
    s3 = boto3.client("s3", REGION)
    listed = s3.list_objects_v2(Bucket=STAGING_BUCKET).get("Contents", [])
    assert all(entry["Key"].startswith("erased/") for entry in listed)
    return [json.loads(s3.get_object(Bucket=STAGING_BUCKET, Key=entry["Key"])["Body"].read()) for entry in listed]


def test_every_version_and_marker_of_a_file_is_erased_and_recorded(run: Run, stored: list[str]) -> None:
    result = run("erase", "--file", KEY, "--yes", "--json", "--env", "dev")

    assert result.exit_code == 0
    assert left() == [(OTHER, False)]
    (record,) = records()
    assert json.loads(result.stdout)["data"]["record"] == record
    assert {version["version_id"] for version in record["versions"]} == set(stored)
    assert [version["is_delete_marker"] for version in record["versions"]] == [False, False, True]
    assert {version["key"] for version in record["versions"]} == {KEY}
    assert record["erased_by"].startswith("arn:aws:")
    assert record["asked_for"] == f"--file {KEY}"
    assert record["is_complete"]
    assert datetime.fromisoformat(record["erased_at"]) > datetime.now(UTC) - timedelta(minutes=10)


def test_a_dry_run_erases_nothing(run: Run) -> None:
    before = left()

    result = run("erase", "--file", KEY, "--dry-run", "--yes", "--env", "dev")

    assert result.exit_code == 0
    assert "3 versions found; nothing is erased" in result.stdout
    assert left() == before
    assert records() == []


def test_without_a_terminal_it_asks_for_yes_and_erases_nothing(run: Run) -> None:
    before = left()

    result = run("erase", "--file", KEY, "--env", "dev", stdin="y\n")

    assert result.exit_code == 2
    assert "add --yes" in result.stderr
    assert left() == before
    assert records() == []


@pytest.mark.parametrize(("reply", "exit_code"), [("y\n", 0), ("n\n", 1)], ids=["yes", "no"])
def test_at_a_terminal_it_asks(run: Run, monkeypatch: pytest.MonkeyPatch, reply: str, exit_code: int) -> None:
    monkeypatch.setattr("cafe.commands.erase.can_ask", lambda: True)

    result = run("erase", "--file", KEY, "--env", "dev", stdin=reply)

    assert result.exit_code == exit_code
    assert "3 versions of 1 file will be erased for good" in result.stderr
    assert (len(left()) == 1) is (exit_code == 0)


@pytest.mark.parametrize(("days", "erased"), [("0", 4), ("1", 0)])
def test_only_versions_that_are_older_are_erased(run: Run, days: str, erased: int) -> None:
    result = run("erase", "--older-than", days, "--yes", "--json", "--env", "dev")

    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["data"]["versions"]) == erased
    assert len(left()) == 4 - erased
    assert len(records()) == (erased > 0)


def test_a_file_that_was_not_loaded_yet_is_named_before_it_is_erased(run: Run) -> None:
    result = run("erase", "--file", OTHER, "--dry-run", "--env", "dev")

    assert "1 version did not complete yet" in result.stderr
    assert "did not complete" not in run("erase", "--file", KEY, "--dry-run", "--env", "dev").stderr


def test_the_warehouse_need_not_answer(run: Run, warehouse: FakeWarehouse) -> None:
    result = run("erase", "--file", OTHER, "--yes", "--no-warehouse", "--env", "dev")

    assert result.exit_code == 0
    assert warehouse.asked == []


def test_a_file_that_is_not_there_is_named(run: Run) -> None:
    result = run("erase", "--file", "2026/11/24/york.csv", "--yes", "--env", "dev")

    assert result.exit_code == 1
    assert "2026/11/24/york.csv is not in the drop bucket" in result.stderr
    assert records() == []


@pytest.mark.parametrize(("reply", "keys_left"), [("y\n", 3), ("n\n", 4)], ids=["yes", "no"])
def test_a_file_may_be_named_by_the_end_of_its_key(
    run: Run, monkeypatch: pytest.MonkeyPatch, reply: str, keys_left: int
) -> None:
    monkeypatch.setattr("cafe.commands.erase.can_ask", lambda: True)

    result = run("erase", "--file", "leeds.csv.gz", "--env", "dev", stdin=reply)

    assert OTHER in result.stdout
    assert "1 version of 1 file will be erased for good" in result.stderr
    assert ("Nothing was erased." in result.stderr) is (keys_left == 4)
    assert len(left()) == keys_left


def test_a_file_that_is_hidden_is_found_by_the_end_of_its_key(run: Run) -> None:
    """A delete marker hides it; it is there nevertheless, and holds personal data."""
    result = run("erase", "--file", "11/24/leeds.csv", "--dry-run", "--env", "dev")

    assert "3 versions found" in result.stdout


def test_the_end_of_several_keys_is_refused(run: Run) -> None:
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key="2026/11/25/leeds.csv", Body=b"z")

    result = run("erase", "--file", "leeds.csv", "--dry-run", "--env", "dev")

    assert result.exit_code == 2
    assert "2 keys end like this" in result.stderr
    assert "2026/11/25/leeds.csv" in result.stderr


def test_without_a_question_the_end_of_a_key_erases_nothing(run: Run) -> None:
    before = left()

    result = run("erase", "--file", "leeds.csv.gz", "--yes", "--env", "dev")

    assert result.exit_code == 2
    assert f"give the whole key: {OTHER}" in result.stderr
    assert left() == before


def test_what_s3_refuses_is_an_error_and_its_record_is_not_complete(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from cafe.sending import erasure

    monkeypatch.setattr(erasure, "_erase", lambda _s3, some: ["AccessDenied"] * len(some))

    result = run("erase", "--file", KEY, "--yes", "--env", "dev")

    assert result.exit_code == 2
    assert "Not erased: 3 of 3 versions: AccessDenied" in result.stderr
    assert [record["is_complete"] for record in records()] == [False]


def test_records_are_listed_newest_first(run: Run) -> None:
    assert "Nothing was erased" in run("erase", "--list", "--env", "dev").stdout
    run("erase", "--file", KEY, "--yes", "--env", "dev")

    (listed,) = json.loads(run("erase", "--list", "--json", "--env", "dev").stdout)["data"]["erasures"]
    shown = run("erase", "--list", "--env", "dev").stdout

    assert listed == records()[0]
    assert f"--file {KEY}" in shown


@pytest.mark.parametrize("arguments", [[], ["--file", KEY, "--list"], ["--file", KEY, "--older-than", "3"]])
def test_it_takes_exactly_one_selection(run: Run, arguments: list[str]) -> None:
    assert run("erase", *arguments, "--env", "dev").exit_code == 2


def test_markers_are_erased_last_so_that_no_hidden_version_is_seen_again() -> None:
    written = datetime(2026, 11, 24, tzinfo=UTC)
    marker, version = (StoredVersion("b", KEY, one, "", 0, written, one == "m") for one in ("m", "v"))

    assert markers_last([marker, version]) == [version, marker]
