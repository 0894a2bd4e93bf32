"""`cafe cost`: the bill on the screen and for a script, by figures that are given or by the ledger."""

import json
import shlex
from pathlib import Path

import pytest

from unit.cli.builders import FakeWarehouse, answer, nights_row
from unit.cli.conftest import Run
from unit.docs.pages import page, sections, table_rows


def test_the_lines_add_up(run: Run) -> None:
    data = json.loads(run("cost", "--json").stdout)["data"]

    assert sum(float(line["month"]) for line in data["lines"]) == pytest.approx(float(data["month"]), abs=0.01)
    assert data["use"]["loads"] == 9


def test_a_file_a_night_comes_from_each_cafe(run: Run) -> None:
    use = json.loads(run("cost", "--cafes", "200", "--json").stdout)["data"]["use"]

    assert (use["cafes"], use["files"], use["loads"]) == (200, 200, 12)


def test_the_screen_leaves_out_lines_of_less_than_a_cent(run: Run) -> None:
    result = run("cost", "--grafana-hours", "0")

    assert result.exit_code == 0
    assert "endpoints" in result.stdout
    assert "facts" not in result.stdout
    assert "Without Grafana" not in result.stdout
    assert "Nothing was billed" in result.stderr


def test_the_ledger_gives_the_figures_and_options_replace_them(run: Run, warehouse: FakeWarehouse) -> None:
    warehouse.answers["nights"] = answer(nights_row(loads=10))

    use = json.loads(run("cost", "--ledger", "--rows-per-file", "7", "--env", "dev", "--json").stdout)["data"]["use"]

    assert (use["files"], use["loads"], use["rows_a_file"]) == (18, 5, 7)


def test_an_environment_without_its_ledger_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = run("cost", "--env", "prod")

    assert (refused.exit_code, "Add --ledger" in refused.stderr) == (2, True)
    monkeypatch.setenv("CAFE_ENV", "prod")
    assert run("cost").exit_code == 0


def test_an_empty_ledger_is_said(run: Run, warehouse: FakeWarehouse) -> None:
    warehouse.answers["nights"] = answer(nights_row(nights=0, files=0))

    result = run("cost", "--ledger", "--env", "dev")

    assert result.exit_code == 2
    assert "no file of the last 30 days" in result.stderr


def test_a_schedule_that_is_not_understood_asks_for_the_checks(run: Run) -> None:
    every_hour = ("--parameter", "CheckSchedule=rate(1 hour)")

    refused = run("cost", *every_hour)

    assert (refused.exit_code, "--checks" in refused.stderr) == (2, True)
    assert run("cost", *every_hour, "--checks", "24").exit_code == 0


def test_prices_of_another_region(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('region = "the moon"\n', encoding="utf-8")

    assert "list prices of the moon" in run("cost", "--prices", str(file)).stderr


def levers() -> list[dict[str, str]]:
    """Return the table of what changes it most."""
    return table_rows(sections(page("cost"), 2)["What changes it most"])


@pytest.mark.parametrize("lever", levers(), ids=lambda lever: lever["command"])
def test_each_lever_costs_what_its_command_says(run: Run, lever: dict[str, str]) -> None:
    arguments = shlex.split(lever["command"].strip("`"))[1:]

    assert json.loads(run(*arguments, "--json").stdout)["data"]["month"] == lever["a month"]
