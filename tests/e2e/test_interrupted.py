"""What a command says about data before it deletes it, and about files when it is interrupted, is what is there."""

import signal
import subprocess
from pathlib import Path

import pytest

from cafe.deployed.drop_bucket import StoredVersion, list_versions
from e2e.branch_files import small_file
from e2e.command_line import CAFE
from e2e.pipeline import Pipeline, wait_until

pytestmark = pytest.mark.e2e

FILES = 3


def folder_of(folder: Path, branch: str) -> Path:
    """Write files of a branch, one a day."""
    for day in range(1, FILES + 1):
        (folder / f"{branch}_0{day}-11-2026_21-00-00.csv").write_bytes(small_file(f"{branch} {day}").body)
    return folder


def in_bucket(pipeline: Pipeline, branch: str) -> list[StoredVersion]:
    versions = list_versions(pipeline.client("s3"), pipeline.fact("drop/bucket/name"))
    return [version for version in versions if f"/{branch}_" in version.key]


def interrupted(pipeline: Pipeline, branch: str, *arguments: str | Path, after: int) -> str:
    """Run a command, interrupt it when some files of the branch are in the bucket, and return what it says."""
    with subprocess.Popen([CAFE, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as command:
        wait_until(lambda: len(in_bucket(pipeline, branch)) >= after, f"{after} files in the bucket")
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert command.returncode == 130, said
    return said


def test_ctrl_c_in_backfill_leaves_the_files_that_it_counts(pipeline: Pipeline, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "ended")

    said = interrupted(pipeline, "ended", "backfill", folder, "--rate", "6", after=1)

    sent = in_bucket(pipeline, "ended")
    assert len(sent) < FILES
    assert f"Interrupted: {len(sent)} of {FILES} files are in the drop bucket, and go on through the pipeline." in said
    assert "The same command continues from here." in said
    assert {outcome.rows_loaded for outcome in pipeline.outcomes_of([file.in_ledger for file in sent]).values()} == {3}


def test_ctrl_c_while_drop_waits_leaves_all_files_on_their_way(pipeline: Pipeline, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "awaited")

    with pipeline.paused("extract"):
        said = interrupted(pipeline, "awaited", "drop", folder, "--wait", after=FILES)

    sent = in_bucket(pipeline, "awaited")
    assert f"Interrupted: {FILES} of {FILES} files are in the drop bucket, and go on through the pipeline." in said
    assert "not sent" not in said
    assert len(pipeline.outcomes_of([file.in_ledger for file in sent])) == FILES
    pipeline.wait_until_idle()


def test_reset_counts_what_it_would_delete_and_deletes_nothing_without_an_answer(pipeline: Pipeline) -> None:
    pipeline.drop({"reset/kept.csv": small_file("Kept").body})
    (held,) = pipeline.rows(
        "select (select count(*) from ops.files) as files, (select count(*) from core.orders) as orders"
    )

    refused = subprocess.run(
        [CAFE, "reset"], stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True, timeout=60
    )

    assert refused.returncode == 2
    assert f"The warehouse of the workspace main has {held['files']:,} file" in refused.stderr
    assert f" {held['orders']:,} orders and " in refused.stderr
    assert "Add --yes." in refused.stderr
    assert pipeline.rows("select count(*) as files from ops.files") == [{"files": held["files"]}]
