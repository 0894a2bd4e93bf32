"""`cafe status`, `cafe watch`, `cafe check` and the alarms say the same at any moment, whatever is wrong."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cafe.answers.checks import TOO_OLD
from cafe.answers.health import SALES_ARE_STALE
from cafe.deployed.alarms import first_command
from cafe.errors import CafeError
from cafe.warehouse.port import WarehouseError
from load.check_rules import Check
from load.marts import definition_of
from template.stack import Stack, read_source
from unit.cli.builders import (
    NO_LEDGER,
    REGION,
    STAGES,
    FakeWarehouse,
    answer,
    cafe_day_row,
    check_run_row,
    ledger_row,
)
from unit.cli.conftest import Run
from unit.cli.test_status import raise_alarm, send

TEMPLATE = Stack(read_source())
ALARMS = list(TEMPLATE.of_type("AWS::CloudWatch::Alarm"))


@dataclass
class FakeLoad:
    """Load's answers to a check: rows found by check, or an error."""

    found: dict[str, int] = field(default_factory=dict)
    error: Exception | None = None
    asked: int = 0

    def invoke(self, _environment: object, request: str) -> dict[str, Any]:
        """Answer as load does."""
        assert request == "check"
        self.asked += 1
        if self.error is not None:
            raise self.error
        return {"faults": dict.fromkeys(Check, 0) | self.found, "samples": {}, "isolation": "Serializable"}


@dataclass(frozen=True)
class Ground:
    """Where a test makes something go wrong."""

    warehouse: FakeWarehouse
    load: FakeLoad
    facts: dict[str, Any]


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch, warehouse: FakeWarehouse, deployed: dict[str, Any]) -> Ground:
    """A pipeline in which all is well: one file loaded, one café in, all marts as they were created."""
    load = FakeLoad()
    for module in ("cafe.answers.examining", "cafe.commands.check"):
        monkeypatch.setattr(f"{module}.invoke_load", load.invoke)
    logs = boto3.client("logs", REGION)
    for stage in STAGES:
        logs.create_log_group(logGroupName=deployed[f"{stage}/logs/group"])
    sale = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=9)
    warehouse.answers |= {
        "recent_files": answer(ledger_row()),
        "cafes_and_nights": answer(cafe_day_row("Leeds", orders=9) | {"last_sale_at": sale}),
        "mart_definitions": answer({"name": "files", "definition": definition_of("select 1")}),
        "mart_views": answer({"name": "files", "definition": "select 1"}),
    }
    return Ground(warehouse, load, deployed)


def _check_finds_rows(ground: Ground) -> None:
    ground.load.found = {"orders_unique": 3}
    ground.warehouse.answers["last_check_run"] = answer(check_run_row(orders_unique=3))


def _check_would_find_rows_and_last_ran_long_ago(ground: Ground) -> None:
    ground.load.found = {"orders_unique": 3}
    ground.warehouse.answers["last_check_run"] = answer(check_run_row(minutes_ago=TOO_OLD.total_seconds() / 60 + 1))


def _check_would_find_rows_of_a_file_that_came_since(ground: Ground) -> None:
    ground.load.found = {"live_files_agree": 1}
    ground.warehouse.answers["last_check_run"] = answer(check_run_row(files_since=1))


def _checks_never_ran(ground: Ground) -> None:
    ground.load.found = {"live_files_agree": 1}
    ground.warehouse.answers["last_check_run"] = NO_LEDGER


def _mart_is_missing(ground: Ground) -> None:
    ground.load.found = {"marts_intact": 1}
    ground.warehouse.answers["mart_views"] = answer()


def _mart_was_replaced(ground: Ground) -> None:
    ground.load.found = {"marts_intact": 1}
    ground.warehouse.answers["mart_views"] = answer({"name": "files", "definition": "select 2"})


def _no_mart_is_left(ground: Ground) -> None:
    ground.load.found = {"marts_intact": 1}
    ground.warehouse.answers |= {"mart_views": answer(), "cafes_and_nights": NO_LEDGER}


def _load_cannot_check(ground: Ground) -> None:
    ground.load.error = CafeError("The load function failed to check.", "See the log group /cafe/dev/load.")
    ground.warehouse.answers["last_check_run"] = answer(check_run_row(files_since=1))


def _warehouse_is_away(ground: Ground) -> None:
    ground.load.error = CafeError("The load function failed to check.", "See the log group /cafe/dev/load.")
    ground.warehouse.answers["recent_files"] = WarehouseError("no route to host")


def _dead_letter(ground: Ground) -> None:
    send(ground.facts["load/deadletters/url"])


