"""Every screen of the command line, as people see it at 80 and 120 columns, and as it is written to a pipe.

The screens are in the folder __snapshots__. After a change: `make screens`, and read the difference.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from syrupy.assertion import SnapshotAssertion
from typer.main import get_command

from cafe.answers import doctor
from cafe.answers.drafting.proposal import propose
from cafe.cli import app
from cafe.dashboards.remote.check import Finding
from cafe.deployed.dead_letters import DeadLetter
from cafe.deployed.environment import Environment, open_environment
from cafe.deployed.kept import Kept
from cafe.local.layout import checkout
from cafe.sending.stage_runs import StageRun
from cafe.warehouse.ledger import LedgerEntry, RuleCount
from cafe.warehouse.port import Column, QueryResult, WarehouseError
from extract.dialects.catalogue import shipped
from unit.cli.builders import DROP_BUCKET, REGION, FakeWarehouse, answer, ledger_row, nights_row
from unit.cli.screens.conftest import COLUMNS_SEEN, HELD, LEEDS, LONG, Show
from unit.clock import NOW

REWRITE = "type `make screens`, and read the difference"
AWS = ("--env", "dev")


def commands_as_typed(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """List the commands and the groups of a group as they are typed."""
    for name, command in getattr(group, "commands", {}).items():
        yield f"{before}{name}", command
        yield from commands_as_typed(command, f"{before}{name} ")


COMMANDS = dict(commands_as_typed(get_command(app)))


@dataclass
class Stage:
    """What a screen may change before it is shown."""

    warehouse: FakeWarehouse
    patch: pytest.MonkeyPatch
    folder: Path


def with_a_night(stage: Stage, files: int = 3) -> None:
    """Write files into the folder `night`, and let the ledger have their outcomes."""
    folder = stage.folder / "night/2026/11/26"
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"newcastle_upon_tyne_26-11-2026_20-{number:02d}-00.csv").write_text(
            f"{number // 2}", encoding="utf-8"
        )
    stage.patch.setattr(Environment, "warehouse", lambda _environment: _Outcomes(stage.warehouse.answers))


class _Outcomes(FakeWarehouse):
    """A ledger with an outcome for each version in the drop bucket: loaded, known already, rejected in part."""

    def query(self, sql: str, parameters: Any = None) -> QueryResult:
        if "from ops.files" not in sql or "ledger_amount" in sql:
            return super().query(sql, parameters)
        kinds: tuple[dict[str, Any], ...] = (
            {"rows_in": 1386, "rows_loaded": 1386, "amount_loaded": Decimal("12004.75")},
            {"rows_in": 386, "rows_loaded": 0, "rows_duplicate": 386, "amount_loaded": Decimal("0.00")},
            {
                "outcome": "rejected",
                "reason": "unknown_dialect",
                "detail": COLUMNS_SEEN,
                "rows_in": 0,
                "rows_loaded": 0,
            },
        )
        listed = boto3.client("s3", REGION).list_object_versions(Bucket=DROP_BUCKET).get("Versions", [])
        rows = [
            ledger_row(source_key=one["Key"], version_id=one["VersionId"], file_id=f"{at:032d}")
            | kinds[_kind_of(int(one["Key"].rpartition("_")[2].split("-")[1]))]
            for at, one in enumerate(listed)
            if "newcastle_upon_tyne_26-11-2026_20-" in one["Key"]
        ]
        return answer(*rows)


def _kind_of(number: int) -> int:
    """Choose an outcome by the number in a file's name: some are known already, and a few rejected."""
    return 2 if number % 20 == 3 else 1 if number % 7 == 2 else 0


def of_many(stage: Stage) -> None:
    with_a_night(stage, 30)


def with_sales(stage: Stage) -> None:
    """Let the warehouse answer a query with figures, and one with more columns than fit."""
    columns = (Column("café", "varchar"), Column("orders", "int8"), Column("takings", "numeric"))
    stage.warehouse.answers["select 1"] = QueryResult(
        columns, [("Isle of Wight", 1386, Decimal("12004.75")), ("Zoë’s カフェ", 7, None)]
    )
    wide = tuple(Column(f"a_rather_long_column_{number}", "varchar") for number in range(5))
    stage.warehouse.answers["select 2"] = QueryResult(wide, [tuple("abcdefgh" * 3 for _ in wide)] * 2)
    stage.warehouse.answers["select wrong"] = WarehouseError('relation "wrong" does not exist', "cafe sql --help")


