"""`cafe smoke`: what it sends, what it expects, and that nothing of it stays in the warehouse, however it ends."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import boto3
import pytest

from cafe.deployed.environment import Environment
from cafe.errors import CafeError
from cafe.sending.smoke_file import smoke_file
from cafe.sending.smoke_removal import LEFT_AFTER
from cafe.warehouse.port import QueryResult, WarehouseError
from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from shared.contracts import ExtractedPart, Outcome, recorded_key
from shared.personal_text import mask_key
from shared.senders import SMOKE_PREFIX, document_of, is_smoke_test
from transform.stage import transform_part
from unit.cli.builders import DROP_BUCKET, REGION, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run

DAY = date(2026, 11, 26)


@pytest.mark.parametrize("seed", range(20))
def test_the_file_is_what_the_stages_take_it_for(seed: int) -> None:
    file = smoke_file(DAY, Random(seed))
    objects = FakeObjects({document_of(file.key): file.text.encode()})

    outbox = FakeOutbox()
    extracted = extract_file(arrival_of(document_of(file.key)), objects, outbox)
    (part,) = outbox.sent
    assert isinstance(part, ExtractedPart)
    transformed = transform_part(part, objects, FakeOutbox())

    assert (extracted.file.outcome, extracted.file.rows, extracted.file.rejects) == (Outcome.READ, 5, 0)
    assert (transformed.part.orders, transformed.part.rejects, transformed.part.pence) == (4, 1, file.pence)
    assert transformed.rejects_by_rule == {"total_mismatch": 1}


def test_a_key_is_recorded_as_it_is_and_is_that_of_a_smoke_test() -> None:
    keys = {smoke_file(DAY, Random(seed)).key for seed in range(200)}

    assert len(keys) == 200
    assert all(mask_key(key) == recorded_key(key) == key and is_smoke_test(key) for key in keys)


def test_two_runs_have_no_order_in_common() -> None:
    rows = [row for seed in range(200) for row in set(smoke_file(DAY, Random(seed)).text.splitlines())]

    assert len(rows) == len(set(rows)) == 200 * 4


class Stack(FakeWarehouse):
    """A stack whose ledger has the file that is in the drop bucket, after some looks; it retracts by load."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self.rules: list[tuple[str, int]] = [("total_mismatch", 1)]
        self.looks_before: float = 0
        self.problems: list[BaseException] = []
        self.retracted: list[dict[str, Any]] = []
        self.removed: int | None = None

    def query(self, sql: str, parameters: Any = None) -> QueryResult:
        """See Warehouse."""
        if "from ops.files" in sql and ":prefix" not in sql:
            if self.problems:
                raise self.problems.pop(0)
            self.looks_before -= 1
            return answer(*(self.rows() if self.looks_before < 0 else []))
        if "from ops.rejects" in sql:
            return answer(*({"file_id": "f" * 32, "rule": rule, "rejects": count} for rule, count in self.rules))
        return super().query(sql, parameters)

    def rows(self) -> Sequence[dict[str, Any]]:
        """Return the ledger's rows: one for each version in the bucket."""
        listed = boto3.client("s3", REGION).list_object_versions(Bucket=DROP_BUCKET).get("Versions", [])
        counts = {"rows_in": 5, "rows_loaded": 4, "rows_rejected": 1, "amount_loaded": Decimal(self.pence) / 100}
        return [
            ledger_row(source_key=one["Key"], version_id=one["VersionId"], file_id="f" * 32) | counts | self.fields
            for one in listed
        ]

    @property
    def pence(self) -> int:
        """The total of the first four rows that were sent."""
        keys = sent()
        if not keys:
            return 0
        text = boto3.client("s3", REGION).get_object(Bucket=DROP_BUCKET, Key=keys[0])["Body"].read().decode()
        return sum(int(line.split(",CARD,")[1].split(",")[0].replace(".", "")) for line in text.splitlines()[:4])

    def invoke(self, _environment: object, request: str, argument: Any) -> dict[str, Any]:
        """See invoke_load."""
        self.retracted.append({request: argument})
        if self.removed == 0:
            return {"retracted": []}
        return {"retracted": [{"file_id": "f" * 32, "orders": self.removed or 4, "pence": self.pence}]}


def sent() -> list[str]:
    """List the keys in the drop bucket."""
    listed = boto3.client("s3", REGION).list_object_versions(Bucket=DROP_BUCKET).get("Versions", [])
    return [one["Key"] for one in listed]


