"""The pages of docs/ read as data: their sections, tables and blocks of code."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
_FENCED = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """Read a page of docs/."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def pages() -> list[Path]:
    """List the pages that people read: all of docs/, and those beside the README."""
    return [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))]


def sections(text: str, level: int) -> dict[str, str]:
    """Cut a page at its headings of one level: heading, without backticks, to the text below it."""
    parts = re.split(rf"^#{{{level}}} (.+)$", text, flags=re.MULTILINE)[1:]
    end = re.compile(rf"^#{{1,{level}}} ", re.MULTILINE)
    return {heading.replace("`", ""): end.split(body)[0] for heading, body in zip(parts[::2], parts[1::2], strict=True)}


def blocks(text: str, language: str) -> list[str]:
    """Return the contents of the fenced blocks in one language."""
    return [body for _, label, body in _FENCED.findall(text) if label == language]


def without_blocks(text: str) -> str:
    """Leave out the fenced blocks."""
    return _FENCED.sub("", text)


def table_rows(text: str) -> list[dict[str, str]]:
    """Read all tables below a heading: one dictionary a row, by column, without backticks."""
    rows: list[dict[str, str]] = []
    columns: list[str] = []
    for line in without_blocks(text).splitlines():
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not columns:
            columns = cells
        elif set("".join(cells)) - set(":- "):
            rows.append(dict(zip(columns, cells, strict=True)))
    return rows


def code_spans(text: str) -> Iterator[str]:
    """Yield the text between single backticks, outside of fenced blocks; a span may run over a line end."""
    for span in re.findall(r"`([^`]+)`", without_blocks(text)):
        yield " ".join(span.split())
