"""`cafe approve`: it shows why a file is held and what would change, asks, and invokes load."""

import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cafe.deployed.environment import Environment
from unit.cli.builders import FILE_ID, NO_LEDGER, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

KEY = "2026/11/26/leeds_26-11-2026_21-00-00.csv"
OTHER = "2026/11/25/leeds_25-11-2026_21-00-00.csv"
LIVE_ID = "1" * 32


def held_row(key: str = KEY, **fields: Any) -> dict[str, Any]:
    """Build the ledger's row of a correction: 20 orders in the place of 200."""
    correction = {
        "version_id": "v2",
        "outcome": "held",
        "reason": "removes_much",
        "detail": "would remove 185 of 200 orders",
        "is_live": False,
        "rows_in": 22,
        "rows_rejected": 2,
        "rows_loaded": 0,
        "amount_accepted": Decimal("98.00"),
        "amount_loaded": Decimal("0.00"),
    }
    return ledger_row(source_key=key, **(correction | fields))


def live_row(key: str = KEY, **fields: Any) -> dict[str, Any]:
    rows = {"rows_in": 200, "rows_loaded": 200, "amount_accepted": Decimal("980.00")}
    return ledger_row(source_key=key, file_id=LIVE_ID, **(rows | fields))


class FakeLoad:
    """The Lambda service, with load's answer to an approval."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.approved: list[dict[str, Any]] = [
            {"file_id": FILE_ID, "key": KEY, "outcome": "loaded", "rows_loaded": 5, "rows_removed": 185}
        ]

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803, ARG002  names of the API
        self.asked.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps({"approved": self.approved}).encode())}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, warehouse: FakeWarehouse) -> FakeLoad:
    fake = FakeLoad()
    monkeypatch.setattr("cafe.commands.approve.open_environment", lambda _name: Environment.__new__(Environment))
    monkeypatch.setattr(Environment, "client", lambda _environment, _service: fake)
    monkeypatch.setattr(Environment, "fact", lambda _environment, name: f"the {name}")
    warehouse.answers["ledger_of_file"] = answer(held_row(), live_row())
    return fake


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody can answer."""
    monkeypatch.setattr("cafe.commands.approve.require_answer_or_yes", lambda _is_yes: None)


@pytest.mark.usefixtures("at_a_terminal")
def test_it_shows_why_and_what_would_change_and_no_changes_nothing(run: Run, load: FakeLoad) -> None:
    result = run("approve", "leeds_26-11-2026_21-00-00.csv", stdin="n\n")

    assert result.exit_code == 1
    assert "held: removes_much: would remove 185 of 200 orders" in result.stderr
    assert "sent by the café leeds" in result.stderr
    assert "this file: 20 orders of £98.00; 2 rows rejected" in result.stderr
    assert f"loaded now: 200 orders of £980.00, from {KEY}" in result.stderr
    # 15 of the 200 stay, so 5 of the file's 20 are new.
    assert "it would remove 185 orders, and add 5 orders at most" in result.stderr
    assert "Nothing was loaded." in result.stderr
    assert load.asked == []


@pytest.mark.usefixtures("at_a_terminal")
def test_load_approves_the_file_after_yes(run: Run, load: FakeLoad) -> None:
    result = run("approve", KEY, stdin="y\n")

    assert result.exit_code == 0
    assert load.asked == [{"approve": {"file_id": FILE_ID}}]
    assert f"{KEY} loaded: 5 orders added, 185 removed" in result.stdout


@pytest.mark.parametrize("name", [KEY, "21-00-00.csv", FILE_ID], ids=["key", "end of a key", "file id"])
def test_a_file_is_found_by_any_of_its_names(run: Run, load: FakeLoad, name: str) -> None:
    result = run("approve", name, "--yes", "--json")

    assert result.exit_code == 0
    assert load.asked == [{"approve": {"file_id": FILE_ID}}]
    described = json.loads(result.stdout)["data"]
    assert described["held"]["source_key"] == KEY
    assert [live["file_id"] for live in described["live"]] == [LIVE_ID]
    assert (described["would_remove"], described["would_add"]) == (185, 5)
    assert described["approved"] == load.approved


def test_without_a_terminal_it_refuses_and_says_how(run: Run, load: FakeLoad) -> None:
    result = run("approve", KEY, stdin="y\n")

    assert result.exit_code == 2
    assert "would remove 185 of 200 orders" in result.stderr
    assert "nobody can answer" in result.stderr
    assert "Add --yes." in result.stderr
    assert load.asked == []


