"""Every command that shows text from outside shows a hostile name as text: seen, on its line, obeyed by nothing."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from rich.text import Text
from typer.main import get_command

from cafe.answers.watch import Watch
from cafe.answers.wording import typed
from cafe.cli import app
from cafe.commands.watch import screen
from cafe.dashboards.remote.check import Finding
from cafe.deployed.environment import Environment, open_environment
from cafe.errors import CafeError
from cafe.sending.erasure import Erasure
from cafe.terminal import documents, presentation
from cafe.warehouse.port import Column, QueryResult, WarehouseError
from extract.register import REGISTER_KEY, Cafe, Register
from hidden import EVERY_HIDDEN, HOSTILE_NAME, hidden_in
from load.morning import CafeDay, Figures, Morning, RefusedFiles, RefusedRows, to_json, write_mail
from shared.contracts import file_id_of
from unit.cli.builders import (
    DROP_BUCKET,
    REGION,
    STAGES,
    STAGING_BUCKET,
    FakeWarehouse,
    answer,
    cafe_day_row,
    ledger_row,
    reject_row,
)
from unit.cli.conftest import Run

# S3 takes any text as a key. The emulation lists keys in XML, which has no place for these.
NAME = HOSTILE_NAME.translate(dict.fromkeys(map(ord, "\x00\x1b\r\ufe0f")))
FOLDER = "2026/11/24"
KEY = f"{FOLDER}/{NAME}"
SHOWN = r"=leeds[2J\n✓ all is well"

COMMANDS: dict[str, list[list[str]]] = {
    "status": [[], ["--json"]],
    "watch": [["--once", "--warehouse-every", "1"], ["--once", "--json"]],
    "trace": [[KEY], [KEY, "--json"]],
    "rejects": [[], ["--json"], ["--csv"]],
    "sql": [["select 1"], ["select 1", "--json"], ["select 1", "--csv"], ["select refused"]],
    "logs": [[], ["--json"]],
    "redrive": [["--dry-run"], ["--dry-run", "--json"]],
    "reconcile": [["--dry-run", "--older-than", "0s"], ["--dry-run", "--older-than", "0s", "--json"]],
    "replay": [["--since", "1h", "--dry-run"], ["--since", "1h", "--dry-run", "--json"], [f"{KEY}x", "--dry-run"]],
    "approve": [[KEY], [KEY, "--yes"], [KEY, "--yes", "--json"], [f"{KEY}x"]],
    "cafes": [
        ["list"],
        ["list", "--json"],
        ["add", NAME],
        ["add", "Hull"],
        ["add", "Hull", "--json"],
        ["rename", NAME, "York"],
        ["rename", f"{NAME}1", f"{NAME}x"],
    ],
    "retract": [[KEY], [KEY, "--yes"], [KEY, "--yes", "--json"], [f"{KEY}x"]],
    "erase": [
        ["--file", KEY, "--dry-run"],
        ["--file", KEY, "--yes", "--json"],
        ["--file", f"{KEY}x"],
        ["--older-than", "0", "--yes"],
        ["--list", "--json"],
    ],
    "drop": [["FOLDER"], ["FOLDER", "--json"], ["FOLDER", "--wait", "--timeout", "0"], [f"missing-{NAME}"]],
    "try": [["FOLDER"], ["FOLDER", "--json"], ["FILE", "--as", NAME], [f"missing-{NAME}"]],
    "dialect": [
        ["show", NAME],
        ["propose", "FILE"],
        ["propose", "STRANGE"],
        ["propose", "STRANGE", "--json"],
        ["propose", f"missing-{NAME}"],
        ["try", "FOLDER", "--rows"],
        ["try", "FOLDER", "--json"],
        ["try", "FILE", "--dialect", "FILE"],
    ],
    "docs": [[NAME], ["--search", NAME], ["--search", NAME, "--json"]],
    "backfill": [["FOLDER", "--dry-run"], ["FOLDER", "--dry-run", "--json"]],
    "check": [[], ["--json"]],
    "cost": [["--parameter", f"{NAME}=1"]],
    "morning": [[], ["--json"]],
    "smoke": [["--timeout", "0"], ["--timeout", "0", "--json"]],
    "event": [["FILE"], [f"missing-{NAME}"]],
    "migrate": [[]],
    "workspaces": [["remove", NAME]],
    "generate": [[f"OUT{NAME}", "--rows", "1", "--branches", "1", "--json"], ["x", "--dialect", NAME]],
    "dashboards": [["check", "--url", "http://localhost:3000"], ["check", "--url", "http://localhost:3000", "--json"]],
}
# Commands that show no text from outside, and why.
NOTHING_FROM_OUTSIDE = {
    "demo": "it shows the project's own samples, by the functions that `cafe drop --wait` and `cafe sql` use",
    "doctor": "it shows the state of this machine, and no text of a file or a stack",
    "up": "it shows the names of its own steps",
    "down": "it shows the names of its own processes",
    "reset": "it shows the names of its own steps",
    "adopt": "it shows the names in the project's template",
    "env": "it writes the project's own variables for a shell",
    "invoke": "it needs a stage that runs; its JSON and its logs are in tests of their own below",
}


def hostile_morning() -> dict[str, Any]:
    """Write the morning mail as load does, of a day on which every name is hostile."""
    figures = Figures(
        (CafeDay(NAME, 1, 5, 4, 20, 1), CafeDay(f"{NAME}1", 0, 0, 4, 20, 1)),
        (RefusedFiles(NAME, NAME, NAME, 1),),
        (RefusedRows(NAME, NAME, 1),),
    )
    morning = Morning(date(2026, 11, 25), {NAME: 1}, figures)
    return to_json(morning, write_mail(morning))


class HostileLoad:
    """The Lambda service, with load's answer to every request."""

    def invoke(self, **_named: Any) -> dict[str, Any]:
        found = {
            **hostile_morning(),
            "faults": {NAME: 1},
            "samples": {NAME: [{NAME: NAME, "key": NAME, "other_key": NAME}]},
            "restored": [NAME],
            "isolation": NAME,
            "retracted": [{"file_id": NAME, "orders": 1, "pence": 5}],
            "renamed": 1,
            "approved": [{"file_id": NAME, "key": KEY, "outcome": NAME, "rows_loaded": 1, "rows_removed": 5}],
        }
        return {"Payload": io.BytesIO(json.dumps(found).encode())}