def with_a_season(stage: Stage) -> None:
    """Let the demo find a stack, files and sales."""
    with_a_night(stage)
    stage.patch.setattr("cafe.commands.demo._stack_for_the_demo", lambda **_: nullcontext())
    stage.patch.setattr("cafe.commands.demo.open_environment", lambda _name: open_environment("dev"))
    for name in ("filling", "stack.reserved"):
        stage.patch.setattr(f"cafe.commands.demo.{name}", lambda *_: nullcontext())
    stage.patch.setattr("cafe.commands.demo.write_night", lambda *_: None)
    stage.patch.setattr("cafe.commands.demo.TemporaryDirectory", lambda **_: nullcontext(stage.folder / "night"))
    counts = {
        "files": 20,
        "rows_in": 6131,
        "rows_loaded": 6120,
        "rows_duplicate": 0,
        "rows_superseded": 0,
        "rows_rejected": 11,
    }
    amounts = dict.fromkeys(("ledger_amount", "orders_amount", "items_amount"), Decimal("32143.75"))
    best = {"café": "Isle of Wight", "orders": 540, "takings": Decimal("2823.40"), "average spend": Decimal("5.23")}
    stage.warehouse.answers |= {
        "tour/conservation": answer(counts | amounts),
        "tour/best_cafes": answer(best),
        "tour/worst_products": answer({"product": "Flavoured hot chocolate", "sold": 3, "takings": Decimal("7.80")}),
        "tour/spend_and_hour": answer({"average_spend": Decimal("5.25"), "hour": 13, "orders": 712}),
    }


def with_a_stack(stage: Stage) -> None:
    """Let the local stack be started and stopped at once."""

    def start(progress: Callable[[str], Any], _parameters: Any, **_options: Any) -> Any:
        for step in ("Start PostgreSQL", "Start the AWS emulator", "Deploy the template and migrate the warehouse"):
            with progress(step):
                pass
        return SimpleNamespace()

    stage.patch.setattr("cafe.local.stack.up", start)
    stage.patch.setattr("cafe.local.stack.reset", start)
    stage.patch.setattr("cafe.local.stack.down", lambda: ["postgres", "emulator", "redshift"])


def with_a_machine(stage: Stage) -> None:
    """Let the machine have one thing of each state."""
    findings = [
        doctor.Finding("python", doctor.State.OK, "3.13.0, as .python-version wants"),
        doctor.Finding("engine", doctor.State.WARNING, "no container engine answers", "Install Docker, or start it."),
        doctor.Finding("disk", doctor.State.PROBLEM, "0.4 GB are free", "Make room: a stack needs about 2 GB."),
    ]
    stage.patch.setattr("cafe.commands.doctor.checks", lambda _environment: [("all", lambda: findings)])


def with_a_run(stage: Stage) -> None:
    """Let stages run at once."""
    log = '{"level": "INFO", "message": "file.extracted", "timestamp": "2026-11-26T22:30:00Z", "rows": 386}\n'
    messages = ('{"file_id": "1", "part": 1}',)
    stage.patch.setattr(
        "cafe.sending.stage_runs.run_stage",
        lambda *_: StageRun("extract", {"batchItemFailures": []}, False, messages, log),
    )
    stage.patch.setattr(
        "cafe.sending.stage_runs.event_for", lambda *_, **__: {"Records": [{"s3": {"object": {"key": LEEDS}}}]}
    )
    stage.patch.setattr("cafe.sending.stage_runs.read_event", lambda _text: {})
    for command in ("invoke", "event"):
        stage.patch.setattr(f"cafe.commands.{command}.open_environment", lambda _name: open_environment("dev"))
    stage.patch.setattr(Environment, "is_local", property(lambda _self: True))
    stage.patch.setattr("cafe.commands.event._say_how_to_run", lambda *_: None)


