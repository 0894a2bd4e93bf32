"""The project avoids words at which a reader whose second language is English stops."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READ_BY_PEOPLE = {
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".sql",
    ".sh",
    ".js",
    ".jsx",
    ".mjs",
    ".mk",
    ".toml",
    ".css",
    ".html",
    "",
}
# Each with the words that replace it.
WORDS = {
    r"(un)?mend(s|ed|ing)?": "fix, patch or repair",
    r"noughts?": "zero",
    r"tells|told": "reports, publishes, is passed",
    r"foreign errors?": "errors of other libraries",
    r"of ours": "the project's",
    r"anew": "again",
    r"came to (its|their) end|come to (its|their) end": "completed",
    r"whoever": "anyone who",
    r"lest|hence|thereof|likewise|in vain|for want of": "common words",
    r"so many|so much": "the number, or its name",
    r"stands for|knows of|speaks of|is asked": "means, has, mentions, is called",
}
NAMES = {
    r"safe_words|file_words": "error_fields, file_fields",
    r"\w+_in_words": "a verb: describe_…, format_…",
    r"_described": "to_json",
    r"COULD_NOT|BAD_NEWS": "EXIT_ERROR, EXIT_UNHEALTHY",
}


def texts() -> list[tuple[str, str]]:
    """List every committed file that people read, with its text; this one holds the words themselves."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    names = [
        name
        for name in listed
        if name and Path(name).suffix in READ_BY_PEOPLE and (ROOT / name).resolve() != Path(__file__).resolve()
    ]
    return [(name, (ROOT / name).read_text(encoding="utf-8")) for name in names if (ROOT / name).is_file()]


def lines_with(pattern: str) -> list[str]:
    """Find the lines that a pattern matches as whole words, as FILE:LINE: TEXT."""
    found = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE if pattern in WORDS else 0)
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if found.search(line)
    ]


def test_every_page_and_module_is_looked_at() -> None:
    assert len(texts()) > 400


@pytest.mark.parametrize(("pattern", "instead"), (WORDS | NAMES).items(), ids=(WORDS | NAMES).keys())
def test_a_word_that_stops_the_reader_is_not_used(pattern: str, instead: str) -> None:
    assert not lines_with(pattern), f"write instead: {instead}"
