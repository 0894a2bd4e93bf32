"""`cafe backfill`: a history is sent by day, at a rate, and continues after an interruption."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from cafe.waiting import paced
from unit.cli.builders import DROP_BUCKET, REGION
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("deployed")
FAST = ("--rate", "100000", "--env", "dev")


def keys_in_drop_bucket() -> list[str]:
    listed = boto3.client("s3", REGION).list_object_versions(Bucket=DROP_BUCKET).get("Versions", [])
    return [version["Key"] for version in sorted(listed, key=lambda version: version["LastModified"])]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Branch files of three days, which are not in the order of their names."""
    for day in ("2021/2/9", "2021/2/10", "2020/12/31"):
        folder = tmp_path / "history" / day
        folder.mkdir(parents=True)
        (folder / "leeds.csv").write_text(f"the rows of {day}\n", encoding="utf-8")
    return tmp_path / "history"


def test_the_oldest_day_goes_first(run: Run, history: Path) -> None:
    result = run("backfill", str(history), "--dry-run", "--json", *FAST)

    assert json.loads(result.stdout)["data"]["keys"] == [
        "head-office/2020/12/31/leeds.csv",
        "head-office/2021/2/9/leeds.csv",
        "head-office/2021/2/10/leeds.csv",
    ]
    assert keys_in_drop_bucket() == []


def test_files_that_are_stored_already_are_skipped(run: Run, history: Path) -> None:
    run("backfill", str(history), *FAST)

    again = json.loads(run("backfill", str(history), "--json", *FAST).stdout)["data"]

    assert (again["found"], again["known"], again["keys"]) == (3, 3, [])
    assert len(keys_in_drop_bucket()) == 3


def test_a_file_whose_content_changed_is_sent_again(run: Run, history: Path) -> None:
    run("backfill", str(history), *FAST)
    (history / "2021/2/9/leeds.csv").write_text("THE ROWS of 2021/2/9\n", encoding="utf-8")

    assert json.loads(run("backfill", str(history), "--json", *FAST).stdout)["data"]["keys"] == [
        "head-office/2021/2/9/leeds.csv"
    ]


def test_a_correction_by_the_branch_is_not_undone(run: Run, history: Path) -> None:
    run("backfill", str(history), *FAST)
    key = "head-office/2021/2/9/leeds.csv"
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=key, Body=b"the branch's correction")

    assert json.loads(run("backfill", str(history), "--json", *FAST).stdout)["data"]["keys"] == []


def test_a_file_that_is_stored_under_the_cafes_own_key_is_known(run: Run, history: Path) -> None:
    # What arrived before head office had a prefix of its own, or what the café has sent itself.
    key = "2021/2/9/leeds.csv"
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=key, Body=(history / key).read_bytes())

    sent = json.loads(run("backfill", str(history), "--json", *FAST).stdout)["data"]

    assert sent["keys"] == ["head-office/2020/12/31/leeds.csv", "head-office/2021/2/10/leeds.csv"]


def test_after_an_interruption_the_same_command_continues(
    run: Run, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any) -> Any:
        yield next(iter(paced(*arguments)))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cafe.commands.backfill.paced", interrupted)
        stopped = run("backfill", str(history), *FAST)
    went_on = json.loads(run("backfill", str(history), "--json", *FAST).stdout)["data"]

    assert stopped.exit_code == 130
    assert "1 of 3 files are in the drop bucket, and go on through the pipeline." in stopped.stderr
    assert went_on["keys"] == ["head-office/2021/2/9/leeds.csv", "head-office/2021/2/10/leeds.csv"]


def test_a_prefix_of_another_bucket_is_copied(run: Run, aws: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="old-exports", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in (
        "till/2021/2/23/leeds.csv",
        "till/2021/2/23/",
        "till/2021/2/23/.hidden.csv",
        "york_24-02-2021.csv",
        "till/york_24-02-2021_09-00-00.csv",
    ):
        s3.put_object(Bucket="old-exports", Key=key, Body=key.encode())

    run("backfill", "s3://old-exports/till", *FAST)
    again = json.loads(run("backfill", "s3://old-exports/till", "--json", *FAST).stdout)["data"]

    assert sorted(keys_in_drop_bucket()) == [
        "head-office/2021/2/23/leeds.csv",
        "head-office/2021/2/24/york_24-02-2021_09-00-00.csv",
    ]
    assert again["keys"] == []


@pytest.mark.parametrize("source", ["no/such/folder", "s3://no-such-bucket/x"])
def test_a_missing_source_is_an_error(run: Run, source: str) -> None:
    assert run("backfill", source, *FAST).exit_code == 2


def test_the_rate_is_kept_and_lost_time_is_not_made_up_for() -> None:
    now, pauses = [0.0], []

    def sleep(seconds: float) -> None:
        pauses.append(round(seconds, 3))
        now[0] += seconds

    for number in paced(range(4), 2, sleep=sleep, clock=lambda: now[0]):
        now[0] += 3 if number == 1 else 0.1

    assert pauses == [0.4, 0.4]
