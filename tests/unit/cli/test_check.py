"""`cafe check`: shows what load's checks found, and returns an exit code for scripts."""

import io
import json
import re
from typing import Any

import pytest

from cafe.answers.checks import problem_of, remedy_of
from cafe.cli import app
from cafe.deployed.environment import Environment
from load.check_rules import Check
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
    answer = {"faults": dict.fromkeys(Check, 0), "samples": {}, "isolation": "Serializable"}
    load(answer)

    assert json.loads(run("check", "--json").stdout)["data"] == {
        "faults": answer["faults"],
        "isolation": "Serializable",
        "failing": [],
        "not_run": [],
    }


SAMPLES = {
    "live_files_agree": [{"cafe": "Leeds", "day": "2026-11-20", "key": "a b.csv", "other_key": "head-office/c.csv"}],
    "orders_unique": [{"order_id": str(number), "copies": "2"} for number in range(3)],
    "marts_intact": [{"mart": "nights", "problem": "missing"}],
}


def test_each_failing_check_says_what_is_wrong_shows_rows_and_ends_with_the_next_command(run: Run, load: Any) -> None:
    faults = dict.fromkeys(Check, 0) | {"live_files_agree": 1, "orders_unique": 1200, "marts_intact": 1}
    del faults[Check.ITEMS_SOLD_AGREE]
    load({"faults": faults, "samples": SAMPLES, "isolation": "Serializable"})

    result = run("check")

    shown = result.stdout
    assert result.exit_code == 1
    assert "orders_unique: 1,200 rows. These orders are in the warehouse more than once" in shown
    assert "  order_id 2, copies 2\n  … and 1,197 more\n" in shown
    assert "call the data team: cafe sql --csv - < src/load/sql/checks/orders_unique.sql > orders_unique.csv" in shown
    assert "take the other one out: cafe retract 'a b.csv' or cafe retract head-office/c.csv" in shown
    assert "mart nights, problem missing" in shown
    assert "cafe migrate" in shown
    assert "–  items_sold_agree" in shown
    load({"faults": faults, "samples": SAMPLES, "isolation": "Serializable"})
    described = json.loads(run("check", "--json").stdout)["data"]
    assert {one["check"]: one["samples"] for one in described["failing"]} == SAMPLES
    assert all(one["problem"] and "cafe " in one["remedy"] for one in described["failing"])
    assert described["not_run"] == ["items_sold_agree"]


def test_of_several_pairs_of_files_no_single_one_is_named_in_the_command() -> None:
    pair = SAMPLES["live_files_agree"][0]

    remedy = remedy_of(Check.LIVE_FILES_AGREE, [pair, pair | {"key": "hull.csv"}])

    assert "cafe retract KEY" in remedy
    assert "a b.csv" not in remedy


@pytest.mark.parametrize("check", Check)
def test_every_check_has_a_sentence_and_a_command_of_the_command_line(check: Check) -> None:
    command = re.search(r": (cafe \w+)", remedy_of(check))

    assert re.fullmatch(r"[A-Z][^.]+\.", problem_of(check))
    assert command is not None
    assert command[1].split()[1] in {one.name for one in app.registered_commands}


def test_no_two_checks_have_the_same_sentence() -> None:
    assert len({check.problem for check in Check}) == len(Check)


def test_a_check_of_another_version_is_explained_as_one(run: Run, load: Any) -> None:
    load({"faults": {"of_tomorrow": 2}, "isolation": "Serializable"})

    result = run("check")

    assert result.exit_code == 1
    assert "of_tomorrow: 2 rows. This check belongs to another version" in result.stdout


def test_a_migration_says_which_views_it_has_restored(run: Run, load: Any) -> None:
    load({"schema_version": 10, "restored": ["files", "nights"], "faults": {}})

    assert "Created again, because they were missing or replaced: mart.files, mart.nights." in run("migrate").output


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