@pytest.fixture
def hostile(
    deployed: dict[str, Any], warehouse: FakeWarehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, str]:
    """A stack in which every key, name, reason, detail, alarm and log line is hostile. Returns paths by placeholder."""
    version = boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=KEY, Body=b"x")["VersionId"]
    file_id = file_id_of(DROP_BUCKET, KEY, version)
    logs = boto3.client("logs", REGION)
    for stage in STAGES:
        group = deployed[f"{stage}/logs/group"]
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="one")
        fields = {"file_id": file_id, "key": KEY, "error": NAME, "problem": NAME, "outcome": NAME, "reason": NAME}
        events = [{"level": level, "message": message, **fields} for level, message in LOGGED]
        logs.put_log_events(
            logGroupName=group,
            logStreamName="one",
            logEvents=[
                {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": text}
                for text in [*map(json.dumps, events), f"Not JSON: {NAME}"]
            ],
        )
    version_of = {
        "version_id": NAME,
        "written_at": "2026-11-24T09:00:00+00:00",
        "size_bytes": 1,
        "is_delete_marker": False,
    }
    erased = Erasure(NAME, NAME, NAME, ({"key": KEY} | version_of,))
    boto3.client("s3", REGION).put_object(Bucket=STAGING_BUCKET, Key="erased/1.json", Body=json.dumps(asdict(erased)))
    body = json.dumps({"Records": [{"s3": {"object": {"key": KEY}}}]})
    boto3.client("sqs", REGION).send_message(QueueUrl=deployed["extract/deadletters/url"], MessageBody=body)
    rows = [
        ledger_row(source_key=KEY, version_id=version, file_id=file_id, outcome=outcome, reason=NAME, detail=NAME)
        for outcome in ("failed", "rejected")
    ]
    result = QueryResult((Column(NAME, "varchar"), Column("n", "int4")), [(NAME, -5), ("".join(EVERY_HIDDEN), 1)])
    register = Register((Cafe(NAME, f"{NAME}1", f"{NAME}2", NAME),))
    boto3.client("s3", REGION).put_object(Bucket=STAGING_BUCKET, Key=REGISTER_KEY, Body=register.text().encode())
    office = f"head-office/{KEY}"
    waiting = boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=office, Body=b"x")["VersionId"]
    held = {"outcome": "held", "reason": "unknown_cafe", "detail": NAME}
    warehouse.answers |= {
        "held_files": answer(ledger_row(source_key=office, version_id=waiting, **held)),
        "recent_files": answer(*rows),
        "retractable_below": answer({"source_key": KEY}),
        "ledger_of_file": answer(rows[0], rows[0] | held | {"file_id": "e" * 32, "version_id": "e"}),
        "rejects": answer(reject_row(source_key=KEY, rule=NAME, stage=NAME, detail=NAME)),
        "retractable_files": answer({"file_id": file_id, "is_held": False, "orders": 3, "amount": 7}),
        "cafes_and_nights": answer(cafe_day_row(NAME)),
        "select 1": result,
        "select refused": WarehouseError(f"relation {NAME}", NAME),
    }
    client = Environment.client
    monkeypatch.setattr(
        Environment, "client", lambda self, name: HostileLoad() if name == "lambda" else client(self, name)
    )
    monkeypatch.setattr(
        "cafe.commands.dashboards.check.check_everything", lambda *_: iter([Finding("board", NAME, False, NAME)])
    )
    monkeypatch.setenv("GRAFANA_TOKEN", "token")
    # Another day than that of the file in the bucket, so that it is sent.
    folder = tmp_path / "night" / "2026/11/25"
    folder.mkdir(parents=True)
    (folder / NAME).write_text("x", encoding="utf-8")
    (folder / f".{NAME}").write_text("x", encoding="utf-8")
    # A foreign export of which a heading is hostile.
    strange = tmp_path / f"{NAME}1"
    orders = "\n".join(f"{day}/08/2021 09:00;Leeds;Latte;2,45;CASH" for day in (13, 14))
    strange.write_text(f'When;Shop;What;Price;"{NAME.replace('"', "")}"\n{orders}\n', encoding="utf-8")
    places = {"STRANGE": strange, "FOLDER": tmp_path / "night", "FILE": folder / NAME}
    return {name: str(path) for name, path in places.items()} | {"OUT": f"{tmp_path}/"}


LOGGED = [
    ("INFO", "file.extracted"),
    ("INFO", "file.completed"),
    ("ERROR", "message.failed"),
    ("ERROR", NAME),
    (NAME, "odd level"),
]


def test_every_command_is_tried_here_or_shows_nothing_from_outside() -> None:
    known = {*COMMANDS, *NOTHING_FROM_OUTSIDE}

    assert set(get_command(app).commands) == known  # type: ignore[attr-defined]  # a group has commands


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(command, arguments) for command, tried in COMMANDS.items() for arguments in tried],
    ids=[f"{command} {number}" for command, tried in COMMANDS.items() for number in range(len(tried))],
)
def test_a_hostile_name_is_shown_as_text(
    run: Run, hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch, command: str, arguments: list[str]
) -> None:
    # No line is folded: what begins a line is what a command wrote there.
    monkeypatch.setenv("COLUMNS", "20000")
    for placeholder, path in hostile.items():
        arguments = [argument.replace(placeholder, path) for argument in arguments]
    where = [] if command in ("generate", "dashboards", "try", "dialect", "docs", "workspaces") else ["--env", "dev"]
    stdin = "n\n" if command == "retract" else None
    monkeypatch.setattr("cafe.commands.retract.require_answer_or_yes", lambda _is_yes: None)

    result = run(command, *arguments, *where, stdin=stdin)

    shown = result.stdout + result.stderr
    assert not hidden_in(shown)
    assert SHOWN in shown.replace("\\\\", "\\") or "--json" in arguments
    assert not [line for line in shown.split("\n") if line.startswith("✓ all is well")]
    if "--json" in arguments:
        documents = result.stdout.splitlines() if command in ("watch", "logs") else [result.stdout]
        assert NAME in "".join(texts_in([json.loads(document) for document in documents]))