def _failed_file(ground: Ground) -> None:
    ground.warehouse.answers["recent_files"] = answer(ledger_row(outcome="failed", reason="not_copied"))


def _held_file(ground: Ground) -> None:
    ground.warehouse.answers["held_files"] = answer(ledger_row(outcome="held", reason="unknown_cafe"))


def _file_refused_by_a_fault_of_the_pipeline(ground: Ground) -> None:
    ground.warehouse.answers["recent_files"] = answer(ledger_row(outcome="rejected", reason="broke_extract"))


def _missing_cafe(ground: Ground) -> None:
    sale = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=9)
    ground.warehouse.answers["cafes_and_nights"] = answer(cafe_day_row("York") | {"last_sale_at": sale})


def _old_sales(ground: Ground) -> None:
    sale = datetime.now(UTC).replace(tzinfo=None) - SALES_ARE_STALE - timedelta(minutes=1)
    ground.warehouse.answers["cafes_and_nights"] = answer(cafe_day_row("York", orders=1) | {"last_sale_at": sale})


def _alarm(ground: Ground) -> None:
    del ground
    raise_alarm("cafe-dev-load-error", "Errors. First run `cafe logs --env dev`. Runbook: docs/operations.md#x")


def _nothing(ground: Ground) -> None:
    del ground


# What goes wrong, the kind of trouble that it is (several: by order), and the exit code of `cafe check`.
TROUBLES: list[tuple[Callable[[Ground], None], list[str], int]] = [
    (_nothing, [], 0),
    (_check_finds_rows, ["failing_checks"], 1),
    (_check_would_find_rows_and_last_ran_long_ago, ["failing_checks"], 1),
    (_check_would_find_rows_of_a_file_that_came_since, ["failing_checks"], 1),
    (_checks_never_ran, ["failing_checks"], 1),
    (_mart_is_missing, ["faulty_marts"], 1),
    (_mart_was_replaced, ["faulty_marts"], 1),
    (_no_mart_is_left, ["faulty_marts"], 1),
    (_load_cannot_check, ["broken_check"], 2),
    (_warehouse_is_away, ["silent_warehouse"], 2),
    (_dead_letter, ["dead_letters"], 0),
    (_failed_file, ["failed_files"], 0),
    (_held_file, ["held_files"], 0),
    (_file_refused_by_a_fault_of_the_pipeline, ["rejected_files"], 0),
    (_missing_cafe, ["missing_cafes"], 0),
    (_old_sales, ["stale_sales"], 0),
    (_alarm, ["alarms"], 0),
]


@pytest.mark.parametrize(("goes_wrong", "kinds", "of_check"), TROUBLES, ids=lambda one: getattr(one, "__name__", ""))
def test_status_watch_and_check_agree(
    ground: Ground, run: Run, goes_wrong: Callable[[Ground], None], kinds: list[str], of_check: int
) -> None:
    goes_wrong(ground)

    status = run("status", "--env", "dev", "--json")
    watch = run("watch", "--once", "--warehouse-every", "300", "--env", "dev", "--json")
    check = run("check", "--env", "dev", "--json")

    described = json.loads(status.stdout)["data"]
    (verdict,) = [
        change for line in watch.stdout.splitlines() if (change := json.loads(line)["data"])["kind"] == "verdict"
    ]
    assert [trouble["kind"] for trouble in described["troubles"]] == kinds == verdict["facts"]["troubles"]
    assert status.exit_code == watch.exit_code == (1 if kinds else 0)
    assert described["healthy"] is verdict["facts"]["healthy"] is not kinds
    assert described["verdict"] == verdict["words"]
    assert described["verdict"].startswith("Needs you: " if kinds else "Healthy: ")
    assert check.exit_code == of_check
    assert all(trouble["remedy"] for trouble in described["troubles"])


def test_what_the_checks_found_is_trusted_while_it_is_young_and_good(ground: Ground, run: Run) -> None:
    result = run("status", "--env", "dev")

    assert re.search(r"checks   19 checks found nothing, \d+ (s|min) ago\n", result.stdout)
    assert ground.load.asked == 0


def test_checks_that_are_too_old_run_again_and_the_answer_is_of_now(ground: Ground, run: Run) -> None:
    _check_would_find_rows_and_last_ran_long_ago(ground)
    ground.load.found = {}

    result = run("status", "--env", "dev")

    assert "checks   19 checks found nothing, now" in result.stdout
    assert ground.load.asked == 1


def test_what_was_repaired_since_the_last_checks_is_seen_at_once(ground: Ground, run: Run) -> None:
    ground.warehouse.answers["last_check_run"] = answer(check_run_row(orders_unique=3))

    assert run("status", "--env", "dev").exit_code == 0