def with_grafana(stage: Stage) -> None:
    """Let a Grafana server answer, with one board that has a fault."""
    found = [
        Finding("board", "Cafés at a glance", True, "12 panels", 3.2),
        Finding("panel", "Revenue by café, last 30 days", False, "no data: relation mart.sales does not exist", 12.5),
    ]
    stage.patch.setenv("GRAFANA_TOKEN", "token")
    stage.patch.setattr("cafe.commands.dashboards.check.check_everything", lambda *_: iter(found))


def with_a_preview(stage: Stage) -> None:
    """Let the page be written and pictured at once."""
    stage.patch.setattr("cafe.commands.dashboards.preview._write", lambda *_: 4_200_000)
    stage.patch.setattr("cafe.commands.dashboards.screenshots.headless_page", lambda *_: nullcontext())
    stage.patch.setattr(
        "cafe.commands.dashboards.screenshots.take_pictures", lambda *_: [Path("docs/images/products.png")]
    )
    page = stage.folder / "page.html"
    page.write_text("", encoding="utf-8")


def with_boards(stage: Stage) -> None:
    """Make the bucket of Grafana's host."""
    bucket = "cafe-dev-dashboards-123456789012"
    boto3.client("s3", REGION).create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for name, value in {"dashboards/bucket/name": bucket, "dashboards/host/instance": "i-0123456789abcdef0"}.items():
        boto3.client("ssm", REGION).put_parameter(Name=f"/cafe/dev/{name}", Value=value, Type="String")
    committed = [
        SimpleNamespace(key=f"dashboards/{name}.json", content=b"x" * size)
        for name, size in (("cafe-overview", 49_061), ("products", 705))
    ]
    stage.patch.setattr("cafe.commands.dashboards.publish.files_to_publish", lambda _root: committed)
    plan = SimpleNamespace(uploads=committed, removals=["dashboards/old.json"], unchanged=7, changes_nothing=False)
    stage.patch.setattr("cafe.commands.dashboards.publish.plan_publication", lambda *_: plan)


def with_what_was_kept(stage: Stage) -> None:
    """Let a deleted stack have kept two of its things."""
    kept = [
        Kept("DropBucket", "AWS::S3::Bucket", DROP_BUCKET),
        Kept("WarehouseSecret", "AWS::SecretsManager::Secret", "cafe/dev/warehouse"),
    ]
    stage.patch.setattr("cafe.commands.adopt.read_template", dict)
    stage.patch.setattr("cafe.deployed.kept.kept_resources", lambda *_: kept)
    stage.patch.setattr("cafe.deployed.adoption.account_of", lambda _environment: "123456789012")
    stage.patch.setattr("cafe.deployed.adoption.stack_status", lambda *_: None)
    stage.patch.setattr(
        "cafe.deployed.adoption.find_identifier", lambda _environment, one: one.name if one is kept[0] else None
    )


def with_the_held_file(stage: Stage) -> None:
    stage.warehouse.answers["ledger_of_file"] = stage.warehouse.answers["held_files"]


