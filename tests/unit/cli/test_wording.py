"""The words of the screens: plurals that fit their numbers, and one word for one thing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cafe.answers.wording import counted

ROOT = Path(__file__).parents[3]
THINGS = (
    "files|orders|rows|versions|cafés|keys|checks|messages|alarms|letters|days|bytes|boards|pictures|reports|items|branches"
    "|records|failures|queries|dashboards|parts|pages|panels|workspaces|processes"
)
# A figure, up to two words, and things: "3 dead letters". The words "of …" and "a file" are other sentences.
MANY = re.compile(rf" (?:(?!of |is |in |on )[a-z]+ ){{0,2}}(?:{THINGS})\b")
# Figures that are never 1, by their expression, and why.
NEVER_ONE = {
    "DAYS": "a constant of 90",
    "LEDGER_DAYS": "a constant of 30",
    "FIRST_ROWS": "a constant of 1,000",
    "shown": "1,000, because there are more",
    "len(held)": "shown for more than one file",
    "len(keys)": "shown for more than one key",
    "len(traces.keys)": "shown for more than one key",
    "cafe.usual_orders": "an average with decimals",
    "round(seconds / 86400)": "spans of less than two days are in hours",
    "ledger['rows_in']": "the rows of a whole night",
    "facts['orders']": "the orders of the busiest hour of a night",
    "cafe.since": "a date",
}
REFUSED = re.compile(
    r"\b(?:files?|rows?|orders?) (?:that )?(?:was|were|is|are)? ?refused|refused (?:files?|rows?|orders?)",
    re.IGNORECASE,
)


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)


def plurals_after_figures(source: str) -> list[str]:
    """Find the figures of f-strings that plural things follow, without `counted`."""
    return [
        f"{ast.unparse(figure.value)}{following.value[:40]}"
        for text in ast.walk(ast.parse(source))
        if isinstance(text, ast.JoinedStr)
        for figure, following in zip(text.values, text.values[1:], strict=False)
        if isinstance(figure, ast.FormattedValue)
        and isinstance(following, ast.Constant)
        and isinstance(following.value, str)
        and MANY.match(following.value)
        and not ast.unparse(figure.value).startswith("counted(")
        and ast.unparse(figure.value) not in NEVER_ONE
    ]


def test_figures_are_counted_with_their_things() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in sources("cafe")
        for text in plurals_after_figures(path.read_text(encoding="utf-8"))
    }

    assert not found, "write counted(figure, 'file'), or say in NEVER_ONE why the figure is never 1"


@pytest.mark.parametrize(
    "line", ["f'{count} files'", "f'{len(rows):,} dead letters left'", "f'{n} unreadable dead letters'"]
)
def test_a_plural_after_a_figure_is_found(line: str) -> None:
    assert plurals_after_figures(line)


def test_one_thing_is_singular_and_large_counts_have_commas() -> None:
    assert [counted(count, "file") for count in (0, 1, 2, 1234)] == ["0 files", "1 file", "2 files", "1,234 files"]


def test_files_and_rows_are_rejected_and_not_refused() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources("cafe")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if REFUSED.search(line)
    ]

    assert not found
    assert REFUSED.search('yield Step(line.time, "rows refused")')