def texts_in(value: object) -> Iterator[str]:
    """Iterate over all texts in a JSON value, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def test_csv_is_harmless_unless_it_is_raw(run: Run, hostile: dict[str, str]) -> None:
    del hostile
    safe, raw = (run("sql", "select 1", "--csv", *more, "--env", "dev").stdout for more in ([], ["--raw"]))

    # A reader that keeps line ends inside quotes, as scripts must.
    header, row, _ = csv.reader(io.StringIO(safe))
    assert header[0] == row[0]
    assert row[0].startswith("'=leeds[2J")
    assert row[1] == "-5"
    exact_header, exact, every = csv.reader(io.StringIO(raw, newline=""))
    assert exact == [NAME, "-5"]
    assert exact_header == [NAME, "n"]
    assert every[0] == "".join(EVERY_HIDDEN)


def test_raw_text_does_not_reach_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    with pytest.raises(CafeError, match="a terminal may obey them"):
        documents.write_csv(["name"], [[NAME]], raw=True)


def test_raw_is_for_csv_only(run: Run) -> None:
    result = run("sql", "select 1", "--raw")

    assert result.exit_code == 2
    assert "--raw is for --csv only" in result.stderr


def test_an_error_of_typer_quotes_a_name_as_text(run: Run) -> None:
    result = run("redrive", NAME)

    assert result.exit_code == 2
    assert not hidden_in(result.stderr)
    assert r"\u202e" in result.stderr


def test_the_live_screen_shows_a_hostile_name_as_text(hostile: dict[str, str]) -> None:
    del hostile
    watch = Watch(open_environment("dev"), None, datetime.now(UTC))
    watch.look(datetime.now(UTC))
    drawn = io.StringIO()
    # A terminal would get styles too, which are control codes of the screen's own.
    console = presentation.EscapingConsole(width=2000, height=50, file=drawn)

    console.print(screen(watch, console, NAME))

    assert not hidden_in(drawn.getvalue())
    assert SHOWN in drawn.getvalue()


def test_the_log_of_a_stage_is_shown_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    presentation.show_log(json.dumps({"level": "INFO", "message": "a\u2028b", "key": NAME}, ensure_ascii=False), "load")

    shown = capsys.readouterr().err
    assert len(shown.splitlines()) == 1
    assert not hidden_in(shown)


def test_json_for_people_is_shown_as_json() -> None:
    assert json.loads(presentation.json_text({"key": NAME}).plain) == {"key": NAME}


@pytest.mark.parametrize("shown", [Text("".join(EVERY_HIDDEN)), "".join(EVERY_HIDDEN)], ids=["text", "str"])
def test_the_console_escapes_whatever_it_is_given(shown: Text | str) -> None:
    written = io.StringIO()
    console = presentation.EscapingConsole(file=written, width=50)

    console.print(shown)
    console.print("[red]no markup[/] :coffee:")

    assert not hidden_in(written.getvalue())
    assert "[red]no markup[/] :coffee:" in written.getvalue()


def test_a_table_stays_aligned_beside_a_hostile_name() -> None:
    written = io.StringIO()
    grid = presentation.table("key", "rows")
    for name in (NAME, "カフェ", "leeds"):
        grid.add_row(name, "7")

    presentation.EscapingConsole(file=written, width=500).print(grid)

    *_, hostile_row, wide, plain = written.getvalue().rstrip("\n").split("\n")
    assert SHOWN in hostile_row
    assert Text(hostile_row).cell_len == Text(wide).cell_len == Text(plain).cell_len


def test_a_command_to_type_has_escapes_that_a_shell_reads(tmp_path: Path) -> None:
    import subprocess

    assert typed("2021/2/a.csv") == "2021/2/a.csv"
    assert typed("a; rm b") == "'a; rm b'"
    for name in (NAME, "it's \\ \u202e"):
        assert not hidden_in(typed(name))
        printed = subprocess.run(
            ["bash", "-c", f"printf %s {typed(name)}"],
            capture_output=True, check=True, cwd=tmp_path, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert printed.stdout.decode() == name
