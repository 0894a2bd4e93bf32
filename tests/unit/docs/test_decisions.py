"""docs/decisions.md: every direct dependency has its reason, and entries stand in the order of their dates."""

import json
import re
from collections.abc import Iterator

from unit.docs.pages import ROOT, page, sections, table_rows

PAGE = page("decisions")
_NAME = re.compile(r"^([a-z][a-z0-9-]*)", re.MULTILINE)


def test_every_direct_dependency_has_a_reason_and_no_other_is_named() -> None:
    direct = {
        (name, path.stem)
        for path in (ROOT / "requirements").glob("*.in")
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
    } | {(name, "npm") for name in _npm_packages()}

    rows = table_rows(sections(PAGE, 2)["2026-11-23 · Dependencies"])

    assert sorted((row["package"], row["where"]) for row in rows) == sorted(direct)
    assert all(row["why"] for row in rows)


def _npm_packages() -> Iterator[str]:
    """Name what the preview is bundled from and with."""
    package = json.loads((ROOT / "grafana" / "preview" / "package.json").read_text(encoding="utf-8"))
    yield from package["dependencies"]
    yield from package["devDependencies"]


def test_entries_are_dated_and_the_newest_is_last() -> None:
    dates = [re.fullmatch(r"(\d{4}-\d\d-\d\d) · .+", heading) for heading in sections(PAGE, 2)]

    assert all(dates)
    assert [date[1] for date in dates if date] == sorted(date[1] for date in dates if date)


def test_every_entry_says_what_was_decided_and_why() -> None:
    incomplete = [
        heading
        for heading, text in sections(PAGE, 2).items()
        if "**Decision.**" not in text or ("**Why.**" not in text and "| why |" not in text)
    ]

    assert incomplete == []
