"""What the pages and messages suggest to drop is never old: old sales raise the alarm on stale sales."""

import re

import pytest

from unit.docs.pages import ROOT, pages

FIXED_DAY = "samples/night"
COMMAND = re.compile(r"cafe (?P<name>[a-z]+)[^`\n\"]*" + FIXED_DAY)


def commands_on_the_committed_samples(text: str) -> set[str]:
    return {found["name"] for found in COMMAND.finditer(text)}


def test_no_page_and_no_message_sends_the_committed_samples() -> None:
    texts = [*pages(), ROOT / "samples" / "README.md", *sorted((ROOT / "cafe").rglob("*.py"))]

    suggested = {
        f"{path.relative_to(ROOT)}: cafe {name}"
        for path in texts
        for name in commands_on_the_committed_samples(path.read_text(encoding="utf-8"))
    }

    # These write the committed samples again.
    assert suggested == {"samples/README.md: cafe generate", "cafe/commands/generate.py: cafe generate"}


@pytest.mark.parametrize(
    "line",
    [
        "    .venv/bin/cafe drop samples/night --wait",
        "cafe event samples/night/2026/11/20/2026-11-20-isle-of-wight.csv > event.json",
    ],
)
def test_a_command_that_sends_them_is_found(line: str) -> None:
    assert commands_on_the_committed_samples(line)
