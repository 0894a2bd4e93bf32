"""`cafe check`: shows what load's checks found, and returns an exit code for scripts."""

import io
import json
from typing import Any

import pytest

from cafe.deployed.environment import Environment
from unit.cli.conftest import Run


class FakeLoad:
    """The Lambda service, with load's answer to any request."""

    def __init__(self, answer: dict[str, Any], error: str = "") -> None:
        self.asked: list[Any] = []
        self._answer = {"Payload": io.BytesIO(json.dumps(answer).encode())} | (
            {"FunctionError": error} if error else {}
        )

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  names of the API
        self.asked.append((FunctionName, json.loads(Payload)))
        return self._answer


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(answer: dict[str, Any], error: str = "") -> FakeLoad:
        fake = FakeLoad(answer, error)
        for module in ("cafe.commands.check", "cafe.deployed.environment"):
            monkeypatch.setattr(f"{module}.open_environment", lambda _name: Environment.__new__(Environment))
        monkeypatch.setattr(Environment, "client", lambda _environment, _service: fake)
        monkeypatch.setattr(Environment, "fact", lambda _environment, name: f"the {name}")
        return fake

    return make


def test_exit_code_0_if_no_check_finds_anything(run: Run, load: Any) -> None:
    fake = load({"faults": {"orders_unique": 0, "rows_conserved": 0}, "isolation": "Snapshot Isolation"})

    result = run("check")

    assert result.exit_code == 0
    assert result.stdout.count("✓") == 2
    assert "Isolation level of the database: Snapshot Isolation" in result.stdout
    assert fake.asked == [("the load/function/name", {"check": True})]


def test_exit_code_1_and_a_count_if_a_check_finds_faulty_rows(run: Run, load: Any) -> None:
    load({"faults": {"orders_unique": 1200, "rows_conserved": 0}, "isolation": "unknown"})

    result = run("check")

    assert result.exit_code == 1
    assert "✗  orders_unique" in result.stdout
    assert "1,200" in result.stdout


def test_json_has_the_number_of_faulty_rows_by_check(run: Run, load: Any) -> None:
    answer = {"faults": {"orders_unique": 0}, "isolation": "Serializable"}
    load(answer)

    assert json.loads(run("check", "--json").stdout)["data"] == answer


@pytest.mark.parametrize(
    ("faults", "remark"),
    [
        ({"orders_unique": 0}, ""),
        ({"orders_unique": 2, "rows_conserved": 0}, "these checks found faulty rows: orders_unique. Run: cafe check"),
        (None, "The checks after the migration could not run."),
    ],
    ids=["nothing found", "faults found", "not run"],
)
def test_a_migration_reports_its_checks_and_succeeds_whatever_they_find(
    run: Run, load: Any, faults: dict[str, int] | None, remark: str
) -> None:
    load({"schema_version": 7, "faults": faults, "isolation": "unknown"})

    result = run("migrate", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["data"]["faults"] == faults
    output = " ".join(result.stderr.split())
    assert "The warehouse's tables are up to date." in output
    assert remark in output
    assert ("cafe check" in output) is bool(remark)


def test_exit_code_2_if_load_itself_failed(run: Run, load: Any) -> None:
    load({"errorMessage": "what a function says may not be shown"}, error="Unhandled")

    result = run("check")

    assert result.exit_code not in (0, 1)
    assert "the load/logs/group" in result.stderr
    assert "may not be shown" not in result.output
