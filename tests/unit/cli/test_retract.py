"""`cafe retract`: it shows what would be removed, asks, and invokes load; a file is named as for `cafe trace`."""

import json
from decimal import Decimal
from typing import Any

import boto3
import pytest

from cafe.terminal.presentation import require_answer_or_yes
from unit.cli.builders import DROP_BUCKET, FILE_ID, REGION, STAGES, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

KEY = "2021/8/25/leeds copy.csv"
LIVE = {"file_id": FILE_ID, "is_held": False, "orders": 3, "amount": Decimal("7.85")}
HELD = {"file_id": "e" * 32, "is_held": True, "orders": 5, "amount": Decimal("9.85")}


class FakeLoad:
    """Load's answer to a retraction."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def invoke(self, _environment: object, request: str, argument: object) -> dict[str, Any]:
        """See invoke_load."""
        self.asked.append({request: argument})
        return {"retracted": [{"file_id": FILE_ID, "orders": 2, "pence": 515}]}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, warehouse: FakeWarehouse, deployed: dict[str, Any]) -> FakeLoad:
    """Load, with a live file in the ledger."""
    logs = boto3.client("logs", REGION)
    for stage in STAGES:
        logs.create_log_group(logGroupName=deployed[f"{stage}/logs/group"])
    fake = FakeLoad()
    monkeypatch.setattr("cafe.commands.retract.invoke_load", fake.invoke)
    monkeypatch.setattr("cafe.commands.retract.require_answer_or_yes", lambda _is_yes: None)
    warehouse.answers |= {
        "ledger_of_file": answer(ledger_row(source_key=KEY)),
        "retractable_files": answer(LIVE),
    }
    return fake


def test_it_shows_what_would_be_removed_and_no_changes_nothing(run: Run, load: FakeLoad) -> None:
    result = run("retract", KEY, "--env", "dev", stdin="n\n")

    assert result.exit_code == 1
    assert "Nothing was retracted." in result.stderr
    assert "3 orders of £7.85" in result.stderr
    assert load.asked == []


def test_without_a_terminal_it_refuses_unless_yes_is_given(
    run: Run, load: FakeLoad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cafe.commands.retract.require_answer_or_yes", require_answer_or_yes)

    result = run("retract", KEY, "--env", "dev")

    assert result.exit_code == 2
    assert "Add --yes." in result.stderr
    assert load.asked == []


@pytest.mark.parametrize(("arguments", "stdin"), [([], "y\n"), (["--yes"], "")], ids=["confirmed", "not asked"])
def test_load_retracts_the_key(run: Run, load: FakeLoad, arguments: list[str], stdin: str) -> None:
    result = run("retract", KEY, *arguments, "--env", "dev", stdin=stdin)

    assert result.exit_code == 0
    assert load.asked == [{"retract": {"key": KEY, "kinds": ["live"]}}]
    assert "2 orders of £5.15 removed" in result.stdout


@pytest.mark.parametrize("name", ["leeds copy.csv", KEY, f"head-office/{KEY}", FILE_ID])
def test_a_file_is_named_by_its_id_its_key_or_the_end_of_it(
    run: Run, load: FakeLoad, warehouse: FakeWarehouse, name: str
) -> None:
    warehouse.answers["ledger_of_file"] = answer(ledger_row(source_key=f"head-office/{KEY}"))

    result = run("retract", name, "--yes", "--env", "dev")

    assert result.exit_code == 0
    assert load.asked == [{"retract": {"key": f"head-office/{KEY}", "kinds": ["live"]}}]


def test_keys_that_end_alike_are_listed_and_nothing_is_retracted(
    run: Run, load: FakeLoad, warehouse: FakeWarehouse
) -> None:
    rows = [ledger_row(source_key=f"2021/8/{day}/leeds.csv", file_id=f"{day}".zfill(32)) for day in (24, 25)]
    warehouse.answers["ledger_of_file"] = answer(*rows)

    result = run("retract", "leeds.csv", "--yes", "--env", "dev")

    assert result.exit_code == 2
    assert "2 keys end like this:\n  2021/8/24/leeds.csv\n  2021/8/25/leeds.csv\n" in result.stderr
    assert load.asked == []


# --- a live file with a correction that is held


@pytest.fixture
def corrected(load: FakeLoad, warehouse: FakeWarehouse) -> FakeLoad:
    """A key with a live file and a correction that waits for a person."""
    warehouse.answers["ledger_of_file"] = answer(
        ledger_row(source_key=KEY, version_id="v2", file_id="e" * 32, outcome="held", reason="removes_much"),
        ledger_row(source_key=KEY),
    )
    warehouse.answers["retractable_files"] = answer(LIVE, HELD)
    return load


def test_both_are_named_before_they_go(run: Run, corrected: FakeLoad) -> None:
    refused = run("retract", KEY, "--env", "dev", stdin="n\n")
    confirmed = run("retract", KEY, "--env", "dev", stdin="y\n")

    assert (refused.exit_code, confirmed.exit_code) == (1, 0)
    assert "3 orders of £7.85" in refused.stderr
    assert "A correction of it is held too, with 5 orders that do not count" in refused.stderr
    assert "Retract both?" in refused.stderr
    assert "cafe retract '2021/8/25/leeds copy.csv' --which held" in refused.stderr
    assert corrected.asked == [{"retract": {"key": KEY, "kinds": ["live", "held"]}}]


def test_a_script_has_to_choose(run: Run, corrected: FakeLoad) -> None:
    result = run("retract", KEY, "--yes", "--env", "dev")

    assert result.exit_code == 2
    assert "has a live and a held file" in result.stderr
    assert "--which both" in result.stderr
    assert corrected.asked == []


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ([KEY, "--which", "held"], ["held"]),
        ([KEY, "--which", "live"], ["live"]),
        ([KEY, "--which", "both"], ["live", "held"]),
        (["e" * 32], ["held"]),
        ([FILE_ID], ["live"]),
    ],
    ids=["held", "live", "both", "id of the held one", "id of the live one"],
)
def test_only_what_was_chosen_goes(run: Run, corrected: FakeLoad, arguments: list[str], kinds: list[str]) -> None:
    result = run("retract", *arguments, "--yes", "--env", "dev")

    assert result.exit_code == 0
    assert corrected.asked == [{"retract": {"key": KEY, "kinds": kinds}}]


def test_a_kind_that_the_key_does_not_have_is_said(run: Run, load: FakeLoad) -> None:
    result = run("retract", KEY, "--which", "held", "--yes", "--env", "dev")

    assert result.exit_code == 1
    assert "has no held file, only one that is live" in result.stderr
    assert load.asked == []


# --- nothing to retract

WHY_NOT: dict[str, tuple[dict[str, Any], str]] = {
    "rejected": ({"outcome": "rejected", "reason": "not_utf8", "is_live": False}, "counts (rejected: not_utf8)"),
    "failed": ({"outcome": "failed", "reason": "not_copied", "is_live": False}, "counts (failed: not_copied"),
    "superseded": ({"outcome": "superseded", "is_live": False}, "older than the version that counts"),
    "retracted": ({"outcome": "retracted", "is_live": False}, "--again"),
    "replaced": ({"is_live": False, "replaced_by": "d" * 32}, f"cafe trace {'d' * 32}"),
}


@pytest.mark.parametrize(("fields", "sentence"), WHY_NOT.values(), ids=WHY_NOT)
def test_a_file_that_does_not_count_is_described_and_load_is_not_invoked(
    run: Run, load: FakeLoad, warehouse: FakeWarehouse, fields: dict[str, Any], sentence: str
) -> None:
    warehouse.answers |= {
        "ledger_of_file": answer(ledger_row(source_key=KEY, **fields)),
        "retractable_files": answer(),
    }

    result = run("retract", KEY, "--yes", "--env", "dev", "--json")

    described = json.loads(result.stdout)["data"]
    assert result.exit_code == 1
    assert described["retracted"] == []
    assert f"None of the orders of {KEY} counts" in described["why"]
    assert sentence in described["why"]
    assert described["why"] in result.stderr
    assert load.asked == []


def test_a_file_that_has_not_completed_is_not_called_unknown(
    run: Run, load: FakeLoad, warehouse: FakeWarehouse
) -> None:
    boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=KEY, Body=b"x")
    warehouse.answers |= {"ledger_of_file": answer(), "retractable_files": answer()}

    result = run("retract", KEY, "--yes", "--env", "dev")

    assert result.exit_code == 1
    assert f"{KEY} has not completed" in result.stderr
    assert "cafe trace '2021/8/25/leeds copy.csv'" in result.stderr
    assert load.asked == []


def test_a_file_that_left_no_trace_is_an_error(run: Run, load: FakeLoad, warehouse: FakeWarehouse) -> None:
    warehouse.answers["ledger_of_file"] = answer()

    result = run("retract", "nowhere.csv", "--yes", "--env", "dev")

    assert result.exit_code == 2
    assert "There is no trace of nowhere.csv" in result.stderr
    assert load.asked == []


def test_no_answer_is_said_on_a_line_of_its_own(run: Run, load: FakeLoad) -> None:
    result = run("retract", KEY, "--env", "dev", stdin="")

    assert result.exit_code == 1
    assert "There was no answer, so nothing was done." in result.stderr.splitlines()
    assert load.asked == []
