"""`cafe drop`: what arrives in the bucket, what is shown, and the exit code."""

import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment
from cafe.sending import uploads
from cafe.terminal.drops import DropInterrupted
from cafe.terminal.ledger_json import OUTCOME_FIELDS
from cafe.warehouse.port import Column, QueryResult
from shared.senders import sender_of
from unit.cli.builders import DROP_BUCKET, NO_LEDGER, REGION, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("deployed", "warehouse")

FILE = "2021/2/23/chesterfield.csv"
CHESTERFIELD = f"head-office/{FILE}"
ISLE_OF_WIGHT = "head-office/2021/2/23/isle-of-wight.csv"


def versions_in_bucket() -> dict[str, str]:
    listed = boto3.client("s3", REGION).list_object_versions(Bucket=DROP_BUCKET).get("Versions", [])
    return {version["Key"]: version["VersionId"] for version in listed}


class LedgerOf(FakeWarehouse):
    """A ledger with an entry for every version in the drop bucket, each with the given fields."""

    def __init__(self, **fields_by_branch: dict[str, Any]) -> None:
        super().__init__()
        self.fields = {name.replace("_", "-"): fields for name, fields in fields_by_branch.items()}

    def query(self, sql: str, parameters: Any = None) -> QueryResult:
        if "from ops.files" in sql:
            rows = [
                ledger_row(source_key=key, version_id=version, file_id=key[-32:].rjust(32, "0"))
                | self.fields.get(Path(key).stem, {})
                for key, version in versions_in_bucket().items()
            ]
            return answer(*rows)
        return super().query(sql, parameters)


@pytest.fixture
def ledger_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    def install(**fields_by_branch: dict[str, Any]) -> LedgerOf:
        ledger = LedgerOf(**fields_by_branch)
        monkeypatch.setattr("cafe.deployed.environment.Environment.warehouse", lambda _: ledger)
        return ledger

    return install


def test_a_folder_laid_out_by_day_keeps_its_layout_below_head_offices_prefix(run: Run, night: Path) -> None:
    result = run("drop", str(night), "--env", "dev")

    assert result.exit_code == 0
    assert set(versions_in_bucket()) == {CHESTERFIELD, ISLE_OF_WIGHT}
    assert CHESTERFIELD in result.stdout


def test_a_hidden_file_is_left_out_and_named(run: Run, night: Path) -> None:
    result = run("drop", str(night), "--env", "dev", "--json")

    assert json.loads(result.stdout)["data"]["skipped"] == [str(night / "2021/2/23/.DS_Store")]
    assert "left out, hidden" in result.stderr


def test_the_object_is_the_file_with_its_content_type(run: Run, night: Path) -> None:
    run("drop", str(night), "--env", "dev")

    stored = boto3.client("s3", REGION).get_object(Bucket=DROP_BUCKET, Key=CHESTERFIELD)
    assert stored["Body"].read() == (night / FILE).read_bytes()
    assert stored["ContentType"] == "text/csv"


def test_json_names_each_file_with_the_version_that_it_became(run: Run, night: Path) -> None:
    result = run("drop", str(night), "--env", "dev", "--json")

    files = json.loads(result.stdout)["data"]["files"]
    assert {file["key"]: file["version_id"] for file in files} == versions_in_bucket()
    assert set(files[0]) == {"path", "key", "version_id", "size_bytes"}


def test_dropping_a_file_again_makes_a_new_version(run: Run, night: Path) -> None:
    run("drop", str(night), "--env", "dev")
    before = versions_in_bucket()[CHESTERFIELD]

    result = run("drop", str(night / FILE), "--env", "dev", "--json")

    assert json.loads(result.stdout)["data"]["files"][0]["version_id"] != before


def test_waiting_shows_each_outcome_and_exits_with_0_if_all_loaded(run: Run, night: Path, ledger_of: Any) -> None:
    ledger_of(chesterfield={"rows_in": 4321, "rows_loaded": 4000, "rows_duplicate": 321})

    result = run("drop", str(night), "--env", "dev", "--wait")

    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if CHESTERFIELD in line)
    assert row.split() == [CHESTERFIELD, "loaded", "4,321", "4,000", "321", "0", "0", "12.35"]
    assert "2 files" in result.stdout


def test_waiting_shows_which_rules_rejected_rows_and_what_to_do(run: Run, night: Path, ledger_of: Any) -> None:
    ledger = ledger_of(chesterfield={"rows_rejected": 5, "file_id": "c" * 32})
    ledger.answers["rule_counts"] = answer(
        {"file_id": "c" * 32, "rule": "bad_total", "rejects": 3},
        {"file_id": "c" * 32, "rule": "bad_branch", "rejects": 2},
    )

    result = run("drop", str(night), "--env", "dev", "--wait")

    assert result.exit_code == 0
    assert "3 bad_total, 2 bad_branch" in result.stdout
    assert "bad_total: The total is not a plain amount" in result.stdout


