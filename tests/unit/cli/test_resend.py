"""`cafe reconcile` and `cafe replay`: which files are sent again, and as what."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cafe.deployed.drop_bucket import StoredVersion
from cafe.errors import CafeError
from cafe.sending.resend import files_to_re_extract, missing_files
from cafe.terminal.times import parse_moment
from cafe.warehouse.ledger import FileVersion, LedgerEntry
from extract.arrivals import Arrival, decode_arrivals
from shared.contracts import file_id_of
from unit.cli.builders import DROP_BUCKET, REGION, STAGES, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
LEEDS, YORK = "2026/11/20/leeds (1).csv", "2026/11/20/york.csv"


def stored(key: str = LEEDS, version_id: str = "v1", *, minutes: int = 60) -> StoredVersion:
    return StoredVersion(DROP_BUCKET, key, version_id, "e", 1, NOW - timedelta(minutes=minutes))


def outcome(key: str = LEEDS, version_id: str = "v1", **fields: Any) -> dict[FileVersion, LedgerEntry]:
    row = ledger_row(source_key=key, version_id=version_id) | fields
    return {FileVersion(key, version_id): LedgerEntry.from_row(row)}


# --- the choice of files


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        ({}, ["never completed"]),
        (outcome(outcome="failed", reason="not_copied"), ["failed: not_copied"]),
        (outcome(outcome="loaded"), []),
        (outcome(outcome="rejected", reason="not_utf8"), []),
        (outcome(outcome="superseded"), []),
        (outcome(outcome="retracted"), []),
        (outcome(version_id="v0"), ["never completed"]),
    ],
    ids=["unknown", "failed", "loaded", "rejected", "superseded", "retracted", "another version"],
)
def test_F02_F69_a_file_that_never_completed_or_failed_is_missing(
    outcomes: dict[FileVersion, LedgerEntry], why: list[str]
) -> None:
    assert [file.why for file in missing_files([stored()], outcomes, written_before=NOW)] == why


def test_F60_a_file_that_may_still_be_on_its_way_is_left_alone() -> None:
    versions = [stored(minutes=16), stored(YORK, minutes=14)]

    missing = missing_files(versions, {}, written_before=NOW - timedelta(minutes=15))

    assert [file.stored.key for file in missing] == [LEEDS]


def test_only_the_newest_version_is_extracted_again() -> None:
    versions = [stored(version_id="v2"), stored(version_id="v1")]

    files = files_to_re_extract(versions, outcome(version_id="v2"), is_named=False)

    assert [(file.stored.version_id, file.why) for file in files] == [("v2", "loaded")]


@pytest.mark.parametrize(("is_named", "count"), [(False, 0), (True, 1)])
def test_a_retracted_file_is_extracted_again_only_if_it_is_named(is_named: bool, count: int) -> None:
    assert len(files_to_re_extract([stored()], outcome(outcome="retracted"), is_named=is_named)) == count


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("15m", NOW - timedelta(minutes=15)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("90s", NOW - timedelta(seconds=90)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T21:00+01:00", datetime(2026, 11, 20, 20, tzinfo=UTC)),
    ],
)
def test_moments_are_ages_or_times(text: str, moment: datetime) -> None:
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "15", "m", "-3d"])
def test_text_that_is_not_a_moment_is_an_error(text: str) -> None:
    with pytest.raises(CafeError, match="is not a time"):
        parse_moment(text, NOW)


# --- the commands


@pytest.fixture
def dropped(deployed: dict[str, Any]) -> dict[str, Any]:
    """Two files in the drop bucket. Returns the version of each key, and the queue."""
    s3 = boto3.client("s3", REGION)
    versions = {key: s3.put_object(Bucket=DROP_BUCKET, Key=key, Body=b"rows")["VersionId"] for key in (LEEDS, YORK)}
    return versions | {"queue": deployed["extract/queue/url"]}


@pytest.fixture
def log_groups(deployed: dict[str, Any]) -> None:
    """Empty log groups."""
    for stage in STAGES:
        boto3.client("logs", REGION).create_log_group(logGroupName=deployed[f"{stage}/logs/group"])


def announced(queue: str) -> list[Arrival]:
    messages = boto3.client("sqs", REGION).receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(
        (arrival for m in messages for arrival in decode_arrivals(m["Body"])), key=lambda arrival: arrival.key
    )


def test_F69_reconcile_announces_what_the_ledger_does_not_know(
    run: Run, dropped: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    warehouse.answers["outcomes"] = answer(ledger_row(source_key=YORK, version_id=dropped[YORK]))

    result = run("reconcile", "--older-than", "0s", "--env", "dev", "--json")

    assert result.exit_code == 0
    assert [file["key"] for file in json.loads(result.stdout)["data"]["missing"]] == [LEEDS]
    (arrival,) = announced(dropped["queue"])
    assert (arrival.bucket, arrival.key, arrival.version_id) == (DROP_BUCKET, LEEDS, dropped[LEEDS])
    assert (arrival.size_bytes, arrival.re_extract) == (4, "")


@pytest.mark.usefixtures("warehouse")
def test_a_dry_run_sends_nothing_and_is_exit_code_1_if_files_are_missing(run: Run, dropped: dict[str, Any]) -> None:
    result = run("reconcile", "--older-than", "0s", "--dry-run", "--env", "dev")

    assert result.exit_code == 1
    assert "missing: 2 of 2 files in the bucket" in result.stdout
    assert announced(dropped["queue"]) == []


@pytest.mark.usefixtures("warehouse")
def test_young_files_are_left_alone_by_default(run: Run, dropped: dict[str, Any]) -> None:
    assert run("reconcile", "--dry-run", "--env", "dev").exit_code == 0
    assert announced(dropped["queue"]) == []


def test_a_replay_of_a_complete_file_says_that_nothing_will_change(
    run: Run, dropped: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    warehouse.answers["outcomes"] = answer(ledger_row(source_key=LEEDS, version_id=dropped[LEEDS]))

    result = run("replay", LEEDS, "--env", "dev")

    assert result.exit_code == 0
    assert "--again extracts them again" in result.stderr
    assert [(arrival.key, arrival.re_extract) for arrival in announced(dropped["queue"])] == [(LEEDS, "")]


def test_a_replay_waits_for_what_can_change_and_shows_each_outcome(
    run: Run, dropped: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    complete = ledger_row(source_key=YORK, version_id=dropped[YORK])
    before = ledger_row(source_key=LEEDS, version_id=dropped[LEEDS], outcome="failed", reason="not_copied")
    after = before | {"outcome": "loaded", "reason": ""}
    warehouse.answers["outcomes"] = [answer(before, complete), answer(before, complete), answer(after, complete)]

    result = run("replay", "--since", "1h", "--wait", "--env", "dev")

    assert result.exit_code == 0
    assert "2 files in " in result.stdout
    assert "2 loaded" in result.stdout
    assert len(announced(dropped["queue"])) == 2


@pytest.mark.parametrize("outcome", ["rejected", "held", ""], ids=["rejected", "held", "none in time"])
def test_a_replay_that_waits_says_what_did_not_load(
    run: Run, dropped: dict[str, Any], warehouse: FakeWarehouse, outcome: str
) -> None:
    first = ledger_row(source_key=LEEDS, version_id=dropped[LEEDS])
    again = first | {"file_id": "b" * 32, "outcome": outcome, "reason": "not_utf8"}
    warehouse.answers["outcomes"] = [answer(first), answer(first, *[again] * bool(outcome))]

    result = run("replay", LEEDS, "--again", "--wait", "--timeout", "0", "--env", "dev", "--json")

    [file] = json.loads(result.stdout)["data"]["files"]
    assert result.exit_code == 1
    assert (file["outcome"] or {"outcome": ""})["outcome"] == outcome


@pytest.mark.usefixtures("dropped", "warehouse")
def test_ctrl_c_while_a_replay_waits_says_that_the_files_go_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cafe.terminal.drops.wait_for_outcomes", interrupted)

    result = run("replay", LEEDS, "--wait", "--env", "dev")

    assert result.exit_code == 130
    assert "Interrupted: 1 of 1 file is in the drop bucket, and goes on" in result.stderr


@pytest.mark.usefixtures("warehouse")
def test_again_names_the_re_extract(run: Run, dropped: dict[str, Any]) -> None:
    run("replay", LEEDS, "--again", "--env", "dev")

    (arrival,) = announced(dropped["queue"])
    assert datetime.strptime(arrival.re_extract, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) <= datetime.now(UTC)


def test_a_rule_chooses_files_with_rejected_rows_and_lists_those_that_are_gone(
    run: Run, dropped: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    gone = "2021/2/23/gone.csv"
    warehouse.answers["files_with_rule"] = answer(
        {"source_key": YORK, "version_id": dropped[YORK]}, {"source_key": gone, "version_id": "v1"}
    )

    result = run("replay", "--rule", "bad_timestamp", "--env", "dev", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["data"]["gone"] == [gone]
    (arrival,) = announced(dropped["queue"])
    assert arrival.key == YORK
    assert arrival.re_extract != ""


@pytest.mark.usefixtures("warehouse")
def test_since_chooses_what_was_written_since(run: Run, dropped: dict[str, Any]) -> None:
    assert len(json.loads(run("replay", "--since", "1h", "--env", "dev", "--json").stdout)["data"]["files"]) == 2
    assert len(announced(dropped["queue"])) == 2
    assert json.loads(run("replay", "--since", "2099-01-01", "--env", "dev", "--json").stdout)["data"]["files"] == []


@pytest.mark.usefixtures("warehouse")
def test_a_deleted_file_whose_versions_are_kept_is_extracted_again(run: Run, dropped: dict[str, Any]) -> None:
    boto3.client("s3", REGION).delete_object(Bucket=DROP_BUCKET, Key=LEEDS)

    run("replay", LEEDS, "--again", "--env", "dev")

    assert [arrival.version_id for arrival in announced(dropped["queue"])] == [dropped[LEEDS]]


@pytest.mark.usefixtures("warehouse")
def test_an_older_version_is_extracted_again_if_it_is_named(run: Run, dropped: dict[str, Any]) -> None:
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=LEEDS, Body=b"newer")

    run("replay", LEEDS, "--version", dropped[LEEDS], "--again", "--env", "dev")

    assert [arrival.version_id for arrival in announced(dropped["queue"])] == [dropped[LEEDS]]


def test_a_rule_chooses_the_live_version_even_if_a_newer_one_was_rejected(
    run: Run, dropped: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=LEEDS, Body=b"refused whole")
    warehouse.answers["files_with_rule"] = answer({"source_key": LEEDS, "version_id": dropped[LEEDS]})

    run("replay", "--rule", "bad_timestamp", "--env", "dev")

    assert [arrival.version_id for arrival in announced(dropped["queue"])] == [dropped[LEEDS]]


@pytest.mark.usefixtures("warehouse", "dropped")
def test_a_misspelt_rule_is_an_error_and_one_without_files_is_not(run: Run) -> None:
    misspelt = run("replay", "--rule", "bad_timestmp", "--env", "dev")
    unbroken = run("replay", "--rule", "bad_timestamp", "--env", "dev")

    assert (misspelt.exit_code, unbroken.exit_code) == (2, 0)
    assert "Did you mean bad_timestamp" in misspelt.stderr
    assert "No file matches" in unbroken.stderr


def test_a_complete_file_whose_re_extract_failed_is_not_missing(
    run: Run, dropped: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    first = ledger_row(source_key=LEEDS, version_id=dropped[LEEDS])
    again = first | {"file_id": "b" * 32, "outcome": "failed", "reason": "not_copied"}
    warehouse.answers["outcomes"] = answer(first, again, first | {"source_key": YORK, "version_id": dropped[YORK]})

    assert json.loads(run("reconcile", "--older-than", "0s", "--env", "dev", "--json").stdout)["data"]["missing"] == []


def test_a_key_that_the_ledger_cannot_hold_is_recognized() -> None:
    recorded = outcome("2026/11/20/leeds?.csv", outcome="rejected", reason="unsupported_key")

    assert missing_files([stored("2026/11/20/leeds\n.csv")], recorded, written_before=NOW) == []


@pytest.mark.usefixtures("warehouse", "dropped")
@pytest.mark.parametrize(
    "arguments",
    [[], [LEEDS, "--since", "1h"], ["--since", "1h", "--rule", "bad_total"], ["--since", "1h", "--version", "v1"]],
)
def test_a_replay_takes_exactly_one_selection(run: Run, arguments: list[str]) -> None:
    assert run("replay", *arguments, "--env", "dev").exit_code == 2


@pytest.mark.usefixtures("warehouse", "dropped", "log_groups")
def test_a_file_that_left_no_trace_is_an_error(run: Run) -> None:
    result = run("replay", "2026/11/20/hull", "--env", "dev")

    assert result.exit_code == 2
    assert "There is no trace of 2026/11/20/hull" in result.stderr


@pytest.mark.usefixtures("warehouse")
def test_a_file_is_named_by_the_end_of_its_key_or_by_its_id(run: Run, dropped: dict[str, Any]) -> None:
    file_id = file_id_of(DROP_BUCKET, LEEDS, dropped[LEEDS])

    for name in ("leeds (1).csv", file_id):
        assert run("replay", name, "--env", "dev").exit_code == 0

    assert [arrival.version_id for arrival in announced(dropped["queue"])] == [dropped[LEEDS]] * 2


@pytest.mark.usefixtures("warehouse")
def test_the_id_of_an_older_version_means_that_version(run: Run, dropped: dict[str, Any]) -> None:
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=LEEDS, Body=b"newer")

    run("replay", file_id_of(DROP_BUCKET, LEEDS, dropped[LEEDS]), "--again", "--env", "dev")

    assert [arrival.version_id for arrival in announced(dropped["queue"])] == [dropped[LEEDS]]


@pytest.mark.usefixtures("dropped")
@pytest.mark.parametrize("is_recorded", [True, False], ids=["one is in the ledger", "none is in the ledger"])
def test_keys_that_end_alike_are_listed(run: Run, warehouse: FakeWarehouse, is_recorded: bool) -> None:
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key="2026/11/21/york.csv", Body=b"x")
    warehouse.answers["ledger_of_file"] = answer(*[ledger_row(source_key=YORK)] * is_recorded)

    result = run("replay", "york.csv", "--env", "dev")

    assert result.exit_code == 2
    assert "2 keys end like this:\n  2026/11/20/york.csv\n  2026/11/21/york.csv\n" in result.stderr


GONE: dict[str, tuple[dict[str, Any], str]] = {
    "loaded": ({}, "loaded: 3 orders of £12.35"),
    "held": ({"outcome": "held", "reason": "removes_much"}, "cafe approve 2026/9/1/hull.csv"),
    "rejected": ({"outcome": "rejected", "reason": "not_utf8"}, "rejected: not_utf8"),
    "superseded": ({"outcome": "superseded"}, "older than the version that counts"),
    "retracted": ({"outcome": "retracted"}, "in the ledger (retracted)"),
}


@pytest.mark.usefixtures("dropped")
@pytest.mark.parametrize(("fields", "sentence"), GONE.values(), ids=GONE)
def test_a_file_whose_raw_file_is_gone_is_not_called_unknown(
    run: Run, warehouse: FakeWarehouse, fields: dict[str, Any], sentence: str
) -> None:
    warehouse.answers["ledger_of_file"] = answer(ledger_row(source_key="2026/9/1/hull.csv", **fields))

    result = run("replay", "hull.csv", "--again", "--env", "dev")
    described = json.loads(run("replay", "hull.csv", "--again", "--env", "dev", "--json").stdout)["data"]

    assert result.exit_code == 1
    assert "2026/9/1/hull.csv is in the ledger (" in result.stderr
    assert "its raw file is gone: the drop bucket keeps a file for 7 days" in result.stderr
    assert sentence in result.stderr
    assert described["gone"] == ["2026/9/1/hull.csv"]


@pytest.mark.usefixtures("warehouse", "log_groups")
def test_a_file_that_only_the_logs_know_is_not_called_unknown(run: Run) -> None:
    line = {"level": "INFO", "message": "file.extracted", "file_id": "b" * 32, "key": "2026/11/24/hull.csv"}
    boto3.client("logs", REGION).create_log_stream(logGroupName="/cafe/dev/extract", logStreamName="one")
    boto3.client("logs", REGION).put_log_events(
        logGroupName="/cafe/dev/extract",
        logStreamName="one",
        logEvents=[{"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": json.dumps(line)}],
    )

    result = run("replay", "hull.csv", "--env", "dev")

    assert result.exit_code == 1
    assert "2026/11/24/hull.csv is in the logs, but no longer in the drop bucket" in result.stderr


@pytest.mark.usefixtures("warehouse")
def test_a_version_that_is_not_there_is_an_error_that_names_those_that_are(run: Run, dropped: dict[str, Any]) -> None:
    result = run("replay", LEEDS, "--version", "v9", "--env", "dev")

    assert result.exit_code == 1
    assert f"has no version v9 in the drop bucket. The drop bucket has: {dropped[LEEDS]}." in result.stderr


@pytest.mark.usefixtures("warehouse")
def test_a_key_without_head_offices_prefix_is_resolved_unless_a_cafe_has_it(run: Run, dropped: dict[str, Any]) -> None:
    s3 = boto3.client("s3", REGION)
    sent = s3.put_object(Bucket=DROP_BUCKET, Key="head-office/2026/11/20/hull.csv", Body=b"x")["VersionId"]
    s3.put_object(Bucket=DROP_BUCKET, Key=f"head-office/{LEEDS}", Body=b"x")

    run("replay", "2026/11/20/hull.csv", "--env", "dev")
    run("replay", LEEDS, "--env", "dev")

    assert {arrival.version_id for arrival in announced(dropped["queue"])} == {sent, dropped[LEEDS]}
