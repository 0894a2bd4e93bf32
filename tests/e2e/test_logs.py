"""The functions' logs: every line is JSON, and a file can be followed through all three functions by its id."""

import json
import re
from collections import Counter

import pytest

from cafe.deployed.environment import STAGES
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline

pytestmark = pytest.mark.e2e

# Lines that Lambda itself writes. On AWS, with the log format of the template, they are JSON too.
PLATFORM_LINE = re.compile(r"(INIT_START|START|END|REPORT)\b")


def test_one_file_is_followed_by_its_id_through_all_three_log_groups(pipeline: Pipeline) -> None:
    key = "logs/followed.csv"
    file_id = pipeline.drop({key: small_file("Followed").body})[key].file_id

    lines = {stage: map(json.loads, pipeline.log_lines(stage, file_id)) for stage in STAGES}
    # Metrics by sender name the file, too.
    entries = {stage: [line for line in found if "_aws" not in line] for stage, found in lines.items()}

    assert {stage: [entry["message"] for entry in found] for stage, found in entries.items()} == {
        "extract": ["file.extracted"],
        "transform": ["part.transformed"],
        "load": ["file.completed"],
    }
    for stage, (entry,) in entries.items():
        assert (entry["file_id"], entry["key"]) == (file_id, f"head-office/{key}")
        assert (entry["service"], entry["level"]) == (stage, "INFO")
        assert entry["duration_ms"] >= 0
        assert entry["function_request_id"]
    assert entries["extract"][0]["rows"] == entries["transform"][0]["orders"] == entries["load"][0]["rows_loaded"] == 3


def test_I12_every_file_is_completed_exactly_once_in_the_log(pipeline: Pipeline) -> None:
    outcomes = pipeline.drop({f"logs/many-{n}.csv": small_file("Many", first=n * 3).body for n in range(12)})
    file_ids = {outcome.file_id for outcome in outcomes.values()}
    # A file is in the ledger before load says so.
    pipeline.wait_until_idle()

    completed = Counter(entry["file_id"] for entry in pipeline.events("load", "file.completed"))

    assert {file_id: completed[file_id] for file_id in file_ids} == dict.fromkeys(file_ids, 1)


@pytest.mark.parametrize("stage", STAGES)
def test_every_line_that_a_function_wrote_is_json(pipeline: Pipeline, stage: str) -> None:
    pipeline.drop({f"logs/json-{stage}.csv": small_file("Json").body})

    lines = [line for line in pipeline.log_lines(stage) if not PLATFORM_LINE.match(line)]

    assert len(lines) > 1
    assert [line for line in lines if not is_json_object(line)] == []


def is_json_object(line: str) -> bool:
    """Return whether a line is a JSON object."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
