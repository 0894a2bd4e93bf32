"""`cafe dashboards preview` and `screenshots`, when something that they need is missing."""

import json
import stat
from pathlib import Path

import pytest

from cafe.dashboards.preview import browser
from cafe.dashboards.preview.page import NODE, write_page
from cafe.errors import CafeError
from cafe.local.layout import Layout
from unit.cli.conftest import Run

BUNDLE = """#!/bin/sh
printf '<script id="answers">/* answers */</script>' > "$2"
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without the preview's packages."""
    for module in ("preview", "screenshots"):
        monkeypatch.setattr(f"cafe.commands.dashboards.{module}.checkout", lambda: Layout(tmp_path))
    return tmp_path


def refuse_to_query(_folder: Path) -> None:
    raise AssertionError("the boards are queried")


def install(root: Path, node: str) -> None:
    (root / NODE).parent.mkdir(parents=True)
    (root / NODE).write_text(node)
    (root / NODE).chmod(stat.S_IRWXU)
    (root / "grafana" / "preview" / "node_modules").mkdir(parents=True)


def test_filling_works_only_on_the_local_stack(run: Run, bare: Path) -> None:
    result = run("dashboards", "preview", "--fill", "--env", "dev")

    assert result.exit_code == 2
    assert "--fill invents sales" in result.stderr
    assert list(bare.iterdir()) == []


def test_a_stack_that_is_not_up_is_an_error(run: Run, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAFE_STATE", str(bare / "state"))

    result = run("dashboards", "preview")

    assert result.exit_code == 2
    assert "The local stack of the workspace main is not up." in result.stderr


@pytest.mark.usefixtures("deployed")
def test_nothing_is_queried_for_a_page_that_cannot_be_bundled(
    run: Run, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cafe.commands.dashboards.preview.read_boards", refuse_to_query)

    result = run("dashboards", "preview", "--out", str(bare / "page.html"), "--env", "dev")

    assert result.exit_code == 2
    assert "Run `make preview`" in " ".join(result.stderr.split())


@pytest.mark.usefixtures("deployed")
def test_nothing_is_queried_for_a_page_that_cannot_be_written(
    run: Run, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(bare, BUNDLE)
    monkeypatch.setattr("cafe.commands.dashboards.preview.read_boards", refuse_to_query)
    folder = bare / "out"
    folder.mkdir()

    for target in (str(folder), "/proc/page.html"):
        result = run("dashboards", "preview", "--out", target, "--env", "dev")

        assert result.exit_code == 2
        assert f"error: {target}: " in result.stderr


def test_without_node_or_its_packages_the_remedy_is_make_preview(bare: Path) -> None:
    with pytest.raises(CafeError, match=r"\.venv-preview/bin/node is missing\. Run `make preview`"):
        write_page({}, bare, bare / "page.html")


def test_the_page_contains_the_answers_and_is_written_whole(bare: Path) -> None:
    install(bare, BUNDLE)
    page = bare / "out" / "page.html"

    size = write_page({"figures": ["£", 1]}, bare, page)

    assert page.stat().st_size == size
    assert [path.name for path in page.parent.iterdir()] == ["page.html"]
    assert "/* answers */" not in page.read_text()
    assert json.dumps(["£"]) not in page.read_text(), "the answers are packed"


def test_a_bundler_that_fails_says_why(bare: Path) -> None:
    install(bare, "#!/bin/sh\necho 'no such import' >&2\nexit 1\n")

    with pytest.raises(CafeError, match="no such import"):
        write_page({}, bare, bare / "page.html")

    assert not (bare / "page.html").exists()


def test_pictures_need_a_preview(run: Run, bare: Path) -> None:
    result = run("dashboards", "screenshots")

    assert result.exit_code == 2
    assert f"There is no preview at {bare / '.cafe' / 'main' / 'dashboards.html'}." in result.stderr
    assert "Make one with `make preview`." in result.stderr


def test_pictures_need_a_chromium(run: Run, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = bare / "page.html"
    page.write_text("")
    monkeypatch.setattr(browser, "COMMANDS", ("no-such-browser",))

    result = run("dashboards", "screenshots", "--page", str(page))

    assert result.exit_code == 2
    assert "No Chromium was found." in result.stderr
