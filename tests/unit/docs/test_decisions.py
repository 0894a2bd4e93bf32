"""docs/decisions/: every direct dependency has its reason; entries are dated, complete and listed in the index."""

import json
import re
from collections.abc import Iterator

import pytest

from unit.docs.pages import DOCS, ROOT, page, sections, table_rows

INDEX = page("decisions/README")
SUBJECTS = sorted(path.stem for path in (DOCS / "decisions").glob("*.md") if path.stem != "README")
_NAME = re.compile(r"^([a-z][a-z0-9-]*)", re.MULTILINE)


def entries(subject: str) -> dict[str, str]:
    """Return the entries of one page: heading to text."""
    return sections(page(f"decisions/{subject}"), 2)


def test_every_direct_dependency_has_a_reason_and_no_other_is_named() -> None:
    direct = {
        (name, path.stem)
        for path in (ROOT / "requirements").glob("*.in")
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
    } | {(name, "npm") for name in _npm_packages()}

    rows = table_rows(entries("dependencies")["2026-11-23 · Dependencies"])

    assert sorted((row["package"], row["where"]) for row in rows) == sorted(direct)
    assert all(row["why"] for row in rows)


def _npm_packages() -> Iterator[str]:
    """Name what the preview is bundled from and with."""
    package = json.loads((ROOT / "grafana" / "preview" / "package.json").read_text(encoding="utf-8"))
    yield from package["dependencies"]
    yield from package["devDependencies"]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_entries_are_dated_and_the_newest_is_last(subject: str) -> None:
    dates = [re.fullmatch(r"(\d{4}-\d\d-\d\d) · .+", heading) for heading in entries(subject)]

    assert all(dates)
    assert [date[1] for date in dates if date] == sorted(date[1] for date in dates if date)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_entry_says_what_was_decided_and_why(subject: str) -> None:
    incomplete = [
        heading
        for heading, text in entries(subject).items()
        if "**Decision.**" not in text or ("**Why.**" not in text and "| why |" not in text)
    ]

    assert incomplete == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_entry_of_a_page_has_its_line_in_the_index(subject: str) -> None:
    lines = re.findall(rf"^- ([\d-]+ · )\[(.+)\]\({subject}\.md#\S+\)$", INDEX, re.MULTILINE)

    assert [f"{date}{title}".replace("`", "") for date, title in lines] == list(entries(subject))