def test_waiting_says_which_orders_a_correction_removed(run: Run, night: Path, ledger_of: Any) -> None:
    ledger_of(chesterfield={"rows_loaded": 0, "rows_taken_away": 2, "amount_taken_away": Decimal("7.50")})

    result = run("drop", str(night), "--env", "dev", "--wait")

    assert result.exit_code == 0
    assert f"{CHESTERFIELD}: 2 orders of £7.50 removed, which only earlier versions have" in result.stdout
    assert "3 orders loaded, 2 removed" in result.stdout


@pytest.mark.parametrize("outcome", ["rejected", "failed"])
def test_a_rejected_or_failed_file_is_exit_code_1(run: Run, night: Path, ledger_of: Any, outcome: str) -> None:
    ledger_of(chesterfield={"outcome": outcome, "reason": "unknown_dialect", "detail": "8 columns"})

    result = run("drop", str(night), "--env", "dev", "--wait")

    assert result.exit_code == 1
    assert "unknown_dialect: 8 columns" in result.stdout


def test_a_held_file_is_exit_code_1_with_the_command_that_settles_it(run: Run, night: Path, ledger_of: Any) -> None:
    ledger_of(chesterfield={"outcome": "held", "reason": "unknown_cafe", "detail": "1 unknown café", "rows_loaded": 0})

    result = run("drop", str(night), "--env", "dev", "--wait")

    assert result.exit_code == 1
    assert f"{CHESTERFIELD}: unknown_cafe: 1 unknown café" in result.stdout
    assert "cafe cafes add NAME" in result.stdout
    assert "1 held, 1 loaded" in result.stdout


def test_a_file_all_of_whose_rows_were_rejected_is_not_called_loaded(run: Run, night: Path, ledger_of: Any) -> None:
    refused = {"rows_in": 3, "rows_loaded": 0, "rows_rejected": 3}
    ledger_of(chesterfield={"outcome": "rejected", "reason": "no_row_accepted"} | refused)

    result = run("drop", str(night), "--env", "dev", "--wait")

    assert result.exit_code == 1
    row = next(line for line in result.stdout.splitlines() if CHESTERFIELD in line)
    assert row.split()[1] == "rejected"


@pytest.mark.parametrize("outcome", ["empty", "superseded"])
def test_a_file_with_nothing_to_load_is_exit_code_0(run: Run, night: Path, ledger_of: Any, outcome: str) -> None:
    ledger_of(chesterfield={"outcome": outcome})

    assert run("drop", str(night), "--env", "dev", "--wait").exit_code == 0


def test_a_file_without_an_outcome_in_time_is_exit_code_1(run: Run, night: Path) -> None:
    result = run("drop", str(night), "--env", "dev", "--wait", "--timeout", "0")

    assert result.exit_code == 1
    assert "no outcome within 0 s" in result.stdout


def test_a_missing_ledger_before_the_first_load_is_not_an_error(
    run: Run, night: Path, warehouse: FakeWarehouse
) -> None:
    warehouse.answers["outcomes"] = NO_LEDGER

    result = run("drop", str(night), "--env", "dev", "--wait", "--timeout", "0", "--json")

    assert result.exit_code == 1
    assert [file["outcome"] for file in json.loads(result.stdout)["data"]["files"]] == [None, None]


def test_waiting_in_json_gives_each_outcome_with_exact_amounts(run: Run, night: Path, ledger_of: Any) -> None:
    ledger_of()

    result = run("drop", str(night), "--env", "dev", "--wait", "--json")

    files = json.loads(result.stdout)["data"]["files"]
    assert list(files[0]["outcome"]) == [*OUTCOME_FIELDS, "rules"]
    assert files[0]["outcome"]["rows_loaded"] == 3
    assert files[0]["outcome"]["amount_loaded"] == "12.35"
    assert files[0]["outcome"]["recorded_at"] == "2026-11-25T01:00:03+00:00"


