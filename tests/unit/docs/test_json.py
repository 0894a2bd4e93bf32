"""docs/json.md: every command with --json, exactly as it answers; and no change within a version but additions."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

import cafe
from cafe.cli import app
from cafe.errors import CafeError
from cafe.terminal.envelope import JSON_VERSION
from json_page import RECORD_AGAIN, documents_of, read_page, recorded
from unit.cli.test_hostile_names import COMMANDS

GOLDEN = Path(__file__).parents[2] / "contracts" / "golden" / f"json_v{JSON_VERSION}.json"
TESTS = Path(__file__).parents[2]
# Those whose JSON the table of hostile names does not check, and the test that does.
CHECKED_IN = {
    "adopt": "unit/cli/test_adopt.py",
    "cafes close": "unit/cli/test_cafes.py",
    "cafes open": "unit/cli/test_cafes.py",
    "cafes rename": "unit/cli/test_cafes.py",
    "cost": "unit/cli/test_cost.py",
    "dashboards publish": "unit/cli/test_dashboards_publish.py",
    "dialect list": "unit/cli/test_dialect.py",
    "dialect show": "unit/cli/test_dialect.py",
    "doctor": "unit/cli/test_doctor.py",
    "down": "unit/local/test_stack_commands.py",
    "env": "unit/cli/test_env.py",
    "generate": "unit/generate/test_command.py",
    "invoke": "unit/cli/test_invoke.py",
    "migrate": "unit/cli/test_check.py",
    "reset": "unit/local/test_stack_commands.py",
    "up": "unit/local/test_stack_commands.py",
    "workspaces list": "unit/cli/test_workspaces.py",
    "workspaces remove": "unit/cli/test_workspaces.py",
}


def commands(group: Any = None, above: str = "") -> Iterator[tuple[str, bool]]:
    """Yield every command as it is typed after `cafe`, and whether it has --json."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", any("--json" in parameter.opts for parameter in command.params)


def test_every_command_is_described_or_has_a_reason_to_write_no_json() -> None:
    page, known = read_page(), dict(commands())

    with_json = {name for name, has_json in known.items() if has_json}
    assert with_json == page.commands.keys(), (
        "Give each command with --json a section below Commands in docs/json.md, and a case in "
        "tests/unit/cli/test_hostile_names.py that checks it."
    )
    assert known.keys() - with_json == page.without_json.keys(), (
        "Give the command --json, or a reason in the table of docs/json.md, Commands without it."
    )


def test_the_json_of_every_command_is_checked_by_a_test() -> None:
    of_hostile_names = {
        name
        for command, tried in COMMANDS.items()
        for arguments in tried
        if "--json" in arguments
        for name in (command, f"{command} {arguments[0]}")
    }
    for name, file in CHECKED_IN.items():
        text = (TESTS / file).read_text(encoding="utf-8")
        assert f'"{name.split()[-1]}"' in text
        assert '"--json"' in text
        assert "check_answers(" in text or "unit.cli.conftest import Run" in text, f"{file} does not check the JSON"

    assert read_page().commands.keys() - of_hostile_names - CHECKED_IN.keys() == set()


def test_the_page_uses_no_type_and_has_no_record_without_need() -> None:
    assert read_page().unknown_types() == set()
    assert read_page().unused_records() == set()


def test_the_examples_are_answers() -> None:
    assert read_page().examples
    assert [read_page().problems_of(example) for example in read_page().examples] == [[]] * len(read_page().examples)


def test_the_codes_are_those_of_the_errors() -> None:
    for module in pkgutil.walk_packages(cafe.__path__, "cafe."):
        importlib.import_module(module.name)

    def codes(kind: type[CafeError]) -> set[str]:
        return {kind.code}.union(*(codes(below) for below in kind.__subclasses__()))

    assert codes(CafeError) == read_page().codes


def test_nothing_was_taken_away_within_the_version() -> None:
    before, now = json.loads(GOLDEN.read_text(encoding="utf-8")), recorded(read_page())

    lost = [
        f"{table}.{field}: was {kind}, is {now.get(table, {}).get(field, 'missing')}"
        for table, fields in before.items()
        for field, kind in fields.items()
        if now.get(table, {}).get(field) != kind
    ]
    assert not lost, (
        f"Scripts that read version {JSON_VERSION} need these. Keep them, or begin the next version: {lost}"
    )
    assert before == now, f"Something was added, as a version may. Record it, so that it stays: {RECORD_AGAIN}"


ANSWER = {
    "cafe": "cafes list",
    "version": 1,
    "environment": "dev",
    "at": "2026-11-26T23:40:07+00:00",
    "data": {
        "is_closed": True,
        "cafes": [{"name": "Leeds", "written_as": "Leeds", "key": "leeds", "since": "2026-11-01"}],
    },
}


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """Copy the answer with one value changed, or left out if it is None."""
    answer: dict[str, Any] = deepcopy(ANSWER)
    place: Any = answer
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return answer


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (changed(("at",), None), "has no field at"),
        (changed(("at",), "2026-11-26T23:40:07"), "not of the type time"),
        (changed(("version",), "1"), "not of the type integer"),
        (changed(("more",), 1), "does not describe the field more"),
        (changed(("cafe",), "cafes count"), "does not describe `cafe cafes count`"),
        (changed(("data",), []), "not of the type object"),
        (changed(("data", "is_closed"), 1), "not of the type boolean"),
        (changed(("data", "cafes", 0, "age"), 7), "does not describe the field age"),
        (changed(("data", "cafes", 0, "key"), None), "has no field key"),
        (changed(("error",), {"code": "unheard", "message": "", "remedy": "", "output": ""}), "error code unheard"),
    ],
    ids=["a field less", "another format", "another type", "a field more", "another command", "a list", "a number",
         "a field more in a record", "a field less in a record", "a new code"],
)  # fmt: skip
def test_an_answer_that_the_page_does_not_describe_is_found(answer: dict[str, Any], problem: str) -> None:
    (found,) = read_page().problems_of(answer)

    assert problem in found


def test_an_answer_as_the_page_describes_it_has_no_problem() -> None:
    assert read_page().problems_of(ANSWER) == []
    assert documents_of(json.dumps(ANSWER, indent=2) + "\n") == [ANSWER]
    assert documents_of(f"{json.dumps(ANSWER)}\n{json.dumps(ANSWER)}\n") == [ANSWER] * 2