@pytest.fixture
def stack(deployed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Stack:
    del deployed
    made = Stack()
    monkeypatch.setattr(Environment, "warehouse", lambda _: made)
    monkeypatch.setattr("cafe.sending.smoke_removal.invoke_load", made.invoke)
    return made


def smoke(run: Run, *options: str) -> tuple[int, dict[str, Any]]:
    result = run("smoke", "--env", "dev", "--json", *options)
    return result.exit_code, json.loads(result.stdout)["data"] if result.stdout else {}


def test_a_stack_that_loads_the_file_passes_and_the_file_is_retracted(run: Run, stack: Stack) -> None:
    code, data = smoke(run)

    (key,) = sent()
    assert code == 0
    assert key == data["key"]
    assert key.startswith(SMOKE_PREFIX)
    assert stack.retracted == [{"retract": {"key": key, "kinds": ["live", "held"]}}]
    assert all(one["is_right"] for one in data["comparisons"])
    assert data["retracted"][0]["orders"] == 4


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"outcome": "failed", "reason": "gone", "rows_in": 0, "rows_loaded": 0}, {"outcome", "rows in", "loaded"}),
        ({"rows_in": 4}, {"rows in"}),
        ({"rows_loaded": 3, "rows_duplicate": 1}, {"loaded", "duplicate"}),
        ({"rows_rejected": 0}, {"rejected", "rejected by"}),
        ({"amount_loaded": Decimal("0.01")}, {"loaded £"}),
    ],
    ids=["failed", "a row lost", "a duplicate", "nothing rejected", "another amount"],
)
def test_another_outcome_fails_and_the_file_is_retracted(
    run: Run, stack: Stack, fields: dict[str, Any], wrong: set[str]
) -> None:
    stack.fields = fields

    code, data = smoke(run)

    assert code == 1
    assert {one["name"] for one in data["comparisons"] if not one["is_right"]} == wrong
    assert len(stack.retracted) == 1


def test_another_rule_fails(run: Run, stack: Stack) -> None:
    stack.rules = [("bad_total", 1)]

    code, data = smoke(run)

    assert code == 1
    assert [one["found"] for one in data["comparisons"] if not one["is_right"]] == ["1 bad_total"]


@pytest.mark.parametrize("removed", [0, 3])
def test_a_file_that_does_not_go_out_whole_fails(run: Run, stack: Stack, removed: int) -> None:
    stack.removed = removed

    code, data = smoke(run)

    assert code == 1
    assert "taken out" in {one["name"] for one in data["comparisons"] if not one["is_right"]}


def test_without_an_outcome_in_time_it_fails_and_retracts_the_file_that_comes_late(run: Run, stack: Stack) -> None:
    stack.looks_before = 1

    code, data = smoke(run, "--timeout", "0")

    assert code == 1
    assert data["outcome"] is None
    assert len(stack.retracted) == 1


def test_a_file_that_never_comes_is_named_with_the_command_to_type(run: Run, stack: Stack) -> None:
    stack.looks_before = float("inf")

    result = run("smoke", "--timeout", "0", "--env", "dev")

    assert result.exit_code == 1
    assert stack.retracted == []
    assert f"cafe retract {sent()[0]} --yes --env dev" in result.stderr


@pytest.mark.parametrize(
    ("problem", "code"),
    [(WarehouseError("the warehouse went away"), 2), (KeyboardInterrupt(), 130)],
    ids=["an error", "Ctrl-C"],
)
def test_the_file_is_retracted_when_the_wait_fails_or_is_interrupted(
    run: Run, stack: Stack, problem: BaseException, code: int
) -> None:
    stack.problems = [problem]

    result = run("smoke", "--env", "dev")

    assert result.exit_code == code
    assert stack.retracted == [{"retract": {"key": sent()[0], "kinds": ["live", "held"]}}]


@pytest.mark.parametrize(
    ("problems", "code"),
    [
        ([KeyboardInterrupt(), KeyboardInterrupt()], 130),
        ([KeyboardInterrupt(), WarehouseError("it is away")], 130),
        ([CafeError("a fault"), CafeError("it is away")], 2),
    ],
    ids=["Ctrl-C twice", "Ctrl-C, and an error", "two errors"],
)
def test_if_the_file_cannot_be_retracted_the_command_to_type_is_shown(
    run: Run, stack: Stack, problems: list[BaseException], code: int
) -> None:
    stack.problems = problems

    result = run("smoke", "--env", "dev")

    assert result.exit_code == code
    assert f"cafe retract {sent()[0]} --yes --env dev" in result.stderr


def test_an_interruption_before_the_file_is_sent_has_nothing_to_retract(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cafe.terminal.drops.upload_all", interrupted)

    result = run("smoke", "--env", "dev")

    assert (result.exit_code, sent(), stack.retracted) == (130, [], [])


def test_what_a_killed_run_left_is_retracted_first(run: Run, stack: Stack) -> None:
    left = f"{SMOKE_PREFIX}2026-11-25_killedkill.csv"
    stack.answers["retractable_below"] = answer({"source_key": left})
    started = datetime.now(UTC)

    code, data = smoke(run)

    assert code == 0
    assert data["left_by_earlier_runs"] == [left]
    assert stack.retracted[0] == {"retract": {"key": left, "kinds": ["live", "held"]}}
    (asked,) = [parameters for sql, parameters in stack.asked if ":prefix" in sql]
    before = datetime.fromisoformat(str(asked["before"])).replace(tzinfo=UTC)
    assert asked["prefix"] == SMOKE_PREFIX
    assert abs(started - LEFT_AFTER - before) < timedelta(minutes=1)
