"""`cafe retract`: it shows what would be removed, asks, and invokes load."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest

from cafe.deployed.environment import Environment
from cafe.terminal.presentation import require_answer_or_yes
from cafe.warehouse.ledger import Ledger, LiveFile
from unit.cli.builders import FakeWarehouse, answer
from unit.cli.conftest import Run

KEY = "2021/8/25/leeds copy.csv"


class FakeLoad:
    """The Lambda service, with load's answer to a retraction."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803, ARG002  names of the API
        self.asked.append(json.loads(Payload))
        retracted = {"retracted": [{"file_id": "0" * 32, "orders": 2, "pence": 515}]}
        return {"Payload": io.BytesIO(json.dumps(retracted).encode())}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, warehouse: FakeWarehouse) -> FakeLoad:
    fake = FakeLoad()
    monkeypatch.setattr("cafe.commands.retract.open_environment", lambda _name: Environment.__new__(Environment))
    monkeypatch.setattr(Environment, "client", lambda _environment, _service: fake)
    monkeypatch.setattr(Environment, "fact", lambda _environment, name: f"the {name}")
    monkeypatch.setattr("cafe.commands.retract.require_answer_or_yes", lambda _is_yes: None)
    live = {"file_id": "0" * 32, "orders": 3, "amount": Decimal("7.85")}
    warehouse.answers["live_files_of_key"] = answer(live)
    return fake


def test_it_shows_what_would_be_removed_and_no_changes_nothing(run: Run, load: FakeLoad) -> None:
    result = run("retract", KEY, stdin="n\n")

    assert result.exit_code == 1
    assert "3 orders of £7.85" in result.stderr
    assert load.asked == []


def test_without_a_terminal_it_refuses_unless_yes_is_given(
    run: Run, load: FakeLoad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cafe.commands.retract.require_answer_or_yes", require_answer_or_yes)

    result = run("retract", KEY)

    assert result.exit_code == 2
    assert "Add --yes." in result.stderr
    assert load.asked == []


@pytest.mark.parametrize(("arguments", "stdin"), [([], "y\n"), (["--yes"], "")], ids=["confirmed", "not asked"])
def test_load_retracts_the_key(run: Run, load: FakeLoad, arguments: list[str], stdin: str) -> None:
    result = run("retract", KEY, *arguments, stdin=stdin)

    assert result.exit_code == 0
    assert load.asked == [{"retract": {"key": KEY}}]
    assert "2 orders of £5.15 removed" in result.stdout


def test_a_key_without_head_offices_prefix_is_resolved(
    run: Run, load: FakeLoad, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, live = f"head-office/{KEY}", LiveFile("0" * 32, 3, Decimal("7.85"))
    monkeypatch.setattr(Ledger, "live_files", lambda _ledger, key: [live] if key == whole else [])

    result = run("retract", KEY, "--yes")

    assert result.exit_code == 0
    assert load.asked == [{"retract": {"key": whole}}]


def test_without_a_live_file_load_is_not_invoked(run: Run, load: FakeLoad, warehouse: FakeWarehouse) -> None:
    warehouse.answers["live_files_of_key"] = answer()

    result = run("retract", KEY, "--yes", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["data"] == {"retracted": []}
    assert load.asked == []