def test_a_caller_who_may_not_invoke_load_is_told_how_old_the_knowledge_is(ground: Ground, run: Run) -> None:
    ground.warehouse.answers["last_check_run"] = answer(check_run_row(minutes_ago=120))
    ground.load.error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Invoke")

    result = run("status", "--env", "dev")

    assert result.exit_code == 0
    assert "Nothing wrong is known: " in result.stdout
    assert "19 checks found nothing, 2 h ago; not run again: AWS refused Invoke" in result.stdout


def test_without_the_warehouse_nobody_says_that_all_is_healthy(ground: Ground, run: Run) -> None:
    result = run("status", "--env", "dev", "--no-warehouse")

    assert result.exit_code == 0
    assert "Nothing wrong is known: nothing on the way; the warehouse was not queried" in result.stdout
    assert "checks   not known: the warehouse was not queried" in result.stdout
    assert ground.load.asked == 0


def test_a_watch_lets_the_checks_run_once_and_reads_what_others_found_after_that(ground: Ground, run: Run) -> None:
    ground.warehouse.answers["last_check_run"] = answer(check_run_row(minutes_ago=120))

    run("watch", "--seconds", "0.6", "--every", "0.1", "--warehouse-every", "0.1", "--env", "dev")

    assert ground.load.asked == 1


# --- alarms


def test_status_prints_the_first_command_of_every_alarm_of_the_template(ground: Ground, run: Run) -> None:
    del ground
    commands = {}
    for alarm in ALARMS:
        described = alarm.properties["AlarmDescription"]
        description = str(described["Fn::Sub"] if isinstance(described, dict) else described)
        description = description.replace("${Environment}", "dev").replace("${RunbookUrl}", "docs/operations.md")
        name = str(alarm.properties["AlarmName"]["Fn::Sub"]).replace("${Environment}", "dev")
        raise_alarm(name, description)
        commands[name.removeprefix("cafe-dev-")] = first_command(description)

    (trouble,) = json.loads(run("status", "--env", "dev", "--json").stdout)["data"]["troubles"]

    assert len(trouble["items"]) == len(ALARMS) == len(commands)
    for name, command in commands.items():
        assert command.startswith(("cafe ", "aws "))
        assert ("--env dev" in command) is command.startswith("cafe ")
        # The command that shows this would only show it again.
        typed = command.replace("cafe status", "cafe check")
        (item,) = [item for item in trouble["items"] if item.startswith(f"{name}, for ")]
        assert item.endswith(f": {typed}")
    assert trouble["remedy"].startswith("First type `")


def test_the_first_command_of_an_alarm_of_the_local_stack_names_the_local_stack() -> None:
    assert first_command("First run `cafe check --env dev`. Runbook: x", "local") == "cafe check --env local"


def test_several_alarms_have_a_command_each(ground: Ground, run: Run) -> None:
    del ground
    for name, command in (("load-error", "cafe logs"), ("missing-cafe", "cafe check")):
        raise_alarm(f"cafe-dev-{name}", f"X. First run `{command}`. Runbook: docs/operations.md#{name}")

    shown = run("status", "--env", "dev").stdout

    assert "load-error, for " in shown
    assert ": cafe logs" in shown
    assert ": cafe check" in shown


def test_sales_are_stale_after_as_many_hours_as_for_the_alarm() -> None:
    parameters = read_source()["Parameters"]

    assert timedelta(hours=parameters["StaleSalesHours"]["Default"]) == SALES_ARE_STALE


# --- refusals


def test_files_refused_for_eleven_reasons_have_eleven_remedies(ground: Ground, run: Run) -> None:
    reasons = (
        "unsupported_file", "unsupported_key", "personal_key", "no_cafe_in_key", "too_many_cafes", "unknown_dialect",
        "not_utf8", "bad_gzip", "too_large", "few_orders", "no_row_accepted",
    )  # fmt: skip
    ground.warehouse.answers["recent_files"] = answer(
        *(ledger_row(source_key=f"{reason}.csv", outcome="rejected", reason=reason) for reason in reasons)
    )

    described = json.loads(run("status", "--env", "dev", "--json").stdout)["data"]
    shown = run("status", "--env", "dev").stdout

    assert [trouble["which"] for trouble in described["troubles"]] == list(reasons)
    assert len({trouble["remedy"] for trouble in described["troubles"]}) == len(reasons)
    assert len(shown.splitlines()) <= 24
    assert "more; --json lists all, `cafe rejects` refusals" in shown
    assert "unsupported_file.csv" in shown
