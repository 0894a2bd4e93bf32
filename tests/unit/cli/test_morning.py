"""`cafe morning`: the text of the mail as load writes it, with commands for the environment."""

import io
import json
from typing import Any

import pytest

from cafe.deployed.environment import Environment
from unit.cli.conftest import Run

MAIL: dict[str, Any] = {
    "subject": "Cafe sales of Wed 25 November 2026: 1 of 1 in",
    "text": "Café sales\n\nTakings: £10.00 [bold]\n- " + "word " * 60 + "\n",
    "day": "2026-11-25",
    "faults": {"orders_unique": 0},
    "cafes": [],
    "files": [],
    "rows": [],
}


class FakeLoad:
    """The Lambda service, with load's answer."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  names of the API
        self.asked.append((FunctionName, json.loads(Payload)))
        return {"Payload": io.BytesIO(json.dumps(MAIL).encode())}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> FakeLoad:
    fake = FakeLoad()

    def opened(name: str) -> Environment:
        environment = Environment.__new__(Environment)
        monkeypatch.setattr(Environment, "name", name, raising=False)
        return environment

    monkeypatch.setattr("cafe.commands.morning.open_environment", opened)
    monkeypatch.setattr(Environment, "client", lambda _environment, _service: fake)
    monkeypatch.setattr(Environment, "fact", lambda _environment, name: f"the {name}")
    return fake


@pytest.mark.usefixtures("load")
def test_the_text_is_printed_as_it_is(run: Run) -> None:
    result = run("morning")

    assert result.exit_code == 0
    assert [line.rstrip() for line in result.stdout.split("\n")] == [line.rstrip() for line in MAIL["text"].split("\n")]


@pytest.mark.parametrize(
    ("arguments", "options"), [([], ""), (["--env", "prod"], "--env prod")], ids=["on this machine", "on AWS"]
)
def test_load_ends_its_commands_for_the_environment(
    run: Run, load: FakeLoad, arguments: list[str], options: str
) -> None:
    run("morning", *arguments)

    assert load.asked == [("the load/function/name", {"report": {"options": options}})]


@pytest.mark.usefixtures("load")
def test_json_is_all_that_load_answers(run: Run) -> None:
    assert json.loads(run("morning", "--json").stdout)["data"] == MAIL