def test_two_files_with_one_key_are_an_error_before_anything_is_sent(run: Run, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        day = tmp_path / folder / "2021/2/23"
        day.mkdir(parents=True)
        (day / "leeds.csv").write_text("x", encoding="utf-8")

    result = run("drop", str(tmp_path), "--env", "dev")

    assert result.exit_code == 2
    assert "would both get the key head-office/2021/2/23/leeds.csv" in result.stderr
    assert versions_in_bucket() == {}


def test_a_path_that_does_not_exist_is_named(run: Run, tmp_path: Path) -> None:
    result = run("drop", str(tmp_path / "nowhere.csv"), "--env", "dev")

    assert result.exit_code == 2
    assert "nowhere.csv is neither a file nor a folder" in result.stderr


def test_an_empty_folder_is_an_error(run: Run, tmp_path: Path) -> None:
    result = run("drop", str(tmp_path), "--env", "dev")

    assert result.exit_code == 2
    assert "There is no file to drop" in result.stderr


def test_an_upload_that_fails_names_the_file_and_how_many_were_sent(run: Run, night: Path) -> None:
    s3 = boto3.client("s3", REGION)
    s3.delete_bucket(Bucket=DROP_BUCKET)

    result = run("drop", str(night / FILE), "--env", "dev")

    assert result.exit_code == 2
    assert "chesterfield.csv could not be dropped" in result.stderr
    assert "Sent: 0 of 1 file;" in result.stderr


@pytest.fixture
def branch_role(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The role that acts as a branch, which refuses what moto would accept. Returns the tags of each session."""
    boto3.client("ssm", REGION).put_parameter(
        Name="/cafe/dev/branch/role/arn", Value="arn:aws:iam::123456789012:role/branch", Type="String"
    )
    tags: list[dict[str, str]] = []
    assume = Environment.assuming

    def assuming(environment: Environment, role: str, session: str, own: dict[str, str]) -> Environment:
        tags.append(own)
        assumed = assume(environment, role, session, own)
        s3 = assumed.client("s3")
        put_object = s3.put_object

        def put_own_object(**arguments: Any) -> Any:
            if sender_of(arguments["Key"]) != own["branch"]:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
            return put_object(**arguments)

        monkeypatch.setattr(s3, "put_object", put_own_object)
        return assumed

    monkeypatch.setattr(Environment, "assuming", assuming)
    return tags


def named(folder: Path, *names: str) -> list[str]:
    """Write files with these names, and return their paths."""
    for name in names:
        (folder / name).write_text("x", encoding="utf-8")
    return [str(folder / name) for name in names]


def test_a_cafe_sends_its_files_under_its_own_keys(run: Run, tmp_path: Path, branch_role: list[dict[str, str]]) -> None:
    paths = named(tmp_path, "isle_of_wight_25-08-2021_09-00-00.csv", "2021-08-26-isle-of-wight.csv")

    result = run("drop", *paths, "--as", "Isle of Wight", "--env", "dev")

    assert result.exit_code == 0
    assert set(versions_in_bucket()) == {
        "2021/8/25/isle_of_wight_25-08-2021_09-00-00.csv",
        "2021/8/26/2021-08-26-isle-of-wight.csv",
    }
    assert sorted(tag["branch"] for tag in branch_role) == ["isle-of-wight", "isle_of_wight"]


def test_a_key_of_another_cafe_is_explained(run: Run, tmp_path: Path, branch_role: list[dict[str, str]]) -> None:
    result = run("drop", *named(tmp_path, "york_25-08-2021_09-00-00.csv"), "--as", "Leeds", "--env", "dev")

    assert result.exit_code == 2
    assert branch_role == [{"branch": "leeds"}]
    assert "the key 2021/8/25/york_25-08-2021_09-00-00.csv does not belong to leeds" in result.stderr
    assert "2021/8/25/leeds_DD-MM-YYYY_HH-MM-SS.csv" in result.stderr
    assert versions_in_bucket() == {}


@pytest.mark.parametrize("name", ["chesterfield.csv", "25-08-2021 chesterfield.csv"], ids=["no date", "date first"])
def test_a_name_that_no_cafe_gives_is_an_error_before_anything_is_sent(
    run: Run, tmp_path: Path, branch_role: list[dict[str, str]], name: str
) -> None:
    paths = named(tmp_path, "chesterfield_25-08-2021_09-00-00.csv", name)

    result = run("drop", *paths, "--as", "Chesterfield", "--env", "dev")

    assert result.exit_code == 2
    assert f"{name} does not have the name of a café's file" in result.stderr
    assert "CAFÉ_DD-MM-YYYY_HH-MM-SS.csv" in result.stderr
    assert (branch_role, versions_in_bucket()) == ([], {})


@pytest.mark.parametrize(
    ("cafe", "problem"), [("King's Lynn", "No identity can be that of King's Lynn"), (" ", "--as needs a café")]
)
def test_a_cafe_that_no_tag_can_name_is_an_error(
    run: Run, tmp_path: Path, branch_role: list[dict[str, str]], cafe: str, problem: str
) -> None:
    result = run("drop", *named(tmp_path, "lynn_25-08-2021_09-00-00.csv"), "--as", cafe, "--env", "dev")

    assert result.exit_code == 2
    assert problem in result.stderr
    assert branch_role == []


def test_somebody_who_may_not_act_as_a_cafe_learns_what_is_missing(
    run: Run, tmp_path: Path, branch_role: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    monkeypatch.setattr(Environment, "assuming", refuse)

    result = run("drop", *named(tmp_path, "leeds_25-08-2021_09-00-00.csv"), "--as", "leeds", "--env", "dev")

    assert result.exit_code == 2
    assert "You cannot act as leeds" in result.stderr
    assert "HeadOfficePolicy" in result.stderr
    assert branch_role == []


def test_columns_know_whether_they_contain_numbers() -> None:
    assert Column("total", "numeric").is_numeric
    assert not Column("name", "varchar").is_numeric


def test_an_interrupted_drop_says_how_many_files_go_on(run: Run, night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, begun = uploads.upload_file, threading.Event()

    def upload(*arguments: Any) -> StoredVersion:
        stored = real(*arguments)
        begun.set()
        return stored

    def interrupted(_futures: Any) -> Any:
        begun.wait(60)
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(uploads, "CONCURRENT_UPLOADS", 1)
    monkeypatch.setattr(uploads, "upload_file", upload)
    monkeypatch.setattr(uploads, "as_completed", interrupted)

    result = run("drop", str(night), "--env", "dev")

    sent = len(versions_in_bucket())
    assert result.exit_code == 130
    assert 1 <= sent <= 2
    assert f"Interrupted: {sent} of 2 files are in the drop bucket, and go on through the pipeline." in result.stderr
    assert ("The others were not sent." in result.stderr) == (sent < 2)


def test_an_interrupted_wait_says_that_all_files_go_on(run: Run, night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: Any, **_named: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("cafe.terminal.drops.wait_for_outcomes", interrupted)

    result = run("drop", str(night), "--env", "dev", "--wait")

    assert result.exit_code == 130
    assert "Interrupted: 2 of 2 files are in the drop bucket, and go on through the pipeline. To see" in result.stderr


def test_a_drop_that_is_interrupted_before_the_first_file_says_so() -> None:
    assert DropInterrupted(0, 20).described() == "Interrupted: none of 20 files is in the drop bucket."


def many(folder: Path, count: int) -> str:
    """Write files of different content, for a night. Returns their folder."""
    day = folder / "many" / "2021/2/23"
    day.mkdir(parents=True)
    for number in range(count):
        (day / f"leeds-{number:02d}.csv").write_text(f"{number}", encoding="utf-8")
    return str(folder / "many")


@pytest.mark.parametrize(
    ("count", "options", "is_each"), [(25, [], True), (26, [], False), (26, ["--each"], True)], ids=["25", "26", "each"]
)
def test_each_of_a_few_files_is_shown_and_of_many_their_outcomes(
    run: Run, tmp_path: Path, ledger_of: Any, count: int, options: list[str], *, is_each: bool
) -> None:
    ledger_of(leeds_07={"outcome": "rejected", "reason": "unknown_dialect", "rows_in": 0, "rows_loaded": 0})

    shown = run("drop", many(tmp_path, count), "--wait", "--env", "dev", *options).stdout

    assert ("head-office/2021/2/23/leeds-03.csv" in shown) is is_each
    assert "head-office/2021/2/23/leeds-07.csv: unknown_dialect" in shown
    if not is_each:
        assert [line.split()[:2] for line in shown.splitlines()[1:3]] == [["loaded", "25"], ["rejected", "1"]]


def test_of_many_files_ten_that_went_wrong_are_named(run: Run, tmp_path: Path, ledger_of: Any) -> None:
    ledger_of(**{f"leeds_{number:02d}": {"outcome": "failed", "reason": "not_copied"} for number in range(20)})

    shown = run("drop", many(tmp_path, 30), "--wait", "--env", "dev").stdout

    assert shown.count(": not_copied") == 10
    assert "… and 10 more; --each shows all" in shown


def test_the_sum_counts_the_rows_that_were_rejected(run: Run, tmp_path: Path, ledger_of: Any) -> None:
    ledger_of(leeds_00={"rows_in": 3, "rows_loaded": 1, "rows_rejected": 2})

    shown = run("drop", many(tmp_path, 1), "--wait", "--env", "dev").stdout

    assert "1 loaded; 1 order loaded, 2 rows rejected" in shown


def test_files_that_brought_nothing_new_are_named(run: Run, tmp_path: Path, ledger_of: Any) -> None:
    folder = many(tmp_path, 3)
    (Path(folder) / "2021/2/23/leeds-02.csv").write_text("0", encoding="utf-8")
    known = {"rows_in": 386, "rows_loaded": 0, "rows_duplicate": 386}
    ledger_of(leeds_00=known, leeds_01=known | {"rows_loaded": 380, "rows_duplicate": 6})

    shown = run("drop", folder, "--wait", "--env", "dev").stdout

    assert "leeds-00.csv: all its 386 orders known already" in shown
    assert "leeds-01.csv: 6 of 386 orders known already" in shown
    assert "leeds-02.csv: the same content as head-office/2021/2/23/leeds-00.csv" in shown
    assert "392 known already" in shown