def test_several_held_files_are_listed_and_none_is_approved(run: Run, load: FakeLoad, warehouse: FakeWarehouse) -> None:
    warehouse.answers["ledger_of_file"] = answer(held_row(), held_row(OTHER, file_id="2" * 32))

    result = run("approve", "21-00-00.csv", "--yes")

    assert result.exit_code == 2
    assert "2 files that are held match '21-00-00.csv'" in result.stderr
    assert f"{'2' * 32}  {OTHER}  removes_much: would remove 185 of 200 orders" in result.stderr
    assert "Approve them one by one" in result.stderr
    assert load.asked == []


def test_a_whole_key_is_that_file_only(run: Run, load: FakeLoad, warehouse: FakeWarehouse) -> None:
    warehouse.answers["ledger_of_file"] = answer(held_row(f"head-office/{KEY}", file_id="2" * 32), held_row())

    assert run("approve", KEY, "--yes").exit_code == 0
    assert load.asked == [{"approve": {"file_id": FILE_ID}}]


def test_of_a_version_that_was_held_twice_the_newest_re_extract_is_approved(
    run: Run, load: FakeLoad, warehouse: FakeWarehouse
) -> None:
    row = held_row(file_id="2" * 32)
    warehouse.answers["ledger_of_file"] = answer(
        row | {"recorded_at": row["recorded_at"] + timedelta(hours=1)}, held_row(file_id="3" * 32)
    )

    assert run("approve", KEY, "--yes").exit_code == 0
    assert load.asked == [{"approve": {"file_id": "2" * 32}}]


@pytest.mark.parametrize(
    ("row", "exit_code", "what"),
    [
        (live_row(rows_loaded=5, amount_loaded=Decimal("24.50")), 0, "is not held: loaded: 5 orders of £24.50."),
        (held_row(outcome="retracted"), 1, "is not held: retracted."),
        (held_row(outcome="superseded"), 1, "is not held: older than the version that counts"),
        (held_row(outcome="rejected", reason="not_utf8", detail=""), 1, "is not held: rejected: not_utf8."),
    ],
    ids=["approved before", "retracted", "replaced", "rejected"],
)
def test_a_file_that_is_not_held_is_called_what_it_is(
    run: Run, load: FakeLoad, warehouse: FakeWarehouse, row: dict[str, Any], exit_code: int, what: str
) -> None:
    warehouse.answers["ledger_of_file"] = answer(row)

    result = run("approve", KEY, "--yes")
    as_json = run("approve", KEY, "--yes", "--json")

    assert result.exit_code == as_json.exit_code == exit_code
    assert what in result.stderr
    assert load.asked == []
    assert json.loads(as_json.stdout)["data"]["approved"] == []
    assert json.loads(as_json.stdout)["data"]["files"][0]["outcome"] == row["outcome"]


def test_a_file_that_somebody_else_settled_meanwhile_is_called_what_it_is(
    run: Run, load: FakeLoad, warehouse: FakeWarehouse
) -> None:
    load.approved = []
    settled = answer(held_row(outcome="retracted"))
    warehouse.answers["ledger_of_file"] = [answer(held_row()), answer(held_row()), settled]

    result = run("approve", KEY, "--yes")

    assert result.exit_code == 1
    assert "is not held: retracted." in result.stderr


def test_a_file_that_the_ledger_lacks_is_an_error(run: Run, load: FakeLoad, warehouse: FakeWarehouse) -> None:
    warehouse.answers["ledger_of_file"] = NO_LEDGER

    result = run("approve", "york.csv", "--yes")

    assert result.exit_code == 2
    assert "The ledger has no file 'york.csv'" in result.stderr
    assert "cafe trace york.csv" in result.stderr
    assert run("approve", "", "--yes").exit_code == 2
    assert load.asked == []


def test_an_unknown_cafe_is_better_registered(run: Run, load: FakeLoad, warehouse: FakeWarehouse) -> None:
    warehouse.answers["ledger_of_file"] = answer(held_row(reason="unknown_cafe", detail="1 unknown café"))

    result = run("approve", KEY, "--yes")

    assert load.asked
    assert "cafe cafes add NAME --key leeds" in result.stderr
    assert "loaded now: no version of it" in result.stderr
    assert "it would remove 0 orders, and add 20 orders at most" in result.stderr


def test_what_load_did_not_compute_is_not_invented(run: Run, load: FakeLoad, warehouse: FakeWarehouse) -> None:
    warehouse.answers["ledger_of_file"] = answer(held_row(reason="unknown_cafe", detail="1 unknown café"), live_row())

    result = run("approve", KEY, "--yes")
    described = json.loads(run("approve", KEY, "--yes", "--json").stdout)["data"]

    assert load.asked
    assert "it replaces what is loaded now" in result.stderr
    assert (described["would_remove"], described["would_add"]) == (None, None)
