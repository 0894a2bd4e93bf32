"""What the pages refer to exists: pages, headings, files, tests, make targets, commands and their options."""

import re
from functools import cache
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from cafe.cli import app
from unit.docs.pages import ROOT, code_spans, pages, without_blocks

PAGES = pages()
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
# In text only code is a command; in a block of commands, what a line starts with or pipes to.
_MAKE = re.compile(r"^make ([a-z][a-z-]*)")
_CAFE = re.compile(r"(?:^|[|&] )(?:\.venv/bin/)?cafe ((?:(?:dashboards|cafes|dialect|workspaces) )?[a-z]+)(.*)")
_OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]*)")
_REPOSITORY_PATH = re.compile(r"^(?:src|cafe|grafana|tests|docs|bench|samples|requirements|\.github|\.ci)/[\w./-]*$")


def name_of(page: Path) -> str:
    """Name a page by its path: several folders have a README."""
    return page.relative_to(ROOT).as_posix()


def commands_of(page: Path) -> list[str]:
    """List what looks like a command: code in the text, and the lines of unlabelled and shell blocks."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [*code_spans(text), *(line.removeprefix("$ ") for block in blocks for line in block.splitlines())]


def anchors_of(page: Path) -> set[str]:
    """Name a page's headings as GitHub does."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    included = [
        path.read_text(encoding="utf-8")
        for pattern in re.findall(r"^-?include (\S+)$", makefile, re.MULTILINE)
        for path in ROOT.glob(pattern)
    ]
    return {name for text in [makefile, *included] for name in re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)}


@cache
def commands() -> dict[str, set[str]]:
    """Return the options of every command of `cafe`, also of the commands in a group."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    found = dict(group.commands)
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            found |= {f"{name} {below}": command for below, command in command.commands.items()}
    return {
        name: {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for name, command in found.items()
    }


@cache
def names_of_tests() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}


def links() -> list[tuple[Path, str]]:
    return [
        (page, target)
        for page in PAGES
        for target in _LINK.findall(without_blocks(page.read_text(encoding="utf-8")))
        if "://" not in target
    ]


@pytest.mark.parametrize(
    ("page", "target"), links(), ids=lambda value: name_of(value) if isinstance(value, Path) else value
)
def test_a_link_leads_to_a_file_and_a_heading(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    linked = (page.parent / path).resolve() if path else page

    assert linked.exists()
    assert not anchor or anchor in anchors_of(linked)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_exists(page: Path) -> None:
    named = {found[1] for command in commands_of(page) if (found := _MAKE.match(command))}

    assert named <= make_targets()


def own_options(name: str, rest: str) -> set[str]:
    """Return the options in a line. What follows the program that `cafe env` runs belongs to the program."""
    return set(_OPTION.findall(re.split(r" (?!-)", rest)[0] if name == "env" else rest))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_option_of_cafe_exists(page: Path) -> None:
    unknown = [
        command
        for command in commands_of(page)
        for name, rest in _CAFE.findall(command)
        if name not in commands() or not own_options(name, rest) <= {*commands()[name], "--help"}
    ]

    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_in_the_repository_exists(page: Path) -> None:
    named = {span for span in code_spans(page.read_text(encoding="utf-8")) if _REPOSITORY_PATH.match(span)}

    assert sorted(span for span in named if not (ROOT / span).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_test_that_is_named_exists(page: Path) -> None:
    spans = set(code_spans(page.read_text(encoding="utf-8")))
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}

    named = {span for span in spans if span.startswith("test_")}

    assert sorted(named - names_of_tests() - files) == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=name_of)
def test_every_page_is_linked_from_another(page: Path) -> None:
    linking = {source for source, target in links() if (source.parent / target.partition("#")[0]).resolve() == page}

    assert linking - {page}


def test_every_target_is_described_in_development() -> None:
    spans = set(code_spans((ROOT / "docs" / "development.md").read_text(encoding="utf-8")))
    internal = {target for target in make_targets() if target.startswith("sam-")} | {"help"}

    assert {f"make {target}" for target in make_targets() - internal} <= spans