def with_a_file_to_try(stage: Stage) -> None:
    """Write a branch file with a row that has a wrong total."""
    rows = [f'26/11/2026 09:{minute:02d},Leeds,Ada Tester,"Large Latte - 2.45",2.45,CASH,' for minute in range(9)]
    rows.append('26/11/2026 10:00,Leeds,Ada Tester,"Large Latte - 2.45",2.54,CASH,')
    (stage.folder / "leeds_26-11-2026_21-00-00.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


EXPORT = """\
Receipt No;Sold at;Branch;Served by;Product;Qty;Unit price;Receipt total;Paid with
90017;13.09.2025 08:03;Harrogate;Ada Tester;Flat white;2;3,20;9,35;Contactless
90017;13.09.2025 08:03;Harrogate;Ada Tester;Almond croissant;1;2,95;9,35;Contactless
90018;13.09.2025 08:09;Harrogate;Ben Sample;Pot of tea;1;2,80;2,80;Cash
"""


def with_an_export(stage: Stage) -> None:
    """Write the export of a till that is new to the pipeline."""
    (stage.folder / "export.csv").write_text(EXPORT, encoding="utf-8")


def with_a_draft(stage: Stage) -> None:
    """Write the export, and the document that is drafted from it."""
    with_an_export(stage)
    proposal = propose(EXPORT.splitlines(), shipped())
    assert proposal is not None
    (stage.folder / "new.toml").write_text(proposal.text, encoding="utf-8")


def with_a_wrong_draft(stage: Stage) -> None:
    """Let the draft have a column that no dialect has."""
    with_a_draft(stage)
    draft = stage.folder / "new.toml"
    draft.write_text(draft.read_text(encoding="utf-8").replace('is = "branch"', 'is = "café"'), encoding="utf-8")


def with_workspaces(stage: Stage) -> None:
    """Let there be a running workspace, and one that is down."""
    ports = {"emulator": 40_123, "postgres": 40_124, "redshift": 40_125}
    found = [
        SimpleNamespace(name="main", stack=object(), size_bytes=1_200_000_000, ports=ports, last_used=NOW),
        SimpleNamespace(name="preview", stack=None, size_bytes=52_000_000, ports={}, last_used=None),
    ]
    stage.patch.setattr("cafe.local.workspaces.found", lambda _layout: found)
    stage.patch.setattr("cafe.local.workspaces.remove", lambda _layout: ["postgres"])


def with_a_smoke_test(stage: Stage, **found: Any) -> None:
    """Let a stack load the file of a smoke test at once, and retract it."""
    rows = {"rows_in": 5, "rows_loaded": 4, "rows_rejected": 1, "amount_loaded": Decimal("32.52")}
    entry = replace(LedgerEntry.from_row(ledger_row(**rows | found)), rules=(RuleCount("total_mismatch", 1),))
    retracted = None if found else [{"file_id": "f" * 32, "orders": 4, "pence": 3252}]
    stage.patch.setattr("cafe.commands.smoke.SystemRandom", lambda: Random(1))
    stage.patch.setattr("cafe.terminal.drops.wait", lambda _env, dropped, _timeout: {dropped[0].in_ledger: entry})
    stage.patch.setattr("cafe.commands.smoke.take_out", lambda *_: retracted)


def with_a_failed_smoke_test(stage: Stage) -> None:
    with_a_smoke_test(stage, rows_loaded=3, rows_duplicate=1)


def with_dead_letters(stage: Stage) -> None:
    """Let there be a dead letter that names a file, and one that nobody can read."""
    letters = [
        DeadLetter("load", "1", LONG, ("1" * 32,), NOW - timedelta(days=2), 140),
        DeadLetter("load", "2", "not readable", (), NOW - timedelta(hours=3), 1),
    ]
    stage.patch.setattr("cafe.commands.redrive.look_at_dead_letters", lambda *_: letters)


def with_nights(stage: Stage) -> None:
    """Let the ledger have two nights of 18 cafés."""
    stage.warehouse.answers["nights"] = answer(nights_row())


# The screens of each command: its arguments, and what is made ready before.
SCREENS: dict[str, tuple[list[str], Callable[[Stage], None] | None]] = {
    "demo": (["demo"], with_a_season),
    "up": (["up"], with_a_stack),
    "down": (["down"], with_a_stack),
    "reset": (["reset"], with_a_stack),
    "migrate": (["migrate", *AWS], None),
    "doctor": (["doctor"], with_a_machine),
    "docs": (["docs", "bad_timestamp"], None),
    "generate": (
        ["generate", "out.csv", "--rows", "10", "--branches", "1", "--until", "2026-11-20", "--force"],
        None,
    ),
    "generate, unknown dialect": (["generate", "x", "--dialect", "x"], None),
    "workspaces list": (["workspaces", "list"], with_workspaces),
    "workspaces remove": (["workspaces", "remove", "preview", "--yes"], with_workspaces),
    "morning": (["morning", *AWS], None),
    "smoke": (["smoke", *AWS], with_a_smoke_test),
    "smoke, another outcome": (["smoke", *AWS], with_a_failed_smoke_test),
    "try": (["try", "leeds_26-11-2026_21-00-00.csv"], with_a_file_to_try),
    "dialect list": (["dialect", "list"], None),
    "dialect show": (["dialect", "show", "tabs"], None),
    "dialect try": (["dialect", "try", "export.csv", "--dialect", "new.toml", "--rows"], with_a_draft),
    "dialect try, a wrong document": (["dialect", "try", "export.csv", "--dialect", "new.toml"], with_a_wrong_draft),
    "dialect propose": (["dialect", "propose", "export.csv"], with_an_export),
    "dialect propose, a known dialect": (["dialect", "propose", "leeds_26-11-2026_21-00-00.csv"], with_a_file_to_try),
    "drop": (["drop", "night", *AWS], with_a_night),
    "drop --wait, few files": (["drop", "night", "--wait", *AWS], with_a_night),
    "drop --wait, many files": (["drop", "night", "--wait", *AWS], of_many),
    "drop, no file": (["drop", "nowhere", *AWS], None),
    "status": (["status", *AWS], None),
    "watch": (["watch", "--once", *AWS], None),
    "trace": (["trace", LEEDS, *AWS], None),
    "rejects": (["rejects", *AWS], None),
    "rejects --csv": (["rejects", "--csv", *AWS], None),
    "approve": (["approve", HELD, "--yes", *AWS], with_the_held_file),
    "cafes list": (["cafes", "list", *AWS], None),
    "cafes add": (["cafes", "add", "Hull", *AWS], None),
    "cafes rename": (["cafes", "rename", "Isle of Wight", "Ryde", *AWS], None),
    "cafes close": (["cafes", "close", *AWS], None),
    "cafes open": (["cafes", "open", *AWS], None),
    "check": (["check", *AWS], None),
    "cost": (["cost", "--cafes", "18"], None),
    "cost --ledger": (["cost", "--ledger", *AWS], with_nights),
    "redrive": (["redrive", "load", "--dry-run", *AWS], with_dead_letters),
    "reconcile": (["reconcile", "--dry-run", "--older-than", "0s", *AWS], None),
    "replay": (["replay", "--since", "1h", "--dry-run", *AWS], None),
    "retract": (["retract", LEEDS, "--yes", *AWS], None),
    "erase": (["erase", "--file", LONG, "--dry-run", *AWS], None),
    "erase --list": (["erase", "--list", *AWS], None),
    "backfill": (["backfill", "night", "--dry-run", *AWS], with_a_night),
    "logs": (["logs", *AWS], None),
    "sql": (["sql", "select 1", *AWS], with_sales),
    "sql, many columns": (["sql", "select 2", *AWS], with_sales),
    "sql, an error": (["sql", "select wrong", *AWS], with_sales),
    "dashboards preview": (["dashboards", "preview", "--out", "boards.html", *AWS], with_a_preview),
    "dashboards screenshots": (["dashboards", "screenshots", "--page", "page.html"], with_a_preview),
    "dashboards publish": (["dashboards", "publish", "--dry-run", *AWS], with_boards),
    "dashboards check": (["dashboards", "check", "--url", "http://localhost:3000"], with_grafana),
    "adopt": (["adopt", "--dry-run", *AWS], with_what_was_kept),
    "invoke": (["invoke", "extract", "-"], with_a_run),
    "event": (["event", "leeds.csv"], with_a_run),
    "env": (["env", "--unset"], None),
    "cafe, a wrong option": (["status", "--jso"], None),
    "cafe, a wrong command": (["statu"], None),
}


@pytest.mark.parametrize("command", [name for name, found in COMMANDS.items() if not hasattr(found, "commands")])
def test_every_command_has_a_screen(command: str) -> None:
    assert any(" ".join(arguments).startswith(command) for arguments, _ in SCREENS.values()), (
        f"`cafe {command}` has no screen: add one to SCREENS in {Path(__file__).name}, {REWRITE}"
    )


@pytest.mark.parametrize("command", ["cafe", *COMMANDS])
def test_help(command: str, show_everywhere: Show, screen_file: SnapshotAssertion) -> None:
    arguments = [] if command == "cafe" else command.split()

    assert show_everywhere(*arguments, "--help") == screen_file, f"the help of `cafe {command}` changed: {REWRITE}"


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("name", SCREENS)
def test_answers(
    name: str,
    show_everywhere: Show,
    screen_file: SnapshotAssertion,
    warehouse: FakeWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    arguments, make_ready = SCREENS[name]
    if make_ready:
        make_ready(Stage(warehouse, monkeypatch, tmp_path))

    shown = show_everywhere(*arguments)

    assert shown.replace(f"{tmp_path}/", "").replace(str(checkout().root), "CHECKOUT") == screen_file, (
        f"the screen {name!r} changed: {REWRITE}"
    )
