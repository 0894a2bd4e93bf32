"""`cafe generate` as a person and a script use it."""

import gzip
import json
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Self

import pytest
from typer.testing import CliRunner, Result

from cafe.cli import app
from cafe.generate.dialects import NAMED_DIALECTS
from json_page import check_answers


def cafe_generate(*arguments: object) -> Result:
    result = CliRunner().invoke(app, ["generate", *map(str, arguments)])
    if "--json" in arguments:
        check_answers(result.stdout)
    return result


def test_a_folder_is_written_and_json_reports_the_counts(tmp_path: Path) -> None:
    result = cafe_generate("--branches", 3, "--rows", 30, "--days", 1, "--seed", 5, "--json", tmp_path / "night")

    summary = json.loads(result.stdout)["data"]
    files = list((tmp_path / "night").rglob("*.csv"))
    assert result.exit_code == 0
    assert len(files) == summary["files"] == 3
    assert summary["rows"] == sum(len(file.read_text().splitlines()) for file in files) == 30
    assert summary["bytes"] == sum(file.stat().st_size for file in files)
    assert summary["pence"] > 0
    assert summary["seed"] == 5


def test_the_text_output_says_what_was_written(tmp_path: Path) -> None:
    result = cafe_generate("--rows", 1_000, tmp_path / "long.csv")

    assert "1 file" in result.stdout
    assert "1,000 orders, £" in result.stdout
    assert "seed 1" in result.stdout


def test_a_file_name_ending_in_gz_is_written_compressed(tmp_path: Path) -> None:
    cafe_generate("--rows", 600, tmp_path / "long.csv.gz")
    cafe_generate("--rows", 600, tmp_path / "long.csv")

    assert gzip.decompress((tmp_path / "long.csv.gz").read_bytes()) == (tmp_path / "long.csv").read_bytes()


def test_the_same_options_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        cafe_generate("--rows", 600, "--shuffle", "--dialect", "excel", tmp_path / name)
    cafe_generate("--rows", 600, "--shuffle", "--dialect", "excel", "--seed", 2, tmp_path / "other.csv")

    one, two, other = ((tmp_path / f"{name}.csv").read_bytes() for name in ("one", "two", "other"))
    assert one == two
    assert one != other


@pytest.mark.parametrize("dialect", NAMED_DIALECTS)
def test_every_dialect_can_be_generated(tmp_path: Path, dialect: str) -> None:
    result = cafe_generate("--rows", 12, "--dialect", dialect, "--json", tmp_path / "night")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["data"]["rows"] == 12


def test_feed_a_writes_the_isle_of_wight(tmp_path: Path) -> None:
    cafe_generate("--feed", "a", "--until", "2026-11-20", tmp_path / "night")

    assert [path.name for path in tmp_path.rglob("*.csv")] == ["2026-11-20-isle-of-wight.csv"]


@pytest.mark.parametrize("options", [("--branches", 1), ("--samples",)], ids=["a night", "the samples"])
def test_the_last_day_is_yesterday_in_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[object, ...]
) -> None:
    monkeypatch.setattr("cafe.commands.generate.datetime", JustBeforeMidnight)

    result = cafe_generate(*options, "--json", tmp_path / "night")

    assert json.loads(result.stdout)["data"]["last_day"] == "2026-12-31"
    assert {path.parent.relative_to(tmp_path / "night").as_posix() for path in tmp_path.rglob("*.csv")} == {
        "2026/12/31"
    }


class JustBeforeMidnight(datetime):
    """A clock that stands just before midnight in UTC, after New Year."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2027, 1, 1, 23, 59, 59, tzinfo=UTC).astimezone(tz)


def test_the_samples_can_be_written(tmp_path: Path) -> None:
    result = cafe_generate("--samples", "--until", "2026-11-21", "--json", tmp_path / "night")

    assert json.loads(result.stdout)["data"]["files"] == 20
    assert (tmp_path / "night/2026/11/21/2026-11-21-isle-of-wight.csv").exists()


def test_the_samples_cannot_be_written_to_one_file(tmp_path: Path) -> None:
    result = cafe_generate("--samples", tmp_path / "night.csv")

    assert result.exit_code == 2
    assert "Name a folder" in result.stderr


def test_an_unknown_dialect_is_refused_with_a_list_of_the_known_ones(tmp_path: Path) -> None:
    result = cafe_generate("--dialect", "excell", tmp_path / "night")

    assert result.exit_code == 2
    assert "There is no dialect excell" in result.stderr
    assert all(name in result.stderr for name in NAMED_DIALECTS)
    assert not (tmp_path / "night").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        pytest.param(("--feed", "a", "--dialect", "excel"), "Feed a does not have that dialect", id="feed a by Excel"),
        pytest.param(("--branches", 1, "--rows", 9_000_000), "more branches", id="longer than history"),
        pytest.param(("--days", 20_000), "These files cannot be written", id="too many days"),
        pytest.param(("--rows", 0), "--rows", id="no rows"),
        pytest.param(("--samples", "--rows", 5), "always the same", id="samples of another size"),
        pytest.param(("--samples", "--feed", "a"), "always the same", id="samples of another feed"),
    ],
)
def test_impossible_options_are_refused_with_what_to_do(
    tmp_path: Path, options: tuple[object, ...], complaint: str
) -> None:
    result = cafe_generate(*options, tmp_path / "night")

    assert result.exit_code == 2
    assert complaint in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_unchanged_without_force(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    refused = cafe_generate("--rows", 5, tmp_path)
    forced = cafe_generate("--rows", 5, "--force", tmp_path)

    assert (refused.exit_code, forced.exit_code) == (2, 0)
    assert "--force" in refused.stderr
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert len(list(tmp_path.rglob("*.csv"))) == 1


def test_an_existing_file_is_unchanged_without_force(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("mine")

    refused = cafe_generate("--rows", 5, tmp_path / "long.csv")

    assert refused.exit_code == 2
    assert (tmp_path / "long.csv").read_text() == "mine"
    assert cafe_generate("--rows", 5, "--force", tmp_path / "long.csv").exit_code == 0
    assert (tmp_path / "long.csv").read_text() != "mine"


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "forced"])
def test_a_target_of_the_other_kind_is_refused_even_by_force(tmp_path: Path, force: tuple[str, ...]) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("mine")

    results = [cafe_generate("--rows", 5, *force, tmp_path / name) for name in ("folder.csv", "file")]

    assert [result.exit_code for result in results] == [2, 2]
    assert (tmp_path / "file").read_text() == "mine"


def test_help_describes_the_command() -> None:
    text = " ".join(cafe_generate("--help").stdout.split())

    assert "cafe generate --rows 1000000 million.csv" in text
    assert "no card number can be real" in text
