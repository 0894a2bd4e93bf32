"""On a terminal, `cafe sql` shows its rows and `cafe docs` its pages through the user's pager."""

import sys
from pathlib import Path

import pytest

from cafe.commands.docs import docs
from cafe.terminal.results import paged, pager_command


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the pager writes."""
    path = tmp_path / "page"
    monkeypatch.setenv("PAGER", f"sh -c 'cat > {path}'")
    return path


@pytest.mark.usefixtures("terminal")
def test_what_is_written_on_a_terminal_goes_through_the_pager(page: Path) -> None:
    with paged(is_wanted=True):
        sys.stdout.write("Café\n")
        is_terminal = sys.stdout.isatty()

    assert page.read_text(encoding="utf-8") == "Café\n"
    assert is_terminal


@pytest.mark.usefixtures("terminal")
def test_a_page_of_the_documentation_is_laid_out_and_goes_through_the_pager(page: Path) -> None:
    docs(["bad_timestamp"])

    shown = page.read_text(encoding="utf-8")
    assert "bad_timestamp" in shown
    assert "###" not in shown


def test_a_pipe_gets_the_rows_themselves(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with paged(is_wanted=True):
        sys.stdout.write("rows\n")

    assert capsys.readouterr().out == "rows\n"
    assert not page.exists()


def test_a_pager_that_is_not_wanted_is_not_started(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    with paged(is_wanted=False):
        sys.stdout.write("rows\n")

    assert capsys.readouterr().out == "rows\n"
    assert not page.exists()


@pytest.mark.usefixtures("terminal")
def test_who_leaves_the_pager_ends_the_output_without_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "true")
    before, written = sys.stdout, []

    with paged(is_wanted=True):
        # More than a pipe holds.
        for number in range(100_000):
            sys.stdout.write("a row of the result\n")
            written.append(number)

    assert len(written) < 100_000
    assert sys.stdout is before


@pytest.mark.parametrize(
    ("pager", "command"),
    [("sh -c 'cat'", ["sh", "-c", "cat"]), ("", []), ("cat", []), ("no-such-pager -x", [])],
    ids=["the user's", "none", "cat", "not installed"],
)
def test_the_pager_is_the_users(monkeypatch: pytest.MonkeyPatch, pager: str, command: list[str]) -> None:
    monkeypatch.setenv("PAGER", pager)

    assert pager_command() == command
