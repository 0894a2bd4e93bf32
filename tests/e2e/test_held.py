"""Files that wait for a person, and the commands that settle them: an unknown café, a correction that removes much."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e.branch_files import small_file
from e2e.command_line import cafe
from e2e.pipeline import Pipeline, wait_until

pytestmark = pytest.mark.e2e

# A café may not send sales of long ago.
TODAY = datetime.now(UTC).date()


def key_of(cafe_key: str) -> str:
    """Return the key of a café's file of today."""
    return f"{TODAY.year}/{TODAY.month}/{TODAY.day}/{cafe_key}_{TODAY:%d-%m-%Y}_21-00-00.csv"


@pytest.fixture(autouse=True)
def as_it_was(pipeline: Pipeline) -> Iterator[None]:
    """Leave the stack as it was found: queues empty, the register open, no file held, and no new fault."""
    pipeline.wait_until_idle()
    faults, totals = pipeline.faults(), pipeline.totals()
    try:
        yield
    finally:
        assert cafe("cafes", "open").answer["is_closed"] is False
    pipeline.wait_until_idle()
    assert pipeline.rows("select source_key from ops.files where outcome = 'held'") == []
    assert pipeline.faults() == faults
    assert pipeline.totals().orders == totals.orders


def test_a_file_of_an_unknown_cafe_is_held_until_the_cafe_is_registered(pipeline: Pipeline, tmp_path: Path) -> None:
    key, before = key_of("kirkby"), pipeline.totals()
    file = tmp_path / Path(key).name
    file.write_bytes(small_file("Kirkby", day=TODAY).body)
    assert cafe("cafes", "close").answer["is_closed"] is True

    dropped = cafe("drop", file, "--as", "kirkby", "--wait")

    [held] = [one["outcome"] for one in dropped.answer["files"]]
    assert (held["outcome"], held["reason"], held["rows_loaded"]) == ("held", "unknown_cafe", 0)
    assert dropped.exit_code == 1
    status = cafe("status")
    assert status.exit_code == 1
    assert [(one["key"], one["reason"]) for one in status.answer["held"]] == [(key, "unknown_cafe")]
    assert "cafe cafes add NAME --key kirkby" in status.answer["held"][0]["remedy"]
    trace = cafe("trace", key)
    assert (trace.exit_code, trace.answer["sender"]) == (1, "kirkby")
    assert trace.answer["where"].startswith("held for a person: unknown_cafe")
    assert pipeline.totals().orders == before.orders

    added = cafe("cafes", "add", "Kirkby", "--key", "kirkby")

    assert (added.exit_code, added.answer["added"]) == (0, True)
    assert [one["key"] for one in added.answer["extracted_again"]] == [key]
    wait_until(lambda: pipeline.totals().orders == before.orders + 3, "the file of the new café")
    assert cafe("cafes", "rename", "kirkby", "Kirkby Station").answer["renamed_in_warehouse"] == 1
    assert [row["cafe"] for row in pipeline.rows("select cafe from mart.cafe_freshness where cafe like 'Kirkby%'")] == [
        "Kirkby Station"
    ]
    assert cafe("retract", key, "--yes").exit_code == 0


def test_a_correction_that_removes_much_is_held_until_it_is_approved(pipeline: Pipeline) -> None:
    key, before = key_of("ripon"), pipeline.totals()
    first = pipeline.put_exactly(key, small_file("Ripon", orders=30, day=TODAY).body)
    assert [outcome.rows_loaded for outcome in pipeline.versions_of([first]).values()] == [30]

    # Two orders of before, and three new ones: 28 of 30 would go.
    body = small_file("Ripon", orders=5, first=28, day=TODAY).body
    [held] = pipeline.versions_of([pipeline.put_exactly(key, body)]).values()

    assert (held.outcome, held.reason, held.detail) == ("held", "removes_much", "would remove 28 of 30 orders")
    assert pipeline.totals().orders == before.orders + 30
    status = cafe("status")
    assert f"cafe approve {key}" in status.answer["held"][0]["remedy"]
    assert status.exit_code == 1

    approved = cafe("approve", Path(key).name, "--yes")

    assert approved.exit_code == 0
    assert (approved.answer["would_remove"], approved.answer["would_add"]) == (28, 3)
    [outcome] = approved.answer["approved"]
    assert (outcome["file_id"], outcome["outcome"]) == (held.file_id, "loaded")
    assert (outcome["rows_loaded"], outcome["rows_removed"]) == (3, 28)
    assert pipeline.totals().orders == before.orders + 5
    again = cafe("approve", held.file_id, "--yes")
    assert (again.exit_code, again.answer["approved"]) == (0, [])
    assert cafe("retract", key, "--yes").exit_code == 0


def test_two_smoke_tests_at_once_pass_although_the_register_is_closed_and_leave_no_sale(pipeline: Pipeline) -> None:
    assert cafe("cafes", "close").answer["is_closed"] is True

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: cafe("smoke", "--timeout", "100"), range(2)))

    assert [run.answer["comparisons"] for run in runs if run.exit_code] == []
    keys = sorted(run.answer["key"] for run in runs)
    outcomes = pipeline.rows(
        "select source_key, outcome from ops.files where source_key like 'head-office/smoke/%' order by source_key"
    )
    # Other tests smoke-test the same stack.
    assert [row for row in outcomes if row["source_key"] in keys] == [
        {"source_key": key, "outcome": "retracted"} for key in keys
    ]
    assert pipeline.rows("select cafe from mart.cafe_freshness where cafe = 'Smoke test'") == []
    assert "Smoke test" not in [one["name"] for one in cafe("cafes", "list").answer["cafes"]]
